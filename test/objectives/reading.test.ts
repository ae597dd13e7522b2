import { describe, expect, it } from 'vitest';
import { availability } from '../../src/measures/availability.ts';
import type { Estimator } from '../../src/measures/estimator.ts';
import { type EventCounts, NO_EVENTS } from '../../src/measures/events.ts';
import { detectorParams } from '../../src/objectives/e-detector.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import { startObjectiveWatch } from '../../src/objectives/objective-watch.ts';
import { read, type WindowCounts } from '../../src/objectives/reading.ts';
import { recoveryParams } from '../../src/objectives/recovery.ts';

const MINUTE = 29_000_000;
const q0 = 0.05;
const up: Objective = {
  name: 'up',
  service: 'bot',
  environment: null,
  counted: 1,
  kind: 'SLO',
  measure: 'availability',
  subject: null,
  method: 'spans',
  proxy: false,
  judgedBy: 'events',
  incidentsBy: null,
  events: availability(),
  target: 1 - q0,
  direction: 'at_least',
  q0,
  window: { text: '28d', minutes: 40_320, startOf: (now) => now - 40_319, hasFixedStart: false },
  sequential: { ticket: detectorParams({ q0, threshold: 43_200 }), page: null, recovery: recoveryParams({ q0 }) },
  burn: null,
  guarantee: null,
  category: 'ai.availability.error_rate',
  fingerprint: '',
  codes: [],
};

const verdictOn = (counts: EventCounts) => {
  const windows = { window: counts, lastHour: counts, recent: counts, burnWindows: {} };
  const { verdict, reason } = read(up, startObjectiveWatch(up, MINUTE), MINUTE, windows);
  return [verdict, reason];
};

it('of sampled events that are worth less than they are many, as large a share would have been seen to fail', () => {
  // Of 1000 seen 500 stand for 16 each: all together are worth 562. Of half of them a failure would not have been seen.
  const extra = { n: 500 * 15e6, bad: 0, squares: 500 * 255e6 };
  const counts: EventCounts = { n: 1000, bad: 0, eligible: 1000, hidden: 500, extra };
  expect(verdictOn(counts)).toEqual(['met', null]);
  expect(verdictOn({ ...counts, hidden: 950 })).toEqual([
    'insufficient_evidence',
    expect.stringMatching(/^of 562 events counted 28 would have been seen if they had failed, \d+ are needed/),
  ]);
});

describe('an objective without a detector of its own', () => {
  const NOTHING: EventCounts = { n: 0, bad: 0, eligible: 0, hidden: 0 };
  const COUNTER = 7;
  /** The mean of something: 4 per event. */
  const mean: Estimator = {
    reads: (name) => name === COUNTER,
    estimate: (tally) => {
      const n = tally.get(COUNTER) ?? 0;
      const known = { level: 0.95, n, coverage: null, maturity: null };
      if (n === 0) return { ...known, value: null, low: null, high: null, status: 'undefined' };
      if (n < 10)
        return { ...known, value: null, low: null, high: null, status: 'insufficient', why: 'ten are needed' };
      return { ...known, value: n / 100, low: n / 200, high: n / 50, status: 'ok' };
    },
  };
  const report: Objective = {
    ...up,
    judgedBy: 'report',
    incidentsBy: 'the detectors of its parts',
    events: NO_EVENTS,
    estimator: mean,
    target: 0.5,
    q0: null,
    sequential: null,
    burn: null,
  };
  const readingOf = (n: number, objective = report) => {
    const tally = new Map(n === 0 ? [] : [[COUNTER, n]]);
    const windows: WindowCounts = {
      window: NOTHING,
      lastHour: NOTHING,
      recent: NOTHING,
      burnWindows: {},
      tallies: { window: tally, lastHour: tally },
    };
    return read(objective, startObjectiveWatch(objective, MINUTE), MINUTE, windows);
  };
  const by = 'incidents are opened by the detectors of its parts';

  it.each([
    [0, 'insufficient_evidence', `nothing was counted in the window; ${by}`, null],
    [5, 'insufficient_evidence', `ten are needed; ${by}`, null],
    [30, 'at_risk', `below what is promised; ${by}`, false],
    [50, 'met', by, true],
  ] as const)('of %i events it is never breached, and says whose detectors open incidents', (n, ...expected) => {
    const { verdict, reason, attained, detector, budget, estimate } = readingOf(n);
    expect([verdict, reason, attained]).toEqual(expected);
    expect({ detector, budget }).toEqual({ detector: null, budget: null });
    expect(estimate).not.toHaveProperty('why');
  });

  it('may promise a most instead of a least', () => {
    const limit: Objective = { ...report, direction: 'at_most' };
    expect(readingOf(51, limit)).toMatchObject({ verdict: 'at_risk', attained: false });
    expect(readingOf(50, limit)).toMatchObject({ verdict: 'met', attained: true });
  });
});
