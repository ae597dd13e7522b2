import { createHash } from 'node:crypto';
import { type ChangeMove, type ChangeMoved, moveChange } from '../../changes/lifecycle.ts';
import type { ChangeRecord } from '../../model/change.ts';
import type { Service } from '../../model/config/service.ts';
import type { Actor } from '../../model/incident.ts';
import { type NewChange, refOf } from '../../model/new-change.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { storeChange } from '../../store/records/change-records.ts';
import type { Records } from '../../store/records/records.ts';
import { changeFactsOf } from './facts.ts';

/** What changes are written with. */
export interface ChangeDesk {
  readonly records: Records;
  readonly services: readonly Service[];
  /** One that others are kept from changing meanwhile, in whatever replica. */
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
  readonly now: () => Millis;
}

/** A change as somebody asks for it. @param by  with the name of the person, where they said it */
export function requested(id: string, wanted: NewChange, by: Actor, now: Millis): ChangeRecord {
  const requestedBy = wanted.requestedBy === undefined ? by : { ...by, name: wanted.requestedBy };
  return {
    id,
    service: wanted.service,
    environment: wanted.environment ?? null,
    type: wanted.type,
    kind: wanted.kind,
    state: 'new',
    before: refOf(wanted.before),
    after: refOf(wanted.after),
    description: wanted.description ?? null,
    justification: wanted.justification ?? null,
    rollbackPlan: wanted.rollbackPlan ?? null,
    link: wanted.link ?? null,
    template: wanted.template ?? null,
    requestedBy,
    createdAt: now,
    plannedStart: wanted.plannedStart ?? null,
    plannedEnd: wanted.plannedEnd ?? null,
    startedAt: null,
    endedAt: null,
    rolledBack: false,
    assessment: null,
    evidence: wanted.evidence,
    approvals: [],
    substantialModification: wanted.substantialModification,
    instructionsUpdateNeeded: null,
    inFreeze: false,
    unapproved: false,
    externalRefs: wanted.externalRefs,
    review: null,
    incidents: [],
    timeline: [{ at: now, by: requestedBy, event: 'requested', text: `${wanted.kind} change of ${wanted.service}` }],
  };
}

export const requestStatements = (records: Records, change: ChangeRecord, now: Millis): Statement[] => [
  ...storeChange(records, change),
  auditEntry(change.requestedBy, 'change.requested', auditedOf(change), now),
];

/** One step of a change: the record and its audit entry are one transaction. The caller is alone while it runs. */
export async function applyChangeMove(
  { records, services, writeIncidents, now }: ChangeDesk,
  change: ChangeRecord,
  step: ChangeMove,
  by: Actor,
): Promise<ChangeMoved> {
  const at = now();
  const moved = moveChange(change, step, by, at, await changeFactsOf(records, services, change, at));
  if (moved.refused !== null) return moved;
  await writeIncidents(storeMoved(records, change, moved.change, by, at));
  return moved;
}

/** A change after a step, with what the audit log says of that. */
export const storeMoved = (
  records: Records,
  before: ChangeRecord,
  after: ChangeRecord,
  by: Actor,
  at: Millis,
): Statement[] => [...storeChange(records, after), ...audited(before, after, by, at)];

/** Each entry of the timeline that is new is an entry of the log, by whoever did it. */
function audited(before: ChangeRecord, after: ChangeRecord, by: Actor, at: Millis): Statement[] {
  const moved = after.timeline.slice(before.timeline.length).map((entry) => {
    // What was written stays in the record; that it was this the log can show.
    const reasonSha256 = createHash('sha256').update(entry.text).digest('hex');
    const person = entry.by.name ?? null;
    const data = { ...auditedOf(after), event: entry.event, from: before.state, person, reasonSha256 };
    return auditEntry(entry.by, 'change.moved', data, at);
  });
  const begins = before.startedAt === null && after.startedAt !== null;
  return begins ? [...moved, auditEntry(by, 'change.started', auditedOf(after), at)] : moved;
}

const auditedOf = ({ id, service, type, kind, state, assessment }: ChangeRecord) => ({
  id,
  service,
  type,
  kind,
  state,
  risk: assessment?.risk ?? null,
});
