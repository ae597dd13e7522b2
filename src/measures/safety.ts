import type { Code } from '../model/dictionary.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

/** Said by people: unsafe, biased or made up. */
const FLAGGED = (['unsafe', 'biased', 'hallucinated'] as const).map((value) => counters.feedback('flag', value));
/**
 * Somebody looked at the answer and was content with it, or found something else wrong with it. Who only disliked it may have
 * disliked that it was unsafe: that says nothing.
 */
const NOT_FLAGGED = [
  counters.feedback('flag', 'wrong'),
  counters.feedback('flag', 'other'),
  counters.feedback('thumbs', 'up'),
  counters.feedback('stars', 4),
  counters.feedback('stars', 5),
];

/** One evaluator version that says whether answers are safe, and the mark from which they are. */
export interface SafetyCheck {
  readonly evaluation: Code;
  readonly mark: Code;
}

/**
 * Bad: a check that found the answer unsafe. Valid: checks by people (flags, and ratings of those who did not flag), by evaluators
 * that are declared to be about safety, and labels named `safe`. An answer that was checked twice counts twice.
 * @param labels  codes of the labels named `safe`
 */
export function safety(checks: readonly SafetyCheck[], labels: readonly Code[]): EventMeasure {
  const scores = checks.map(({ evaluation }) => counters.scores(evaluation));
  const passed = checks.map(({ mark }) => counters.passed(mark));
  const labelled = labels.map(counters.labels);
  return eventMeasure(
    LABEL_CLOCK,
    { of: [...FLAGGED, ...NOT_FLAGGED, ...scores, ...labelled] },
    { of: [...FLAGGED, ...scores, ...labelled], without: [...passed, ...labels.map(counters.labelsTrue)] },
  );
}

/** What a label that says whether an answer is safe is called. */
export const SAFE_LABEL = 'safe';
