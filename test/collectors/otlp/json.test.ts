import { describe, expect, it } from 'vitest';
import { protobufOfTraces } from '../../../collectors/otlp/json-traces.ts';
import { Rejects } from '../../../collectors/otlp/rejects.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import type { Span } from '../../../src/model/span.ts';
import { ExportRequest } from './oracle.ts';
import { RandomRequests } from './random-request.ts';
import { secondsAgo } from './requests.ts';
import { decoderWith, samples, spansOf, WINDOW } from './samples.ts';
import { vocabulary } from './vocabulary.ts';

function readJson(body: unknown, dictionary = new Dictionary()) {
  const rejects = new Rejects();
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const decoded = decoderWith(dictionary).decode(protobufOfTraces(bytes, rejects), WINDOW, rejects);
  return { ...decoded, spans: spansOf(decoded) };
}

it.each(samples)('$name: the JSON form gives the records of the protobuf form', ({ protobuf, json }) => {
  const dictionary = new Dictionary();
  const decoder = decoderWith(dictionary);
  for (const [i, body] of protobuf.entries()) {
    const expected = decoder.decode(body, WINDOW);
    const found = readJson(json[i]!, dictionary);
    expect(found.rejected).toEqual([]);
    expect(found.spans).toEqual(spansOf(expected));
  }
});

// biome-ignore lint/suspicious/noExplicitAny: protobufjs gives objects without types
type Message = any;
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const int = (long: Message): string => (long ?? 0).toString();
const double = (number: number): unknown => (Number.isFinite(number) ? number : String(number));

function jsonValue(value: Message): unknown {
  switch (value?.value) {
    case undefined:
      return {};
    case 'intValue':
      return { intValue: int(value.intValue) };
    case 'doubleValue':
      return { doubleValue: double(value.doubleValue) };
    case 'bytesValue':
      return { bytesValue: Buffer.from(value.bytesValue).toString('base64') };
    case 'arrayValue':
      return { arrayValue: { values: (value.arrayValue.values ?? []).map(jsonValue) } };
    case 'kvlistValue':
      return { kvlistValue: { values: jsonAttributes(value.kvlistValue.values) } };
    default:
      return { [value.value]: value[value.value] };
  }
}
const jsonAttributes = (list: Message[] | undefined): unknown[] =>
  (list ?? []).map(({ key, value }) => ({ key, ...(value && { value: jsonValue(value) }) }));

const jsonSpan = (span: Message): unknown => ({
  ...span,
  traceId: hex(span.traceId).toUpperCase(),
  spanId: hex(span.spanId),
  parentSpanId: hex(span.parentSpanId),
  startTimeUnixNano: int(span.startTimeUnixNano),
  endTimeUnixNano: int(span.endTimeUnixNano),
  attributes: jsonAttributes(span.attributes),
  events: (span.events ?? []).map((event: Message) => ({
    name: event.name,
    timeUnixNano: int(event.timeUnixNano),
    attributes: jsonAttributes(event.attributes),
  })),
  links: [{ unknown: 'to the reader' }],
});

const jsonRequest = (request: Message): unknown => ({
  resourceSpans: (request.resourceSpans ?? []).map(({ resource, scopeSpans }: Message) => ({
    resource: resource && { attributes: jsonAttributes(resource.attributes), droppedAttributesCount: 0 },
    scopeSpans: (scopeSpans ?? []).map(({ scope, spans }: Message) => ({
      scope: scope && { name: scope.name },
      spans: (spans ?? []).map(jsonSpan),
    })),
    schemaUrl: '',
  })),
});

it('random requests give the same spans in either form', () => {
  const random = new RandomRequests(11, vocabulary);
  const dictionary = new Dictionary();
  const decoder = decoderWith(dictionary);
  let compared = 0;
  while (compared < 1000) {
    const body = random.next();
    const expected = decoder.decode(body, WINDOW);
    const found = readJson(jsonRequest(ExportRequest.decode(body)), dictionary);
    expect(found.spans).toEqual(spansOf(expected).map(throughText));
    const count = (list: typeof found.rejected) => list.reduce((sum, one) => sum + one.count, 0);
    expect(count(found.rejected)).toBe(count(expected.rejected));
    compared += expected.count;
  }
});

