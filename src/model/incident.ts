import type { Escalation } from './escalation.ts';
import { type Estimate, type EstimateJson, estimateToJson, type Interval } from './estimate.ts';
import type { IncidentTimers, TimerKind, Warning } from './incident-timer.ts';
import { iso, type Millis } from './time.ts';

/** ITIL 4's states; which may follow which is the lifecycle's business. */
export const INCIDENT_STATES = ['new', 'in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** What can happen to an incident, as sinks hear of it. Assigning, noting and resuming are `updated`, cancelling is `closed`. */
export const TRANSITIONS = [
  'opened',
  'acknowledged',
  'updated',
  'escalated',
  'held',
  'resolved',
  'reopened',
  'closed',
] as const;
export type Transition = (typeof TRANSITIONS)[number];

/** Strictest first. */
export const OBJECTIVE_KINDS = ['SLA', 'SLO', 'XLA'] as const;
export type ObjectiveKind = (typeof OBJECTIVE_KINDS)[number];

/** 1 critical, 2 high, 3 moderate, 4 low, 5 planning. */
export type Priority = 1 | 2 | 3 | 4 | 5;
export const isPriority = (value: number): value is Priority => Number.isInteger(value) && value >= 1 && value <= 5;
/** 1 high, 2 medium, 3 low. */
export type Weight = 1 | 2 | 3;
export const isWeight = (value: number): value is Weight => value === 1 || value === 2 || value === 3;

/** What has to be said about the record as a whole. */
export const INCIDENT_FLAGS = [
  /** No traffic for an hour: the verdict is the last known one. */
  'stale',
  /** Late data took back the breach that opened it. */
  'evidence_withdrawn',
  'flapping',
  /** It has happened so often that the cause should be looked for: a problem is proposed. */
  'problem_proposed',
  /** May be a serious incident under Art. 73 of the AI Act: a named person decides. */
  'serious_candidate',
] as const;
export type IncidentFlag = (typeof INCIDENT_FLAGS)[number];

export const HOLD_REASONS = [
  'awaiting_caller',
  'awaiting_change',
  'awaiting_problem',
  'awaiting_vendor',
  'awaiting_evidence',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export const CLOSE_CODES = [
  'recovered_automatically',
  'duplicate',
  'known_error',
  'no_resolution',
  'resolved_by_caller',
  'resolved_by_change',
  'resolved_by_problem',
  'resolved_by_request',
  'solution_provided',
  'workaround_provided',
  'user_error',
] as const;
export type CloseCode = (typeof CLOSE_CODES)[number];

/** How much harm came of it, as a person judges. @see OECD (2024), Defining AI incidents and related terms */
export const HARMS = [
  /** Could plausibly have led to harm. */
  'hazard',
  /** Has led to harm. */
  'incident',
  'serious_incident',
  'disaster',
] as const;
export type Harm = (typeof HARMS)[number];

/** What of Art. 3(49) of the AI Act a serious incident has directly or indirectly led to, as a person judges. */
export const ARTICLE_3_49 = [
  'none',
  /** Death of a person, or serious harm to a person's health. */
  'a',
  /** Serious and irreversible disruption of critical infrastructure. */
  'b',
  /** Breach of obligations under Union law that protect fundamental rights. */
  'c',
  /** Serious harm to property or the environment. */
  'd',
] as const;
export type Article349 = (typeof ARTICLE_3_49)[number];

/** Who did something: Plimsoll itself, a person, or a tool on a person's behalf. */
export interface Actor {
  /** `user`: somebody who signed in, or `local` where nobody has to; `token`: whoever holds it. */
  readonly kind: 'system' | 'user' | 'token' | 'sink';
  readonly id: string;
  /** As people call it, where the id is no name. */
  readonly name?: string;
}

/** Plimsoll itself. */
export const SYSTEM: Actor = { kind: 'system', id: 'plimsoll' };

/** That somebody has decided something, and why. */
export interface Decision {
  readonly by: Actor;
  /** Clock. */
  readonly at: Millis;
  readonly reason: string;
}

/** What somebody holds the priority to be. Kept against all that Plimsoll reckons; null: what it reckons. */
export interface PriorityOverride extends Decision {
  readonly impact: Weight | null;
  readonly urgency: Weight | null;
  /** Null: impact by urgency. */
  readonly priority: Priority | null;
}

/** The error budget of the objective's window. */
export interface Budget {
  /** Share spent, >= 0; above 1 it is overspent. */
  readonly consumed: number;
  /** 1 - consumed, may be negative. */
  readonly remaining: number;
  /** How fast it is being spent now: 1 spends it exactly by the end of the window. Null without traffic. */
  readonly burn: number | null;
  /** When it will be, or was, spent; null when it won't be. */
  readonly exhaustedAt: Millis | null;
  /** How sure that is, where it was reckoned from what happened since the onset. */
  readonly outlook?: BudgetOutlook;
}

/** When a budget is spent if it continues as since the onset of a breach: a heuristic. */
export interface BudgetOutlook {
  /** Ends of the 95 % interval; null when it outlasts the window. */
  readonly earliest: Millis | null;
  readonly latest: Millis | null;
  /** In [0, 1]: that it is spent before the window ends. */
  readonly probability: number;
}

export interface DetectorReading {
  /** `sequential`, `burn_rate`, `drift` ... */
  readonly name: string;
  readonly statistic: number;
  readonly threshold: number;
  /** What an alarm is worth, in words: `at most one false alarm in 30 days`. */
  readonly guarantee: string | null;
  /** The page detector, or burn tier 1: people should be woken. */
  readonly page: boolean;
}

/** A part of a feature's values, and how much of the traffic it is. */
export interface DriftedBin {
  /** Raw: hostile text wherever it is shown. */
  readonly name: string;
  readonly share: number;
  readonly baselineShare: number;
}

/** Why an objective is held to be breached. */
export interface Evidence {
  readonly objective: string;
  readonly estimate: Estimate;
  /** In the unit of the estimate; null where the objective has none (drift). */
  readonly target: number | null;
  /** `at_least`: good is at or above the target. */
  readonly direction: 'at_least' | 'at_most';
  readonly budget: Budget | null;
  /** Counts since the onset, and how many times faster than allowed the budget burned; null where there are no such counts. */
  readonly sinceOnset: {
    readonly n: number;
    readonly bad: number;
    readonly burn: Interval;
    /** Of labels that came soon: as many bad ones as the target lets expect among them, which is what the burn is a multiple of. */
    readonly expected?: number;
    /** Of scores: their mean; `bad` then is the sum of what they lack, rounded. */
    readonly mean?: number;
  } | null;
  /** Of drift: where it moved, the most of it first. */
  readonly bins?: readonly DriftedBin[];
  readonly detector: DetectorReading;
  /** The part of the traffic that its detector watches, where that is not the whole: counts since the onset. Values are raw. */
  readonly slice?: EvidenceSlice;
}

export interface EvidenceSlice {
  readonly dimension: string;
  readonly value: string;
  readonly n: number;
  readonly bad: number;
}

/** One objective's part in an incident. Parts recover singly; the incident resolves when all have. */
export interface Breach {
  readonly objective: string;
  readonly kind: ObjectiveKind;
  readonly category: string;
  /** Onset, event time. */
  readonly startedAt: Millis;
  /** Event time of the decision. */
  readonly detectedAt: Millis;
  readonly recoveredAt: Millis | null;
  readonly evidence: Evidence;
}

/** A part of the traffic that explains the breach. Values are raw: they are hostile text wherever they are shown. */
export interface GuiltySlice {
  /** `prompt_version=8` */
  readonly name: string;
  readonly dimension: string;
  readonly value: string;
  /** Share of the worsening that it explains, about [0, 1]. */
  readonly explanatoryPower: number;
  readonly n: number;
  readonly bad: number;
  /** Bad share since the onset, and in the 24 h before it (null when it wasn't there). */
  readonly share: number;
  readonly baselineShare: number | null;
  /** Bad share since the onset of all traffic, and of what is left without this part; null: nothing is. Absent in records of earlier versions. */
  readonly restored?: { readonly withAll: number; readonly without: number } | null;
}

/** A change close to the onset: declared, or seen first in the traffic. */
export interface SuspectChange {
  /** Of the change record; null when it was only seen. */
  readonly id: string | null;
  readonly type: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly at: Millis;
  readonly origin: 'declared' | 'observed';
}

/** What happened to the record, oldest first. Notes carry text that people wrote; it goes to record tools only. */
export interface TimelineEntry {
  readonly at: Millis;
  readonly by: Actor;
  readonly event:
    | Transition
    | 'note'
    | 'assigned'
    | 'resumed'
    | 'cancelled'
    | 'flagged'
    | 'suppressed'
    /** Nothing was withheld meanwhile. */
    | 'unsuppressed'
    /** What was withheld is told. */
    | 'disclosed'
    | 'mitigated'
    | 'aware'
    | 'prioritized'
    | 'categorized'
    | 'classified'
    | 'sla_warning'
    | 'sla_breached';
  readonly text: string;
  /** Of the last two: which timer, and the share of its target that has passed. */
  readonly sla?: { readonly timer: TimerKind; readonly percent: Warning };
}

/** Why people are not told of an incident just now. It is recorded all the same, and tools that keep records follow it. */
export interface Suppression {
  readonly kind: 'silence' | 'inhibition' | 'maintenance' | 'flapping';
  /** Of the silence, of the upstream's incident, of the incident itself that flaps; the service whose maintenance it is. */
  readonly id: string;
  /** When it ends by itself; null: nobody knows yet. */
  readonly until: Millis | null;
  /** In words for people. */
  readonly reason: string;
}

/** A problem whose cause is documented, and what helps until it is mended: text that a person wrote. */
export interface KnownError {
  readonly problem: string;
  readonly workaround: string;
}

/** A service has, for a time, broken a promise. Times are milliseconds; all but the marked ones are event time. */
export interface Incident {
  /** `INC-<n>` */
  readonly id: string;
  readonly state: IncidentState;
  /** One line, fixed when it opens: see `src/incidents/text.ts` for the three texts. */
  readonly title: string;
  /** One line on how things stand now. */
  readonly summary: string;
  /** Plain text, several lines. */
  readonly description: string;
  /** `ai.<category>.<sub>`: of the first breach, unless somebody has chosen another. */
  readonly category: string;
  /** Who has chosen it; null: rules have. */
  readonly categorySetBy: Decision | null;
  readonly harm: Harm | null;
  readonly art349: Article349 | null;
  /** Who has judged the harm; null: nobody has. */
  readonly classifiedBy: Decision | null;
  readonly priority: Priority;
  readonly impact: Weight;
  readonly urgency: Weight;
  /** What the rules make of impact and urgency, also while somebody says otherwise. `lowered`: it was found late, and all of it over by then. */
  readonly reckoned: { readonly impact: Weight; readonly urgency: Weight; readonly lowered?: true };
  readonly override: PriorityOverride | null;
  readonly service: string;
  readonly environment: string | null;
  /** The service is of a high risk class of the AI Act. */
  readonly highRisk: boolean;
  readonly supportGroup: string | null;
  readonly assignedTo: string | null;
  /** The one that opened it first, then those that joined. */
  readonly breaches: readonly [Breach, ...Breach[]];
  readonly startedAt: Millis;
  readonly detectedAt: Millis;
  /** Clock. */
  readonly openedAt: Millis;
  /** Clock: the first time that a destination took the news. */
  readonly notifiedAt: Millis | null;
  /** Clock. */
  readonly ackedAt: Millis | null;
  readonly ackedBy: Actor | null;
  /** Clock: the harm was contained, though the cause was not gone yet. */
  readonly mitigatedAt: Millis | null;
  /** Clock: a person knew that it is, or may be, a serious incident. Legal periods begin with it. */
  readonly awareAt: Millis | null;
  readonly awareBy: Actor | null;
  readonly resolvedAt: Millis | null;
  readonly closedAt: Millis | null;
  /** It was decided more than five minutes after the deciding minute. */
  readonly detectedLate: boolean;
  readonly hold: { readonly reason: HoldReason; readonly since: Millis } | null;
  readonly closeCode: CloseCode | null;
  readonly closeNotes: string | null;
  /** How often it was escalated: a level after the first, or the owner, was told. */
  readonly escalations: number;
  /** Null: its service had no policy when it opened. */
  readonly escalation: Escalation | null;
  /** Null: not looked at yet. */
  readonly timers: IncidentTimers | null;
  /** Destinations that were told because another one could not be, or was not heard; absent: none. */
  readonly toldInstead?: readonly string[];
  readonly flags: readonly IncidentFlag[];
  /** Guiltiest first. */
  readonly slices: readonly GuiltySlice[];
  readonly changes: readonly SuspectChange[];
  /** Trace ids (hex) of the guilty slice: up to five bad, two good. */
  readonly traces: { readonly bad: readonly string[]; readonly good: readonly string[] };
  readonly timeline: readonly TimelineEntry[];
  /** An earlier incident that this one repeats. */
  readonly recurrenceOf: string | null;
  /** The incident of the shared upstream that this one follows from. */
  readonly parent: string | null;
  /** Incidents of the same cause that are kept apart from it: another group looks after them, or they are of a kind that is never mixed. */
  readonly related: readonly string[];
  /** Empty: nothing is suppressed. */
  readonly suppressedBy: readonly Suppression[];
  /** What pages and chats have not been told because of that: that it is open at all, or what has happened since. */
  readonly withheld: 'opening' | 'news' | null;
  /** The problem that it is an instance of. */
  readonly problem: string | null;
  /** What helps, as that problem says; absent: nobody knows yet. */
  readonly knownError?: KnownError;
  /** The change whose new version is its guilty slice, and that began in the day before it. */
  readonly causedByChange: string | null;
  /** Of the service file; `trace` holds `{traceId}`. */
  readonly links: { readonly runbook: string | null; readonly dashboard: string | null; readonly trace: string | null };
}

/** What a record says before anybody has done something about it, or judged it: of one that begins, and of one that was stored before a field was there. */
export const BLANK = {
  categorySetBy: null,
  harm: null,
  art349: null,
  classifiedBy: null,
  override: null,
  assignedTo: null,
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
  recurrenceOf: null,
  parent: null,
  related: [],
  suppressedBy: [],
  withheld: null,
  problem: null,
  causedByChange: null,
} as const satisfies Partial<Incident>;

/** An incident as it was stored, by this version or an earlier one. @param json  what `JSON.stringify` made of it */
export function storedIncident(json: string): Incident {
  const record: Incident = { ...BLANK, highRisk: false, ...JSON.parse(json) };
  const { impact, urgency } = record;
  return { ...record, reckoned: record.reckoned ?? { impact, urgency } };
}

/** Someone should still do something about it. */
export const isOpen = (incident: Pick<Incident, 'state'>): boolean =>
  incident.state === 'new' || incident.state === 'in_progress' || incident.state === 'on_hold';

/** The strictest promise that is broken. */
export const kindOf = (incident: Pick<Incident, 'breaches'>): ObjectiveKind =>
  OBJECTIVE_KINDS.find((kind) => incident.breaches.some((breach) => breach.kind === kind))!;

/** What Alertmanager's users call a priority. */
export const ALERT_SEVERITIES: Readonly<Record<Priority, 'critical' | 'warning' | 'info'>> = {
  1: 'critical',
  2: 'critical',
  3: 'warning',
  4: 'warning',
  5: 'info',
};

/** What tools outside know an incident by: ASCII, the same for ever. */
export const correlationId = (deployment: string, incident: string): string => `plimsoll-${deployment}-${incident}`;

type DecisionJson<T extends Decision = Decision> = Omit<T, 'at'> & { readonly at: string };

export type EvidenceJson = Omit<Evidence, 'estimate' | 'budget'> & {
  readonly estimate: EstimateJson;
  readonly budget: BudgetJson | null;
};
export type BudgetJson = Omit<Budget, 'exhaustedAt' | 'outlook'> & {
  readonly exhaustedAt: string | null;
  readonly outlook?: Omit<BudgetOutlook, 'earliest' | 'latest'> & {
    readonly earliest: string | null;
    readonly latest: string | null;
  };
};
export type BreachJson = Omit<Breach, 'startedAt' | 'detectedAt' | 'recoveredAt' | 'evidence'> & {
  readonly startedAt: string;
  readonly detectedAt: string;
  readonly recoveredAt: string | null;
  readonly evidence: EvidenceJson;
};

/** An incident as the API shows it: times are RFC 3339 in UTC, `objectives` are the names, `evidence` is that of the first breach. */
export interface IncidentJson
  extends Omit<
    Incident,
    | 'breaches'
    | 'startedAt'
    | 'detectedAt'
    | 'openedAt'
    | 'notifiedAt'
    | 'ackedAt'
    | 'mitigatedAt'
    | 'awareAt'
    | 'categorySetBy'
    | 'classifiedBy'
    | 'override'
    | 'resolvedAt'
    | 'closedAt'
    | 'hold'
    | 'changes'
    | 'timeline'
    | 'suppressedBy'
    | 'escalation'
    | 'timers'
  > {
  readonly kind: ObjectiveKind;
  readonly objectives: readonly string[];
  readonly evidence: EvidenceJson;
  readonly breaches: readonly BreachJson[];
  readonly startedAt: string;
  readonly detectedAt: string;
  readonly openedAt: string;
  readonly notifiedAt: string | null;
  readonly ackedAt: string | null;
  readonly mitigatedAt: string | null;
  readonly awareAt: string | null;
  readonly categorySetBy: DecisionJson | null;
  readonly classifiedBy: DecisionJson | null;
  readonly override: DecisionJson<PriorityOverride> | null;
  readonly resolvedAt: string | null;
  readonly closedAt: string | null;
  readonly hold: { readonly reason: HoldReason; readonly since: string } | null;
  readonly changes: readonly (Omit<SuspectChange, 'at'> & { readonly at: string })[];
  readonly timeline: readonly (Omit<TimelineEntry, 'at'> & { readonly at: string })[];
  readonly suppressedBy: readonly (Omit<Suppression, 'until'> & { readonly until: string | null })[];
}

const isoOrNull = (at: Millis | null): string | null => (at === null ? null : iso(at));

const decisionToJson = <T extends Decision>(decision: T | null): DecisionJson<T> | null =>
  decision && { ...decision, at: iso(decision.at) };

export const evidenceToJson = (evidence: Evidence): EvidenceJson => ({
  ...evidence,
  estimate: estimateToJson(evidence.estimate),
  budget: evidence.budget && budgetToJson(evidence.budget),
});

function budgetToJson({ outlook, ...budget }: Budget): BudgetJson {
  const json = { ...budget, exhaustedAt: isoOrNull(budget.exhaustedAt) };
  if (outlook === undefined) return json;
  const { probability } = outlook;
  return {
    ...json,
    outlook: { probability, earliest: isoOrNull(outlook.earliest), latest: isoOrNull(outlook.latest) },
  };
}

const breachToJson = (breach: Breach): BreachJson => ({
  ...breach,
  startedAt: iso(breach.startedAt),
  detectedAt: iso(breach.detectedAt),
  recoveredAt: isoOrNull(breach.recoveredAt),
  evidence: evidenceToJson(breach.evidence),
});

/** How it is watched over is shown with one incident alone. */
export function incidentToJson({ escalation, timers, ...incident }: Incident): IncidentJson {
  return {
    ...incident,
    kind: kindOf(incident),
    objectives: incident.breaches.map((breach) => breach.objective),
    evidence: evidenceToJson(incident.breaches[0].evidence),
    breaches: incident.breaches.map(breachToJson),
    startedAt: iso(incident.startedAt),
    detectedAt: iso(incident.detectedAt),
    openedAt: iso(incident.openedAt),
    notifiedAt: isoOrNull(incident.notifiedAt),
    ackedAt: isoOrNull(incident.ackedAt),
    mitigatedAt: isoOrNull(incident.mitigatedAt),
    awareAt: isoOrNull(incident.awareAt),
    categorySetBy: decisionToJson(incident.categorySetBy),
    classifiedBy: decisionToJson(incident.classifiedBy),
    override: decisionToJson(incident.override),
    resolvedAt: isoOrNull(incident.resolvedAt),
    closedAt: isoOrNull(incident.closedAt),
    hold: incident.hold && { ...incident.hold, since: iso(incident.hold.since) },
    changes: incident.changes.map((change) => ({ ...change, at: iso(change.at) })),
    timeline: incident.timeline.map((entry) => ({ ...entry, at: iso(entry.at) })),
    suppressedBy: incident.suppressedBy.map((one) => ({ ...one, until: isoOrNull(one.until) })),
  };
}
