import { randomBytes } from 'node:crypto';
import { ExportRequest } from '../test/collectors/otlp/oracle.ts';

/** What a benchmark's request looks like. */
export interface BodyShape {
  readonly spans: number;
  /** Characters of prompt and answer a span carries; 0: content is not captured. */
  readonly content: number;
  readonly now: number;
}

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const integer = (key: string, intValue: number) => ({ key, value: { intValue } });
const double = (key: string, doubleValue: number) => ({ key, value: { doubleValue } });
const list = (key: string, ...texts: string[]) => ({
  key,
  value: { arrayValue: { values: texts.map((stringValue) => ({ stringValue })) } },
});
const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
const below = (limit: number): number => Math.floor(Math.random() * limit);
const nanos = (ms: number): string => `${Math.round(ms * 1000)}000`;
const prose = (length: number): string =>
  'the model answers a question about the invoice '.repeat(length / 47 + 1).slice(0, length);

const MODELS = ['gpt-4o-2024-08-06', 'gpt-4o-mini-2024-07-18', 'claude-sonnet-4-5-20250929', 'mistral-large-2411'];

function contentOf(length: number) {
  if (length === 0) return [];
  return [
    text('gen_ai.system_instructions', `[{"type":"text","content":"${prose(length * 0.2)}"}]`),
    text('gen_ai.input.messages', `[{"role":"user","parts":[{"type":"text","content":"${prose(length * 0.5)}"}]}]`),
    text(
      'gen_ai.output.messages',
      `[{"role":"assistant","parts":[{"type":"text","content":"${prose(length * 0.3)}"}]}]`,
    ),
  ];
}

/** A model call as the current conventions describe it: 23 attributes, about a kilobyte. */
function chatSpan({ content, now }: BodyShape) {
  const took = 200 - 1400 * Math.log(1 - Math.random());
  const end = now - below(60_000);
  const model = pick(MODELS);
  const id = randomBytes(12).toString('hex');
  const input = 200 + below(3000);
  return {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    parentSpanId: Math.random() < 0.7 ? randomBytes(8) : undefined,
    name: `chat ${model}`,
    kind: 3,
    startTimeUnixNano: nanos(end - took),
    endTimeUnixNano: nanos(end),
    flags: 257,
    attributes: [
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.provider.name', pick(['openai', 'anthropic', 'azure.ai.openai', 'mistral_ai'])),
      text('gen_ai.request.model', model.slice(0, 12)),
      text('gen_ai.response.model', model),
      text('gen_ai.response.id', `chatcmpl-${id}`),
      list('gen_ai.response.finish_reasons', 'stop'),
      integer('gen_ai.usage.input_tokens', input),
      integer('gen_ai.usage.output_tokens', 20 + below(900)),
      double('gen_ai.request.temperature', 0.2),
      double('gen_ai.request.top_p', 0.95),
      integer('gen_ai.request.max_tokens', 1024),
      text('gen_ai.conversation.id', `conv_${id.slice(0, 20)}`),
      text('server.address', 'api.example.com'),
      integer('server.port', 443),
      text('enduser.id', `user-${below(50_000)}`),
      text('app.tenant', `tenant-${below(40)}`),
      text('app.prompt.version', `v${below(12)}`),
      text('gen_ai.output.type', 'text'),
      integer('gen_ai.usage.cache_read.input_tokens', Math.floor(input * 0.4)),
      text('thread.name', `worker-${below(16)}`),
      text('gen_ai.agent.name', 'refund-desk'),
      text('url.full', `https://api.example.com/openai/deployments/${model}/chat/completions?api-version=2024-10-21`),
      text('gen_ai.agent.id', `asst_${id}`),
      ...contentOf(content),
    ],
  };
}

