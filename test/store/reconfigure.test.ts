import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanData } from '../../src/catalog/plan-book.ts';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { COUNT } from '../../src/tally/counters.ts';
import { count } from '../../src/tally/group.ts';
import {
  END,
  ENGINES,
  evaluation,
  LedgerWorld,
  labels,
  models,
  NOW,
  plans,
  records,
  resources,
} from './ledger-world.ts';

const DAY = 86_400_000;
const RETENTION = { interactionsMs: 45 * DAY, minutesMs: 100 * DAY, hoursMs: 400 * DAY };

/** What a configuration may change of how is counted: limits, what is counted together, which span is the exchange, prices. */
const configurations: readonly PlanData[][] = [
  plans,
  plans.map(({ joints: _, ...plan }) => ({ ...plan, thresholdsMs: [200, 1000], dimensions: [] })),
  plans.map((plan) => ({ ...plan, exchange: 'head' as const, evaluations: [], costLimits: [], keptDays: 200 })),
];

const id = (length: number, ...parts: number[]): string => String.fromCharCode(...parts).padEnd(length, '\u0007');

/** Each trace has an HTTP entry, an agent and a model below it; they come one by one. */
const spans: Span[] = Array.from({ length: 4 }, (_, trace) =>
  (['none', 'agent', 'model'] as const).map(
    (kind, i): Span => ({
      ...EMPTY_SPAN,
      traceId: id(16, trace + 1),
      spanId: id(8, trace + 1, i + 1),
      parentSpanId: i === 0 ? '' : id(8, trace + 1, i),
      service: resources[trace % 2]!,
      kind,
      spanKind: kind === 'none' ? 'server' : 'internal',
      endTenths: END - trace * 700 - i,
      durationNanos: 500_000_000 * (trace + 1),
      isError: trace === 1,
      responseModel: kind === 'model' ? models[trace % 2]! : 0,
      inputTokens: kind === 'model' ? 100 : null,
      outputTokens: kind === 'model' ? 10 : null,
    }),
  ),
).flat();

const ratings: NewRating[] = Array.from({ length: 4 }, (_, trace) =>
  [
    { type: 'feedback', kind: 'thumbs', value: trace === 0 ? 'up' : 'down' } as const,
    { type: 'label', label: labels[0]!, value: trace < 2 } as const,
    { type: 'evaluation', evaluation, score: 0.3 * trace } as const,
  ].map((rating, i): NewRating => {
    const target = { trace: id(16, trace + 1), span: '', response: '', interaction: '', conversation: '', service: '' };
    return { identity: `${trace} ${i}`, target, rating, detail: null, at: NOW + trace * 60_000 + i, isTimed: true };
  }),
).flat();

const steps = fc.array(
  fc.record({
    pick: fc.nat(),
    next: fc.constantFrom('send', 'send', 'send', 'settle', 'crash', 'recount', 'otherwise'),
    configuration: fc.nat(configurations.length - 1),
  }),
  { minLength: 5, maxLength: 40 },
);

it('however a configuration changes between signals, settlements and crashes: what is counted is what the last one counts', () => {
  fc.assert(
    fc.property(steps, (plan) => {
      const world = new LedgerWorld(RETENTION);
      let current = 0;
      const left: (Span | NewRating)[] = [...spans, ...ratings];
      const send = (signals: readonly (Span | NewRating)[]): void =>
        void world.commit(
          signals.map((one) => ('spanId' in one ? records([one]) : { type: 'ratings', ratings: [one] })),
        );
      for (const { pick, next, configuration } of plan) {
        if (left.length > 0) send(left.splice(pick % left.length, 1));
        if (next === 'settle') world.settle();
        if (next === 'crash') world.crash(configurations[current]);
        if (next === 'recount') world.ledger.refold(3, world.now);
        if (next !== 'otherwise') continue;
        current = configuration;
        world.ledger.reconfigure(RETENTION, configurations[current]!, world.now);
      }
      send(left);
      while (world.ledger.refold(50, world.now) > 0);
      expect(world.differences()).toEqual([]);
      world.end();
    }),
    { numRuns: 25 },
  );
});

describe.each(ENGINES)('on $engine', ({ begin }) => {
  it.each([
    ['entry', 'head', 2],
    ['head', 'entry', 2],
  ] as const)(
    'a trace whose exchange is another one when its later spans come is judged as if it had been so from the first: from %s to %s',
    (before, after, n) => {
      const [http, agent, model] = spans.slice(0, 3) as [Span, Span, Span];
      const other = { ...agent, spanId: id(8, 77), service: resources[1]! };
      const withExchange = (exchange: 'entry' | 'head'): PlanData[] =>
        plans.map((plan, i) => (i === 0 ? { ...plan, exchange } : plan));
      const world = begin();
      world.ledger.reconfigure(RETENTION, withExchange(before), world.now);
      world.commit([records([model, other])]);
      world.ledger.reconfigure(RETENTION, withExchange(after), world.now);
      world.commit([records([http, agent])]);
      while (world.ledger.refold(50, world.now) > 0);
      expect(world.differences()).toEqual([]);
      expect(world.ofAll(0).reduce((sum, { tally }) => sum + count(tally, COUNT), 0)).toBe(n);
      world.end();
    },
  );
});
