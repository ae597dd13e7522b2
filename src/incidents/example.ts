import { type Breach, type Incident, SYSTEM, storedIncident } from '../model/incident.ts';
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
  // What a record may leave out is filled in as for any that is stored.
  const facts: Partial<IncidentFacts> = {
    id,
    state: 'new',
    category: breach.category,
    categorySetBy: null,
    harm: null,
    art349: null,
    classifiedBy: null,
    ...weighed({ impact: 3, urgency: 3 }, null),
    service: SERVICE,
    environment: null,
    supportGroup: null,
    assignedTo: null,
    highRisk: false,
    breaches: [breach],
    startedAt,
    detectedAt: breach.detectedAt,
    openedAt: now,
    notifiedAt: null,
    ackedAt: null,
    ackedBy: null,
    mitigatedAt: null,
    awareAt: null,
    awareBy: null,
    resolvedAt: null,
    closedAt: null,
    detectedLate: false,
    hold: null,
    closeCode: null,
    closeNotes: null,
    escalations: 0,
    escalation: null,
    timers: null,
    flags: [],
    slices: [],
    changes: [],
    traces: { bad: [], good: [] },
    timeline: [{ at: now, by: SYSTEM, event: 'opened', text: 'a test of this destination' }],
    recurrenceOf: null,
    parent: null,
    related: [],
    causedByChange: null,
    suppressedBy: [],
    withheld: null,
    problem: null,
    links: { runbook: null, dashboard: null, trace: null },
  };
  return marked(storedIncident(JSON.stringify(facts)));
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
