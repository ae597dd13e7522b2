/** What a relevance grade is worth: itself, or 2^grade - 1. */
export type Gain = 'linear' | 'exponential';

function requireRanking(relevance: readonly number[], k: number): void {
  if (!Number.isSafeInteger(k) || k < 1) throw new RangeError(`k is ${k}, an integer of at least 1 is needed`);
  for (const grade of relevance)
    if (!(grade >= 0 && grade < Infinity)) throw new RangeError(`a relevance is ${grade}, it is 0 or more and finite`);
}

function discountedGain(relevance: readonly number[], k: number, gain: Gain): number {
  let sum = 0;
  for (const [i, grade] of relevance.slice(0, k).entries())
    sum += (gain === 'linear' ? grade : 2 ** grade - 1) / Math.log2(i + 2);
  return sum;
}

/** Of sums in another order. */
const ROUNDING = 1e-9;

/**
 * Normalised discounted cumulative gain of the first k.
 * @param relevance  grades in the order shown   @param judged  grades of all judged documents; those shown, if not given
 * @throws RangeError when those shown are worth more than all that were judged: then not all that were shown are among them
 * @returns null when the ideal is 0: no document was worth anything, so it can't be said how well they were ordered
 * @see Jarvelin, Kekalainen (2002), TOIS 20:422-446; Burges et al. (2005), ICML
 */
export function ndcg(
  relevance: readonly number[],
  k: number,
  gain: Gain = 'linear',
  judged: readonly number[] = relevance,
): number | null {
  requireRanking(relevance, k);
  requireRanking(judged, k);
  const ideal = discountedGain(
    [...judged].sort((a, b) => b - a),
    k,
    gain,
  );
  const shown = discountedGain(relevance, k, gain);
  if (!(shown <= ideal * (1 + ROUNDING) && ideal < Infinity))
    throw new RangeError(
      `the documents shown are worth ${shown}, the best order of those judged ${ideal}: finite, and not less, is needed`,
    );
  return ideal === 0 ? null : Math.min(1, shown / ideal);
}

/** Share of the first k that are relevant; k places count even when fewer were filled. */
export function precisionAt(relevance: readonly number[], k: number): number {
  requireRanking(relevance, k);
  return relevance.slice(0, k).filter((grade) => grade > 0).length / k;
}

/** 1 / rank of the first relevant one within k, else 0. @see Voorhees (1999), TREC-8 */
export function reciprocalRank(relevance: readonly number[], k: number): number {
  requireRanking(relevance, k);
  const first = relevance.slice(0, k).findIndex((grade) => grade > 0);
  return first === -1 ? 0 : 1 / (first + 1);
}

/**
 * What one query's documents come to by a metric, in [0, 1]; nDCG with linear gain. Null where no judged document is worth anything:
 * nDCG has no ideal then, while no relevant one among the first k is a precision and a reciprocal rank of 0.
 * @param k  how many of the first count
 */
export function rankingValue(
  metric: 'ndcg' | 'precision' | 'reciprocal_rank',
  k: number,
  { relevance, judged }: { readonly relevance: readonly number[]; readonly judged: readonly number[] | null },
): number | null {
  switch (metric) {
    case 'ndcg': {
      const value = ndcg(relevance, k, 'linear', judged ?? relevance);
      // An order that is ideal but for rounding is ideal.
      return value === null ? null : Math.min(1, value);
    }
    case 'precision':
      return precisionAt(relevance, k);
    case 'reciprocal_rank':
      return reciprocalRank(relevance, k);
  }
}