/** One request of one service, as a batch span processor sends it. */
export function otlpBody(shape: BodyShape): Buffer {
  const resource = {
    attributes: [
      text('service.name', `assistant-${below(20)}`),
      text('service.version', '1.14.2'),
      text('service.namespace', 'support'),
      text('deployment.environment.name', 'production'),
      text('telemetry.sdk.language', 'python'),
      text('telemetry.sdk.name', 'opentelemetry'),
      text('telemetry.sdk.version', '1.37.0'),
      text('host.name', `node-${below(9)}`),
      text('service.instance.id', '6f1d2c3a-7b1e-4a55-9b0f-1f2e3d4c5b6a'),
    ],
  };
  const scope = { name: 'opentelemetry.instrumentation.openai_v2', version: '2.2b0' };
  const spans = Array.from({ length: shape.spans }, () => chatSpan(shape));
  const request = ExportRequest.fromObject({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
  return Buffer.from(ExportRequest.encode(request).finish());
}

/** A request whose traces can be made new again and again, in place: only ids and times are written. */
export interface Renewable {
  readonly body: Buffer;
  readonly spans: number;
  /** By trace: where its id stands, once for each span. */
  readonly traces: readonly { readonly number: number; readonly places: readonly number[] }[];
  /** Where eight hex digits of each span's response id stand, and of its conversation's. */
  readonly names: readonly number[];
  /** Where the start and end of each span stand, and how long it took, ns. */
  readonly times: readonly { readonly start: number; readonly end: number; readonly nanos: number }[];
}

/**
 * Requests of traces of one to five spans (an agent with model calls), 1 KB a span. A tenth of the traces is split: half of
 * their spans comes with the next request.
 */
export function renewableBodies(requests: number, spansEach: number, now: number, content = 0): Renewable[] {
  const lists: { number: number; span: ReturnType<typeof chatSpan> }[][] = Array.from({ length: requests }, () => []);
  let number = 0;
  for (const [i, list] of lists.entries())
    while (list.length < spansEach) {
      const traceId = randomBytes(16);
      const spans = Array.from({ length: 1 + below(5) }, () => chatSpan({ spans: 1, content, now }));
      const [root, ...children] = spans;
      for (const span of spans) span.traceId = traceId;
      root!.parentSpanId = undefined;
      if (children.length > 0) root!.attributes[0] = text('gen_ai.operation.name', 'invoke_agent');
      for (const child of children) child.parentSpanId = root!.spanId;
      const isSplit = Math.random() < 0.1 && spans.length > 1 && i + 1 < requests;
      for (const [k, span] of spans.entries()) lists[isSplit && k % 2 === 1 ? i + 1 : i]!.push({ number, span });
      number++;
    }
  return lists.map((list) => renewable(list));
}

function renewable(list: readonly { number: number; span: ReturnType<typeof chatSpan> }[]): Renewable {
  const resource = {
    attributes: [
      text('service.name', `assistant-${below(20)}`),
      text('service.version', '1.14.2'),
      text('deployment.environment.name', 'production'),
      text('telemetry.sdk.language', 'python'),
      text('host.name', `node-${below(9)}`),
    ],
  };
  const scope = { name: 'opentelemetry.instrumentation.openai_v2', version: '2.2b0' };
  const spans = list.map(({ span }) => span);
  const request = ExportRequest.fromObject({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
  const body = Buffer.from(ExportRequest.encode(request).finish());
  const places = new Map<number, number[]>();
  const names: number[] = [];
  const times: { start: number; end: number; nanos: number }[] = [];
  let at = 0;
  const fixed = Buffer.alloc(8);
  for (const { number, span } of list) {
    const trace = body.indexOf(span.traceId, at);
    places.set(number, [...(places.get(number) ?? []), trace]);
    const placeOf = (nanosText: string): number => {
      fixed.writeBigUInt64LE(BigInt(nanosText));
      return body.indexOf(fixed, trace);
    };
    const start = placeOf(span.startTimeUnixNano);
    times.push({
      start,
      end: placeOf(span.endTimeUnixNano),
      nanos: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)),
    });
    for (const prefix of ['chatcmpl-', 'conv_']) names.push(body.indexOf(prefix, trace) + prefix.length);
    at = trace + 16;
  }
  return {
    body,
    spans: list.length,
    traces: [...places].map(([number, all]) => ({ number, places: all })),
    names,
    times,
  };
}

/**
 * Makes the requests of a round new in place: other traces and responses, that end at `now` or up to a second before.
 * @param nextId  another 32-bit number each time  @returns the id of each trace
 */
export function renew(round: readonly Renewable[], now: number, nextId: () => number): Map<number, Buffer> {
  const ids = new Map<number, Buffer>();
  const nanosNow = BigInt(now) * 1_000_000n;
  for (const { body, traces, names, times } of round) {
    for (const { number, places } of traces) {
      let id = ids.get(number);
      if (id === undefined) {
        id = Buffer.from(body.subarray(places[0]!, places[0]! + 16));
        id.writeUInt32LE(nextId(), 0);
        ids.set(number, id);
      }
      for (const place of places) id.copy(body, place);
    }
    for (const place of names) body.write(nextId().toString(16).padStart(8, '0'), place, 'latin1');
    for (const [i, { start, end, nanos }] of times.entries()) {
      const ended = nanosNow - BigInt(i) * 1_000_000n;
      body.writeBigUInt64LE(ended - BigInt(nanos), start);
      body.writeBigUInt64LE(ended, end);
    }
  }
  return ids;
}
