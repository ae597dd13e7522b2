import { z } from 'zod';
import { FINGERPRINTS } from '../../../changes/fingerprint.ts';
import {
  CHANGE_EVENTS,
  CHANGE_KINDS,
  CHANGE_STATES,
  REVIEW_RESULTS,
  RISKS,
  SUBSTANTIAL,
} from '../../../model/change.ts';
import { CHANGE_TYPES } from '../../../model/signals.ts';
import { CHANGE_MOVES } from '../change-moves.ts';
import { actor, byId, numberOrNull, orNull, type Route, share, textOrNull, time, traceId } from './parts.ts';

const timeOrNull = z.union([time, z.null()]);
const ref = z.object({ id: z.string(), sha256: z.string().optional() });
const evidence = z.object({
  run: z.string(),
  n: z.int().min(1),
  low: z.number(),
  high: z.number(),
  measure: z.string().optional(),
});
/** A version, by its name alone or with what it is made of. */
export const written = z.union([z.string(), ref]);
const person = z.string().optional().openapi({ description: 'Who it is, where nobody has signed in by name.' });

const refs = z
  .record(z.string(), z.string())
  .openapi({ description: 'What other tools call it, by the name of the sink: {"itsm": "CHG0030412"}.' });
const draft = {
  kind: z.enum(CHANGE_KINDS),
  type: z.enum(CHANGE_TYPES),
  before: written.optional(),
  after: written.optional(),
  description: z.string().optional(),
  justification: z.string().optional(),
  rollbackPlan: z.string().optional(),
  link: z.string().optional().openapi({ description: 'Where people see what differs.' }),
  template: z.string().optional().openapi({ description: 'What a standard change follows.' }),
  plannedStart: time.optional(),
  plannedEnd: time.optional(),
  externalRefs: refs.optional(),
};

/** A change that is asked for. */
export const ChangeRequest = z
  .object({
    id: z.string().optional(),
    service: z.string(),
    environment: z.string().optional(),
    at: time.optional(),
    state: z.literal('new').optional(),
    ...draft,
    requestedBy: z.string().optional().openapi({ description: 'The person who asks for it.' }),
    evidence: z.array(evidence).optional(),
    substantialModification: z.enum(SUBSTANTIAL).optional(),
  })
  .openapi('ChangeRequest');

const arm = z.object({ n: z.int(), good: z.int() });
const finding = z.object({
  objective: z.string(),
  compared: z.enum(['versions', 'times']),
  decision: z.enum(['approve', 'rollback', 'inconclusive']),
  before: arm,
  after: arm,
  difference: z.union([z.object({ value: z.number(), low: z.number(), high: z.number() }), z.null()]),
  margin: z.number(),
  towardsApproval: share.openapi({ description: 'Of the evidence that an approval needs.' }),
  towardsRollback: share.openapi({ description: 'Of the evidence that a rollback needs.' }),
  eventsNeeded: numberOrNull.openapi({
    description: 'Events of each side with which a change that loses nothing is approved in four of five cases.',
  }),
  minimumMs: z.int().openapi({ description: 'It is not approved before it has been watched for so long.' }),
  reason: z.string(),
});
const review = z.object({
  writtenAt: time,
  result: z.enum(REVIEW_RESULTS),
  text: z.string(),
  findings: z.array(finding),
  signed: z.union([z.object({ by: actor, at: time, result: z.enum(REVIEW_RESULTS), notes: z.string() }), z.null()]),
});

