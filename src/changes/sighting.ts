import { EMBEDDING_DIMENSIONS, isEmbedding } from '../model/embedding-dimensions.ts';
import { plainText } from '../model/plain-text.ts';
import { iso, MINUTE_MS, type Millis } from '../model/time.ts';

/** Somebody has so long to declare what the traffic shows. */
export const DECLARE_WITHIN_MS: Millis = 60 * MINUTE_MS;
/** A change that was declared this long before may be what is seen now: it is rolled out slowly. */
export const DECLARED_BEFORE_MS: Millis = 30 * 24 * 60 * MINUTE_MS;
/** In the first day of a service all of its values are new, and none of them is news. */
export const LEARN_MS: Millis = 24 * 60 * MINUTE_MS;

/** What was seen of a value that was not there before. Values are raw. */
export interface SightingEvidence {
  readonly dimension: string;
  readonly value: string;
  /** Of the minute in which it was there first, event time. */
  readonly firstSeen: Millis;
  /** Interactions of the hour that began then: with the value, and all. */
  readonly n: number;
  readonly all: number;
  /** Most of the 24 hours before, and its share of them; null: nothing was there. */
  readonly before: { readonly value: string; readonly share: number } | null;
  /** The first ones, up to three, hex. */
  readonly traces: readonly string[];
  /** What was asked for, where answers came from another model than that. */
  readonly alias: string | null;
}

/** The subject of the change. That an alias is moved to another snapshot is the provider's doing. */
export function sightedType({ dimension, alias }: Pick<SightingEvidence, 'dimension' | 'alias'>): string {
  if (dimension === 'prompt_version') return 'prompt';
  if (dimension === EMBEDDING_DIMENSIONS) return 'embedding_model';
  return alias === null ? 'model_version' : 'provider_snapshot';
}

/** Whether a change that was declared is of a value that was seen. @param after  what it says is there since */
export const isDeclaredAs = (
  { dimension, value }: Pick<SightingEvidence, 'dimension' | 'value'>,
  after: string,
): boolean => (dimension === EMBEDDING_DIMENSIONS ? isEmbedding(value, after) : value === after);

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** The evidence in one line, for people. */
export function sightingText({ dimension, value, firstSeen, n, all, before, traces, alias }: SightingEvidence): string {
  const what = dimension.replaceAll('_', ' ');
  return [
    `Nobody has declared it: ${what} ${plainText(value)} was first seen at ${iso(firstSeen)}`,
    ...(alias === null ? [] : [`${plainText(alias)} had been asked for`]),
    `${n} of ${all} interactions in the hour from then`,
    before === null
      ? 'nothing was there before'
      : `${percent(before.share)} of the day before had ${plainText(before.value)}`,
    ...(traces.length === 0 ? [] : [`first traces: ${traces.join(', ')}`]),
  ].join('; ');
}
