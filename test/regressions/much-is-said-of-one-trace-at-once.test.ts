import { expect, it, vi } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import type { WriteItem } from '../../src/store/items.ts';
import { Traces } from '../../src/store/sqlite/traces.ts';
import { COUNT, scores } from '../../src/tally/counters.ts';
import { count } from '../../src/tally/group.ts';
import { END, evaluation, LedgerWorld, NOW, records, resources } from '../store/ledger-world.ts';

const EXCHANGES = 40;
const trace = 'trace'.padEnd(16);
const idOf = (i: number): string => `${i}`.padEnd(8);
const scoreOf = (i: number, score: number): WriteItem => ({
  type: 'ratings',
  ratings: [
    {
      identity: `${i}`,
      target: { trace, span: idOf(i), response: '', interaction: '', conversation: '', service: '' },
      rating: { type: 'evaluation', evaluation, score },
      detail: null,
      at: NOW + score,
      isTimed: true,
    },
  ],
});

// A batch job is one trace of thousands of exchanges, and its scores come together. The trace was read from the store, whole, for
// each of them: two hundred scores of one of 5,000 took six seconds, in which nothing else was stored.
it('a trace that many ratings of a group are about is read once', () => {
  const world = new LedgerWorld();
  const exchanges = Array.from({ length: EXCHANGES }, (_, i) => ({
    ...EMPTY_SPAN,
    traceId: trace,
    spanId: idOf(i),
    spanKind: 'consumer' as const,
    kind: 'model' as const,
    service: resources[1]!,
    endTenths: END - 600 + i * 10,
  }));
  world.commit([records(exchanges)]);
  const stored = vi.spyOn(Traces.prototype, 'stored');
  world.commit(exchanges.map((_, i) => scoreOf(i, 0.5)));
  expect(stored).toHaveBeenCalledTimes(1);
  stored.mockRestore();
  // What was read does not outlive its group.
  world.commit([records([{ ...exchanges[0]!, spanId: 'late'.padEnd(8), parentSpanId: idOf(0), isError: true }])]);
  world.commit(exchanges.map((_, i) => scoreOf(i, 0.9)));
  const sum = (name: number): number => world.ofAll(0).reduce((all, { tally }) => all + count(tally, name), 0);
  expect([sum(COUNT), sum(scores(evaluation))]).toEqual([EXCHANGES, EXCHANGES]);
  expect(world.differences()).toEqual([]);
  world.end();
});