const managed = {
  id: z.string(),
  service: z.string(),
  environment: textOrNull,
  type: z.enum(CHANGE_TYPES),
  kind: z.enum(CHANGE_KINDS),
  state: z.enum(CHANGE_STATES),
  before: z.union([ref, z.null()]),
  after: z.union([ref, z.null()]),
  description: textOrNull,
  justification: textOrNull,
  rollbackPlan: textOrNull,
  link: textOrNull,
  template: textOrNull,
  requestedBy: actor,
  createdAt: time,
  plannedStart: timeOrNull,
  plannedEnd: timeOrNull,
  startedAt: timeOrNull,
  endedAt: timeOrNull,
  rolledBack: z.boolean(),
  assessment: z.union([z.object({ risk: z.enum(RISKS), reasons: z.array(z.string()) }), z.null()]),
  evidence: z.array(evidence),
  approvals: z.array(z.object({ by: actor, at: time, comment: textOrNull, reference: textOrNull })),
  substantialModification: z.enum(SUBSTANTIAL),
  instructionsUpdateNeeded: z.boolean().nullable(),
  inFreeze: z.boolean(),
  unapproved: z.boolean().openapi({ description: 'It began, and nobody had approved it.' }),
  externalRefs: refs,
  review: z.union([review, z.null()]),
  incidents: z.array(z.string()),
  timeline: z.array(z.object({ at: time, by: actor, event: z.enum(CHANGE_EVENTS), text: z.string() })),
};
const ManagedChange = z.object(managed).openapi('ManagedChange');
const RecordedChange = z
  .object({
    id: z.string(),
    service: z.string(),
    environment: textOrNull,
    type: z.string(),
    kind: z.null(),
    state: z.string(),
    before: z.union([ref, z.null()]),
    after: z.union([ref, z.null()]),
    description: textOrNull,
    at: time,
  })
  .openapi('RecordedChange', { description: 'What was only told of, after the fact.' });
const conflict = z.object({
  kind: z.enum(['same_service', 'upstream', 'downstream', 'outside_maintenance', 'freeze']),
  change: textOrNull,
  text: z.string(),
});
const ChangeDetail = z
  .object({
    ...managed,
    conflicts: z.array(conflict).openapi({ description: 'What speaks against its time, as long as it has not begun.' }),
    moves: z.array(z.enum(CHANGE_MOVES)).openapi({ description: 'What whoever asks may do now.' }),
  })
  .openapi('ChangeDetail');
const ChangeGate = z
  .object({
    id: z.string(),
    service: z.string(),
    state: z.enum(CHANGE_STATES),
    decision: z.enum(['open', 'closed', 'unknown']),
    reason: z.string(),
    checks: z.array(
      z.object({
        name: z.enum(['approved', 'window', 'conflict', 'budget']),
        passed: z.boolean().nullable().openapi({ description: 'Null: it can not be known.' }),
        reason: z.string(),
      }),
    ),
  })
  .openapi('ChangeGate');
const ChangeVerdict = z
  .object({
    id: z.string(),
    decision: z.enum(['approve', 'rollback', 'inconclusive']),
    reason: z.string(),
    error: z.number().openapi({
      description:
        'The chance of approving what loses the margin, and that of rolling back what loses less, however often one looks.',
    }),
    watchedSince: timeOrNull,
    notBefore: timeOrNull.openapi({ description: 'Nothing is approved before.' }),
    watchedUntil: timeOrNull.openapi({ description: 'When its review is written.' }),
    judgedThrough: time,
    objectives: z.array(finding),
  })
  .openapi('ChangeVerdict');
export type ManagedChangeJson = z.output<typeof ManagedChange>;
export type RecordedChangeJson = z.output<typeof RecordedChange>;
export type ChangeDetailJson = z.output<typeof ChangeDetail>;
export type ChangeVerdictJson = z.output<typeof ChangeVerdict>;
export type ChangeGateJson = z.output<typeof ChangeGate>;

const reason = { reason: z.string(), person };
const BODIES: Readonly<Record<(typeof CHANGE_MOVES)[number], readonly [string, z.ZodObject]>> = {
  amend: ['Says something else of a change that is new.', z.object({ ...z.object(draft).partial().shape, ...reason })],
  attach: ['Adds what was evaluated.', z.object({ evidence: z.array(evidence), person })],
  submit: ['To be assessed (normal), approved (emergency), or done (standard).', z.object({ person })],
  assess: [
    'Somebody has looked at its risk.',
    z.object({
      ...reason,
      substantialModification: z.enum(SUBSTANTIAL).optional(),
      instructionsUpdateNeeded: z.boolean().nullable().optional(),
    }),
  ],
  approve: [
    'It may be done. Whoever asked for it can not approve it.',
    z.object({ comment: textOrNull.optional(), reference: textOrNull.optional(), person }),
  ],
  reject: ['It may not be done as it is: new again.', z.object(reason)],
  revert: ['Whoever asked for it takes it back to new.', z.object(reason)],
  start: ['It begins now.', z.object({ person })],
  complete: [
    'It is done, or was rolled back.',
    z.object({ rolledBack: z.boolean().optional(), notes: textOrNull.optional(), person }),
  ],
  review: [
    'A person signs the post-implementation review.',
    z.object({ result: z.enum(REVIEW_RESULTS).nullable().optional(), notes: z.string(), person }),
  ],
  cancel: ['It is not done.', z.object(reason)],
};

