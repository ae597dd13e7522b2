import { requirePart, requireShare } from '../model/numbers.ts';

export interface Stratum {
  /** Everyone in it, those who answered, and the good answers. */
  readonly population: number;
  readonly n: number;
  readonly good: number;
}

export interface PostStratified {
  readonly share: number;
  /** null when a stratum has a single answer: its variance is not known. */
  readonly standardError: number | null;
  readonly responseRate: number;
  /** What the share of everyone can be at all, whatever those who stayed silent would have said (Manski). */
  readonly worst: number;
  readonly best: number;
}

/** Strata with fewer answers are merged before anything is estimated. */
const ANSWERS_MIN = 10;

/**
 * The share of good answers with each stratum at its weight in the population: assumes that within a stratum it is chance who answers.
 * Strata of fewer than ten answers are merged, the smallest first, with each other or the next.
 * @returns null when nobody answered
 * @see Holt, Smith (1979), JRSS-A 142:33-46; Manski (1990), AER 80:319-323
 */
export function postStratify(strata: readonly Stratum[]): PostStratified | null {
  for (const stratum of strata) {
    requirePart('good', stratum.good, 'n', stratum.n);
    requirePart('n', stratum.n, 'population', stratum.population);
  }
  const merged = mergeSmall(strata);
  const population = merged.reduce((sum, stratum) => sum + stratum.population, 0);
  const n = merged.reduce((sum, stratum) => sum + stratum.n, 0);
  const good = merged.reduce((sum, stratum) => sum + stratum.good, 0);
  if (n === 0) return null;
  let share = 0;
  let variance = 0;
  for (const stratum of merged) {
    const weight = stratum.population / population;
    const p = stratum.good / stratum.n;
    share += weight * p;
    variance += (weight * weight * p * (1 - p)) / (stratum.n - 1);
  }
  const responseRate = n / population;
  const worst = responseRate * (good / n);
  return {
    share: Math.min(1, share),
    standardError: Number.isNaN(variance) ? null : Math.sqrt(variance),
    responseRate,
    worst,
    best: Math.min(1, worst + 1 - responseRate),
  };
}

function mergeSmall(strata: readonly Stratum[]): Stratum[] {
  const merged = [...strata].sort((a, b) => a.n - b.n);
  while (merged.length > 1 && merged[0]!.n < ANSWERS_MIN) {
    const [one, two] = merged.splice(0, 2) as [Stratum, Stratum];
    merged.push({ population: one.population + two.population, n: one.n + two.n, good: one.good + two.good });
    merged.sort((a, b) => a.n - b.n);
  }
  return merged;
}

/**
 * How much worse those who did not answer may be before a claim about everyone fails: (p - objective) / (1 - response rate).
 * @returns null when everyone answered, or when not even the answers keep the objective
 */
export function sensitivity(share: number, objective: number, responseRate: number): number | null {
  for (const [name, value] of Object.entries({ share, objective, responseRate })) requireShare(name, value);
  return responseRate >= 1 || share <= objective ? null : (share - objective) / (1 - responseRate);
}
