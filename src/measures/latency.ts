import { limitText } from '../model/time.ts';
import { EVENT_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import type { MeasureDefinition } from './definition.ts';
import { type EventMeasure, eventMeasure, FAILURES } from './events.ts';

/** Bad: slower than the limit. Valid: interactions that did not fail. @param thresholdMs  one that the tallies count exactly */
export const latency = (thresholdMs: number): EventMeasure =>
  eventMeasure(
    EVENT_CLOCK,
    { of: [counters.COUNT], without: FAILURES },
    { of: [counters.COUNT], without: [...FAILURES, counters.within(thresholdMs)] },
  );

export const latencyMeasure: MeasureDefinition<'latency'> = {
  read: ({ thresholdMs }) => ({
    events: latency(thresholdMs),
    subject: limitText(thresholdMs),
    method: 'spans',
    codes: [],
  }),
};