export const CHANGE_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/changes',
    summary: 'Changes, those asked for and those told of, newest first.',
    query: z.object({
      limit: z.int().min(1).max(1000).optional(),
      cursor: z.string().optional(),
      service: z.string().optional(),
      state: z.string().optional(),
    }),
    answer: z.object({ changes: z.array(z.union([ManagedChange, RecordedChange])), nextCursor: z.string().optional() }),
  },
  {
    method: 'get',
    path: '/changes/{id}',
    summary: 'One change, with what speaks against its time and what may be done now.',
    params: byId,
    answer: z.union([ChangeDetail, RecordedChange]),
  },
  {
    method: 'get',
    path: '/changes/{id}/gate',
    summary: 'Whether it may go out now, and why.',
    params: byId,
    answer: ChangeGate,
  },
  {
    method: 'get',
    path: '/changes/{id}/verdict',
    summary: 'What the promises of the service say of it since it began: for rollout tools.',
    params: byId,
    answer: ChangeVerdict,
  },
  {
    method: 'post',
    path: '/changes/{id}/verdict',
    summary: 'The same for tools that look at the status alone: 200 when it is so, 409 when it is not, or not yet.',
    params: byId,
    query: z.object({ is: z.enum(['approve', 'rollback']) }),
    answer: ChangeVerdict,
    conflict: true,
  },
  ...CHANGE_MOVES.map(
    (move): Route => ({
      method: 'post',
      path: `/changes/{id}/${move}`,
      summary: BODIES[move][0],
      params: byId,
      body: BODIES[move][1],
      answer: ManagedChange,
      conflict: true,
    }),
  ),
];

const sight = z
  .object({
    dimension: z.string(),
    value: z.string(),
    firstSeen: time,
    n: z.int().openapi({ description: 'Interactions with the value in the hour from then.' }),
    all: z.int().openapi({ description: 'All interactions in that hour.' }),
    before: orNull(z.object({ value: z.string(), share })).openapi({ description: 'Most of the day before.' }),
    traces: z.array(traceId).openapi({ description: 'The first ones.' }),
    alias: textOrNull.openapi({ description: 'What was asked for, where another model answered.' }),
  })
  .openapi('FirstSight', { description: 'A model or a prompt version that was not there before.' });
const jumpFigure = z.object({ value: z.number(), low: numberOrNull, high: numberOrNull, n: z.int() });
const jump = z
  .object({
    quantity: z.enum(FINGERPRINTS),
    model: z.string(),
    firstSeen: time,
    foundAt: time.openapi({ description: 'When the detector was sure.' }),
    daysBefore: z
      .union([z.literal(7), z.literal(1)])
      .openapi({ description: 'Compared with the same minutes so long before.' }),
    figures: z.array(
      z.object({
        name: z.enum(['median', 'p95', 'mean']),
        unit: z.enum(['ms', 'tokens']),
        before: jumpFigure,
        after: jumpFigure,
      }),
    ),
    psi: numberOrNull.openapi({ description: 'Of latencies how far their histograms are apart, adjusted for chance.' }),
  })
  .openapi('Jump', { description: 'A model whose calls are not what they were.' });
const ChangeEvidence = z
  .object({
    id: z.string(),
    service: z.string(),
    environment: textOrNull,
    type: z.string(),
    description: textOrNull,
    evidence: z.union([sight, jump]),
  })
  .openapi('ChangeEvidence');

export const CHANGE_EVIDENCE_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/changes/{id}/evidence',
    summary: 'What speaks for a change that the traffic has shown and nobody has declared.',
    params: byId,
    answer: ChangeEvidence,
  },
];
