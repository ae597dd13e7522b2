import type {
  Approval,
  Assessment,
  ChangeEntry,
  ChangeEvidence,
  ChangeKind,
  ChangeRecord,
  ChangeReviewRecord,
  ChangeState,
  ReviewResult,
  SUBSTANTIAL,
} from '../model/change.ts';
import type { Actor } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import { type Millis, timeText } from '../model/time.ts';
import { isNamed, maySame } from './people.ts';

/** A standard change follows a template that was used so often in a row without an incident. */
export const TEMPLATE_USES_MIN = 3;

/** What whoever asked for a change may still say of it while it is new. */
export type ChangeDraft = Partial<
  Pick<
    ChangeRecord,
    | 'kind'
    | 'type'
    | 'before'
    | 'after'
    | 'description'
    | 'justification'
    | 'rollbackPlan'
    | 'link'
    | 'template'
    | 'plannedStart'
    | 'plannedEnd'
    | 'externalRefs'
  >
>;

/** What people and pipelines do to a change. */
export type ChangeMove =
  | { readonly type: 'amend'; readonly draft: ChangeDraft; readonly reason: string }
  | { readonly type: 'attach'; readonly evidence: readonly ChangeEvidence[] }
  | { readonly type: 'submit' }
  | {
      readonly type: 'assess';
      readonly reason: string;
      readonly substantialModification: (typeof SUBSTANTIAL)[number];
      readonly instructionsUpdateNeeded: boolean | null;
    }
  | { readonly type: 'approve'; readonly comment: string | null; readonly reference: string | null }
  | { readonly type: 'reject'; readonly reason: string }
  | { readonly type: 'revert'; readonly reason: string }
  | { readonly type: 'start' }
  | { readonly type: 'complete'; readonly rolledBack: boolean; readonly notes: string | null }
  /** @param result  left out: what the review that was written says */
  | { readonly type: 'review'; readonly result: ReviewResult | null; readonly notes: string }
  | { readonly type: 'cancel'; readonly reason: string };

export type ChangeMoveType = ChangeMove['type'];

/** What has to be known beside the record. */
export interface ChangeFacts {
  /** The end of the freeze that is now; null: there is none. */
  readonly freezeUntil: Millis | null;
  /** How often in a row the template was used without an incident. */
  readonly templateUses: number;
  /** Where changes of the service are approved. */
  readonly approval: 'internal' | 'external';
  readonly assess: (change: ChangeRecord) => Assessment;
}

/** A move that the state does not allow, and which are; or one that a rule forbids, and why. */
export type ChangeRefusal =
  | { readonly refused: 'state'; readonly state: ChangeState; readonly legal: readonly ChangeMoveType[] }
  | { readonly refused: 'rule'; readonly reason: string };

export type ChangeMoved = { readonly refused: null; readonly change: ChangeRecord } | ChangeRefusal;

const MOVES: Readonly<Record<ChangeState, readonly ChangeMoveType[]>> = {
  new: ['amend', 'attach', 'submit', 'cancel'],
  assess: ['attach', 'assess', 'reject', 'revert', 'cancel'],
  authorize: ['attach', 'approve', 'reject', 'revert', 'cancel'],
  scheduled: ['start', 'cancel'],
  implement: ['complete', 'cancel'],
  review: ['review'],
  closed: [],
  cancelled: [],
};

/** Where a change goes that was submitted: a standard one was approved with its template. */
const FIRST: Readonly<Record<ChangeKind, ChangeState>> = {
  normal: 'assess',
  emergency: 'authorize',
  standard: 'scheduled',
};

/** What may be done in each state. A normal change that is authorized is not reverted: it is approved, rejected or cancelled. */
export const legalChangeMoves = ({ state, kind }: Pick<ChangeRecord, 'state' | 'kind'>): readonly ChangeMoveType[] =>
  state === 'authorize' && kind === 'normal' ? MOVES.authorize.filter((move) => move !== 'revert') : MOVES[state];

