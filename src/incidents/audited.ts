import type { Incident } from '../model/incident.ts';
import { iso } from '../model/time.ts';

/**
 * What the audit log keeps of what happened last to an incident: ids, codes and times; reasons and notes are text that people wrote
 * and stay in the record; the log has the SHA-256 of what was written last.
 */
export function auditedOf(incident: Incident): Readonly<Record<string, unknown>> {
  const event = incident.timeline.at(-1)!.event;
  return {
    id: incident.id,
    state: incident.state,
    seq: incident.timeline.length,
    event,
    ...decisionOf(incident, event),
  };
}

/** What was decided, where something was. */
function decisionOf(incident: Incident, event: Incident['timeline'][number]['event']): object {
  switch (event) {
    case 'prioritized': {
      const { priority, impact, urgency, reckoned, override } = incident;
      return { priority, impact, urgency, reckoned, overridden: override !== null };
    }
    case 'categorized':
      return { category: incident.category };
    case 'classified': {
      const { harm, art349, classifiedBy, flags } = incident;
      const person = classifiedBy?.by.name ?? null;
      return { harm, art349, seriousCandidate: flags.includes('serious_candidate'), person };
    }
    case 'mitigated':
      return { mitigatedAt: incident.mitigatedAt === null ? null : iso(incident.mitigatedAt) };
    case 'aware':
      return {
        awareAt: incident.awareAt === null ? null : iso(incident.awareAt),
        person: incident.awareBy?.name ?? null,
      };
    default:
      return {};
  }
}
