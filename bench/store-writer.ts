// One writer of a store under load, without doors: `node bench/store-writer.ts '{"file": …}' SECONDS` or '{"url": …}'. Says as one
// line of JSON how many interactions a second were durable and tallied, and what that took of this process.
import { randomBytes } from 'node:crypto';
import type { PlanData } from '../src/catalog/plan-book.ts';
import { ByteWriter } from '../src/model/bytes.ts';
import { Dictionary } from '../src/model/dictionary.ts';
import { countedKey, serviceKey } from '../src/model/names.ts';
import { EMPTY_SPAN, type Span } from '../src/model/span.ts';
import { appendSpanRecord } from '../src/model/span-record.ts';
import type { NewRating } from '../src/store/rating.ts';
import { Writer } from '../src/store/writer.ts';

const target = JSON.parse(process.argv[2]!) as { file?: string; url?: string };
const seconds = Number(process.argv[3] ?? 10);
/** Requests of so many interactions, so many of them under way. */
const REQUEST = 256;
const CONNECTIONS = 24;
const DAY = 86_400_000;
const retention = { interactionsMs: 45 * DAY, minutesMs: 100 * DAY, hoursMs: 400 * DAY };

const dictionary = new Dictionary();
const SERVICES = Array.from({ length: 10 }, (_, i) => `service-${i}`);
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', 'mistral-large'].map((name) => dictionary.code(name));
const provider = dictionary.code('openai');
const route = dictionary.code('POST /chat');
const plans = SERVICES.map(
  (name): PlanData => ({
    resource: dictionary.code(serviceKey({ name, namespace: '', environment: '' })),
    service: dictionary.code(countedKey({ name, environment: '' })),
    dimensions: (['response_model', 'operation', 'agent', 'prompt_version'] as const).map((source) => ({
      code: dictionary.code(source),
      source,
    })),
    thresholdsMs: [2000],
    firstTokenThresholdsMs: [],
    prices: { currency: 'USD', layers: [], published: '' },
    costLimits: [],
    countsGuardrails: false,
    rankings: [],
    evaluations: [],
    exchange: 'entry',
  }),
);
const operation = dictionary.code('chat');

const { writer } = await Writer.open(
  {
    store:
      target.file === undefined
        ? { type: 'postgres', url: target.url!, password: null }
        : { type: 'sqlite', file: target.file },
    retention,
  },
  Date.now,
  (error) => {
    throw error;
  },
);
await writer.recover(plans);
const { first, texts } = dictionary.takeFresh();
writer.tell({ type: 'dictionary', first, texts });

let counter = randomBytes(4).readUInt32LE();
const below = (n: number): number => Math.floor(Math.random() * n);
const newTrace = (): string => randomBytes(12).toString('latin1') + String.fromCharCode(...counterBytes());
const counterBytes = (): number[] => {
  counter = (counter + 1) >>> 0;
  return [counter & 255, (counter >> 8) & 255, (counter >> 16) & 255, counter >>> 24];
};

/** A request to a service and the call of a model below it. */
function interaction(traceId: string, now: number): Span[] {
  const plan = plans[below(plans.length)]!;
  const took = 200 - 1400 * Math.log(1 - Math.random());
  const common = { ...EMPTY_SPAN, traceId, service: plan.resource, endTenths: Math.floor((now - below(60_000)) / 100) };
  const model = MODELS[below(MODELS.length)]!;
  return [
    { ...common, spanId: 'entry   ', spanKind: 'server', name: route, durationNanos: took * 1e6 },
    {
      ...common,
      spanId: `${counter}`.padEnd(8).slice(0, 8),
      parentSpanId: 'entry   ',
      spanKind: 'client',
      kind: 'model',
      operation,
      provider,
      requestModel: model,
      responseModel: model,
      durationNanos: took * 1e6,
      isError: Math.random() < 0.01,
      inputTokens: 200 + below(3000),
      outputTokens: 20 + below(500),
      responseRef: randomBytes(8).toString('latin1'),
    },
  ];
}

const thumb = (trace: string, now: number): NewRating => ({
  identity: Buffer.from(trace, 'latin1').toString('hex'),
  target: { trace, span: '', response: '', interaction: '', conversation: '', service: '' },
  rating: { type: 'feedback', kind: 'thumbs', value: Math.random() < 0.9 ? 'up' : 'down' },
  detail: null,
  at: now,
  isTimed: false,
});

const took: number[] = [];
let acked = 0;
let rated = 0;

async function send(): Promise<void> {
  const now = Date.now();
  const out = new ByteWriter(1 << 16);
  const traces: string[] = [];
  for (let i = 0; i < REQUEST; i++) {
    const trace = newTrace();
    traces.push(trace);
    for (const span of interaction(trace, now)) appendSpanRecord(out, span);
  }
  const from = performance.now();
  const bytes = Uint8Array.from(out.written).buffer;
  await writer.writeSpans(bytes, 2 * REQUEST);
  took.push(performance.now() - from);
  acked += REQUEST;
  const ratings = traces.filter(() => Math.random() < 0.02).map((trace) => thumb(trace, now));
  await writer.write({ type: 'ratings', ratings }, ratings.length);
  rated += ratings.length;
}

const load = async (forSeconds: number): Promise<void> => {
  const until = performance.now() + forSeconds * 1000;
  const stream = async (): Promise<void> => {
    while (performance.now() < until) await send();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, stream));
};
await load(1);
acked = 0;
rated = 0;
took.length = 0;
console.log(JSON.stringify({ ready: true }));
const cpu = process.cpuUsage();
const began = performance.now();
await load(seconds);
await writer.settle();
const elapsed = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
await writer.close();
took.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    interactionsPerSecond: Math.round(acked / elapsed),
    ratingsPerSecond: Math.round(rated / elapsed),
    acked,
    seconds: elapsed,
    cpuSeconds: (used.user + used.system) / 1e6,
    p50Ms: Math.round(took[took.length >> 1]!),
    p99Ms: Math.round(took[Math.floor(took.length * 0.99)]!),
  }),
);