const rule = (reason: string): ChangeRefusal => ({ refused: 'rule', reason });

/**
 * One step of a change. The record's own times never go back, whatever the clock does.
 * @param now  clock, ms
 */
export function moveChange(
  change: ChangeRecord,
  step: ChangeMove,
  by: Actor,
  now: Millis,
  facts: ChangeFacts,
): ChangeMoved {
  const legal = legalChangeMoves(change);
  const isLate = step.type === 'submit' && isApprovedAhead(change, facts);
  if (!legal.includes(step.type) && !isLate) return { refused: 'state', state: change.state, legal };
  const at = logTime(change, now);
  const done = (event: ChangeEntry['event'], text: string, more: Partial<ChangeRecord> = {}): ChangeMoved => ({
    refused: null,
    change: { ...change, ...more, timeline: [...change.timeline, { at, by, event, text }] },
  });
  switch (step.type) {
    case 'amend': {
      const amended = { ...change, ...step.draft };
      const { plannedStart, plannedEnd } = amended;
      if (plannedStart !== null && plannedEnd !== null && plannedEnd <= plannedStart)
        return rule('it would end before it begins');
      return done('amended', step.reason, step.draft);
    }
    case 'attach': {
      const evidence = [...change.evidence, ...step.evidence];
      const assessment = change.assessment === null ? null : facts.assess({ ...change, evidence });
      const runs = step.evidence.map(({ run }) => run).join(', ');
      return done('evidence', `evaluated: ${runs}`, { evidence, assessment });
    }
    case 'submit': {
      if (change.kind === 'standard' && change.template === null) return rule('a standard change names its template');
      if (change.kind === 'standard' && facts.templateUses < TEMPLATE_USES_MIN)
        return rule(
          `the template ${change.template} was used ${facts.templateUses} times in a row without an incident, a standard change needs ${TEMPLATE_USES_MIN}: make it a normal one`,
        );
      const assessment = facts.assess(change);
      return done('submitted', `${change.kind}, risk ${assessment.risk}`, {
        assessment,
        state: isLate ? change.state : FIRST[change.kind],
      });
    }
    case 'assess': {
      const assessment = facts.assess(change);
      const { substantialModification, instructionsUpdateNeeded } = step;
      return done('assessed', `risk ${assessment.risk}: ${step.reason}`, {
        assessment,
        substantialModification,
        instructionsUpdateNeeded,
        state: 'authorize',
      });
    }
    case 'approve': {
      const refusal = approvalRefused(change, step, by, facts);
      if (refusal !== null) return rule(refusal);
      const { comment, reference } = step;
      const approval: Approval = { by, at, comment, reference };
      return done('approved', `approved by ${by.name ?? by.id}${reference === null ? '' : ` as ${reference}`}`, {
        approvals: [...change.approvals, approval],
        state: 'scheduled',
      });
    }
    case 'reject': {
      const elsewhere = decidedElsewhere(change, facts);
      if (elsewhere !== null) return rule(elsewhere);
      return done('rejected', step.reason, { state: 'new', approvals: [], assessment: null });
    }
    case 'revert':
      return done('reverted', step.reason, { state: 'new', approvals: [], assessment: null });
    case 'start': {
      if (facts.freezeUntil !== null && change.kind !== 'emergency')
        return rule(`nothing changes until ${timeText(facts.freezeUntil)}: a freeze of the service`);
      const inFreeze = facts.freezeUntil !== null;
      return done('started', inFreeze ? 'started, as an emergency in a freeze' : 'started', {
        state: 'implement',
        startedAt: at,
        inFreeze,
      });
    }
    case 'complete':
      return done(step.rolledBack ? 'rolled_back' : 'completed', step.notes ?? 'done', {
        state: 'review',
        endedAt: at,
        rolledBack: step.rolledBack,
      });
    case 'review': {
      const result = step.result ?? change.review?.result ?? null;
      if (result === null) return rule('no review is written yet, before its watch has ended: say the result');
      if (!isNamed(by)) return rule('a named person signs a review: sign in, or say who it is as "person"');
      const written = change.review ?? {
        writtenAt: at,
        result,
        text: 'Reviewed before the watch had ended.',
        findings: [],
        signed: null,
      };
      return done('reviewed', `${result.replaceAll('_', ' ')}: ${step.notes}`, {
        state: 'closed',
        review: { ...written, signed: { by, at, result, notes: step.notes } },
      });
    }
    case 'cancel':
      return done('cancelled', step.reason, {
        state: 'cancelled',
        ...(change.startedAt === null ? {} : { endedAt: at }),
      });
  }
}

