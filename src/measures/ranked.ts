import type { Code } from '../model/dictionary.ts';
import { ranked, rankedMicros, rankedMicrosSquared, rankedUndefined } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';

const MICRO = 1e6;

/** Values of a ranking measure in [0, 1], one for each query whose documents were judged. */
export interface RankedSums {
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Queries without an ideal order: no judged document was worth anything. They are in none of the others. */
  readonly undefined: number;
}

/** @param rankings  codes of the measure, one for each evaluator version that counts */
export function rankedSums(tally: Tally, rankings: readonly Code[]): RankedSums {
  const total = (nameOf: (ranking: Code) => number): number =>
    rankings.reduce((sum, ranking) => sum + count(tally, nameOf(ranking)), 0);
  return {
    n: total(ranked),
    sum: total(rankedMicros) / MICRO,
    sumOfSquares: total(rankedMicrosSquared) / MICRO,
    undefined: total(rankedUndefined),
  };
}
