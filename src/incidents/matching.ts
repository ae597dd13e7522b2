import type { Millis } from '../model/time.ts';

/** From when to when something was broken, event time. */
export interface Stretch {
  readonly startedAt: Millis;
  /** When it was found. */
  readonly detectedAt: Millis;
  /** Null: it still is. */
  readonly resolvedAt: Millis | null;
}

export interface Matching<A extends Stretch, B extends Stretch> {
  /** Each of the first list, with the one of the second that is the same breach. */
  readonly pairs: readonly { readonly one: A; readonly other: B | null }[];
  /** Those of the second list that none of the first is. */
  readonly left: readonly B[];
}

/**
 * Which of two lists of incidents are the same: those that overlap in time, of several the one with the longest overlap; each
 * is the match of one at most. Both lists in order of time.
 */
export function matchByOverlap<A extends Stretch, B extends Stretch>(
  ones: readonly A[],
  others: readonly B[],
): Matching<A, B> {
  const candidates = ones
    .flatMap((one, i) => others.map((other, k) => ({ i, k, overlap: overlapMs(one, other) })))
    .filter(({ overlap }) => overlap >= 0)
    .sort((a, b) => b.overlap - a.overlap || a.i - b.i || a.k - b.k);
  const otherOf = new Map<number, number>();
  const taken = new Set<number>();
  for (const { i, k } of candidates) {
    if (otherOf.has(i) || taken.has(k)) continue;
    otherOf.set(i, k);
    taken.add(k);
  }
  return {
    pairs: ones.map((one, i) => ({ one, other: others[otherOf.get(i) ?? -1] ?? null })),
    left: others.filter((_other, k) => !taken.has(k)),
  };
}

/** Negative: they don't. */
function overlapMs(a: Stretch, b: Stretch): number {
  const end = Math.min(a.resolvedAt ?? Number.MAX_SAFE_INTEGER, b.resolvedAt ?? Number.MAX_SAFE_INTEGER);
  return end - Math.max(a.startedAt, b.startedAt);
}
