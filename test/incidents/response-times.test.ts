import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { responseTimes, responseTimesBy, spreadOf } from '../../src/incidents/response-times.ts';
import { incidentWith } from '../incidents.ts';

const MINUTE = 60_000;

describe('the spread of durations', () => {
  it('is nothing of none, and says no nine of ten of fewer than ten', () => {
    expect(spreadOf([])).toEqual({ n: 0, median: null, p90: null });
    expect(spreadOf([3])).toEqual({ n: 1, median: 3, p90: null });
    expect(spreadOf([4, 1, 2, 9])).toEqual({ n: 4, median: 3, p90: null });
  });

  it('is that of type 7: of 1 to 11 the sixth, and the tenth', () => {
    expect(spreadOf([7, 2, 11, 4, 1, 9, 6, 3, 8, 10, 5])).toEqual({ n: 11, median: 6, p90: 10 });
    // numpy.percentile([10, 20, ..., 100], [50, 90]) is [55, 91].
    expect(spreadOf([100, 10, 90, 20, 80, 30, 70, 40, 60, 50])).toEqual({ n: 10, median: 55, p90: 91 });
  });

  it('lies within the durations, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1e9 }), { minLength: 10, maxLength: 40 }), (durations) => {
        const { n, median, p90 } = spreadOf(durations);
        expect(n).toBe(durations.length);
        expect(median).toBeGreaterThanOrEqual(Math.min(...durations));
        expect(p90).toBeGreaterThanOrEqual(median!);
        expect(p90).toBeLessThanOrEqual(Math.max(...durations));
        expect(spreadOf(durations.toReversed())).toEqual({ n, median, p90 });
      }),
    );
  });
});

describe('how quickly incidents are found, taken and ended', () => {
  const lasting = (minutes: number, more = {}) => {
    const { startedAt, openedAt } = incidentWith();
    return incidentWith({
      state: 'resolved',
      ackedAt: openedAt + 5 * MINUTE,
      resolvedAt: startedAt + minutes * MINUTE,
      ...more,
    });
  };

  it('counts from the onset to the decision, from the opening to the first act of a person, from the onset to the end', () => {
    expect(responseTimes([lasting(30), lasting(90), lasting(60)])).toEqual({
      incidents: 3,
      unresolved: 0,
      detect: { n: 3, median: 17.25 * MINUTE, p90: null },
      acknowledge: { n: 3, median: 5 * MINUTE, p90: null },
      resolve: { n: 3, median: 60 * MINUTE, p90: null },
    });
  });

  it('what nobody has taken, or what is not over, is in no such time, and cancelled ones were none', () => {
    const untouched = lasting(30, { ackedAt: null });
    const open = lasting(0, { state: 'new', ackedAt: null, resolvedAt: null });
    const cancelled = lasting(0, { state: 'cancelled', resolvedAt: null });
    expect(responseTimes([untouched, open, cancelled])).toMatchObject({
      incidents: 2,
      unresolved: 1,
      detect: { n: 2 },
      acknowledge: { n: 0, median: null },
      resolve: { n: 1 },
    });
  });

  it('by what they have in common: each is in one group, in order', () => {
    const incidents = [lasting(10, { priority: 3 }), lasting(20, { priority: 1 }), lasting(30, { priority: 3 })];
    expect(
      responseTimesBy(incidents, ({ priority }) => priority).map(({ value, times }) => [value, times.incidents]),
    ).toEqual([
      [1, 1],
      [3, 2],
    ]);
  });
});