/** Texts that were not UTF-8 have been mended on their way through JSON; references of response ids differ then. */
const throughText = (span: Span): Span => ({ ...span, responseRef: expect.any(String) as string });

const span = (more: object = {}) => ({
  traceId: '0AF7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  startTimeUnixNano: secondsAgo(2).toString(),
  endTimeUnixNano: secondsAgo(1).toString(),
  attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
  ...more,
});
const request = (...spans: unknown[]) => ({
  resourceSpans: [{ scopeSpans: [{ spans: [span({ spanId: 'ffffffffffffffff' })] }, { spans }] }],
});
const attribute = (key: string, value: unknown) => ({
  attributes: [
    { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
    { key, value },
  ],
});

describe('what senders write', () => {
  const read = (more: object): Span => readJson(request(span(more))).spans[1]!;

  it.each([
    ['an integer as text', { intValue: '17' }, 17],
    ['an integer as number', { intValue: 17 }, 17],
    ['a double', { doubleValue: 17.2 }, 17],
    ['a double as text', { doubleValue: '17' }, 17],
    ['NaN', { doubleValue: 'NaN' }, null],
    ['NaN as null', { doubleValue: null }, null],
    ['infinity', { doubleValue: 'Infinity' }, null],
    ['nothing', {}, null],
    ['null', null, null],
    ['an empty list', { arrayValue: {} }, null],
    ['a list', { arrayValue: { values: [{ intValue: 17 }] } }, 17],
    ['a map', { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } }, null],
    ['bytes', { bytesValue: 'AQI=' }, null],
    ['a kind of value that is not known yet', { futureValue: 1 }, null],
  ])('%s', (_, value, tokens) => {
    expect(read(attribute('gen_ai.usage.input_tokens', value)).inputTokens).toBe(tokens);
  });

  it('kinds and states may be numbers, names, default or missing; unknown fields are ignored', () => {
    expect(read({ kind: 2, status: { code: 2 }, unknown: { deep: [1] } })).toMatchObject({
      spanKind: 'server',
      isError: true,
    });
    expect(read({ kind: 'SPAN_KIND_CONSUMER', status: { code: 'STATUS_CODE_ERROR' } })).toMatchObject({
      spanKind: 'consumer',
      isError: true,
    });
    expect(
      read({ kind: 0, status: {}, events: [], droppedAttributesCount: 0, parentSpanId: '', traceState: '' }),
    ).toMatchObject({
      spanKind: 'unspecified',
      isError: false,
      parentSpanId: '',
    });
    expect(read({ flags: 769 }).parentIsRemote).toBe(true);
  });

  it('times may be numbers, as exact as a double is', () => {
    const { endTenths } = read({ endTimeUnixNano: Number(secondsAgo(1)) });
    expect(endTenths).toBe((WINDOW.now - 1000) / 100);
  });

  it('an empty request holds nothing, with a byte order mark or without', () => {
    for (const body of ['{}', '\uFEFF{"resourceSpans":[]}', '{"resourceSpans":null}', '{"resourceSpans":[{}]}'])
      expect(readJson(Buffer.from(body)).count).toBe(0);
  });
});

