import { MINUTES_PER_DAY } from '../model/time.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import type { MeasureDefinition } from './definition.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

const SATISFIED = [
  counters.feedback('thumbs', 'up'),
  counters.feedback('stars', 4),
  counters.feedback('stars', 5),
] as const;
const DISSATISFIED = [
  counters.feedback('thumbs', 'down'),
  counters.feedback('stars', 1),
  counters.feedback('stars', 2),
  counters.feedback('stars', 3),
] as const;

/** Good: a thumb up, four or five stars. */
export const satisfaction: EventMeasure = eventMeasure(
  LABEL_CLOCK,
  { of: [...SATISFIED, ...DISSATISFIED] },
  { of: DISSATISFIED },
);

/** So long answers are waited for before an interaction counts as one that nobody rated. */
const RESPONSE_LAG_MINUTES = MINUTES_PER_DAY;

/** Bad: nobody rated it. An interaction that was rated twice counts for two. */
export const responded: EventMeasure = {
  detectorClock: EVENT_CLOCK,
  detectorLag: RESPONSE_LAG_MINUTES,
  eventsOf: (tally) => {
    const { n: answers, eligible, extra } = satisfaction.eventsOf(tally);
    const counts = { n: eligible, bad: Math.max(0, eligible - answers), eligible, hidden: 0 };
    const weight = counters.extraWeight(tally, counters.COUNT);
    if (weight === 0) return counts;
    const bad = Math.max(0, weight - (extra?.n ?? 0));
    return { ...counts, extra: { n: weight, bad, squares: counters.extraSquares(tally, counters.COUNT) } };
  },
};

/** Among those who rate; or how many do. */
export const satisfactionMeasure: MeasureDefinition<'satisfaction'> = {
  read: ({ responseRate }) =>
    responseRate
      ? { events: responded, subject: 'response rate', method: 'responses', codes: [] }
      : { events: satisfaction, subject: null, method: 'feedback', codes: [] },
};
