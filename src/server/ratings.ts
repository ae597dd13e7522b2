import type { z } from 'zod';
import type { Dictionary } from '../model/dictionary.ts';
import { hexOfId, idOfHex } from '../model/ids.ts';
import type { TelemetryEvaluation } from '../model/ingest.ts';
import { evaluationKey, judgedKey, labelKey } from '../model/names.ts';
import { responseRefOfText } from '../model/response-ref.ts';
import { Evaluation, Feedback, Label } from '../model/signals.ts';
import type { Millis } from '../model/time.ts';
import { CLOCK, type NewRating, type RatingTarget } from '../store/rating.ts';

/** What of a signal names the interaction it is about. */
interface Named {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly responseId?: string | undefined;
  readonly interactionId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly service?: string | undefined;
}

const targetOf = (signal: Named): RatingTarget => ({
  trace: signal.traceId === undefined ? '' : idOfHex(signal.traceId),
  span: signal.spanId === undefined ? '' : idOfHex(signal.spanId),
  response: signal.responseId === undefined ? '' : responseRefOfText(signal.responseId),
  interaction: signal.interactionId === undefined ? '' : responseRefOfText(signal.interactionId),
  conversation: signal.conversationId ?? '',
  service: signal.service ?? '',
});

type IdentityPart = string | number | undefined;

/** Of one identity the latest counts (docs/guide/sending.md). */
function identityOf(type: string, id: string | undefined, signal: Named, ...parts: IdentityPart[]): string {
  if (id !== undefined) return JSON.stringify([type, id]);
  const { traceId, spanId, responseId, interactionId, conversationId, service } = signal;
  const own = interactionId === undefined ? [] : [{ interactionId }];
  return JSON.stringify([type, traceId, spanId, responseId, conversationId, service, ...parts, ...own]);
}

/** The same for a sender who may speak of one service only: an id of its own is not that of another's rating. */
export function identityWithin(identity: string, service: string): string {
  const parts = JSON.parse(identity) as unknown[];
  return parts.length === 2 ? JSON.stringify([...parts, service]) : identity;
}

/** What a rating names, and what its sender called it: ids as they came, of which the store keeps hashes only. */
export function namedBy({ identity, target }: NewRating): Record<string, unknown> {
  const [, first, spanId, responseId, conversationId, ...rest] = JSON.parse(identity) as unknown[];
  const traceId = target.trace === '' ? undefined : hexOfId(target.trace);
  if (responseId === undefined) return { id: first, ...(traceId !== undefined && { traceId }) };
  const own = rest.find((part) => typeof part === 'object' && part !== null);
  const named = { traceId, spanId, responseId, conversationId, ...own };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => typeof value === 'string'));
}

/** Future times are the sender's clock running fast: what is said is said now at the latest. */
const sayingTime = (at: Millis | undefined, now: Millis): Millis => Math.min(at ?? now, now);
/** What that clock said is kept: when the same is sent again it is known by it. */
const clockIn = (at: Millis | undefined, now: Millis): NewRating['detail'] =>
  at !== undefined && at > now ? { [CLOCK]: new Date(at).toISOString() } : null;

export type RatingReader = (signal: unknown, dictionary: Dictionary, now: Millis) => NewRating;

/** @throws ZodError */
export const readFeedback: RatingReader = (raw, _dictionary, now) => {
  const signal = Feedback.parse(raw);
  return {
    identity: identityOf('feedback', signal.id, signal, signal.kind),
    target: targetOf(signal),
    rating: { type: 'feedback', kind: signal.kind, value: signal.value },
    detail: clockIn(signal.at, now),
    at: sayingTime(signal.at, now),
    isTimed: signal.at !== undefined,
  };
};

/** @throws ZodError */
export const readEvaluation: RatingReader = (raw, dictionary, now) =>
  ratingOfEvaluation(Evaluation.parse(raw), dictionary, now);

function ratingOfEvaluation(
  signal: Evaluation,
  dictionary: Dictionary,
  now: Millis,
  type = 'evaluation',
  more: IdentityPart[] = [],
): NewRating {
  const kind = signal.relevance === undefined ? [] : ['relevance'];
  const name = { name: signal.name, evaluator: signal.evaluator, version: signal.evaluatorVersion ?? '' };
  return {
    identity: identityOf(type, signal.id, signal, name.name, name.evaluator, name.version, ...kind, ...more),
    target: targetOf(signal),
    rating:
      signal.relevance === undefined
        ? {
            type: 'evaluation',
            evaluation: dictionary.code(evaluationKey(name)),
            score: signal.score ?? null,
            ...(signal.confidence !== undefined && { confidence: signal.confidence }),
          }
        : {
            type: 'ranking',
            evaluation: dictionary.code(judgedKey(name)),
            relevance: signal.relevance,
            judged: signal.judged ?? null,
          },
    detail:
      signal.label === undefined && signal.confidence === undefined
        ? clockIn(signal.at, now)
        : { label: signal.label, confidence: signal.confidence, ...clockIn(signal.at, now) },
    at: sayingTime(signal.at, now),
    isTimed: signal.at !== undefined,
  };
}

/** Evaluators that telemetry leaves unnamed. */
const UNNAMED = '(unnamed)';

/**
 * An evaluation from telemetry. Where nothing says who scored, the score itself tells two apart: some libraries write one
 * score twice, once on the span and once as a log record. A failure is kept beside the scores, it takes none away.
 */
export function ratingOfTelemetry(found: TelemetryEvaluation, dictionary: Dictionary, now: Millis): NewRating {
  const { errorType, ...said } = found;
  const signal = { ...said, evaluator: said.evaluator ?? UNNAMED };
  if (errorType !== undefined)
    return { ...ratingOfEvaluation(signal, dictionary, now, 'failed evaluation'), detail: { errorType } };
  const itself = said.evaluator === undefined ? [said.score, said.label] : [];
  return ratingOfEvaluation(signal, dictionary, now, 'evaluation', itself);
}

/** @throws ZodError */
export const readLabel: RatingReader = (raw, dictionary, now) => {
  const signal = Label.parse(raw);
  return {
    identity: identityOf('label', signal.id, signal, signal.name, signal.source),
    target: targetOf(signal),
    rating: {
      type: 'label',
      label: dictionary.code(labelKey({ name: signal.name, source: signal.source, sampling: signal.sampling })),
      value: signal.value,
    },
    detail: clockIn(signal.at, now),
    at: sayingTime(signal.at, now),
    isTimed: signal.at !== undefined,
  };
};

/** One line on what is wrong with one item, with the values found. */
export const detailOf = (error: z.ZodError, item: unknown): string =>
  error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}${foundAt(path, item)}`))
    .join('; ');

const FOUND_MAX = 64;

function foundAt(path: readonly PropertyKey[], item: unknown): string {
  let value = item;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value === undefined || typeof value === 'object' ? '' : `, found ${JSON.stringify(value).slice(0, FOUND_MAX)}`;
}