describe('single spans that can not be read are named, the rest is kept', () => {
  const deep = (levels: number): unknown =>
    levels === 0 ? { intValue: 1 } : { arrayValue: { values: [deep(levels - 1)] } };

  it.each([
    ['traceId', { traceId: 'xyz' }, 'trace id', 'traceId is "xyz", not 32 hex digits'],
    ['spanId', { spanId: '00f067aa0ba902b' }, 'span id', 'spanId is "00f067aa0ba902b", not 16 hex digits'],
    [
      'base64 ids',
      { traceId: 'CvdlGRbNQ92ESOshHIAxnA==' },
      'trace id',
      'traceId is "CvdlGRbNQ92ESOshHIAxnA==", not 32 hex digits',
    ],
    ['parentSpanId', { parentSpanId: 7 }, 'parent span id', 'parentSpanId is 7, not 16 hex digits'],
    ['times', { endTimeUnixNano: 'yesterday' }, 'unreadable', 'endTimeUnixNano is "yesterday", not an integer'],
    [
      'times below 0',
      { endTimeUnixNano: '-1' },
      'unreadable',
      'endTimeUnixNano is "-1", not in 0..18446744073709551615',
    ],
    ['kinds', { kind: 'SERVER' }, 'unreadable', 'kind is "SERVER", not an integer'],
    ['attributes', { attributes: {} }, 'unreadable', 'attributes is an object, not an array'],
    [
      'integers',
      attribute('a', { intValue: '1.5' }),
      'unreadable',
      'attributes[1].value.intValue is "1.5", not an integer',
    ],
    [
      'doubles',
      attribute('a', { doubleValue: 'much' }),
      'unreadable',
      'attributes[1].value.doubleValue is "much", not a number',
    ],
    [
      'booleans',
      attribute('a', { boolValue: 1 }),
      'unreadable',
      'attributes[1].value.boolValue is 1, not true or false',
    ],
    ['texts', attribute('a', { stringValue: 5 }), 'unreadable', 'attributes[1].value.stringValue is 5, not a string'],
    ['values', attribute('a', 'plain'), 'unreadable', 'attributes[1].value is a text, not an object'],
    [
      'content where it does not belong',
      attribute('a', { stringValue: [{ role: 'user', content: 'a secret' }] }),
      'unreadable',
      'attributes[1].value.stringValue is a list, not a string',
    ],
    [
      'a text where a number belongs',
      attribute('a', { intValue: 'this is long enough to be a secret, or a part of one' }),
      'unreadable',
      'attributes[1].value.intValue is a text of 52 characters, not an integer',
    ],
    ['depth', attribute('a', deep(40)), 'too deep', 'has more than 24 values in each other'],
  ])('%s', (_, more, reason, message) => {
    const { rejected, count } = readJson(request(span(), span(more), span()));
    expect(count).toBe(3);
    expect(rejected).toMatchObject([{ reason, count: 1 }]);
    expect(rejected[0]!.example).toMatch(/^resourceSpans\[0\]\.scopeSpans\[1\]\.spans\[1\]\./);
    expect(rejected[0]!.example).toContain(message);
  });

  it('those that the decoder refuses are counted with them', () => {
    const { rejected } = readJson(
      request(span({ traceId: '' }), span({ traceId: '0'.repeat(32) }), 5, span({ startTimeUnixNano: '0' })),
    );
    expect(rejected.map(({ reason, count }) => [reason, count])).toEqual([
      ['trace id', 2],
      ['unreadable', 1],
      ['no time', 1],
    ]);
  });

  it('a span is still a span with values 24 deep', () => {
    const map = (levels: number): unknown =>
      levels === 0 ? { intValue: 1 } : { kvlistValue: { values: [{ key: 'a', value: map(levels - 1) }] } };
    for (const value of [deep(24), map(24)]) expect(readJson(request(span(attribute('a', value)))).count).toBe(2);
  });
});

describe('a body that is no OTLP/JSON is refused as a whole', () => {
  it.each([
    ['', 'the body is not JSON'],
    ['{"resourceSpans":[', 'the body is not JSON'],
    ['[]', 'the body is a list, not an object'],
    ['7', 'the body is 7, not an object'],
    ['{"resourceSpans":{}}', 'resourceSpans is an object, not an array'],
    ['{"resourceSpans":[7]}', 'resourceSpans[0] is 7, not an object'],
    [
      '{"resourceSpans":[{"scopeSpans":[{},{"spans":{"a":1}}]}]}',
      'resourceSpans[0].scopeSpans[1].spans is an object, not an array',
    ],
    [
      '{"resourceSpans":[{"resource":{"attributes":[{"key":1}]}}]}',
      'resourceSpans[0].resource.attributes[0].key is 1, not a string',
    ],
    ['{"resource_spans":[]}', 'the body has resource_spans: names are in lowerCamelCase'],
    ['{"resourceSpans":[{"scope_spans":[]}]}', 'resourceSpans[0] has scope_spans: names are in lowerCamelCase'],
    ['{"resourceLogs":[]}', 'the body has resourceLogs: this path takes resourceSpans'],
  ])('%s', (body, message) => {
    expect(() => readJson(Buffer.from(body))).toThrow(message);
  });
});