/** Approved elsewhere as soon as it was asked for: it is submitted all the same, which changes nothing of that. */
const isApprovedAhead = ({ state, timeline }: ChangeRecord, { approval }: ChangeFacts): boolean =>
  state === 'scheduled' && approval === 'external' && !timeline.some(({ event }) => event === 'submitted');

/** An incident in the watch of a change whose guilty slice is the new version counts against it. The same one twice changes nothing. */
export function blamed(change: ChangeRecord, incident: string, by: Actor, now: Millis): ChangeRecord {
  if (change.incidents.includes(incident)) return change;
  const at = logTime(change, now);
  return {
    ...change,
    incidents: [...change.incidents, incident],
    timeline: [...change.timeline, { at, by, event: 'incident', text: `${incident} is of the new version` }],
  };
}

/** The review that is written when the watch is over; what somebody has signed before stays. */
export function reviewed(change: ChangeRecord, review: ChangeReviewRecord, by: Actor): ChangeRecord {
  if (change.review !== null) return change;
  const at = logTime(change, review.writtenAt);
  const text = `review written: ${review.result.replaceAll('_', ' ')}`;
  return { ...change, review, timeline: [...change.timeline, { at, by, event: 'review_written', text }] };
}

/** Who has asked for a change, or has said something else of it since. */
export const authorsOf = ({ requestedBy, timeline }: ChangeRecord): Actor[] => [
  requestedBy,
  ...timeline.filter(({ event }) => event === 'amended').map((one) => one.by),
];

/** Moves that are made in the tool that a change is approved in. */
const DECISIONS: readonly ChangeMoveType[] = ['approve', 'reject'];

/** What may be done here: where changes of the service are approved in a tool that knows this one, nothing is decided. */
export const movesHere = (change: ChangeRecord, facts: Pick<ChangeFacts, 'approval'>): ChangeMoveType[] =>
  legalChangeMoves(change).filter((move) => !DECISIONS.includes(move) || decidedElsewhere(change, facts) === null);

/** Why nothing is decided here; null: it may be. */
function decidedElsewhere({ externalRefs }: ChangeRecord, { approval }: Pick<ChangeFacts, 'approval'>): string | null {
  const [there] = Object.entries(externalRefs);
  if (approval !== 'external' || there === undefined) return null;
  return `it is approved or rejected as ${there[1]} in ${there[0]}, and nowhere else`;
}

/** Why somebody may not approve; null: they may. */
function approvalRefused(
  change: ChangeRecord,
  { reference }: Extract<ChangeMove, { type: 'approve' }>,
  by: Actor,
  facts: ChangeFacts,
): string | null {
  const elsewhere = decidedElsewhere(change, facts);
  if (elsewhere !== null) return elsewhere;
  const { kind } = change;
  const { approval } = facts;
  if (authorsOf(change).some((author) => maySame(author, by)))
    return 'who asks for a change, or has amended it, does not approve it; where nobody signs in, both say who they are';
  if (kind === 'emergency' && !isNamed(by))
    return 'an emergency is approved by a named person: sign in, or say who it is as "person"';
  if (approval === 'external' && reference === null)
    return 'changes of this service are approved in another tool: say as "reference" what it is called there';
  return null;
}
