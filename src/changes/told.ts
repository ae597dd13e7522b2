import type { Assessment, ChangeRecord } from '../model/change.ts';
import type { Actor } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';

/** What somebody tells of a change that has begun already. */
export type ToldChange = Pick<
  ChangeRecord,
  'id' | 'service' | 'environment' | 'type' | 'before' | 'after' | 'description' | 'link'
> & {
  readonly startedAt: Millis;
  /** Null: it is still under way. */
  readonly endedAt: Millis | null;
  /** It was approved, as whoever tells of it says. */
  readonly isApproved: boolean;
};

/**
 * A change that was made before anybody heard of it, of a service that reviews its changes: it is weighed, watched and reviewed like one
 * that was asked for, and stopped by nothing.
 * @param now  clock, ms
 */
export function toldOf(
  told: ToldChange,
  by: Actor,
  now: Millis,
  assess: (change: ChangeRecord) => Assessment,
): ChangeRecord {
  const { isApproved, ...said } = told;
  const change: ChangeRecord = {
    ...said,
    kind: 'normal',
    state: told.endedAt === null ? 'implement' : 'review',
    justification: null,
    rollbackPlan: null,
    template: null,
    requestedBy: by,
    createdAt: now,
    plannedStart: null,
    plannedEnd: null,
    rolledBack: false,
    assessment: null,
    evidence: [],
    approvals: [],
    substantialModification: 'undecided',
    instructionsUpdateNeeded: null,
    inFreeze: false,
    unapproved: !isApproved,
    externalRefs: {},
    review: null,
    incidents: [],
    timeline: [],
  };
  const assessment = assess(change);
  const text = `told of after it had begun; risk ${assessment.risk}: ${assessment.reasons.join('; ')}`;
  return { ...change, assessment, timeline: [{ at: now, by, event: 'told', text }] };
}
