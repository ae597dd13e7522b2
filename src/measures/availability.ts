import { ERROR_CLASSES, type ErrorClass } from '../model/error-class.ts';
import { EVENT_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import type { MeasureDefinition } from './definition.ts';
import { type EventMeasure, eventMeasure, failuresOf } from './events.ts';

/**
 * Bad: the interaction failed, or a request that would have led to one, of which no AI span is ever sent then. Classes left out (a client's own mistakes and what it cancelled, a content filter) are
 * not valid events.
 */
export function availability(exclude: readonly ErrorClass[] = []): EventMeasure {
  const bad = failuresOf(ERROR_CLASSES.filter((name) => !exclude.includes(name)));
  const entries = exclude.includes('server') ? [] : [counters.ENTRIES_FAILED];
  const all = [counters.COUNT, ...entries];
  return eventMeasure(
    EVENT_CLOCK,
    { of: all, without: failuresOf(exclude) },
    { of: [...bad, ...entries] },
    { of: all },
    { of: [counters.HIDDEN] },
  );
}

export const availabilityMeasure: MeasureDefinition<'availability'> = {
  read: ({ exclude }) => ({ events: availability(exclude), subject: null, method: 'spans', codes: [] }),
  variantOf: ({ measure: { exclude } }) =>
    exclude.length === 0 ? undefined : `without ${exclude.toSorted().join(', ')}`,
};
