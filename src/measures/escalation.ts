import { LABEL_CLOCK } from '../tally/book.ts';
import { feedback } from '../tally/counters.ts';
import type { MeasureDefinition } from './definition.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

const ESCALATED = feedback('escalation', true);

/**
 * Bad: a person had to take over. Valid: interactions of which it was said whether one had to, yes or no; of those that nobody
 * says anything of it is not known, and they are not held to have done without.
 */
export const escalation: EventMeasure = eventMeasure(
  LABEL_CLOCK,
  { of: [ESCALATED, feedback('escalation', false)] },
  { of: [ESCALATED] },
);

export const escalationMeasure: MeasureDefinition<'escalation'> = {
  read: () => ({ events: escalation, subject: null, method: 'feedback', codes: [] }),
};
