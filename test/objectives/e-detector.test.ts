import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alternatives } from '../../src/objectives/alternatives.ts';
import {
  alarmThreshold,
  type DetectorParams,
  type DetectorState,
  decodeState,
  detectorParams,
  encodeState,
  evidenceShare,
  initialState,
  lnStatistic,
  pageNull,
  restart,
  setDispersion,
  step,
} from '../../src/objectives/e-detector.ts';
import { binomial, random } from '../random.ts';

const minutes = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true })).map(([n, share]) => ({
    n,
    bad: Math.floor(n * share),
  })),
  { maxLength: 60 },
);
const shares = fc.constantFrom(0.00001, 0.001, 0.05, 0.2, 0.5);
const phis = fc.constantFrom(null, 1, 1.4);

function run(params: DetectorParams, state: DetectorState, series: readonly { n: number; bad: number }[], from = 0) {
  return series.flatMap(({ n, bad }, i) => {
    const alarm = step(params, state, from + i, n, bad);
    return alarm === null ? [] : [alarm];
  });
}

it('a state survives being written and read, and goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(shares, phis, minutes, minutes, (q0, phi, before, after) => {
      const params = detectorParams({ q0, threshold: 43_200 });
      const state = initialState(params, phi);
      run(params, state, before);
      const again = decodeState(params, encodeState(state));
      expect(again).toEqual(state);
      expect(run(params, again, after, 1000)).toEqual(run(params, state, after, 1000));
      expect(again).toEqual(state);
    }),
  );
});

it('the same minutes give the same alarms, wherever a checkpoint was loaded', () => {
  fc.assert(
    fc.property(minutes, fc.nat(60), (series, cut) => {
      const params = detectorParams({ q0: 0.05, threshold: 1000 });
      const whole = initialState(params, 1);
      const alarms = run(params, whole, series);
      const first = initialState(params, 1);
      const before = run(params, first, series.slice(0, cut));
      const second = decodeState(params, encodeState(first));
      expect([...before, ...run(params, second, series.slice(cut), Math.min(cut, series.length))]).toEqual(alarms);
      expect(second).toEqual(whole);
    }),
  );
});

it('silence is no evidence: empty minutes change nothing', () => {
  fc.assert(
    fc.property(shares, minutes, (q0, series) => {
      const params = detectorParams({ q0, threshold: 43_200 });
      const state = initialState(params, 1);
      run(params, state, series);
      const before = encodeState(state);
      for (let minute = 100; minute < 160; minute++) step(params, state, minute, 0, 0);
      expect(encodeState(state)).toEqual(before);
    }),
  );
});

it('one more bad event is never less evidence', () => {
  fc.assert(
    fc.property(shares, phis, minutes, fc.nat(59), (q0, phi, series, at) => {
      fc.pre(at < series.length && series[at]!.bad < series[at]!.n);
      const worse = series.map((minute, i) => (i === at ? { n: minute.n, bad: minute.bad + 1 } : minute));
      // A threshold that sixty minutes at the cap don't reach, so that no alarm starts one of them anew.
      const params = detectorParams({ q0, threshold: 1e300, capMinutes: 100 });
      const one = initialState(params, phi);
      const other = initialState(params, phi);
      run(params, one, series);
      run(params, other, worse);
      expect(lnStatistic(other)).toBeGreaterThanOrEqual(lnStatistic(one) - 1e-9);
    }),
  );
});

it('no single minute raises an alarm from the start, two may', () => {
  for (const q0 of [1e-5, 0.001, 0.05, 0.2])
    for (const threshold of [1000, 43_200, 1e12]) {
      const params = detectorParams({ q0, threshold });
      const state = initialState(params, 1);
      expect(step(params, state, 0, 1_000_000, 1_000_000)).toBeNull();
      const found = [1, 2].map((minute) => step(params, state, minute, 1_000_000, 1_000_000)).find(Boolean);
      expect(found).toMatchObject({ onset: 0, n: expect.any(Number) });
    }
});

it('an alarm says where it began and what was counted since, and the detector starts anew', () => {
  const params = detectorParams({ q0: 0.05, threshold: 43_200 });
  const state = initialState(params, 1);
  for (let minute = 0; minute < 100; minute++) step(params, state, minute, 20, 0);
  expect(step(params, state, 100, 20, 20)).toBeNull();
  expect(evidenceShare(params, state)).toBeGreaterThan(0.3);
  let alarm = null;
  let minute = 100;
  while (alarm === null) alarm = step(params, state, ++minute, 20, 20);
  const length = minute - 99;
  expect(alarm).toMatchObject({ minute, onset: 100, n: 20 * length, bad: 20 * length });
  expect(alarm.lnStatistic).toBeGreaterThanOrEqual(Math.log(43_200));
  expect(lnStatistic(state)).toBe(-Infinity);
  expect(evidenceShare(params, state)).toBe(0);
});

