import type { Actor } from './incident.ts';
import type { CHANGE_TYPES } from './signals.ts';
import { iso, type Millis } from './time.ts';

export const CHANGE_KINDS = ['normal', 'standard', 'emergency'] as const;
/** How it is approved: by somebody before it; by the template that it follows; by one named person while something burns. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export const CHANGE_STATES = [
  'new',
  'assess',
  'authorize',
  'scheduled',
  'implement',
  'review',
  'closed',
  'cancelled',
] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

export const RISKS = ['low', 'moderate', 'high'] as const;
export type Risk = (typeof RISKS)[number];

export const REVIEW_RESULTS = ['successful', 'successful_with_issues', 'unsuccessful', 'inconclusive'] as const;
export type ReviewResult = (typeof REVIEW_RESULTS)[number];

/** Whether it is a substantial modification (AI Act, Art. 3(23)). */
export const SUBSTANTIAL = ['yes', 'no', 'undecided'] as const;

/** So long what comes after a change is looked at. */
export const WATCH_MS: Millis = 24 * 60 * 60_000;

export interface VersionRef {
  readonly id: string;
  /** 64 hex digits. */
  readonly sha256?: string | undefined;
}

/** What was tried before: an evaluation run with its interval, as whoever ran it states it. */
export interface ChangeEvidence {
  readonly run: string;
  readonly n: number;
  /** Ends of the interval. */
  readonly low: number;
  readonly high: number;
  readonly measure?: string | undefined;
}

export interface Approval {
  readonly by: Actor;
  readonly at: Millis;
  readonly comment: string | null;
  /** What the tool calls it in which it was approved; null: it was approved here. */
  readonly reference: string | null;
}

export interface Assessment {
  readonly risk: Risk;
  /** Why, one sentence each. */
  readonly reasons: readonly string[];
}

/** What speaks against the time of a change. */
export interface ChangeConflict {
  readonly kind: 'same_service' | 'upstream' | 'downstream' | 'outside_maintenance' | 'freeze';
  /** The change that it is in conflict with; null: a window. */
  readonly change: string | null;
  readonly text: string;
}

export const CHANGE_EVENTS = [
  'requested',
  'told',
  'amended',
  'submitted',
  'assessed',
  'approved',
  'rejected',
  'reverted',
  'evidence',
  'started',
  'completed',
  'rolled_back',
  'reviewed',
  'cancelled',
  'incident',
  'review_written',
  'reported',
] as const;

export interface ChangeEntry {
  readonly at: Millis;
  readonly by: Actor;
  readonly event: (typeof CHANGE_EVENTS)[number];
  readonly text: string;
}

/** What became of one promise of the service: equal times before and after, or both versions beside each other. */
export interface ChangeFinding {
  readonly objective: string;
  readonly compared: 'versions' | 'times';
  readonly decision: 'approve' | 'rollback' | 'inconclusive';
  /** Good events and events of both arms. */
  readonly before: { readonly n: number; readonly good: number };
  readonly after: { readonly n: number; readonly good: number };
  /** After less before, with the interval of Newcombe; null where an arm is empty. */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** The largest loss that is put up with. */
  readonly margin: number;
  /** Share of the evidence that an approval needs, and a rollback. */
  readonly towardsApproval: number;
  readonly towardsRollback: number;
  /** Events of each side with which a change that loses nothing is approved in four of five cases; null: more than can be had. */
  readonly eventsNeeded: number | null;
  /** It is not approved before it has been watched for so long. */
  readonly minimumMs: Millis;
  readonly reason: string;
}

/** The post-implementation review as Plimsoll writes it, and who has signed it. */
export interface ChangeReviewRecord {
  readonly writtenAt: Millis;
  readonly result: ReviewResult;
  readonly text: string;
  readonly findings: readonly ChangeFinding[];
  /** Null until a person has signed. */
  readonly signed: {
    readonly by: Actor;
    readonly at: Millis;
    readonly result: ReviewResult;
    readonly notes: string;
  } | null;
}

/** A change that is assessed, approved, watched and reviewed. What was only told of afterwards is no such record. */
export interface ChangeRecord {
  readonly id: string;
  readonly service: string;
  readonly environment: string | null;
  readonly type: (typeof CHANGE_TYPES)[number];
  readonly kind: ChangeKind;
  readonly state: ChangeState;
  readonly before: VersionRef | null;
  readonly after: VersionRef | null;
  readonly description: string | null;
  readonly justification: string | null;
  readonly rollbackPlan: string | null;
  /** Where people see what differs. */
  readonly link: string | null;
  /** What a standard change follows. */
  readonly template: string | null;
  readonly requestedBy: Actor;
  readonly createdAt: Millis;
  readonly plannedStart: Millis | null;
  readonly plannedEnd: Millis | null;
  readonly startedAt: Millis | null;
  readonly endedAt: Millis | null;
  readonly rolledBack: boolean;
  /** Null until it was submitted. */
  readonly assessment: Assessment | null;
  readonly evidence: readonly ChangeEvidence[];
  readonly approvals: readonly Approval[];
  readonly substantialModification: (typeof SUBSTANTIAL)[number];
  readonly instructionsUpdateNeeded: boolean | null;
  /** It was an emergency in a time in which nothing changes. */
  readonly inFreeze: boolean;
  /** It began, and nobody had approved it. */
  readonly unapproved: boolean;
  /** What other tools call it, by the name of the sink. */
  readonly externalRefs: Readonly<Record<string, string>>;
  readonly review: ChangeReviewRecord | null;
  /** Incidents within the watch window whose guilty slice is the new version. */
  readonly incidents: readonly string[];
  readonly timeline: readonly ChangeEntry[];
}

/** As it was stored, also by a version that knew less of changes. */
export const storedChange = (text: string): ChangeRecord => ({
  ...({ unapproved: false, externalRefs: {} } satisfies Partial<ChangeRecord>),
  ...(JSON.parse(text) as Omit<ChangeRecord, 'unapproved' | 'externalRefs'> & Partial<ChangeRecord>),
});

export type ChangeRecordJson = ReturnType<typeof changeToJson>;

const isoOrNull = (at: Millis | null): string | null => (at === null ? null : iso(at));

export function changeToJson(change: ChangeRecord) {
  const { review } = change;
  return {
    ...change,
    createdAt: iso(change.createdAt),
    plannedStart: isoOrNull(change.plannedStart),
    plannedEnd: isoOrNull(change.plannedEnd),
    startedAt: isoOrNull(change.startedAt),
    endedAt: isoOrNull(change.endedAt),
    approvals: change.approvals.map((one) => ({ ...one, at: iso(one.at) })),
    review: review === null ? null : reviewToJson(review),
    timeline: change.timeline.map((one) => ({ ...one, at: iso(one.at) })),
  };
}

const reviewToJson = (review: ChangeReviewRecord) => ({
  ...review,
  writtenAt: iso(review.writtenAt),
  signed: review.signed === null ? null : { ...review.signed, at: iso(review.signed.at) },
});
