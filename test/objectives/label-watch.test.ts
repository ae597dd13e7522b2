import fc from 'fast-check';
import { expect, it } from 'vitest';
import { delayedNull } from '../../src/measures/completeness.ts';
import { type ArrivalCurve, cumulated } from '../../src/measures/label-arrivals.ts';
import { satisfaction } from '../../src/measures/satisfaction.ts';
import { betsOf, delayedBets, hasMoved } from '../../src/objectives/delayed-bets.ts';
import { alarmThreshold, detectorParams, pageNull } from '../../src/objectives/e-detector.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import {
  type DetectorEvent,
  decodeWatchState,
  encodeWatchState,
  type MinuteCounts,
  startObjectiveWatch,
  type WatchState,
  watchUntil,
} from '../../src/objectives/objective-watch.ts';
import { recoveryParams } from '../../src/objectives/recovery.ts';
import { random } from '../random.ts';
import { labelled, minutesOf } from './late-labels.ts';

const DAY = 1440;
const START = 20_000 * DAY;
const q0 = 0.08;
const threshold = alarmThreshold(1, 1);
const satisfied: Objective = {
  name: 'o',
  service: 's',
  environment: null,
  counted: 1,
  kind: 'SLO',
  measure: 'satisfaction',
  subject: null,
  method: 'feedback',
  proxy: false,
  events: satisfaction,
  judgedBy: 'events',
  incidentsBy: null,
  direction: 'at_least',
  target: 1 - q0,
  q0,
  window: { text: '28d', minutes: 40_320, startOf: (now) => now - 40_319, hasFixedStart: false },
  sequential: {
    ticket: detectorParams({ q0, threshold }),
    page: detectorParams({ q0: pageNull(q0), threshold }),
    recovery: recoveryParams({ q0 }),
  },
  burn: null,
  guarantee: null,
  category: 'ai.experience.low_satisfaction',
  fingerprint: '',
  codes: [],
};

/** A month of a version before; with it what the detectors have learnt of it. */
const MONTH = minutesOf(
  labelled(random(11), { from: START - 28 * DAY, minutes: 28 * DAY, perMinute: 0.5, badShare: 0.05 }),
  START - 1,
);
const plain = (counts: readonly MinuteCounts[]): MinuteCounts[] => counts.map(({ delays: _, ...seen }) => seen);
function after(counts: readonly MinuteCounts[]): Uint8Array {
  const state = startObjectiveWatch(satisfied, START - 28 * DAY - 1);
  expect(watchUntil(satisfied, state, null, counts, START - 1)).toEqual([]);
  return encodeWatchState(state);
}
const LEARNT = after(MONTH);
const NAIVE = after(plain(MONTH));

const run = (counts: readonly MinuteCounts[], from: Uint8Array): DetectorEvent[] =>
  watchUntil(satisfied, decodeWatchState(satisfied, from), null, counts, counts.at(-1)!.minute);
const alarms = (events: readonly DetectorEvent[]): number[] =>
  events.flatMap(({ event }) => (event.type === 'alarm' ? [event.minute - START] : []));

/** A new version, alone: nothing of the old one is labelled any more. */
const version = (seed: number, perMinute: number, badShare: number) =>
  minutesOf(labelled(random(seed), { from: START, minutes: 3 * DAY, perMinute, badShare }), START + 3 * DAY - 1);

it('knows after a month how late labels come', () => {
  const { curve } = decodeWatchState(satisfied, LEARNT).labels!;
  expect(curve!.bad[3]).toBeCloseTo(0.5, 1);
  expect(curve!.good[3]).toBeLessThan(0.2);
});

it('a healthy version whose bad labels come first raises no alarm, where a plain reading raises one', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const adjusted = seeds.flatMap((seed) => alarms(run(version(seed, 5, 0.05), LEARNT)));
  const naive = seeds.filter((seed) => alarms(run(plain(version(seed, 5, 0.05)), NAIVE)).length > 0);
  expect(adjusted).toEqual([]);
  expect(naive.length).toBeGreaterThanOrEqual(4);
});

it('a version that is twice or four times as bad as allowed is found within hours', () => {
  for (const seed of [1, 2, 3]) {
    expect(alarms(run(version(seed, 5, 0.16), LEARNT))[0]).toBeLessThan(300);
    expect(alarms(run(version(seed, 5, 0.32), LEARNT))[0]).toBeLessThan(120);
    expect(alarms(run(version(seed, 0.5, 0.32), LEARNT))[0]).toBeLessThan(500);
  }
});

it('how bad it is since the onset is a multiple of what is to be expected so early', () => {
  const events = run(version(1, 5, 0.32), LEARNT);
  const alarm = events.find(({ event }) => event.type === 'alarm')!.event;
  if (alarm.type !== 'alarm') throw new Error('no alarm');
  const burn = (alarm.bad + 0.5) / (alarm.n + 1) / q0;
  expect(burn).toBeGreaterThan(2);
  expect(burn).toBeLessThan(8);
});

