import { z } from 'zod';
import { isSpanIdHex, isTraceIdHex, MAX_ID_BYTES } from './ids.ts';

const traceId = z
  .string()
  .refine(isTraceIdHex, 'a trace id has 32 hex digits, not all zero')
  .transform((text) => text.toLowerCase());
const spanId = z
  .string()
  .refine(isSpanIdHex, 'a span id has 16 hex digits, not all zero')
  .transform((text) => text.toLowerCase());
const shortText = z.string().min(1).max(256);
/** As long as it may be on a span. */
const foreignId = z.string().min(1).max(MAX_ID_BYTES);
/** RFC 3339 with offset or Z; milliseconds since 1970. */
export const instant = z.iso
  .datetime({ offset: true, error: 'expected a time like 2026-11-01T10:00:00Z' })
  .transform((text) => Date.parse(text));

/** What a signal is about: one of four names, or several of them. */
const target = {
  traceId: traceId.optional(),
  spanId: spanId.optional(),
  responseId: foreignId.optional(),
  /** The application's own id, as it stands on a span. */
  interactionId: foreignId.optional(),
  conversationId: foreignId.optional(),
  service: shortText.optional(),
};
const hasTarget = (value: { [name in keyof typeof target]?: unknown }): boolean =>
  value.traceId !== undefined ||
  value.responseId !== undefined ||
  value.interactionId !== undefined ||
  value.conversationId !== undefined;
const needsTarget = 'say which interaction this is about: traceId, responseId, interactionId or conversationId';

const feedbackValue = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('thumbs'), value: z.enum(['up', 'down']) }),
  z.object({ kind: z.literal('stars'), value: z.int().min(1).max(5) }),
  z.object({ kind: z.literal('decision'), value: z.enum(['accepted', 'overridden']) }),
  z.object({ kind: z.literal('escalation'), value: z.boolean() }),
  z.object({ kind: z.literal('reask'), value: z.boolean() }),
  z.object({ kind: z.literal('flag'), value: z.enum(['unsafe', 'biased', 'hallucinated', 'wrong', 'other']) }),
]);

/** May hold who said what of which service and interaction: short texts, and a name of the interaction. */
const feedbackId = z
  .string()
  .min(1)
  .max(1024 + MAX_ID_BYTES);

/** What a person said about one interaction. */
export const Feedback = z
  .object({ id: feedbackId.optional(), ...target, at: instant.optional(), comment: z.string().max(8192).optional() })
  .and(feedbackValue)
  .refine(hasTarget, needsTarget);
export type Feedback = z.output<typeof Feedback>;
export type FeedbackKind = Feedback['kind'];

/** What a document that was found is worth; 0 is nothing. Gains of larger grades would be no numbers any more. */
const grade = z.number().min(0).max(1000);
const grades = z.array(grade).min(1).max(1000);

/** Each of some grades is one of all. */
function isAmong(some: readonly number[], all: readonly number[]): boolean {
  const left = new Map<number, number>();
  for (const one of all) left.set(one, (left.get(one) ?? 0) + 1);
  return some.every((one) => {
    const n = left.get(one) ?? 0;
    left.set(one, n - 1);
    return n > 0;
  });
}

/** What an evaluator scored about one interaction. `score` may be any finite number; the service file says what it means. */
export const Evaluation = z
  .object({
    id: shortText.optional(),
    ...target,
    name: shortText,
    score: z.number().optional(),
    label: shortText.optional(),
    /** Grades of the documents that were found, in the order shown. */
    relevance: grades.optional(),
    /** Grades of all that were judged, also of those that were not shown; left out: those shown are all. */
    judged: grades.optional(),
    evaluator: shortText,
    evaluatorVersion: shortText.optional(),
    /** How sure it is stated to be that the answer is right: by the model itself, or by who evaluates it. */
    confidence: z.number().min(0).max(1).optional(),
    at: instant.optional(),
  })
  .refine(hasTarget, needsTarget)
  .refine(
    ({ score, label, confidence, relevance }) => [score, label, confidence, relevance].some((one) => one !== undefined),
    'give a score, a label, a confidence, or several of them; or the relevance of documents',
  )
  .refine(
    ({ score, label, confidence, relevance }) =>
      relevance === undefined || [score, label, confidence].every((one) => one === undefined),
    'relevance of documents is an evaluation of its own: send score, label and confidence as another one',
  )
  .refine(
    ({ relevance = [], judged }) => judged === undefined || (relevance.length > 0 && isAmong(relevance, judged)),
    'judged holds the grades of all documents that were judged, also of those in relevance',
  );
export type Evaluation = z.output<typeof Evaluation>;

/** What is known to be true about one interaction. */
export const Label = z
  .object({
    id: shortText.optional(),
    ...target,
    name: shortText,
    value: z.boolean(),
    source: shortText,
    sampling: z.enum(['random', 'voluntary']).default('voluntary'),
    at: instant.optional(),
  })
  .refine(hasTarget, needsTarget);
export type Label = z.output<typeof Label>;

export const CHANGE_TYPES = [
  'model_version',
  'provider_snapshot',
  'prompt',
  'system_instruction',
  'retrieval_corpus',
  'embedding_model',
  'tool',
  'guardrail',
  'sampling_parameters',
  'routing',
  'dataset',
  'threshold',
  'infrastructure',
] as const;

export const versionRef = z.union([
  shortText,
  z.object({
    id: shortText,
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i)
      .optional(),
  }),
]);

/** A change of a service's model, prompt, tool ... as a record of what happened. */
export const Change = z.object({
  id: shortText.optional(),
  service: shortText,
  environment: shortText.optional(),
  type: z.enum(CHANGE_TYPES),
  before: versionRef.optional(),
  after: versionRef.optional(),
  at: instant.optional(),
  state: shortText.optional(),
  description: z.string().max(8192).optional(),
});
export type Change = z.output<typeof Change>;
