import { z } from 'zod';
import type { Actor } from '../../model/incident.ts';
import { PROBLEM_STATES, ROOT_CAUSES } from '../../model/problem.ts';
import { CATEGORIES } from '../../model/taxonomy.ts';
import type { Millis } from '../../model/time.ts';
import type { ProblemMove } from '../../problems/lifecycle.ts';
import { bodyOf } from './body.ts';
import { calledAs } from './person.ts';
import { notFound } from './problem.ts';

const text = z.string().trim().min(1).max(8192);
const reason = text;
/** Who it is, where a token or nobody at all signs in. */
const person = { person: text.max(256).optional() };
/** Of what needs none. */
const perhaps = { reason: reason.optional(), ...person };
const incident = z.string().regex(/^INC-\d{1,12}$/, 'an incident like INC-7');
const until = z.iso
  .datetime({ offset: true, error: 'expected a time like 2026-11-01T10:00:00Z' })
  .transform((written): Millis => Date.parse(written));

/** What each move says beside its name. */
const BODIES: Readonly<Record<ProblemMove['type'], z.ZodType>> = {
  assess: z.strictObject(perhaps),
  analyse: z.strictObject(perhaps),
  confirm: z.strictObject({
    cause: z.enum(ROOT_CAUSES, { error: `one of ${ROOT_CAUSES.join(', ')}` }),
    slice: z.string().max(1024).nullable().optional(),
    reason,
    ...person,
  }),
  workaround: z.strictObject({ text, ...person }),
  fix: z.strictObject({ change: text.max(256).nullable().optional(), notes: text.optional(), ...person }),
  resolve: z.strictObject({ notes: text, ...person }),
  reopen: z.strictObject({ reason, ...person }),
  close: z.strictObject(perhaps),
  accept: z.strictObject({ until, reason, ...person }),
  duplicate: z.strictObject({ of: z.string().regex(/^PRB-\d{1,12}$/, 'a problem like PRB-7'), ...perhaps }),
  cancel: z.strictObject({ reason, ...person }),
  link: z.strictObject({ incident, ...perhaps }),
  unlink: z.strictObject({ incident, reason, ...person }),
  note: z.strictObject({ text, ...person }),
};

/** The names of all moves. */
export const PROBLEM_MOVES = Object.keys(BODIES) as ProblemMove['type'][];

/** What somebody asks a problem to be opened about. */
export const NewProblem = z.strictObject({
  title: text.max(256),
  category: z.enum(CATEGORIES).optional(),
  incidents: z.array(incident).min(1, 'one incident or more').max(1000),
  reason,
  ...person,
});
export type NewProblem = z.output<typeof NewProblem>;

export const PROBLEM_FILTERS = [...PROBLEM_STATES, 'open'] as const;

/** What somebody asks to be done, and who does it. @throws Problem  there is no such move; or not this way, and why */
export function readProblemMove(type: string, sent: unknown, who: Actor): { step: ProblemMove; by: Actor } {
  if (!Object.hasOwn(BODIES, type))
    throw notFound(`there is no move ${JSON.stringify(type.slice(0, 64))}; known are: ${PROBLEM_MOVES.join(', ')}`);
  const { person: called, ...said } = bodyOf(BODIES[type as ProblemMove['type']], sent) as { readonly person?: string };
  return { step: { type, ...said } as ProblemMove, by: calledAs(who, called) };
}