it('a breach recovers when the version is well again, though labels of before are still coming', () => {
  const next = random(5);
  const bad = labelled(next, { from: START, minutes: DAY, perMinute: 5, badShare: 0.4 });
  const well = labelled(next, { from: START + DAY, minutes: 2 * DAY, perMinute: 5, badShare: 0.03 });
  const events = run(minutesOf([...bad, ...well], START + 3 * DAY), LEARNT);
  const ended = events.flatMap(({ event }) => (event.type === 'resolved' ? [event.minute - START] : []));
  expect(ended).toHaveLength(1);
  expect(ended[0]).toBeGreaterThan(DAY);
  expect(ended[0]).toBeLessThan(2 * DAY);
});

const curves = fc
  .tuple(...[0, 1].map(() => fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 8, maxLength: 8 })))
  .filter((steps) => steps.every((some) => some.some((n) => n > 0)))
  .map(([bad, good]): ArrivalCurve => {
    const shares = (steps: number[]): number[] => {
      const sums = cumulated(steps);
      return sums.map((sum) => sum / sums.at(-1)!);
    };
    return { since: 0, bad: shares(bad!), good: shares(good!), badLabels: 400, goodLabels: 4000 };
  });

it('every bet is an e-value against its own null, and the odds of all alternatives are the same in every bucket', () => {
  fc.assert(
    fc.property(curves, fc.constantFrom(1e-5, 0.01, 0.08, 0.5), (curve, share) => {
      for (const { q0: null0, lambda, lnBad, lnGood } of delayedBets(share, curve)) {
        expect(null0).toBeGreaterThan(0);
        expect(null0).toBeLessThan(1);
        for (const [j, one] of lambda.entries()) {
          expect(null0 * Math.exp(lnBad[j]!) + (1 - null0) * Math.exp(lnGood[j]!)).toBeCloseTo(1, 9);
          expect(one * null0).toBeLessThan(1);
          const [ratio, plain] = [lnBad[j]! - lnGood[j]!, delayedBets(share, curve)[0]!];
          expect(ratio).toBeCloseTo(plain.lnBad[j]! - plain.lnGood[j]!, 6);
        }
      }
    }),
  );
});

it('classes that are equally late leave the null as it is, but for the margin', () => {
  const even = [0, 0.1, 0.2, 0.4, 0.5, 0.7, 0.9, 0.95, 1];
  const curve = { since: 0, bad: even, good: even, badLabels: 1e6, goodLabels: 1e6 };
  for (const bet of delayedBets(q0, curve)) expect(bet.q0).toBeCloseTo(delayedNull(q0, 1, 1 / 1.1), 4);
  expect(hasMoved(q0, curve, curve)).toBe(false);
  expect(hasMoved(q0, curve, { ...curve, bad: [0, 0.4, 0.6, 0.8, 0.9, 1, 1, 1, 1] })).toBe(true);
});

const anyLabels = fc
  .record({
    seed: fc.nat(1000),
    runs: fc.array(fc.record({ hours: fc.integer({ min: 1, max: 200 }), badShare: fc.constantFrom(0, 0.05, 0.5) }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ seed, runs }) => {
    const next = random(seed);
    let from = START;
    const labels = runs.flatMap(({ hours, badShare }) => {
      const some = labelled(next, { from, minutes: hours * 60, perMinute: 0.2, badShare });
      from += hours * 60;
      return some;
    });
    return minutesOf(labels);
  })
  .filter((counts) => counts.length > 0);

it('judging in steps, with checkpoints in between, is judging at once', () => {
  fc.assert(
    fc.property(
      anyLabels,
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 }),
      (counts, knows, steps) => {
        const start = (): WatchState =>
          knows ? decodeWatchState(satisfied, LEARNT) : startObjectiveWatch(satisfied, START - 1);
        const until = counts.at(-1)!.minute + 10;
        const atOnce = start();
        const all = watchUntil(satisfied, atOnce, null, counts, until);
        let state = start();
        const parts: DetectorEvent[] = [];
        for (const length of [...steps, 1e6]) {
          const end = Math.min(until, state.through + length);
          const fresh = counts.filter(({ minute }) => minute > state.through && minute <= end);
          state = decodeWatchState(satisfied, encodeWatchState(state));
          parts.push(...watchUntil(satisfied, state, null, fresh, end));
        }
        expect(parts).toEqual(all);
        expect(encodeWatchState(state)).toEqual(encodeWatchState(atOnce));
      },
    ),
    { numRuns: 20 },
  );
});

it('a checkpoint from before is not read: without how late labels came its objective is judged from the beginning', () => {
  const state = { ...startObjectiveWatch(satisfied, START - 1), labels: null };
  expect(() => decodeWatchState(satisfied, encodeWatchState(state))).toThrow(RangeError);
});

it('two objectives whose detectors have the same parameters keep the bets of their own curves', () => {
  const params = detectorParams({ q0, threshold });
  const curve = (bad: number): ArrivalCurve => ({
    since: 20_000,
    bad: cumulated([bad, 40, 20, 10, 10, 5, 3, 2]).map((n) => n / (bad + 90)),
    good: cumulated([10, 20, 40, 60, 40, 20, 5, 5]).map((n) => n / 200),
    badLabels: bad + 90,
    goodLabels: 200,
  });
  const [one, other] = [curve(300), curve(500)];
  const bets = betsOf(params, one);
  expect(bets).toEqual(delayedBets(q0, one));
  expect(betsOf(params, other)).not.toEqual(bets);
  expect(betsOf(params, one)).toBe(bets);
});
