import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import type { Dialect, Field, Source } from '../../../collectors/dialects/dialect.ts';
import { OPERATION_KINDS } from '../../../collectors/dialects/operations.ts';
import { kindOf, namesOf, sourcesOf } from '../../../collectors/dialects/plan.ts';
import { canonicalProvider } from '../../../collectors/dialects/provider.ts';
import { SPAN_KINDS } from '../../../src/model/span.ts';

/**
 * A second reader of OTLP requests, as plain as can be: protobufjs decodes everything, and the dialects' lists are
 * followed on the objects. Slow, and sharing no code with the decoder but the lists themselves.
 */
const schema = protobuf.parse(readFileSync(join(import.meta.dirname, 'trace.proto'), 'utf8')).root;
export const ExportRequest = schema.lookupType('otlp.ExportTraceServiceRequest');

// biome-ignore lint/suspicious/noExplicitAny: protobufjs gives objects without types
type Message = any;
type Scalar = string | number | boolean;

/** Of a value: the scalar it stands for, 'compound' for what has none, undefined for nothing. */
function scalarOf(value: Message): Scalar | 'compound' | undefined {
  switch (value?.value) {
    case undefined:
      return undefined;
    case 'stringValue':
      return `s${value.stringValue}`;
    case 'intValue':
      return typeof value.intValue === 'object' ? value.intValue.toNumber() : value.intValue;
    case 'arrayValue': {
      const first = value.arrayValue.values?.[0];
      return first?.value === undefined || first.value === 'arrayValue' ? 'compound' : scalarOf(first);
    }
    case 'boolValue':
    case 'doubleValue':
      return value[value.value];
    default:
      return 'compound';
  }
}

type Attributes = ReadonlyMap<string, Scalar>;

function attributesOf(list: Message[] | undefined): Attributes {
  const found = new Map<string, Scalar>();
  for (const { key, value } of list ?? []) {
    const scalar = scalarOf(value);
    if (scalar !== undefined) found.set(key, scalar);
  }
  return found;
}

const textIn = (scalar: Scalar | undefined): string | null =>
  typeof scalar === 'string' && scalar.startsWith('s') ? scalar.slice(1) : null;

class OracleSpan {
  readonly span: Message;
  readonly attributes: Attributes;

  constructor(span: Message) {
    this.span = span;
    this.attributes = attributesOf(span.attributes);
  }

  /** The value at a source: text as `s…`, numbers and booleans as they are. @param ofModel  the span is one of a model */
  at(source: Source, ofModel = false): Scalar | undefined {
    const value = this.#rawAt(source, ofModel);
    return value === 'compound' || value === 's' ? undefined : value;
  }

  #rawAt(source: Source, ofModel: boolean): Scalar | undefined {
    if (source.take === 'event' || source.take === 'event time') return this.#inEvent(source);
    if (source.take === 'event json') {
      const messages = textIn(this.#inEvent({ ...source, take: 'event' }));
      return messages?.startsWith('[') ? scalarIn(messages, ['0', ...source.path]) : undefined;
    }
    const value = this.attributes.get(source.key);
    const text = textIn(value);
    if (source.take === 'json') return text === null ? undefined : scalarIn(text, source.path);
    if (source.take === 'parts') return text === null ? undefined : partsIn(text, source.word);
    if (source.take === 'time') return text === null ? undefined : this.#sinceStart(text);
    if (source.take === 'maker' || source.take === 'model')
      return text === null || !ofModel ? undefined : `s${halfOfName(text, source.take)}`;
    if (source.take !== 'first' || text === null) return value;
    return text.startsWith('[') ? scalarIn(text, ['0']) : `s${text.split(',')[0]}`;
  }

  #sinceStart(text: string): Scalar | undefined {
    const iso = /^\s*"?(\d{4}-\d\d-\d\dT[\d:.]+)(Z|[+-]\d\d:\d\d)?"?\s*$/.exec(text);
    const at = iso === null || Buffer.byteLength(text) > 64 ? Number.NaN : Date.parse(`${iso[1]}${iso[2] ?? 'Z'}`);
    if (Number.isNaN(at)) return undefined;
    return Number(BigInt(at) * 1_000_000n - big(this.span.startTimeUnixNano)) / 1e6;
  }

  #inEvent(source: Source & { take: 'event' | 'event time' }): Scalar | undefined {
    const events: Message[] = this.span.events?.filter((one: Message) => one.name === source.event) ?? [];
    if (source.take === 'event')
      return events.map(({ attributes }) => attributesOf(attributes).get(source.key)).find((one) => one !== undefined);
    const [event] = events;
    if (event === undefined) return undefined;
    return Number(big(event.timeUnixNano) - big(this.span.startTimeUnixNano)) / 1e6;
  }
}

