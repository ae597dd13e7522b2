import { requireAmount } from '../model/numbers.ts';
import { chiSquareTail, kolmogorovTail } from './distributions.ts';

/** How far the counts of now are from those of the baseline, in the same bins. */
export interface Drift {
  /** Population stability index, what it shows without drift, and what is left of it. */
  readonly psi: number;
  readonly psiNull: number;
  readonly psiAdjusted: number;
  readonly psiP: number;
  /** Jensen-Shannon divergence in bits, and its square root, a distance in [0, 1]. */
  readonly jsBits: number;
  readonly jsDistance: number;
  /** Largest distance of the cumulative shares; its p-value errs to the safe side on binned data. */
  readonly ks: number;
  readonly ksP: number;
  /** Earth mover's distance in units of the feature; null without positions. */
  readonly wasserstein: number | null;
  /** Homogeneity of the 2 x B table; bins empty in both are left out. */
  readonly chiSquare: number;
  readonly chiSquareDf: number;
  readonly chiSquareP: number;
  readonly g: number;
  readonly gP: number;
  readonly cramersV: number;
  /** Some expected count is below 5: the p-values of chiSquare and g are rough. */
  readonly sparse: boolean;
}

const SMOOTHING = 0.5;
const EXPECTED_MIN = 5;

/**
 * Two-sample drift on binned counts.
 * @param positions  representative of each bin, rising; for features that are no quantity leave them out
 * @returns null when one side has no events
 * @see Yurdakul, Naranjo (2020), J. Risk Model Valid. 14(4) (PSI); Lin (1991), IEEE Trans. Inf. Theory 37:145-151 (JS);
 *   Conover (1972), JASA 67:591-596 (KS on bins)
 */
export function binnedDrift(
  current: readonly number[],
  reference: readonly number[],
  positions?: readonly number[],
): Drift | null {
  const bins = current.length;
  if (bins < 2 || reference.length !== bins || (positions !== undefined && positions.length !== bins))
    throw new RangeError(
      `${bins} bins now, ${reference.length} in the baseline${positions === undefined ? '' : `, ${positions.length} positions`}: the same number is needed, at least 2`,
    );
  const n = sumOf('current', current);
  const m = sumOf('reference', reference);
  if (n === 0 || m === 0) return null;
  const pooledInverse = 1 / n + 1 / m;
  const psi = stabilityIndex(current, n, reference, m);
  const psiNull = (bins - 1) * pooledInverse;
  const js = jensenShannon(current, n, reference, m);
  const { ks, wasserstein } = cumulative(current, n, reference, m, positions);
  return {
    psi,
    psiNull,
    psiAdjusted: Math.max(0, psi - psiNull),
    psiP: chiSquareTail(psi / pooledInverse, bins - 1),
    jsBits: js,
    jsDistance: Math.sqrt(js),
    ks,
    ksP: kolmogorovTail(Math.sqrt((n * m) / (n + m)) * ks),
    wasserstein,
    ...homogeneity(current, n, reference, m),
  };
}

function sumOf(name: string, counts: readonly number[]): number {
  let sum = 0;
  for (const [b, count] of counts.entries()) {
    requireAmount(`${name}[${b}]`, count);
    sum += count;
  }
  requireAmount(`the sum of ${name}`, sum);
  return sum;
}

function stabilityIndex(current: readonly number[], n: number, reference: readonly number[], m: number): number {
  const smoothing = SMOOTHING * current.length;
  let psi = 0;
  for (const [b, count] of current.entries()) {
    const p = (count + SMOOTHING) / (n + smoothing);
    const q = (reference[b]! + SMOOTHING) / (m + smoothing);
    psi += (p - q) * Math.log(p / q);
  }
  return psi;
}

function jensenShannon(current: readonly number[], n: number, reference: readonly number[], m: number): number {
  const term = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log2((2 * x) / (x + y)));
  let sum = 0;
  for (const [b, count] of current.entries()) {
    const p = count / n;
    const q = reference[b]! / m;
    sum += term(p, q) + term(q, p);
  }
  return Math.min(1, Math.max(0, sum / 2));
}

function cumulative(
  current: readonly number[],
  n: number,
  reference: readonly number[],
  m: number,
  positions: readonly number[] | undefined,
): { ks: number; wasserstein: number | null } {
  let below = 0;
  let belowReference = 0;
  let ks = 0;
  let wasserstein = 0;
  for (const [b, count] of current.entries()) {
    below += count;
    belowReference += reference[b]!;
    const gap = Math.abs(below / n - belowReference / m);
    ks = Math.max(ks, gap);
    if (positions === undefined || b + 1 === positions.length) continue;
    const width = positions[b + 1]! - positions[b]!;
    if (!(width > 0 && width < Infinity))
      throw new RangeError(`positions ${positions[b]} and ${positions[b + 1]} do not rise`);
    wasserstein += gap * width;
  }
  return { ks, wasserstein: positions === undefined ? null : wasserstein };
}

function homogeneity(current: readonly number[], n: number, reference: readonly number[], m: number) {
  let chiSquare = 0;
  let g = 0;
  let filled = 0;
  let sparse = false;
  const logTerm = (observed: number, expected: number): number =>
    observed === 0 ? 0 : observed * Math.log(observed / expected);
  for (const [b, count] of current.entries()) {
    const both = count + reference[b]!;
    if (both === 0) continue;
    filled++;
    const expected = (both * n) / (n + m);
    const expectedReference = (both * m) / (n + m);
    sparse ||= Math.min(expected, expectedReference) < EXPECTED_MIN;
    chiSquare += (count - expected) ** 2 / expected + (reference[b]! - expectedReference) ** 2 / expectedReference;
    g += 2 * (logTerm(count, expected) + logTerm(reference[b]!, expectedReference));
  }
  g = Math.max(0, g);
  const df = filled - 1;
  return {
    chiSquare,
    chiSquareDf: df,
    chiSquareP: df === 0 ? 1 : chiSquareTail(chiSquare, df),
    g,
    gP: df === 0 ? 1 : chiSquareTail(g, df),
    cramersV: Math.min(1, Math.sqrt(chiSquare / (n + m))),
    sparse,
  };
}
