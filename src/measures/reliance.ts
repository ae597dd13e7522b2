import type { Code } from '../model/dictionary.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
import { reliance, relianceCounters } from '../tally/counters.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

/** Bad: a wrong answer that was accepted, or a right one that was overridden. @param code  of the label that says which were right */
export const appropriateReliance = (code: Code): EventMeasure => ({
  ...eventMeasure(
    LABEL_CLOCK,
    { of: relianceCounters(code) },
    { of: [reliance(code, true, false), reliance(code, false, true)] },
  ),
  isJoint: true,
});
