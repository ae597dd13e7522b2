import { expect, it } from 'vitest';
import type { EventCounts } from '../../src/measures/events.ts';
import { availability } from '../../src/measures/events.ts';
import { detectorParams } from '../../src/objectives/e-detector.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import { startObjectiveWatch } from '../../src/objectives/objective-watch.ts';
import { read } from '../../src/objectives/reading.ts';
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
  events: availability(),
  target: 1 - q0,
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
