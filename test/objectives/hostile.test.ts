import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alternatives } from '../../src/objectives/alternatives.ts';
import { budgetForecast } from '../../src/objectives/budget-forecast.ts';
import { budgetOutlook } from '../../src/objectives/budget-outlook.ts';
import { minutesToFire } from '../../src/objectives/burn-planning.ts';
import { burnRate, burnRateLow, burnTiers } from '../../src/objectives/burn-rate.ts';
import { burnSeries } from '../../src/objectives/burn-series.ts';
import { composite } from '../../src/objectives/composite.ts';
import {
  bernoulliDivergence,
  eventsNeeded,
  eventsToDetect,
  minutesToDetect,
  smallestDetectableBurn,
} from '../../src/objectives/detectability.ts';
import { type DispersionSums, dispersion, NO_MINUTES, withMinute } from '../../src/objectives/dispersion.ts';
import { driftParams, driftStatistic, driftStep, initialDrift } from '../../src/objectives/drift-detector.ts';
import {
  alarmThreshold,
  detectorParams,
  evidenceShare,
  initialState,
  pageNull,
  setDispersion,
  step,
} from '../../src/objectives/e-detector.ts';
import { errorBudget } from '../../src/objectives/error-budget.ts';
import { expectedEvents } from '../../src/objectives/expected-events.ts';
import { recoveryParams, recoveryStep, startRecovery } from '../../src/objectives/recovery.ts';
import { slaCredit } from '../../src/objectives/sla-credit.ts';
import { expectSane, hostileList, hostileNumbers, law, lawsOf, type OfNumbers, type Sane } from '../hostile.ts';

const FORECAST: Sane = { shares: ['exhaustsInWindow', 'probability'], unbounded: [] };

/** Of numbers alone; `arity` of them. */
const ofNumbers: readonly OfNumbers[] = [
  ['alternatives', 1, (q0) => alternatives(q0!), { shares: [''] }],
  ['errorBudget', 4, (n, bad, q0, rest) => errorBudget({ n: n!, bad: bad! }, q0!, rest)],
  [
    'budgetForecast',
    5,
    (bad, minutes, remainingBad, minutesLeft, level) =>
      budgetForecast({ bad: bad!, minutes: minutes!, remainingBad: remainingBad!, minutesLeft: minutesLeft! }, level),
    FORECAST,
  ],
  ['minutesToFire', 3, (window, q0, burn) => minutesToFire(window!, q0!, burn!)],
  ['burnRate', 3, (n, bad, q0) => burnRate({ n: n!, bad: bad! }, q0!)],
  ['burnRateLow', 3, (n, bad, q0) => burnRateLow({ n: n!, bad: bad! }, q0!)],
  ['burnTiers', 1, (days) => burnTiers(days!)],
  ['bernoulliDivergence', 2, (p, q) => bernoulliDivergence(p!, q!)],
  ['eventsToDetect', 3, (q0, threshold, burn) => eventsToDetect(q0!, threshold!, burn!)],
  ['minutesToDetect', 4, (q0, threshold, burn, rate) => minutesToDetect(q0!, threshold!, burn!, rate!)],
  ['smallestDetectableBurn', 3, (q0, threshold, events) => smallestDetectableBurn(q0!, threshold!, events!)],
  ['eventsNeeded', 2, (q0, threshold) => eventsNeeded(q0!, threshold!)],
  ['alarmThreshold', 2, (budget, weight) => alarmThreshold(budget!, weight!)],
  ['pageNull', 1, (q0) => pageNull(q0!), { shares: [''] }],
  [
    'dispersion',
    4,
    (minutes, n, bad, squares) => dispersion({ minutes: minutes!, n: n!, bad: bad!, squares: squares! }),
  ],
  ['slaCredit', 3, (below, credit, attained) => slaCredit([{ below: below!, credit: credit! }], attained!)],
];

