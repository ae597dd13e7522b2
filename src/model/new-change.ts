import { z } from 'zod';
import { CHANGE_KINDS, type ChangeEvidence, SUBSTANTIAL, type VersionRef } from './change.ts';
import { CHANGE_TYPES, Change, instant, versionRef } from './signals.ts';

const words = z.string().trim().min(1).max(8192);
const name = z.string().trim().min(1).max(256);

export const Evidence = z
  .object({
    run: name,
    n: z.int().min(1),
    low: z.number(),
    high: z.number(),
    measure: name.optional(),
  })
  .refine(({ low, high }) => low <= high, 'low is above high') satisfies z.ZodType<ChangeEvidence>;

/** What may be said of a change as long as it is new. */
export const draft = {
  type: z.enum(CHANGE_TYPES).optional(),
  kind: z.enum(CHANGE_KINDS).optional(),
  before: versionRef.optional(),
  after: versionRef.optional(),
  description: words.optional(),
  justification: words.optional(),
  rollbackPlan: words.optional(),
  link: z
    .url({ protocol: /^https?$/, error: 'expected an address that begins with https:// or http://' })
    .max(2048)
    .optional(),
  template: name.optional(),
  plannedStart: instant.optional(),
  plannedEnd: instant.optional(),
  /** What other tools call it, by the name of the sink: `{itsm: CHG0030412}`. */
  externalRefs: z.record(z.string().min(1).max(63), z.string().trim().min(1).max(64)).optional(),
};

/** A change that somebody asks for: it has a kind, and goes through its states. */
export const NewChange = Change.extend({
  ...draft,
  type: z.enum(CHANGE_TYPES),
  kind: z.enum(CHANGE_KINDS),
  state: z.literal('new', { error: 'a change with a kind begins as new' }).optional(),
  externalRefs: draft.externalRefs.default({}),
  requestedBy: name.optional(),
  evidence: z.array(Evidence).max(100).default([]),
  substantialModification: z.enum(SUBSTANTIAL).default('undecided'),
}).refine(
  ({ plannedStart, plannedEnd }) => plannedStart === undefined || plannedEnd === undefined || plannedStart < plannedEnd,
  'it would end before it begins',
);
export type NewChange = z.output<typeof NewChange>;

export const refOf = (written: string | VersionRef | undefined): VersionRef | null =>
  written === undefined ? null : typeof written === 'string' ? { id: written } : written;

/** What was only told of has no kind. */
export const hasKind = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && (item as { kind?: unknown }).kind !== undefined;
