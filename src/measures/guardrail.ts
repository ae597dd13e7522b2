import { EVENT_CLOCK } from '../tally/book.ts';
import { BLOCKED, GUARDED } from '../tally/counters.ts';
import type { MeasureDefinition } from './definition.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

/**
 * Bad: a guardrail or a provider's filter blocked it. Valid: interactions that say how they ended: by a guardrail's decision, a finish
 * reason, or an error of content.
 */
export const guardrail: EventMeasure = eventMeasure(EVENT_CLOCK, { of: [GUARDED] }, { of: [BLOCKED] });

export const guardrailMeasure: MeasureDefinition<'guardrail'> = {
  read: () => ({ events: guardrail, subject: null, method: 'spans', codes: [] }),
};