describe('whatever they are given, objectives refuse it or say something that can be', () => {
  lawsOf(ofNumbers);

  const minutes = fc.array(fc.record({ n: hostileNumbers, bad: hostileNumbers }), { maxLength: 5 });

  law(
    'composites',
    fc.property(
      fc.array(fc.record({ value: fc.option(hostileNumbers), weight: hostileNumbers }), { maxLength: 4 }),
      fc.constantFrom('weighted' as const, 'serial' as const, 'worst' as const),
      (members, rule) => expectSane(() => composite(members, rule), { shares: [''] }),
    ),
  );
  law(
    'burn-rate rules over a series',
    fc.property(minutes, hostileNumbers, (series, q0) => expectSane(() => burnSeries(series, burnTiers(30), q0))),
  );
  law(
    'the dispersion of minutes',
    fc.property(minutes, (given) =>
      expectSane(() =>
        dispersion(given.reduce<DispersionSums>((sums, { n, bad }) => withMinute(sums, n, bad), NO_MINUTES)),
      ),
    ),
  );
  law(
    'the sequential test',
    fc.property(
      hostileNumbers,
      hostileNumbers,
      fc.constantFrom('hybrid' as const, 'robust' as const, 'event' as const),
      fc.option(hostileNumbers),
      minutes,
      (q0, threshold, mode, phi, given) =>
        expectSane(
          () => {
            const params = detectorParams({ q0, threshold, mode });
            const state = initialState(params, mode === 'event' ? 1 : null);
            setDispersion(params, state, phi);
            return given.map(({ n, bad }, minute) => ({
              alarm: step(params, state, minute, n, bad),
              progress: evidenceShare(params, state),
            }));
          },
          { unbounded: [] },
        ),
    ),
  );
  law(
    'recovery',
    fc.property(hostileNumbers, hostileNumbers, hostileNumbers, hostileNumbers, minutes, (q0, n, bad, phi, given) =>
      expectSane(() => {
        const params = recoveryParams({ q0 });
        const state = startRecovery(0, n, bad, phi);
        given.forEach((counts, i) => {
          recoveryStep(params, state, i + 1, counts.n, counts.bad);
        });
        return state;
      }),
    ),
  );
  law(
    'the drift detector',
    fc.property(
      hostileList(2, 3),
      hostileNumbers,
      hostileNumbers,
      fc.array(hostileList(3, 3), { maxLength: 3 }),
      (reference, threshold, tolerance, given) =>
        expectSane(
          () => {
            const params = driftParams({ reference, threshold, tolerance });
            const state = initialDrift(params, 1);
            return given.map((counts, minute) => [
              driftStep(params, state, minute, counts.slice(0, reference.length)),
              driftStatistic(state),
            ]);
          },
          { unbounded: [''] },
        ),
    ),
  );
  const counts = fc.record({ n: hostileNumbers, bad: hostileNumbers });
  law(
    'the outlook of a budget',
    fc.property(
      hostileNumbers,
      counts,
      hostileNumbers,
      fc.record({ n: hostileNumbers, bad: hostileNumbers, minutes: hostileNumbers }),
      hostileNumbers,
      fc.array(fc.record({ after: hostileNumbers, bad: hostileNumbers }), { maxLength: 3 }),
      (q0, window, expectedRest, lookback, minutesLeft, leaving) =>
        expectSane(() => budgetOutlook({ q0, window, expectedRest, lookback, minutesLeft, leaving }), FORECAST),
    ),
  );
  law(
    'expected events',
    fc.property(
      fc.array(fc.record({ hour: hostileNumbers, n: hostileNumbers }), { maxLength: 4 }),
      fc.record({
        first: fc.oneof(hostileNumbers, fc.integer({ min: 0, max: 700 })),
        last: fc.oneof(hostileNumbers, fc.integer({ min: 0, max: 700 })),
      }),
      fc.oneof(fc.constantFrom(Number.NaN, 0.5, -1), fc.nat(50_000)),
      fc.oneof(fc.constantFrom(Number.NaN, Infinity, -1, 2 ** 53), fc.nat(50_000)),
      (hours, history, from, to) => expectSane(() => expectedEvents(hours, history, from, to)),
    ),
  );
});

it('nothing seen is undefined: never 0 and never 1', () => {
  expect(errorBudget({ n: 0, bad: 0 }, 0.01)).toMatchObject({ consumed: null, remaining: null, met: null });
  expect(burnRate({ n: 0, bad: 0 }, 0.01)).toBeNull();
  expect(burnRateLow({ n: 0, bad: 0 }, 0.01)).toBeNull();
  expect(composite([], 'worst')).toBeNull();
  expect(composite([{ value: null, weight: 1 }], 'serial')).toBeNull();
  expect(dispersion(NO_MINUTES).phiHat).toBeNull();
});
