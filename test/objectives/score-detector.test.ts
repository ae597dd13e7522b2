import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispersion, NO_MINUTES, withMinute } from '../../src/objectives/dispersion.ts';
import { detectorParams, initialState, pageNull, step } from '../../src/objectives/e-detector.ts';
import { lnROf } from '../../src/objectives/evidence.ts';
import { recoveryParams } from '../../src/objectives/recovery.ts';
import {
  decodeWatch,
  encodeWatch,
  type SequentialParams,
  startWatch,
  watchMinute,
} from '../../src/objectives/sequential-watch.ts';
import { random } from '../random.ts';

const q0 = 0.2;
const FLEET = 4.32e7;

/** Normal numbers, for gamma ones (Marsaglia, Tsang 2000, ACM TOMS 26:363-372), for beta ones. */
function betas(next: () => number): (mean: number, size?: number) => number {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - next()) ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const x = normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(1 - next()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return (mean, size = 10) => {
    const a = gamma(mean * size);
    return a / (a + gamma((1 - mean) * size));
  };
}

interface Losses {
  readonly n: number;
  readonly bad: number;
  readonly squares: number;
}

const lossesOf = (scores: readonly number[]): Losses => ({
  n: scores.length,
  bad: scores.reduce((sum, score) => sum + 1 - score, 0),
  squares: scores.reduce((sum, score) => sum + (1 - score) ** 2, 0),
});

const paramsOf = (threshold: number): SequentialParams => ({
  ticket: detectorParams({ q0, threshold, bounded: true }),
  page: detectorParams({ q0: pageNull(q0), threshold, bounded: true }),
  recovery: recoveryParams({ q0 }),
});

describe('the detector of mean losses', () => {
  it('bets on losses that are 0 or 1 at least as well as on events', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 60 }), (minutes) => {
        const events = detectorParams({ q0, threshold: 1e300 });
        const losses = detectorParams({ q0, threshold: 1e300, bounded: true });
        const [a, b] = [initialState(events, 1), initialState(losses, 1)];
        for (const [minute, [good, bad]] of minutes.entries()) {
          step(events, a, minute, good + bad, bad);
          step(losses, b, minute, good + bad, bad, true, bad);
        }
        for (let i = 0; i < a.evidence.components; i++)
          expect(lnROf(b.evidence, i)).toBeGreaterThanOrEqual(lnROf(a.evidence, i) - 1e-9);
      }),
    );
  });

  it.each([
    [1, 0.75, 202],
    [1, 0.7, 90],
    [10, 0.7, 48],
    [10, 0.6, 28],
  ])(
    'at %i scores a minute a mean of %f is found in the median in at most %i minutes and a seventh, as table D of the specification has it',
    (rate, mean, minutes) => {
      const RUNS = 41;
      const next = random(rate * 1000 + mean * 100);
      const draw = betas(next);
      const delays: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const params = paramsOf(FLEET);
        const state = startWatch(params);
        // The event part has come in force, as after a day in control.
        state.ticket.phi = 1;
        state.day = 0;
        for (let minute = 0; ; minute++) {
          const isBad = minute >= 100;
          const scores = Array.from({ length: rate }, () => draw(isBad ? mean : 0.86));
          const { n, bad, squares } = lossesOf(scores);
          if (watchMinute(params, state, minute, { n, bad, squares }).some(({ type }) => type === 'alarm')) {
            if (isBad) delays.push(minute - 99);
            break;
          }
        }
      }
      delays.sort((a, b) => a - b);
      expect(delays).toHaveLength(RUNS);
      expect(delays[RUNS >> 1]!).toBeLessThanOrEqual(minutes * (1 + 1 / 7));
    },
  );

  it('at exactly what is allowed it alarms no more often than it promises', () => {
    const threshold = 1000;
    const MINUTES = 60_000;
    const draw = betas(random(9));
    const params = detectorParams({ q0, threshold, bounded: true });
    const state = initialState(params, 1);
    let alarms = 0;
    for (let minute = 0; minute < MINUTES; minute++) {
      const { n, bad, squares } = lossesOf(Array.from({ length: 3 }, () => draw(0.8)));
      if (step(params, state, minute, n, bad, true, squares) !== null) alarms++;
    }
    const allowed = MINUTES / threshold;
    expect(alarms).toBeLessThanOrEqual(allowed + 3 * Math.sqrt(allowed));
  });

  it('a watch of losses survives being written and read after every minute', () => {
    const draw = betas(random(11));
    const params = paramsOf(1e4);
    let state = startWatch(params);
    const atOnce = startWatch(params);
    const events: unknown[] = [];
    const eventsAtOnce: unknown[] = [];
    for (let minute = 0; minute < 4000; minute += 3) {
      const mean = minute > 3000 && minute < 3400 ? 0.5 : 0.9;
      const counts = lossesOf(Array.from({ length: 5 }, () => draw(mean)));
      events.push(...watchMinute(params, state, minute, counts));
      eventsAtOnce.push(...watchMinute(params, atOnce, minute, counts));
      state = decodeWatch(params, encodeWatch(state));
    }
    expect(events).toEqual(eventsAtOnce);
    expect(events.map((event) => (event as { type: string }).type)).toContain('resolved');
    expect(encodeWatch(state)).toEqual(encodeWatch(atOnce));
  });
});

describe('how losses vary', () => {
  const sumsOf = (correlated: boolean) => {
    const next = random(3);
    const draw = betas(next);
    let sums = NO_MINUTES;
    for (let minute = 0; minute < 1500; minute++) {
      const mean = correlated ? 0.8 + 0.16 * next() : 0.88;
      const { n, bad, squares } = lossesOf(Array.from({ length: 50 }, () => draw(mean, 60)));
      sums = withMinute(sums, n, bad, squares);
    }
    return dispersion(sums);
  };

  it('is judged by their own variance: independent ones let the event part in, those that move together do not', () => {
    expect(sumsOf(false).detectorPhi).toBeGreaterThanOrEqual(1);
    expect(sumsOf(true)).toMatchObject({ detectorPhi: null });
  });

  it('is not known of losses that are all the same', () => {
    let sums = NO_MINUTES;
    for (let minute = 0; minute < 1200; minute++) sums = withMinute(sums, 4, 1, 0.25);
    expect(dispersion(sums).phiHat).toBeNull();
  });
});
