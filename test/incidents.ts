import type { Estimate } from '../src/model/estimate.ts';
import type { Breach, Evidence, Incident } from '../src/model/incident.ts';

/** Incidents for tests: one ungrounded bot, and whatever a test wants to be different. */
const START = Date.UTC(2026, 10, 1, 10, 0);
const MINUTE = 60_000;

export const groundedness: Estimate = {
  measure: 'accuracy',
  subject: 'groundedness',
  method: 'evaluator',
  proxy: true,
  value: 0.93,
  low: 0.9012,
  high: 0.9508,
  level: 0.95,
  n: 412,
  coverage: 0.2,
  maturity: 1,
  window: { from: START - 28 * 24 * 60 * MINUTE, to: START + 17 * MINUTE },
  status: 'ok',
};

export const ungrounded: Evidence = {
  objective: 'support-bot-groundedness',
  estimate: groundedness,
  target: 0.97,
  direction: 'at_least',
  budget: { consumed: 2.33, remaining: -1.33, burn: 9.7, exhaustedAt: START - 3 * 24 * 60 * MINUTE },
  sinceOnset: { n: 96, bad: 28, burn: { value: 9.79, low: 7.1, high: 13 } },
  detector: {
    name: 'sequential',
    statistic: 15.2,
    threshold: 14.9,
    guarantee: 'at most one false incident in 30 days, over all objectives',
    page: true,
  },
};

export const breach: Breach = {
  objective: 'support-bot-groundedness',
  kind: 'XLA',
  category: 'ai.hallucination.ungrounded',
  startedAt: START,
  detectedAt: START + 17.25 * MINUTE,
  recoveredAt: null,
  evidence: ungrounded,
};

export function incidentWith(changes: Partial<Incident> = {}): Incident {
  return {
    id: 'INC-42',
    state: 'new',
    title: 'support-bot: groundedness 0.93 (0.90-0.95, n 412) below 0.97',
    summary: 'support-bot: groundedness 0.93 (0.90-0.95, n 412) below 0.97 since 10:00 UTC, worst in prompt_version=8',
    description: 'Groundedness of support-bot is below what was promised.',
    category: 'ai.hallucination.ungrounded',
    categorySetBy: null,
    harm: null,
    art349: null,
    classifiedBy: null,
    priority: 2,
    impact: 2,
    urgency: 1,
    reckoned: { impact: 2, urgency: 1 },
    override: null,
    service: 'support-bot',
    environment: 'production',
    highRisk: false,
    supportGroup: 'ai-platform',
    assignedTo: null,
    breaches: [breach],
    startedAt: START,
    detectedAt: START + 17.25 * MINUTE,
    openedAt: START + 17.4 * MINUTE,
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
    slices: [
      {
        name: 'prompt_version=8',
        dimension: 'prompt_version',
        value: '8',
        explanatoryPower: 0.94,
        n: 61,
        bad: 26,
        share: 0.426,
        baselineShare: null,
      },
      {
        name: 'response_model=gpt-4o-mini-2024-07-18',
        dimension: 'response_model',
        value: 'gpt-4o-mini-2024-07-18',
        explanatoryPower: 0.12,
        n: 96,
        bad: 28,
        share: 0.292,
        baselineShare: 0.028,
      },
    ],
    changes: [
      { id: 'CHG-7', type: 'prompt', before: '7', after: '8', at: START - 4 * MINUTE, origin: 'declared' },
      { id: null, type: 'prompt', before: null, after: '8', at: START - 2 * MINUTE, origin: 'observed' },
    ],
    traces: {
      bad: ['4bf92f3577b34da6a3ce929d0e0e4736', '5bf92f3577b34da6a3ce929d0e0e4737'],
      good: ['6bf92f3577b34da6a3ce929d0e0e4738'],
    },
    timeline: [
      { at: START + 17.4 * MINUTE, by: { kind: 'system', id: 'plimsoll' }, event: 'opened', text: 'Opened as P2.' },
    ],
    recurrenceOf: null,
    parent: null,
    problem: null,
    related: [],
    causedByChange: null,
    suppressedBy: [],
    withheld: null,
    links: {
      runbook: 'https://wiki.example.com/runbooks/support-bot',
      dashboard: 'https://grafana.example.com/d/support-bot',
      trace: 'https://tracer.example/trace/{traceId}',
    },
    ...changes,
  };
}
