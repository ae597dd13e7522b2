import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PlanData } from '../../src/catalog/plan-book.ts';
import { ByteWriter } from '../../src/model/bytes.ts';
import { codeOfKnown, Dictionary } from '../../src/model/dictionary.ts';
import { ERROR_CLASSES } from '../../src/model/error-class.ts';
import { countedKey, serviceKey } from '../../src/model/names.ts';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { appendSpanRecord } from '../../src/model/span-record.ts';
import type { WriteItem } from '../../src/store/items.ts';
import { openForWriting } from '../../src/store/sqlite/database.ts';
import { Ledger } from '../../src/store/sqlite/ledger.ts';
import * as counters from '../../src/tally/counters.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-arrivals-'));
const NOW = 1_795_000_000_000;
const DAY = 86_400_000;

const dictionary = new Dictionary();
const resource = dictionary.code(serviceKey({ name: 'bot', namespace: '', environment: '' }));
const service = dictionary.code(countedKey({ name: 'bot', environment: '' }));
const model = dictionary.code('gpt-4o-mini');
const timeout = dictionary.code('timeout');
const chat = codeOfKnown('chat');
const entries = dictionary.takeFresh();

const db = openForWriting(join(folder, 'store.db'));
const ledger = new Ledger(db, { interactionsMs: 45 * DAY, minutesMs: 100 * DAY, hoursMs: 400 * DAY });
const plan: PlanData = {
  resource,
  service,
  dimensions: [],
  thresholdsMs: [3000],
  evaluations: [],
  firstTokenThresholdsMs: [],
  prices: { currency: 'USD', layers: [], published: '' },
  costLimits: [],
  countsGuardrails: false,
  rankings: [],
  exchange: 'entry',
};
beforeAll(() => {
  ledger.setPlans([plan]);
  ledger.recover(NOW);
  ledger.commit([{ type: 'dictionary', first: entries.first, texts: entries.texts }], NOW);
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const id = (length: number, n: number): string => String.fromCharCode(n).padEnd(length, '\u0007');
const span = (trace: number, more: Partial<Span> = {}): Span => ({
  ...EMPTY_SPAN,
  traceId: id(16, trace),
  spanId: id(8, trace),
  service: resource,
  spanKind: 'client',
  kind: 'model',
  operation: chat,
  requestModel: model,
  endTenths: NOW / 100 - 600,
  durationNanos: 2.5e9,
  inputTokens: 100,
  cachedInputTokens: 30,
  outputTokens: 50,
  reasoningTokens: 20,
  ...more,
});
const records = (...spans: Span[]): WriteItem => {
  const out = new ByteWriter();
  for (const one of spans) appendSpanRecord(out, one);
  return { type: 'spans', records: Uint8Array.from(out.written).buffer };
};
const thumbsUp = (trace: number): WriteItem => ({
  type: 'ratings',
  ratings: [
    {
      identity: `thumb ${trace}`,
      target: { trace: id(16, trace), span: '', response: '', interaction: '', conversation: '', service: '' },
      rating: { type: 'feedback', kind: 'thumbs', value: 'up' },
      detail: null,
      at: NOW,
      isTimed: true,
    },
  ],
});

it('what came in is added up by service and operation, with the latency limit as a bound and tokens that do not overlap', () => {
  ledger.commit(
    [records(span(1), span(2, { isError: true, errorType: timeout }), span(3, { durationNanos: 9e9 }))],
    NOW,
  );
  const arrivals = ledger.takeArrivals()!;
  expect(arrivals.interactions).toHaveLength(1);
  const [row] = arrivals.interactions;
  expect(row).toMatchObject({ service, operation: chat, durations: { sumMs: 11_500 } });
  expect(row!.failed.map((n, i) => [ERROR_CLASSES[i], n]).filter(([, n]) => n !== 0)).toEqual([['timeout', 1]]);
  const { boundsMs, counts } = row!.durations;
  expect(boundsMs).toContain(3000);
  const filled = counts.map((n, i) => [boundsMs[i], n]).filter(([, n]) => n !== 0);
  expect(filled).toEqual([
    [3000, 1],
    [15_000, 1],
  ]);
  expect(arrivals.models).toMatchObject([
    { service, requestModel: model, responseModel: 0, counts: [210, 90, 90, 60], costNanos: 128_250 },
  ]);
  const [call, ...others] = arrivals.calls;
  expect(others).toEqual([]);
  expect(call).toMatchObject({ service, kind: 'model', name: model, durations: { sumMs: 11_500 } });
  expect(call!.failed.reduce((sum, n) => sum + n, 0)).toBe(1);
  expect(arrivals.counts).toEqual([]);
  expect(ledger.takeArrivals()).toBeNull();
});

it('what comes twice, or only says more of what is known, is no arrival', () => {
  ledger.commit([records(span(1))], NOW);
  expect(ledger.takeArrivals()).toBeNull();
  ledger.commit([records(span(1, { spanId: id(8, 99), parentSpanId: id(8, 1), kind: 'tool' }))], NOW);
  expect(ledger.takeArrivals()).toMatchObject({ interactions: [], models: [], calls: [{ kind: 'tool' }], counts: [] });
  ledger.commit([records(span(1, { spanId: id(8, 99), parentSpanId: id(8, 1), kind: 'tool' }))], NOW);
  expect(ledger.takeArrivals()).toBeNull();
});

it.each([
  ['the longer span comes first', [20, [0, 1]]],
  ['the shorter span comes first', [21, [1, 0]]],
  ['they come together', [22, null]],
] as const)('a call that two instrumentations tell of is one, also where %s', (_which, [trace, order]) => {
  const twins = [
    span(trace, { scope: codeOfKnown('chat'), durationNanos: 2.5e9 }),
    span(trace, { spanId: id(8, 97), scope: codeOfKnown('embeddings'), durationNanos: 2.4e9 }),
  ];
  const calls: number[] = [];
  for (const group of order === null ? [twins] : order.map((one) => [twins[one]!])) {
    ledger.commit([records(...group)], NOW);
    for (const { durations } of ledger.takeArrivals()?.calls ?? [])
      calls.push(...durations.counts.filter((n) => n > 0));
  }
  expect(calls).toEqual([1]);
});

it('a rating arrives once: at once with a known interaction, else when that comes, never again', () => {
  ledger.commit([thumbsUp(1), thumbsUp(4)], NOW);
  const up = [[counters.feedback('thumbs', 'up'), 1]];
  expect(ledger.takeArrivals()!.counts).toEqual([{ service, counts: up }]);
  ledger.commit([thumbsUp(1)], NOW);
  expect(ledger.takeArrivals()).toBeNull();
  ledger.commit([records(span(4))], NOW);
  expect(ledger.takeArrivals()!.counts).toEqual([{ service, counts: up }]);
  ledger.commit([records(span(4, { spanId: id(8, 98), parentSpanId: id(8, 4), kind: 'tool' }))], NOW);
  expect(ledger.takeArrivals()!.counts).toEqual([]);
});

it('a transaction that fails leaves no arrivals', () => {
  const unknown = span(6, { service: resource + 1000 });
  expect(() => ledger.commit([records(span(5)), records(unknown)], NOW)).toThrow('has no plan');
  expect(ledger.takeArrivals()).toBeNull();
  ledger.commit([records(span(5))], NOW);
  expect(ledger.takeArrivals()!.interactions[0]!.durations.sumMs).toBe(2500);
});

it('how late it came, and what answered, each combination once', () => {
  const late = { endTenths: NOW / 100 - 36_000 };
  const [old, fresh] = ['6', '7'].map((version) => dictionary.code(version)) as [number, number];
  const names = dictionary.takeFresh();
  ledger.commit(
    [
      { type: 'dictionary', first: names.first, texts: names.texts },
      records(
        span(40, { promptVersion: old }),
        span(41, { promptVersion: old }),
        span(42, { promptVersion: fresh, ...late }),
      ),
    ],
    NOW,
  );
  const { at, lags, deployments, corrected } = ledger.takeArrivals()!;
  expect(at).toBe(NOW);
  expect(lags).toMatchObject([{ signal: 'interaction', durations: { sumMs: 2 * 60_000 + 3_600_000 } }]);
  const { boundsMs, counts } = lags[0]!.durations;
  expect(counts.map((n, i) => [boundsMs[i], n]).filter(([, n]) => n !== 0)).toEqual([
    [60_000, 2],
    [3_600_000, 1],
  ]);
  expect(deployments).toEqual(
    [old, fresh].map((promptVersion) => ({
      service,
      requestModel: model,
      responseModel: 0,
      promptVersion,
      serviceVersion: 0,
    })),
  );
  expect(corrected).toEqual({ interaction: 0, feedback: 0, evaluation: 0, ranking: 0, label: 0 });
});

it('corrected is an interaction that a later span makes another, and a rating that gives way to another', () => {
  ledger.commit([records(span(50)), thumbsUp(50)], NOW);
  expect(ledger.takeArrivals()).toMatchObject({
    corrected: { interaction: 0, feedback: 0 },
    lags: [{ signal: 'interaction' }, { signal: 'feedback' }],
  });
  const said = thumbsUp(50) as Extract<WriteItem, { type: 'ratings' }>;
  const down = { ...said.ratings[0]!, at: NOW + 1000, rating: { type: 'feedback', kind: 'thumbs', value: 'down' } };
  ledger.commit([{ type: 'ratings', ratings: [down as (typeof said.ratings)[number]] }], NOW);
  expect(ledger.takeArrivals()).toMatchObject({ corrected: { interaction: 0, feedback: 1 }, joined: { feedback: 1 } });
  ledger.commit([records(span(52, { parentSpanId: id(8, 53), traceId: id(16, 53) }))], NOW);
  ledger.takeArrivals();
  ledger.commit([records(span(53, { durationNanos: 5e9, traceId: id(16, 53) }))], NOW);
  expect(ledger.takeArrivals()).toMatchObject({ corrected: { interaction: 1 } });
});