describe('the event part', () => {
  it('while it never was on, the statistic is the robust one', () => {
    fc.assert(
      fc.property(shares, minutes, (q0, series) => {
        const hybrid = detectorParams({ q0, threshold: 1e6 });
        const robust = detectorParams({ q0, threshold: 1e6, mode: 'robust' });
        const one = initialState(hybrid, null);
        const other = initialState(robust, null);
        const withoutStatistic = (alarms: ReturnType<typeof run>) =>
          alarms.map(({ lnStatistic: _, ...alarm }) => alarm);
        expect(withoutStatistic(run(hybrid, one, series))).toEqual(withoutStatistic(run(robust, other, series)));
        if (lnStatistic(other) > -Infinity) expect(lnStatistic(one)).toBeCloseTo(lnStatistic(other), 9);
      }),
    );
  });

  it('being turned on or off never raises the statistic', () => {
    fc.assert(
      fc.property(shares, phis, phis, minutes, (q0, before, after, series) => {
        const params = detectorParams({ q0, threshold: 1e6 });
        const state = initialState(params, before);
        run(params, state, series);
        const statistic = lnStatistic(state);
        setDispersion(params, state, after);
        expect(lnStatistic(state)).toBeLessThanOrEqual(statistic);
        expect(state.phi).toBe(after);
      }),
    );
  });

  it('needs a dispersion when it is all there is', () => {
    const params = detectorParams({ q0: 0.05, threshold: 1e6, mode: 'event' });
    expect(() => initialState(params, null)).toThrow('phi is null');
    expect(() => initialState(params, 0.5)).toThrow('phi is 0.5');
  });
});

it('alternatives rise in odds from just above the promise to 0.9, six to fifteen of them', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-5, max: 0.5, noNaN: true }), (q0) => {
      const q1 = alternatives(q0);
      expect(q1.length).toBeGreaterThanOrEqual(6);
      expect(q1.length).toBeLessThanOrEqual(15);
      expect(q1[0]!).toBeGreaterThan(q0);
      for (let j = 1; j < q1.length; j++) expect(q1[j]!).toBeGreaterThan(q1[j - 1]!);
      expect(q1.at(-1)!).toBeGreaterThanOrEqual(0.9);
      expect(q1.at(-2)!).toBeLessThan(0.9);
    }),
  );
});

it('a stream takes its part of the budget of false incidents', () => {
  expect(alarmThreshold(1, 1)).toBe(43_200);
  expect(alarmThreshold(1, 0.001)).toBeCloseTo(4.32e7, 3);
  expect(alarmThreshold(4, 0.5)).toBe(21_600);
  expect(() => alarmThreshold(0, 1)).toThrow(RangeError);
  expect(() => alarmThreshold(1, 1.5)).toThrow(RangeError);
});

it('the page detector asks for three times the budget, and never for the impossible', () => {
  expect(pageNull(0.001)).toBeCloseTo(0.003, 15);
  expect(pageNull(0.5)).toBeCloseTo(0.625, 15);
  expect(() => pageNull(0)).toThrow(RangeError);
});

it.each([
  ['a bad count above n', 1, 2],
  ['a negative count', 1, -1],
  ['a NaN', Number.NaN, 0],
  ['a bad NaN', 1, Number.NaN],
  ['an infinity', Infinity, 0],
  ['more than can be counted', 2 ** 60, 0],
])('%s is refused, and nothing is changed', (_, n, bad) => {
  const params = detectorParams({ q0: 0.05, threshold: 1e6 });
  const state = initialState(params, 1);
  step(params, state, 1, 10, 1);
  const before = encodeState(state);
  expect(() => step(params, state, 2, n, bad)).toThrow(RangeError);
  expect(encodeState(state)).toEqual(before);
});

it('minutes that do not come in order are refused', () => {
  const params = detectorParams({ q0: 0.05, threshold: 1e6 });
  const state = initialState(params, 1);
  step(params, state, 5, 10, 1);
  expect(() => step(params, state, 5, 10, 1)).toThrow('minute 5 comes after minute 5');
  expect(() => step(params, state, 4, 10, 1)).toThrow(RangeError);
});

