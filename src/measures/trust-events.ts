import type { Code } from '../model/dictionary.ts';
import { ERROR_CLASSES } from '../model/error-class.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

const FAILURES = ERROR_CLASSES.map((name) => counters.FAILED[name]);
const ANSWERED = { of: [counters.COUNT], without: FAILURES };

/** Bad: a wrong answer that was accepted, or a right one that was overridden. @param code  of the label that says which were right */
export function appropriateReliance(code: Code): EventMeasure {
  const bad = [counters.reliance(code, true, false), counters.reliance(code, false, true)];
  return eventMeasure(LABEL_CLOCK, { of: counters.relianceCounters(code) }, { of: bad });
}

export const UNSAFE_FLAGS = (['unsafe', 'biased', 'hallucinated'] as const).map((value) =>
  counters.feedback('flag', value),
);
/** Bad: flagged as unsafe, biased or hallucinated. Valid: all answers, since whoever reads one can flag it. */
export const unflagged: EventMeasure = atMostAll(eventMeasure(EVENT_CLOCK, ANSWERED, { of: UNSAFE_FLAGS }));

/** Bad: handed to a person. Valid: all interactions. */
export const unescalated: EventMeasure = atMostAll(
  eventMeasure(EVENT_CLOCK, { of: [counters.COUNT] }, { of: [counters.feedback('escalation', true)] }),
);

/** Bad: asked again, or generated again. Valid: all answers. */
export const unrepeated: EventMeasure = atMostAll(
  eventMeasure(EVENT_CLOCK, ANSWERED, { of: [counters.feedback('reask', true)] }),
);

/** Several people may say the same of one answer: it is no more than one bad answer. */
function atMostAll({ detectorClock, eventsOf }: EventMeasure): EventMeasure {
  return {
    detectorClock,
    eventsOf: (tally) => {
      const counts = eventsOf(tally);
      return { ...counts, bad: Math.min(counts.bad, counts.n) };
    },
  };
}