/** A scalar under a path of JSON text. */
function scalarIn(text: string, path: readonly string[]): Scalar | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const key of path)
    value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined;
  if (typeof value === 'string') return `s${value}`;
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

function partsIn(text: string, word: string): Scalar | undefined {
  try {
    const { total, ...rest } = JSON.parse(text);
    const counts = Object.entries(rest).filter(([, count]) => typeof count === 'number' && count >= 0) as [
      string,
      number,
    ][];
    const add = (list: [string, number][]) => list.reduce((sum, [, count]) => sum + count, 0);
    const wanted = counts.filter(([name]) => name.indexOf(word) >= 0);
    return wanted.length > 0 && add(counts) === total ? add(wanted) : undefined;
  } catch {
    return undefined;
  }
}

function halfOfName(text: string, half: 'maker' | 'model'): string {
  const [maker, ...model] = text.split('/');
  if (half === 'maker') return model.length === 0 ? '' : maker!;
  return model.length === 0 ? text : model.join('/');
}

const big = (long: Message): bigint => (long === undefined ? 0n : BigInt(long.toString()));

function nameOf(scalar: Scalar | undefined): string | null {
  const text = textIn(scalar);
  if (text !== null) return Buffer.byteLength(text) > 256 ? '(other)' : text || null;
  return scalar === undefined || Number.isNaN(scalar) ? null : String(scalar);
}

function numberOf(scalar: Scalar | undefined): number | null {
  const text = textIn(scalar);
  const isNumeric = text !== null && text.length <= 32 && /^\s*[+-]?\d+(\.\d*)?(e[+-]?\d+)?\s*$/i.test(text);
  const number = isNumeric ? Number(text) : typeof scalar === 'number' ? scalar : Number.NaN;
  return number >= 0 && number < Number.POSITIVE_INFINITY ? number + 0 : null;
}

function firstOf<T>(sources: readonly Source[], read: (source: Source) => T | null): T | null {
  for (const source of sources) {
    const found = read(source);
    if (found !== null) return found;
  }
  return null;
}

function idOf(scalar: Scalar | undefined): string | null {
  const text = textIn(scalar) ?? (typeof scalar === 'number' ? String(scalar) : null);
  return text === null || text === '' || Buffer.byteLength(text) > 1024 ? null : text;
}

const isMarked = (scalar: Scalar | undefined): scalar is Scalar =>
  scalar !== undefined && scalar !== 'compound' && scalar !== 's';

const wordOf = (scalar: Scalar | undefined): string | null =>
  typeof scalar === 'boolean' ? String(scalar) : textIn(scalar);

function behindIn(name: string, front: string | undefined): string | null {
  const at = front === undefined || Buffer.byteLength(name) > 256 ? -1 : name.indexOf(front);
  const behind = name.slice(at + (front?.length ?? 0));
  return at < 0 ? null : (front!.endsWith('[') ? behind.replace(/\]$/, '') : behind) || null;
}

