import { z } from 'zod';
import { map } from './document.ts';
import { duration, label, list, maybe, refuse, text, whole } from './fields.ts';
import { passMark } from './pass-mark.ts';

/** What an availability objective may leave out of the bad: faults of the caller, refusals by a content filter. */
export const EXCLUSIONS = ['client', 'content'] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** Components of the trust index. */
export const TRUST_COMPONENTS = [
  'satisfaction',
  'reliance',
  'safety',
  'calibration',
  'escalation',
  'transparency',
  'consistency',
] as const;
export type TrustComponent = (typeof TRUST_COMPONENTS)[number];

/** What drift is looked for in, beside evaluations, `embedding:<name>` and declared attributes. */
export const DRIFT_FEATURES = [
  'input_tokens',
  'output_tokens',
  'duration',
  'finish_class',
  'response_model',
  'operation',
] as const;
const EMBEDDING_PREFIX = 'embedding:';
/** The model of a feature `embedding:<model>`; null for other features. */
export const embeddingModelOf = (feature: string): string | null =>
  feature.startsWith(EMBEDDING_PREFIX) ? feature.slice(EMBEDDING_PREFIX.length) : null;

export const DRIFT_TOLERANCES = ['moderate', 'major'] as const;
export const RANKING_METRICS = ['ndcg', 'precision', 'reciprocal_rank'] as const;
export const COMPOSITE_RULES = ['weighted', 'serial', 'worst'] as const;

/** How those that are labelled were chosen. */
export const SAMPLINGS = ['random', 'voluntary'] as const;

/** A limit that time is compared with: whole milliseconds, as they are counted. */
const timeLimit = duration('1ms', '1d');
const amount = z.number({ error: 'expected an amount above 0' }).positive('expected an amount above 0');

const availability = map({
  type: z.literal('availability'),
  exclude: list(z.enum(EXCLUSIONS)).default([]),
});
const latency = map({ type: z.literal('latency'), threshold: timeLimit }).transform(({ type, threshold }) => ({
  type,
  thresholdMs: threshold,
}));
const timeToFirstToken = map({ type: z.literal('time_to_first_token'), threshold: timeLimit }).transform(
  ({ type, threshold }) => ({ type, thresholdMs: threshold }),
);
/**
 * By labels; by labels drawn at random with an evaluation as judge of the unlabelled; without labels, from the confidence
 * that an evaluation states; or by the scores of an evaluation.
 */
const accuracy = map({
  type: z.literal('accuracy'),
  label: maybe(text),
  /** Whose labels count: of interactions that were chosen at random, or of those that somebody cared to label. Never both together. */
  sampling: maybe(z.enum(SAMPLINGS)),
  judge: maybe(text),
  /** The dimension within which labels were drawn at random, where they were drawn unequally across its values. */
  strata: text.optional(),
  /** The evaluation whose stated confidence the accuracy is estimated from. */
  confidence: text.optional(),
  evaluation: maybe(text),
  evaluatorVersion: maybe(text),
  pass: maybe(passMark),
}).superRefine((measure, context) => {
  if ((measure.label === null) === (measure.evaluation === null)) {
    refuse(context, 'accuracy is measured either by a label or by an evaluation', {
      hint: 'write label: correct, or evaluation: and its name',
    });
    return;
  }
  if (measure.judge !== null && measure.confidence !== undefined)
    refuse(context, 'accuracy has a judge of the unlabelled, or is estimated from confidence: not both', {
      hint: 'write two objectives',
    });
  if ((measure.judge !== null || measure.confidence !== undefined) && measure.sampling === 'voluntary')
    refuse(
      context,
      'a judge or a confidence is held against labels of interactions that were chosen at random',
      { hint: 'write sampling: random, or remove it' },
      ['sampling'],
    );
  if (measure.strata !== undefined && measure.judge === null)
    refuse(context, '"strata" belongs to accuracy with a judge', { hint: 'remove it, or write judge:' }, ['strata']);
  const foreign =
    measure.label === null ? (['sampling', 'judge', 'confidence'] as const) : (['pass', 'evaluatorVersion'] as const);
  for (const key of foreign) {
    if (measure[key] == null) continue;
    const needs = measure.label === null ? 'label' : 'evaluation';
    refuse(context, `"${key}" belongs to accuracy by ${needs}`, { hint: `remove it, or write ${needs}:` }, [key]);
  }
});
/** By the mean score of an evaluation, by a ranking measure at k, or by how seldom people ask again. */
const relevance = map({
  type: z.literal('relevance'),
  evaluation: maybe(text),
  evaluatorVersion: maybe(text),
  ranking: maybe(
    map({
      metric: z.enum(RANKING_METRICS),
      k: whole(1, 1000).default(10),
    }),
  ),
  reask: z.literal(true).optional(),
}).transform(({ reask, ...measure }, context) => {
  const ways = [measure.evaluation, measure.ranking, reask ?? null].filter((way) => way !== null);
  if (ways.length !== 1)
    return refuse(context, 'relevance is measured by exactly one of evaluation, ranking and reask', {
      hint: 'write evaluation: and its name, ranking: {metric: ndcg}, or reask: true',
    });
  return { ...measure, reask: reask === true };
});
/** The index, or one of its components. */
const trust = map({ type: z.literal('trust'), component: maybe(z.enum(TRUST_COMPONENTS)) });
/** Of those who rate; or with `responseRate` how many do. */
const satisfaction = map({ type: z.literal('satisfaction'), responseRate: z.literal(true).optional() }).transform(
  ({ type, responseRate }) => ({ type, responseRate: responseRate === true }),
);
const drift = map({
  type: z.literal('drift'),
  feature: text,
  tolerance: z.enum(DRIFT_TOLERANCES).default('moderate'),
});
/** In the currency that the telemetry or the price list speaks. */
const cost = map({
  type: z.literal('cost'),
  perInteraction: maybe(amount),
  perDay: maybe(amount),
}).superRefine(({ perInteraction, perDay }, context) => {
  if ((perInteraction === null) === (perDay === null))
    refuse(context, 'cost has exactly one limit, perInteraction or perDay');
});
const escalation = map({ type: z.literal('escalation') });
/** How seldom a guardrail or a provider's filter blocks. */
const guardrail = map({ type: z.literal('guardrail') });
const member = z.union(
  [label.transform((objective) => ({ objective, weight: 1 })), map({ objective: label, weight: amount })],
  {
    error: 'expected the name of an objective, or {objective, weight}',
  },
);
/** How far the values of a dimension may lie apart in what another objective measures. */
const parity = map({
  type: z.literal('parity'),
  of: label,
  dimension: text,
  /** Of the measure, between the value that has most and the one that has least. */
  limit: z
    .number({ error: 'expected a difference between 0 and 1, like 0.05' })
    .gt(0, 'expected a difference between 0 and 1, like 0.05')
    .lt(1, 'expected a difference between 0 and 1, like 0.05'),
});
const composite = map({
  type: z.literal('composite'),
  of: list(member).min(2, 'expected two objectives or more'),
  rule: z.enum(COMPOSITE_RULES),
});

/** What an objective measures; `type` names it. */
export const measure = z.discriminatedUnion('type', [
  availability,
  latency,
  timeToFirstToken,
  accuracy,
  relevance,
  trust,
  satisfaction,
  drift,
  cost,
  escalation,
  guardrail,
  parity,
  composite,
]);
export type MeasureConfig = z.output<typeof measure>;
export type MeasureOf<T extends MeasureConfig['type']> = Extract<MeasureConfig, { type: T }>;
