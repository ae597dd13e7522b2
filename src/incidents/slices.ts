import { chiSquareTail } from '../measures/distributions.ts';
import { requirePart } from '../model/numbers.ts';

/** One value of a dimension: its events in the baseline and in the window, and those of them that were bad. */
export interface SliceTally {
  readonly value: string;
  readonly baselineN: number;
  readonly baselineBad: number;
  readonly n: number;
  readonly bad: number;
}

export interface SliceScore extends SliceTally {
  /** What of the rise is due to this slice getting worse, and what to its getting a larger or smaller part of the traffic. */
  readonly rateEffect: number;
  readonly mixEffect: number;
  /** rateEffect as a share of the rise; null when there is no rise to explain. */
  readonly explanatoryPower: number | null;
  /** Jensen-Shannon part of the change in this slice's share of all bad events, nats. */
  readonly surprise: number;
  /** Likelihood ratio of "worse than in the baseline", and the one-sided p-value of it. */
  readonly g2: number;
  readonly p: number;
  /** Weighted relative accuracy: how much more often bad than the whole window, by the slice's weight. */
  readonly weightedAccuracy: number;
}

export interface DimensionScores {
  /** Rise of the bad share from baseline to window; the sum of all rate and mix effects. */
  readonly delta: number;
  /** Sum of the mix effects: "traffic moved". */
  readonly mix: number;
  readonly slices: readonly SliceScore[];
}

/**
 * Scores the values of one dimension, which together are the whole traffic. Associated with the rise, never the cause of it. A value that the
 * baseline does not know is compared with the whole baseline.
 * @returns null when window or baseline are empty: then nothing can be compared
 * @see Kitagawa (1955), JASA 50:1168-1194 (decomposition); Bhagwan et al. (2014), Adtributor, NSDI (surprise); Lavrac, Flach, Zupan (1999)
 */
export function scoreSlices(tallies: readonly SliceTally[]): DimensionScores | null {
  const whole = tallies.reduce(plus, NOTHING);
  if (whole.n === 0 || whole.baselineN === 0) return null;
  const delta = whole.bad / whole.n - whole.baselineBad / whole.baselineN;
  const slices = tallies.map((slice) => scoreSlice(slice, whole));
  return { delta, mix: slices.reduce((sum, slice) => sum + slice.mixEffect, 0), slices };
}

export type Totals = Omit<SliceTally, 'value'>;

const NOTHING: Totals = { baselineN: 0, baselineBad: 0, n: 0, bad: 0 };

export function plus(total: Totals, slice: Totals): Totals {
  requirePart('bad', slice.bad, 'n', slice.n);
  requirePart('baselineBad', slice.baselineBad, 'baselineN', slice.baselineN);
  return {
    baselineN: total.baselineN + slice.baselineN,
    baselineBad: total.baselineBad + slice.baselineBad,
    n: total.n + slice.n,
    bad: total.bad + slice.bad,
  };
}

/** Scores one slice, of one dimension or of several, against the whole traffic. */
export function scoreSlice(slice: SliceTally, whole: Totals): SliceScore {
  const baseline = whole.baselineBad / whole.baselineN;
  const delta = whole.bad / whole.n - baseline;
  const before = slice.baselineN === 0 ? baseline : slice.baselineBad / slice.baselineN;
  const share = slice.n === 0 ? 0 : slice.bad / slice.n;
  const weight = slice.n / whole.n;
  const rateEffect = slice.n === 0 ? 0 : weight * (share - before);
  return {
    ...slice,
    rateEffect,
    mixEffect: (weight - slice.baselineN / whole.baselineN) * (before - baseline),
    explanatoryPower: delta > 0 ? rateEffect / delta : null,
    surprise: surpriseOf(slice, whole),
    ...worsening(slice, whole),
    weightedAccuracy: slice.n === 0 ? 0 : weight * (share - whole.bad / whole.n),
  };
}

function surpriseOf(slice: SliceTally, whole: Totals): number {
  if (whole.bad === 0 || whole.baselineBad === 0) return 0;
  const p = slice.baselineBad / whole.baselineBad;
  const u = slice.bad / whole.bad;
  return 0.5 * (entropyTerm(p, (p + u) / 2) + entropyTerm(u, (p + u) / 2));
}

/** x ln(x / y), 0 at x = 0. */
const entropyTerm = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(x / y));

/** G test of the 2 x 2 table {window, baseline} x {bad, good}, one-sided towards "worse now". */
export function worsening(slice: Totals, whole: Totals): { g2: number; p: number } {
  const isNew = slice.baselineN === 0;
  const n0 = isNew ? whole.baselineN : slice.baselineN;
  const bad0 = isNew ? whole.baselineBad : slice.baselineBad;
  const { n, bad } = slice;
  if (n === 0) return { g2: 0, p: 0.5 };
  const pooled = (bad + bad0) / (n + n0);
  const g2 = Math.max(
    0,
    2 *
      (entropyTerm(bad, n * pooled) +
        entropyTerm(n - bad, n * (1 - pooled)) +
        entropyTerm(bad0, n0 * pooled) +
        entropyTerm(n0 - bad0, n0 * (1 - pooled))),
  );
  const half = chiSquareTail(g2, 1) / 2;
  return { g2, p: bad / n > bad0 / n0 ? half : 1 - half };
}