/** What the decoder should read of a span, with texts where it has codes. */
export function oracleFields(message: Message, dialects: readonly Dialect[], serviceName: string, scope = '') {
  const span = new OracleSpan(message);
  const sources = (field: Field) => sourcesOf(dialects, field);
  const plain = (key: string): Source => ({ take: 'value', key });
  const saysSo = (key: string, value: string) => wordOf(span.attributes.get(key)) === value;
  const instead = dialects.flatMap((one) =>
    Object.entries(one.instead ?? {}).flatMap(([key, kinds]) =>
      Object.entries(kinds).flatMap(([value, is]) => (saysSo(key, value) ? [is] : [])),
    ),
  )[0];
  const marked = dialects.flatMap((one) =>
    one.markers.flatMap((marker) => {
      const scalar = span.attributes.get(marker);
      const is =
        isMarked(scalar) &&
        one.scopes?.includes(scope) !== false &&
        !one.unless?.some((other) => span.attributes.has(other))
          ? (instead ?? kindOf(one.kinds, textIn(scalar) ?? ''))
          : 'none';
      return is === 'none' ? [] : [{ dialect: one, marker, kind: is }];
    }),
  );
  const [first] = marked;
  const isGlue = first !== undefined && ['chain', 'step'].includes(first.kind);
  const call = marked.find(
    (one) =>
      isGlue &&
      first.dialect.yieldsTo?.includes(one.marker) &&
      ['model', 'embedding', 'retrieval', 'rerank'].includes(one.kind),
  );
  const dialect = (call ?? first)?.dialect;
  const kind = (call ?? first)?.kind ?? 'none';
  const ofModel = ['model', 'embedding', 'rerank'].includes(kind);
  const name = (field: Field) => firstOf(sources(field), (source) => nameOf(span.at(source, ofModel)));
  const httpStatus = Math.trunc(
    firstOf([plain('http.response.status_code'), plain('http.status_code')], (source) => numberOf(span.at(source))) ??
      0,
  );
  const common = {
    spanKind: SPAN_KINDS[message.kind ?? 0] ?? 'unspecified',
    httpStatus: httpStatus >= 100 && httpStatus <= 599 ? httpStatus : 0,
    promptName: name('promptName'),
    promptVersion: name('promptVersion'),
    conversationId: firstOf(sources('conversationId'), (source) => idOf(span.at(source))),
    userId: firstOf(sources('userId'), (source) => idOf(span.at(source))),
  };
  const errorType = nameOf(span.at(plain('error.type')));
  const finishReason = name('finishReason');
  const saysItFailed = () =>
    dialects.some(({ failures, failuresOfOwn }, i) =>
      Object.entries({ ...failures, ...(dialects[i] === dialect && failuresOfOwn) }).some(([key, value]) =>
        saysSo(key, value),
      ),
    );
  const failed =
    message.status?.code === 2 ||
    errorType !== null ||
    (dialect === undefined ? common.httpStatus >= 500 : finishReason === 'error' || saysItFailed());
  const exception = nameOf(span.at({ take: 'event', event: 'exception', key: 'exception.type' }));
  const error = { isError: failed, errorType: failed ? (errorType ?? exception ?? '_OTHER') : null };
  if (dialect === undefined) return { kind, ...common, ...error };

  const tokens = (field: Field) => {
    const number = firstOf(sources(field), (source) => numberOf(span.at(source)));
    return number === null || number > 1e9 ? null : Math.round(number);
  };
  const model = (named: string | null) => (named === 'none' ? null : named);
  const requestModel = model(name('requestModel'));
  const called =
    firstOf(namesOf(dialects, kind), (source) => nameOf(span.at(source))) ??
    (dialect.namedBySpan?.includes(kind) ? nameOf(`s${message.name}`) : behindIn(message.name, dialect.namedBehind));
  const input = tokens('inputTokens');
  const output = tokens('outputTokens');
  const thought = tokens('reasoningTokens') ?? 0;
  const cached = (tokens('cachedInputTokens') ?? 0) + (tokens('cacheWriteTokens') ?? 0);
  return {
    kind,
    ...common,
    ...error,
    requestModel,
    responseModel: model(
      firstOf(sources('responseModel'), (source) => {
        const named = nameOf(span.at(source));
        return source.take === 'new model' && named === requestModel ? null : named;
      }),
    ),
    provider: firstOf(sources('provider'), (source) => {
      const text = textIn(span.at(source, ofModel));
      if (text === null || text === serviceName) return null;
      return Buffer.byteLength(text) > 256 ? '(other)' : canonicalProvider(text);
    }),
    operation: firstOf(sources('operation'), (source) => {
      const text = textIn(span.at(source)) ?? '';
      return Object.hasOwn(OPERATION_KINDS, text) && OPERATION_KINDS[text] === kind ? text : null;
    }),
    finishReason,
    name: called,
    agent: name('agent') ?? (kind === 'agent' ? called : null),
    inputTokens: input === null || cached <= input ? input : input + cached > 1e9 ? null : input + cached,
    outputTokens: output === null || thought <= output ? output : output + thought > 1e9 ? null : output + thought,
    cachedInputTokens: tokens('cachedInputTokens'),
    cacheWriteTokens: tokens('cacheWriteTokens'),
    reasoningTokens: tokens('reasoningTokens'),
    timeToFirstTokenMs: firstOf(sources('timeToFirstTokenMs'), (source) => {
      const number = numberOf(span.at(source));
      return number === null ? null : source.take === 'seconds' ? number * 1000 : number;
    }),
  };
}

/** The service of a resource, as telemetry names it. */
export function oracleService(
  resource: Message,
  span: Message,
): {
  name: string;
  namespace: string;
  environment: string;
  version: string;
} {
  const attributes = attributesOf(resource?.attributes);
  const text = (key: string): string => {
    const value = attributes.get(key);
    return textIn(value) ?? (value === undefined || value === 'compound' ? '' : String(value));
  };
  const name = text('service.name');
  const named = textIn(attributesOf(span.attributes).get('langfuse.environment')) ?? '';
  return {
    name: name === '' || /^unknown_service(:|$)/.test(name) ? 'unknown_service' : name.slice(0, 256),
    namespace: text('service.namespace').slice(0, 256),
    environment: (
      text('deployment.environment.name') ||
      text('deployment.environment') ||
      text('langfuse.environment') ||
      (Buffer.byteLength(named) > 256 ? '' : named)
    ).slice(0, 256),
    version: text('service.version').slice(0, 256),
  };
}
