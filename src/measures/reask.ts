import { LABEL_CLOCK } from '../tally/book.ts';
import { feedback } from '../tally/counters.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

const REASKED = feedback('reask', true);

/**
 * Bad: the user asked again or had the answer made anew. Valid: interactions of which it was said whether they did. A second
 * question in a conversation says nothing by itself: whether it is the first one again only its text could tell, and that is not kept.
 */
export const reask: EventMeasure = eventMeasure(
  LABEL_CLOCK,
  { of: [REASKED, feedback('reask', false)] },
  { of: [REASKED] },
);
