import type { Code } from '../model/dictionary.ts';
import type { LabelName } from '../model/names.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

/** Bad: known to be false. @param labels  codes of the labels that count */
export function labelled(labels: readonly Code[]): EventMeasure {
  const valid = labels.map(counters.labels);
  return eventMeasure(LABEL_CLOCK, { of: valid }, { of: valid, without: labels.map(counters.labelsTrue) });
}

/** The method of what rests on labels: those of volunteers are no sample of all, and it is said. */
export const labelMethod = (sampling: LabelName['sampling']): 'labels' | 'voluntary_labels' =>
  sampling === 'random' ? 'labels' : 'voluntary_labels';

/** What tells it apart from the same of labels drawn at random. */
export const variantOfLabels = (method: string): 'voluntary' | undefined =>
  method === 'voluntary_labels' ? 'voluntary' : undefined;
