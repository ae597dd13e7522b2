import type { Actor, Incident, IncidentFlag, PriorityOverride } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import type { Move } from './lifecycle.ts';
import { isUrgent, weighed } from './priority.ts';
import { isUnsuspected, seriousBecause } from './serious.ts';

type Of<T extends Move['type']> = Extract<Move, { type: T }>;

/**
 * What a person says of the weight of an incident stands against all that rules reckon later. A word on impact or urgency alone
 * makes the priority follow from both again.
 */
export function prioritized(incident: Incident, step: Of<'prioritize'>, by: Actor, at: Millis) {
  const { impact = null, urgency = null, priority = null } = incident.override ?? {};
  const saysWeights = step.impact !== undefined || step.urgency !== undefined;
  const said: PriorityOverride = {
    impact: step.impact === undefined ? impact : step.impact,
    urgency: step.urgency === undefined ? urgency : step.urgency,
    priority: step.priority === undefined ? (saysWeights ? null : priority) : step.priority,
    by,
    at,
    reason: step.reason,
  };
  const isNothing = said.impact === null && said.urgency === null && said.priority === null;
  return weighed(incident.reckoned, isNothing ? null : said);
}

/** A category that somebody has chosen: no rule changes it any more. Where waiting does harm it is urgent at once. */
export function categorized(incident: Incident, { category, reason }: Of<'categorize'>, by: Actor, at: Millis) {
  const urgency = isUrgent(category) ? 1 : incident.reckoned.urgency;
  const isSuspect = isUnsuspected(incident) && seriousBecause({ ...incident, category }) !== null;
  const flags: readonly IncidentFlag[] = isSuspect ? [...incident.flags, 'serious_candidate'] : incident.flags;
  return {
    category,
    flags,
    categorySetBy: { by, at, reason },
    ...weighed({ ...incident.reckoned, urgency }, incident.override),
  };
}

/** What somebody judges of the harm. Whether it has to be reported is not said by this: that is decided elsewhere, by people. */
export function classified(incident: Incident, step: Of<'classify'>, by: Actor, at: Millis) {
  const { harm, art349, reason } = step;
  const isCandidate =
    step.seriousCandidate ?? (harm === 'serious_incident' || harm === 'disaster' || art349 !== 'none');
  const others = incident.flags.filter((flag) => flag !== 'serious_candidate');
  const flags: IncidentFlag[] = isCandidate ? [...others, 'serious_candidate'] : others;
  return { harm, art349, classifiedBy: { by, at, reason }, flags };
}