it.each([
  { q0: 0, threshold: 1000 },
  { q0: 1, threshold: 1000 },
  { q0: Number.NaN, threshold: 1000 },
  { q0: 0.1, threshold: 1 },
  { q0: 0.1, threshold: Infinity },
  { q0: 0.1, threshold: 1000, capMinutes: 0 },
])('settings that make no detector are refused: %o', (settings) => {
  expect(() => detectorParams(settings)).toThrow(RangeError);
});

it('the state of another detector is refused', () => {
  const one = detectorParams({ q0: 0.001, threshold: 1e6 });
  const other = detectorParams({ q0: 0.2, threshold: 1e6 });
  const bytes = encodeState(initialState(one, 1));
  expect(() => decodeState(other, bytes)).toThrow('is not of this detector');
  expect(() => decodeState(one, bytes.subarray(0, 40))).toThrow(RangeError);
});

it('a restart forgets the evidence and keeps what is known of the dispersion', () => {
  const params = detectorParams({ q0: 0.05, threshold: 1e6 });
  const state = initialState(params, 1.2);
  step(params, state, 1, 10, 5);
  restart(state);
  expect(state).toEqual({ ...initialState(params, 1.2), minute: 1 });
});

describe('by simulation', () => {
  const T = 60_000;
  const A = 1000;

  it.each([
    [0.001, 100, 'hybrid'],
    [0.05, 10, 'hybrid'],
    [0.05, 10, 'robust'],
    [0.2, 1, 'hybrid'],
    // A response rate of one in twenty.
    [0.95, 10, 'hybrid'],
    [0.95, 10, 'robust'],
  ] as const)(
    'at exactly the promised %s, %s events a minute, there are no more false alarms than allowed (%s)',
    (q0, rate, mode) => {
      const next = random(11);
      const params = detectorParams({ q0, threshold: A, mode });
      const state = initialState(params, 1);
      let alarms = 0;
      for (let minute = 0; minute < T; minute++)
        if (step(params, state, minute, rate, binomial(next, rate, q0)) !== null) alarms++;
      // Allowed are T/A = 60 in expectation; three standard errors for the luck of one run of the nearly exact robust form.
      expect(alarms).toBeLessThanOrEqual(T / A + (mode === 'robust' ? 3 * Math.sqrt(T / A) : 0));
      expect(alarms).toBeGreaterThan(0);
    },
  );

  it('failures that come in whole minutes raise no false alarms by the robust part', () => {
    const next = random(12);
    const q0 = 0.05;
    const params = detectorParams({ q0, threshold: A });
    const state = initialState(params, null);
    let alarms = 0;
    // One minute in twenty fails altogether: the share is kept, independence is not.
    for (let minute = 0; minute < T; minute++)
      if (step(params, state, minute, 50, next() < q0 ? 50 : 0) !== null) alarms++;
    expect(alarms).toBeLessThanOrEqual(T / A + 3 * Math.sqrt(T / A));
  });

  it.each([
    [0.001, 10],
    [0.001, 100],
    [0.05, 10],
    [0.05, 1000],
  ])(
    'a total outage is found within three minutes (budget %s, %s events a minute, a fleet of 1000 streams)',
    (q0, rate) => {
      const next = random(13);
      const params = detectorParams({ q0, threshold: alarmThreshold(1, 0.001) });
      for (let run = 0; run < 50; run++) {
        const state = initialState(params, 1);
        for (let minute = 0; minute < 1000; minute++)
          expect(step(params, state, minute, rate, binomial(next, rate, q0 / 2))).toBeNull();
        let found = 0;
        for (let minute = 1; minute <= 3 && found === 0; minute++)
          if (step(params, state, 999 + minute, rate, rate) !== null) found = minute;
        expect(found).toBeGreaterThan(1);
      }
    },
  );
});

it('what are no single events moves only the part that rests on shares: the statistic is the robust one, at any scale', () => {
  fc.assert(
    fc.property(shares, phis, minutes, fc.constantFrom(1, 0.25), (q0, phi, series, scale) => {
      const hybrid = detectorParams({ q0, threshold: 43_200 });
      const robust = detectorParams({ q0, threshold: 43_200, mode: 'robust' });
      const sampled = initialState(hybrid, phi);
      const alone = initialState(robust, null);
      for (const [minute, { n, bad }] of series.entries()) {
        const alarm = step(hybrid, sampled, minute, n * scale, bad * scale, false);
        expect(alarm?.minute).toBe(step(robust, alone, minute, n, bad)?.minute);
        if (lnStatistic(alone) === -Infinity) expect(lnStatistic(sampled)).toBe(-Infinity);
        else expect(lnStatistic(sampled)).toBeCloseTo(lnStatistic(alone), 9);
      }
    }),
  );
});
