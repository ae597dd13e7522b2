import { afterEach, expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { POINTER_LIMITS } from '../../src/store/sqlite/pointers.ts';
import { COUNT, TOKENS } from '../../src/tally/counters.ts';
import { count } from '../../src/tally/group.ts';
import { END, LedgerWorld, records, resources } from '../store/ledger-world.ts';

const limits = { ...POINTER_LIMITS };
afterEach(() => void Object.assign(POINTER_LIMITS, limits));

const HOUR = 36_000;
const id = (length: number, ...parts: number[]): string => String.fromCharCode(...parts).padEnd(length, '\u0007');
const call = (trace: number, n: number, hours: number, inputTokens: number): Span => ({
  ...EMPTY_SPAN,
  traceId: id(16, trace),
  spanId: id(8, trace, n),
  parentSpanId: id(8, trace, 99),
  service: resources[0]!,
  spanKind: 'client',
  kind: 'model',
  endTenths: END + Math.round(hours * HOUR),
  inputTokens,
});

// A span that came hours later made an interaction of what memory still knew, in the place of the whole.
it('an interaction whose beginning memory has lost stays what it was: what comes hours later is one of its own', () => {
  Object.assign(POINTER_LIMITS, { generation: 4, filtered: 1 });
  const world = new LedgerWorld();
  let others = 0;
  const fill = (hours: number, n: number): void => {
    for (let i = 0; i < n; i++) world.commit([records([call(10 + others++, 1, hours, 0)])]);
  };
  world.commit([records([call(1, 1, -3, 100)])]);
  fill(-3, 3);
  world.settle();
  world.commit([records([call(1, 2, -1.1, 10)])]);
  fill(-1, 3);
  fill(-0.9, 4);
  fill(-0.8, 5);
  world.settle();
  world.commit([records([call(1, 3, 0, 1)])]);
  const sum = (name: number): number => world.ofAll(0).reduce((all, { tally }) => all + count(tally, name), 0);
  expect(sum(TOKENS.input)).toBe(111);
  expect(sum(COUNT)).toBe(others + 2);
  expect(world.differences()).toEqual([]);
  world.end();
});
