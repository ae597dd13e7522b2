import { describe, expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { COUNT, ENTRIES_FAILED } from '../../src/tally/counters.ts';
import { count } from '../../src/tally/group.ts';
import { END, ENGINES, models, NOW, records, resources, type World } from './ledger-world.ts';

const HOUR = 3_600_000;
const [ROUTE, OTHER_ROUTE] = models as [number, number];
const id = (length: number, n: number): string => String.fromCharCode(n).padEnd(length, '\u0007');
const request = (trace: number, more: Partial<Span> = {}): Span => ({
  ...EMPTY_SPAN,
  traceId: id(16, trace),
  spanId: id(8, 1),
  service: resources[0]!,
  spanKind: 'server',
  name: ROUTE,
  endTenths: END - 600,
  ...more,
});
const failed = (trace: number, more: Partial<Span> = {}): Span =>
  request(trace, { isError: true, httpStatus: 500, ...more });
const call = (trace: number, more: Partial<Span> = {}): Span =>
  request(trace, {
    spanId: id(8, 2),
    parentSpanId: id(8, 1),
    spanKind: 'client',
    kind: 'model',
    name: 0,
    hidesFailures: true,
    ...more,
  });

/** Interactions and failed requests that are counted for the service. */
function counted(world: World): [number, number] {
  const tallies = world.ofAll(0);
  const sum = (name: number): number => tallies.reduce((total, { tally }) => total + count(tally, name), 0);
  expect(world.differences()).toEqual([]);
  return [sum(COUNT), sum(ENTRIES_FAILED)];
}

describe.each(ENGINES)('on $engine', ({ begin }) => {
  it('a failed request counts once its route is known to lead to calls whose failures are never sent, whichever came first', () => {
    const world = begin();
    world.commit([records([failed(1), failed(2, { name: OTHER_ROUTE })])]);
    expect(counted(world)).toEqual([0, 0]);
    world.commit([records([request(3), call(3)])]);
    expect(counted(world)).toEqual([1, 1]);
    world.ledger.takeArrivals();
    world.commit([records([failed(4), failed(1)])]);
    expect(world.ledger.takeArrivals()!.counts).toMatchObject([{ counts: [[ENTRIES_FAILED, 1]] }]);
    expect(counted(world)).toEqual([1, 2]);
    world.end();
  });

  it('of a service whose libraries show failures nothing is counted beside its interactions', () => {
    const world = begin();
    world.commit([records([request(3), call(3, { hidesFailures: false }), failed(1)])]);
    expect(counted(world)).toEqual([1, 0]);
    world.end();
  });

  it('AI spans that come later explain it: it is taken back, and the interaction counts', () => {
    const world = begin();
    world.commit([records([request(3), call(3), failed(1)])]);
    expect(counted(world)).toEqual([1, 1]);
    world.crash();
    world.commit([records([call(1)])]);
    expect(counted(world)).toEqual([2, 0]);
    world.end();
  });

  it('is counted again after a crash that lost the tallies, and not lost with the links', () => {
    const world = begin();
    world.commit([records([request(3), call(3), failed(1), failed(2, { name: OTHER_ROUTE })])]);
    world.crash();
    expect(counted(world)).toEqual([1, 1]);
    world.now = NOW + 3 * HOUR;
    expect(counted(world)).toEqual([1, 1]);
    // What was on a route of nobody's is gone by then, like the links.
    expect(world.db.prepare('select count(*) as n from failed_entry').get()).toEqual({ n: 1 });
    world.commit([records([failed(1)])]);
    expect(counted(world)).toEqual([1, 1]);
    world.end();
  });

  it('goes when its rows are past their retention', () => {
    const world = begin();
    world.commit([records([request(3), call(3), failed(1)])]);
    expect(counted(world)).toEqual([1, 1]);
    world.now = NOW + 46 * 24 * HOUR;
    for (let i = 0; i < 3; i++) world.settle();
    expect(world.db.prepare('select count(*) as n from failed_entry').get()).toEqual({ n: 0 });
    expect(world.differences()).toEqual([]);
    world.end();
  });
});
