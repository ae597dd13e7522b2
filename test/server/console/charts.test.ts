import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Measure } from '../../../src/model/estimate.ts';
import { extentOf } from '../../../src/server/console/app/logic/columns.ts';
import { canBePooled, minutesPooled, type Point, pooled } from '../../../src/server/console/app/logic/pool.ts';
import { onsetRange, rangeUntil } from '../../../src/server/console/app/logic/ranges.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-20T12:00:00Z');
const minute = (index: number, n: number, good: number): Point => ({
  at: new Date(START + index * MINUTE).toISOString(),
  estimate: { n, value: n === 0 ? null : good / n, low: null, high: null },
});

describe('sparse minutes counted together', () => {
  const counts = fc.array(
    fc.nat(50).chain((n) => fc.record({ n: fc.constant(n), good: fc.nat(n) })),
    { minLength: 1, maxLength: 120 },
  );

  it('lose no event, good or bad', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(1, 2, 5, 10, 30), (minutes, length) => {
        const points = minutes.map(({ n, good }, index) => minute(index, n, good));
        const result = pooled(points, length);
        const sum = (list: Point[], of: (point: Point) => number) =>
          list.reduce((total, point) => total + of(point), 0);
        const good = ({ estimate }: Point) => Math.round((estimate.value ?? 0) * estimate.n);
        expect(sum(result, ({ estimate }) => estimate.n)).toBe(sum(points, ({ estimate }) => estimate.n));
        expect(sum(result, good)).toBe(sum(points, good));
      }),
    );
  });

  it('have an interval of their own', () => {
    const [point] = pooled([minute(0, 10, 9), minute(1, 10, 7)], 5);
    expect(point).toMatchObject({ at: '2026-11-20T12:00:00.000Z', estimate: { n: 20, value: 0.8 } });
    expect(point!.estimate.low).toBeCloseTo(0.584, 3);
    expect(point!.estimate.high).toBeCloseTo(0.9193, 3);
  });

  it.each([
    ['busy', 120, 400, 1],
    ['quiet', 120, 6, 5],
    ['very quiet', 120, 1, 10],
    ['short', 10, 1, 1],
  ])('%s traffic: %d minutes of %d are drawn by %d', (_name, minutes, n, expected) => {
    expect(minutesPooled(Array.from({ length: minutes }, (_, index) => minute(index, n, n)))).toBe(expected);
  });
});

describe('the range of a chart', () => {
  it('shows as long before an incident as it has lasted, at least an hour', () => {
    const { from, to, step } = onsetRange(START, null, START + 40 * MINUTE);
    expect([from, to, step]).toEqual([START - 60 * MINUTE, START + 40 * MINUTE, '1m']);
    expect(onsetRange(START, null, START + 72 * 60 * MINUTE).step).toBe('1h');
    expect(onsetRange(START, START + 60 * MINUTE, START + 9 * 24 * 60 * MINUTE).to).toBe(START + 90 * MINUTE);
  });

  it('ends on a step, so that the same is asked for until there is something new', () => {
    expect(rangeUntil(START + 1, '2d')).toEqual(rangeUntil(START + 59 * MINUTE, '2d'));
  });

  it('holds values and target, and no share above 1', () => {
    const [low, high] = extentOf(
      [
        [1, 2],
        [0.95, 1],
        [0.9, 0.97],
        [0.99, 1],
      ],
      0.9,
      true,
    );
    expect(low).toBeLessThan(0.9);
    expect(high).toBeGreaterThanOrEqual(1);
    expect(high).toBeLessThan(1.01);
    expect(extentOf([[], [], [], []], null, true)).toEqual([0, 1]);
  });
});

it('an index, a mean and what a judge has corrected are not counted together', () => {
  const of = (measure: Measure, subject: string | null, method: string) => canBePooled({ measure, subject, method });
  expect(of('availability', null, 'spans')).toBe(true);
  expect(of('trust', 'reliance', 'labels')).toBe(true);
  expect(of('trust', null, 'index')).toBe(false);
  expect(of('trust', 'gap', 'labels')).toBe(false);
  expect(of('accuracy', 'correct', 'ppi')).toBe(false);
  expect(of('calibration', 'correct', 'labels')).toBe(false);
  expect(of('relevance', 'groundedness', 'evaluator')).toBe(false);
  expect(of('cost_per_day', 'USD', 'spans')).toBe(false);
  expect(of('cost', '0.01 USD', 'spans')).toBe(true);
});
