import { BLANK, type Breach, type Incident, SYSTEM } from '../model/incident.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '../model/time.ts';
import { weighed } from './priority.ts';
import { describeIncident, type IncidentFacts } from './text.ts';

/** Stands in front of whatever an example says, so that nobody takes it for real. */
export const MARK = '[TEST]';

/** Of a service that nobody has: what a test says of where it comes from. */
const SERVICE = 'plimsoll-test';

/**
 * An incident as it would be told, of nothing that happened: it says so in its title, its summary and the first line of its
 * description. It is of the lowest priority.
 * @param id  not one of an incident: `TEST-...`
 */
export function exampleIncident(id: string, now: Millis): Incident {
  const startedAt = now - 10 * MINUTE_MS;
  const breach: Breach = {
    objective: 'example-availability',
    kind: 'XLA',
    category: 'ai.availability.error_rate',
    startedAt,
    detectedAt: now - MINUTE_MS,
    recoveredAt: null,
    evidence: {
      objective: 'example-availability',
      estimate: {
        measure: 'availability',
        subject: null,
        method: 'spans',
        proxy: false,
        value: 0.982,
        low: 0.979,
        high: 0.985,
        level: 0.95,
        n: 8124,
        coverage: 1,
        maturity: null,
        window: { from: now - 28 * DAY_MS, to: now },
        status: 'ok',
      },
      target: 0.99,
      direction: 'at_least',
      budget: null,
      sinceOnset: { n: 240, bad: 31, burn: { value: 12.9, low: 9, high: 17.7 } },
      detector: { name: 'sequential', statistic: 15.2, threshold: 14.9, guarantee: null, page: false },
    },
  };
  return marked({
    id,
    state: 'new',
    ...BLANK,
    category: breach.category,
    ...weighed({ impact: 3, urgency: 3 }, null),
    service: SERVICE,
    environment: null,
    supportGroup: null,
    highRisk: false,
    breaches: [breach],
    startedAt,
    detectedAt: breach.detectedAt,
    openedAt: now,
    slices: [],
    changes: [],
    traces: { bad: [], good: [] },
    timeline: [{ at: now, by: SYSTEM, event: 'opened', text: 'a test of this destination' }],
    links: { runbook: null, dashboard: null, trace: null },
  });
}

/** The same when it is over. */
export const exampleResolved = (incident: Incident, now: Millis): Incident =>
  marked({
    ...incident,
    state: 'resolved',
    resolvedAt: now,
    closeCode: 'solution_provided',
    closeNotes: `${MARK} The test is over, nothing was broken.`,
    breaches: [{ ...incident.breaches[0], recoveredAt: now }],
    timeline: [...incident.timeline, { at: now, by: SYSTEM, event: 'resolved', text: 'the test is over' }],
  });

function marked(facts: IncidentFacts): Incident {
  const { title, summary, description } = describeIncident(facts);
  return {
    ...facts,
    title: `${MARK} ${title}`,
    summary: `${MARK} ${summary}`,
    description: `${MARK} Nothing is broken: somebody tries out whether this destination is told of incidents.\n${description}`,
  };
}
