import type { Actor, Decision } from './incident.ts';
import { iso, type Millis } from './time.ts';

/** Which may follow which is the lifecycle's business (src/problems/lifecycle.ts). */
export const PROBLEM_STATES = [
  'new',
  'assess',
  'root_cause_analysis',
  'fix_in_progress',
  'resolved',
  'closed',
] as const;
export type ProblemState = (typeof PROBLEM_STATES)[number];

/** How a problem was closed. */
export const PROBLEM_CLOSES = ['fix_applied', 'risk_accepted', 'duplicate', 'canceled'] as const;
export type ProblemClose = (typeof PROBLEM_CLOSES)[number];

export const ROOT_CAUSES = [
  'data_quality',
  'model_drift',
  'integration_failure',
  'prompt_regression',
  'provider_change',
  'capacity',
  'guardrail_gap',
  'security',
  'human_process',
  'unknown',
] as const;
export type RootCause = (typeof ROOT_CAUSES)[number];

/** Why it was opened. */
export const PROBLEM_RULES = [
  'repeated',
  'same_slice',
  'flapping',
  'priority_1',
  'serious_candidate',
  'person',
] as const;
export type ProblemRule = (typeof PROBLEM_RULES)[number];

/** What speaks for a cause: one sentence of one incident, or of somebody. Values in it are raw. */
export interface CauseEvidence {
  readonly incident: string | null;
  readonly text: string;
}

/** What rules make of the incidents. Nobody has confirmed it. */
export interface ProposedCause {
  readonly category: RootCause;
  /** The part of the traffic that most of them are associated with. */
  readonly slice: string | null;
  /** Incidents that speak for it, and those that were looked at. */
  readonly incidents: number;
  readonly of: number;
}

/** Somebody bears the risk for a time. */
export interface RiskAcceptance extends Decision {
  /** Until when; then incidents alike open a problem again. */
  readonly until: Millis;
}

/** What happened to the record, oldest first. Texts are people's, or Plimsoll's. */
export interface ProblemEntry {
  readonly at: Millis;
  readonly by: Actor;
  readonly event: string;
  readonly text: string;
}

/** What of a problem is told to those who keep records. `recurred`: it has happened again; `known_error`: its cause and something that helps are known. */
export const PROBLEM_TRANSITIONS = [
  'opened',
  'recurred',
  'updated',
  'known_error',
  'resolved',
  'reopened',
  'closed',
] as const;
export type ProblemTransition = (typeof PROBLEM_TRANSITIONS)[number];

/** Something that makes incidents, and has to be found and mended once. */
export interface ProblemRecord {
  /** `PRB-<n>` */
  readonly id: string;
  readonly state: ProblemState;
  readonly title: string;
  readonly service: string;
  readonly environment: string | null;
  /** Of its incidents: incidents of the same one are alike. */
  readonly category: string;
  /** The guiltiest slice that made them alike; null: the category did. */
  readonly sharedSlice: string | null;
  readonly rule: ProblemRule;
  /** Oldest first. */
  readonly incidents: readonly string[];
  /** Incidents of which somebody has said that they do not belong to it: rules leave them alone. */
  readonly unlinked: readonly string[];
  /** Onset of the first of them, event time. */
  readonly firstSeen: Millis;
  /** Clock. */
  readonly openedAt: Millis;
  readonly resolvedAt: Millis | null;
  readonly closedAt: Millis | null;
  readonly proposed: ProposedCause;
  /** Confirmed by a person; until then null. */
  readonly rootCauseCategory: RootCause | null;
  /** `prompt_version=8`: without it the measure is what it was. */
  readonly rootCauseSlice: string | null;
  readonly causeConfirmedBy: Decision | null;
  readonly evidence: readonly CauseEvidence[];
  /** What helps until it is mended. */
  readonly workaround: string | null;
  /** The cause is documented, and there is a workaround. */
  readonly knownError: boolean;
  /** Id of the change that mends it. */
  readonly fixChange: string | null;
  readonly closedAs: ProblemClose | null;
  readonly duplicateOf: string | null;
  readonly riskAcceptance: RiskAcceptance | null;
  readonly timeline: readonly ProblemEntry[];
}

/** A problem as it was stored. @param json  what `JSON.stringify` made of it */
export const storedProblem = (json: string): ProblemRecord => JSON.parse(json);

const isoOrNull = (at: Millis | null): string | null => (at === null ? null : iso(at));

/** As the API shows it: times are RFC 3339 in UTC. */
export function problemToJson(problem: ProblemRecord) {
  const { causeConfirmedBy, riskAcceptance } = problem;
  return {
    ...problem,
    firstSeen: iso(problem.firstSeen),
    openedAt: iso(problem.openedAt),
    resolvedAt: isoOrNull(problem.resolvedAt),
    closedAt: isoOrNull(problem.closedAt),
    causeConfirmedBy: causeConfirmedBy && { ...causeConfirmedBy, at: iso(causeConfirmedBy.at) },
    riskAcceptance: riskAcceptance && {
      ...riskAcceptance,
      at: iso(riskAcceptance.at),
      until: iso(riskAcceptance.until),
    },
    timeline: problem.timeline.map((entry) => ({ ...entry, at: iso(entry.at) })),
  };
}
