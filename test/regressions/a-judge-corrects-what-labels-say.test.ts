import { expect, it } from 'vitest';
import type { EstimateParts } from '../../src/measures/estimator.ts';
import { labelled } from '../../src/measures/labelled.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import { startObjectiveWatch } from '../../src/objectives/objective-watch.ts';
import { periodResult } from '../../src/objectives/period-result.ts';
import { read } from '../../src/objectives/reading.ts';

const q0 = 0.1;
const MINUTE = 29_000_000;
/** By the labels alone 88 of 100 are right; by the judge of the others too, 93 %. */
const counts = { n: 100, bad: 12, eligible: 5000, hidden: 0 };
const corrected = (value: number | null): EstimateParts => ({
  value,
  low: value === null ? null : value - 0.02,
  high: value === null ? null : value + 0.02,
  level: 0.95,
  n: 100,
  coverage: 0.02,
  maturity: null,
  status: value === null ? 'insufficient' : 'ok',
  method: 'ppi',
  ...(value === null && { why: 'too few labels' }),
});
const target = 1 - q0;

/** The period said 93 % attained of 90 %, and that the promise was not met. */
it('a period is met by the estimate that it shows, whatever the labels alone say', () => {
  const period = { from: 0, to: 1440 };
  const result = (value: number) => periodResult({ target, q0 }, [], period, counts, 3000, 0, () => corrected(value));
  expect(result(0.93)).toMatchObject({ estimate: { value: 0.93 }, met: true });
  expect(result(0.87)).toMatchObject({ estimate: { value: 0.87 }, met: false });
  expect(result(0.9)).toMatchObject({ met: true });
  expect(periodResult({ target, q0 }, [], period, counts, 3000, 0)).toMatchObject({ met: false });
});

function reading(value: number | null) {
  const right = {
    name: 'right',
    measure: 'accuracy',
    judgedBy: 'events',
    incidentsBy: null,
    events: labelled([50]),
    estimator: { reads: () => true, estimate: () => corrected(value) },
    target,
    direction: 'at_least',
    q0,
    window: { text: '28d', minutes: 40_320, startOf: (now: number) => now - 40_319, hasFixedStart: false },
    sequential: null,
    burn: { tiers: [{ longMinutes: 60, shortMinutes: 5, threshold: 14.4, severity: 'page', budget: 0.02 }], q0 },
  } as unknown as Objective;
  const windows = { window: counts, lastHour: counts, recent: counts, burnWindows: {} };
  return read(right, startObjectiveWatch(right, MINUTE), MINUTE, windows);
}

it('attainment and budget of an objective follow its estimate', () => {
  expect(reading(0.93)).toMatchObject({ attained: true, verdict: 'met', budget: { consumed: expect.closeTo(0.7, 9) } });
  expect(reading(0.87)).toMatchObject({ attained: false, budget: { consumed: expect.closeTo(1.3, 9) } });
});

it('without an estimate there is neither, and the reason is the estimate’s own', () => {
  expect(reading(null)).toMatchObject({
    attained: null,
    budget: null,
    verdict: 'insufficient_evidence',
    reason: 'too few labels',
  });
});
