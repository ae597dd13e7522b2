import { z } from 'zod';
import type { Move } from '../../incidents/lifecycle.ts';
import { type Actor, ARTICLE_3_49, CLOSE_CODES, HARMS, HOLD_REASONS } from '../../model/incident.ts';
import { CATEGORIES } from '../../model/taxonomy.ts';
import type { Millis } from '../../model/time.ts';
import { bodyOf } from './body.ts';
import { calledAs, isNamed } from './person.ts';
import { badRequest, notFound } from './problem.ts';

const text = z.string().min(1).max(8192);
const weight = z.union([z.literal(1), z.literal(2), z.literal(3)]);
const priority = z.union([...weight.options, z.literal(4), z.literal(5)]);
const reason = text;
/** When it was, where that is not now. */
const at = z.iso
  .datetime({ offset: true, error: 'expected a time like 2026-11-01T10:00:00Z' })
  .transform((written) => Date.parse(written));

/** What each move says beside its name. */
const BODIES: Readonly<Record<Move['type'], z.ZodType>> = {
  acknowledge: z.strictObject({}),
  assign: z.strictObject({ to: text.max(256) }),
  hold: z.strictObject({ reason: z.enum(HOLD_REASONS) }),
  resume: z.strictObject({}),
  resolve: z.strictObject({ code: z.enum(CLOSE_CODES).default('solution_provided'), notes: text }),
  close: z.strictObject({}),
  reopen: z.strictObject({ reason }),
  cancel: z.strictObject({ reason }),
  note: z.strictObject({ text }),
  prioritize: z
    .strictObject({
      impact: weight.nullable().optional(),
      urgency: weight.nullable().optional(),
      priority: priority.nullable().optional(),
      reason,
    })
    .refine(
      (said) => said.impact !== undefined || said.urgency !== undefined || said.priority !== undefined,
      'say impact, urgency or priority; null takes back what somebody has said',
    ),
  categorize: z.strictObject({ category: z.enum(CATEGORIES), reason }),
  classify: z.strictObject({
    harm: z.enum(HARMS),
    art349: z.enum(ARTICLE_3_49),
    seriousCandidate: z.boolean().optional(),
    reason,
    person: text.max(256).optional(),
  }),
  mitigate: z.strictObject({ at: at.optional() }),
  aware: z.strictObject({ at: at.optional(), person: text.max(256).optional() }),
};

/** The names of all moves. */
export const MOVE_NAMES = Object.keys(BODIES) as Move['type'][];

/**
 * What somebody asks to be done, and who does it. What the law asks of a named person is done under a name.
 * @throws Problem  there is no such move; or not this way, and why
 */
export function readMove(type: string, sent: unknown, who: Actor, now: Millis): { step: Move; by: Actor } {
  if (!Object.hasOwn(BODIES, type))
    throw notFound(`there is no move ${JSON.stringify(type)}; known are: ${MOVE_NAMES.join(', ')}`);
  const body = bodyOf(BODIES[type as Move['type']], sent);
  const { person, ...said } = body as { readonly person?: string; readonly at?: Millis };
  if (said.at !== undefined && said.at > now) throw badRequest('at: is in the future');
  const step = { type, ...said } as Move;
  if (type !== 'classify' && type !== 'aware') return { step, by: who };
  if (!isNamed(who) && person === undefined)
    throw badRequest('person: a named person decides this: sign in, or say who it is');
  return { step, by: calledAs(who, person) };
}
