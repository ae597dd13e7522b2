import type { Code } from '../model/dictionary.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

/** Bad: a score below the pass mark. @param evaluation, mark  codes of one evaluator version and of its mark */
export function evaluated(evaluation: Code, mark: Code): EventMeasure {
  const valid = [counters.scores(evaluation)];
  return eventMeasure(LABEL_CLOCK, { of: valid }, { of: valid, without: [counters.passed(mark)] });
}
