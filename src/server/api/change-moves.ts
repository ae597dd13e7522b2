import { z } from 'zod';
import type { ChangeDraft, ChangeMove, ChangeMoveType } from '../../changes/lifecycle.ts';
import { REVIEW_RESULTS, SUBSTANTIAL } from '../../model/change.ts';
import type { Actor } from '../../model/incident.ts';
import { draft, Evidence, refOf } from '../../model/new-change.ts';
import { bodyOf } from './body.ts';
import { calledAs } from './person.ts';

const text = z.string().trim().min(1).max(8192);
const name = z.string().trim().min(1).max(256);
/** Who it is, where a token or nobody at all signs in. */
const person = { person: name.optional() };
const reason = { reason: text, ...person };

/** What each move says beside its name. */
export const CHANGE_BODIES = {
  amend: z.strictObject({ ...draft, ...reason }),
  attach: z.strictObject({ evidence: z.array(Evidence).min(1).max(100), ...person }),
  submit: z.strictObject({ ...person }),
  assess: z.strictObject({
    ...reason,
    substantialModification: z.enum(SUBSTANTIAL).default('undecided'),
    instructionsUpdateNeeded: z.boolean().nullable().default(null),
  }),
  approve: z.strictObject({
    comment: text.nullable().default(null),
    reference: name.nullable().default(null),
    ...person,
  }),
  reject: z.strictObject(reason),
  revert: z.strictObject(reason),
  start: z.strictObject({ ...person }),
  complete: z.strictObject({ rolledBack: z.boolean().default(false), notes: text.nullable().default(null), ...person }),
  review: z.strictObject({ result: z.enum(REVIEW_RESULTS).nullable().default(null), notes: text, ...person }),
  cancel: z.strictObject(reason),
} as const satisfies Readonly<Record<ChangeMoveType, z.ZodType>>;

export const CHANGE_MOVES = Object.keys(CHANGE_BODIES) as ChangeMoveType[];

/** Those that judge a change; the others are done by whoever makes it. */
export const JUDGED_BY_APPROVERS: readonly ChangeMoveType[] = ['assess', 'approve', 'reject', 'review'];

/** What somebody asks to be done, and who does it. @throws Problem  not this way, and why */
export function readChangeMove(type: ChangeMoveType, sent: unknown, who: Actor): { step: ChangeMove; by: Actor } {
  const { person: called, ...said } = bodyOf<z.ZodType>(CHANGE_BODIES[type], sent) as { readonly person?: string };
  const by = calledAs(who, called);
  if (type !== 'amend') return { step: { type, ...said } as ChangeMove, by };
  const { reason: why, before, after, ...rest } = said as z.output<typeof CHANGE_BODIES.amend>;
  const changed: ChangeDraft = {
    ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as ChangeDraft),
    ...(before === undefined ? {} : { before: refOf(before) }),
    ...(after === undefined ? {} : { after: refOf(after) }),
  };
  return { step: { type, draft: changed, reason: why }, by };
}
