import type { Minute } from '../model/time.ts';
import { lnOnePlusExp } from './softplus.ts';

/**
 * Evidence that grows against "all is well": Shiryaev-Roberts statistics of e-values, mixed. Each component multiplies its R + 1
 * by the minute's e-value L, so that (alarms so far) A + R - t is a supermartingale: at most T/A false alarms in any T minutes,
 * in expectation, whatever the dependence between streams. Beside it runs a CUSUM of the same increments, which remembers
 * when the component's evidence began. Everything in logarithms: ln R = -Infinity is R = 0.
 * @see Shin, Ramdas, Rinaldo (2024), E-detectors, NEJSDS 2:229-260; Page (1954), Biometrika 41:100-115
 */
export interface Evidence {
  readonly components: number;
  /**
   * Five for each component, first ln R of all of them, then their CUSUMs, the minutes in which the present run of each CUSUM began, the
   * events since that minute, and those of them that were bad: one piece of memory, because there are thousands and each is out of the
   * processor's cache when its minute comes.
   */
  readonly cells: Float64Array;
}

const ARRAYS = 5;

export function noEvidence(components: number): Evidence {
  const evidence = { components, cells: new Float64Array(ARRAYS * components) };
  forget(evidence);
  return evidence;
}

/** R = 0 and nothing remembered, as at the start. */
export function forget({ components, cells }: Evidence): void {
  cells.fill(0);
  cells.fill(-Infinity, 0, components);
}

/**
 * The components from `half` on go on with what those before it have, and what they had gathered beyond that is dropped: the statistic never
 * jumps up.
 */
export function drawBack({ components, cells }: Evidence, half: number): void {
  for (let i = 0; i < half; i++) cells[half + i] = Math.min(cells[half + i]!, cells[i]!);
  for (let k = 1; k < ARRAYS; k++) cells.copyWithin(k * components + half, k * components, k * components + half);
}

/** All cells in a fixed order, for a checkpoint; `evidenceOf` is its inverse. */
export const cellsOf = ({ cells }: Evidence): Float64Array => cells;

export const evidenceOf = (cells: readonly number[]): Evidence => ({
  components: cells.length / ARRAYS,
  cells: Float64Array.from(cells),
});

/** ln R of a component. */
export const lnROf = ({ cells }: Evidence, i: number): number => cells[i]!;

/** Where the evidence of a component begins, and the events since then. */
export const sinceOnset = ({ components, cells }: Evidence, i: number): { onset: Minute; n: number; bad: number } => ({
  onset: cells[2 * components + i]!,
  n: cells[3 * components + i]!,
  bad: cells[4 * components + i]!,
});

/** One minute of component i: `lnL` is its capped increment, `n` and `bad` the minute's tally. */
export function advance(evidence: Evidence, i: number, lnL: number, minute: number, n: number, bad: number): void {
  const { cells } = evidence;
  cells[i] = lnL + lnOnePlusExp(cells[i]!);
  remember(evidence, i, lnL, minute, n, bad);
}

/** The same of two components that have gathered as much as long as their increments were the same. */
export function advanceBoth(
  evidence: Evidence,
  i: number,
  j: number,
  lnL: number,
  minute: number,
  n: number,
  bad: number,
): void {
  const { cells } = evidence;
  const before = cells[i]!;
  const after = lnL + lnOnePlusExp(before);
  cells[i] = after;
  cells[j] = cells[j] === before ? after : lnL + lnOnePlusExp(cells[j]!);
  remember(evidence, i, lnL, minute, n, bad);
  remember(evidence, j, lnL, minute, n, bad);
}

/** The same by e-CUSUM, R = L max(R, 1): it meets the same bound and wastes it, kept to be compared with. */
export function advanceCusum(evidence: Evidence, i: number, lnL: number, minute: number, n: number, bad: number): void {
  const { cells } = evidence;
  cells[i] = lnL + Math.max(cells[i]!, 0);
  remember(evidence, i, lnL, minute, n, bad);
}

function remember(
  { components, cells }: Evidence,
  i: number,
  lnL: number,
  minute: number,
  n: number,
  bad: number,
): void {
  const cusum = components + i;
  const since = cusum + components;
  const events = since + components;
  const bads = events + components;
  if (cells[cusum]! <= 0) {
    cells[cusum] = lnL;
    cells[since] = minute;
    cells[events] = n;
    cells[bads] = bad;
  } else {
    cells[cusum]! += lnL;
    cells[events]! += n;
    cells[bads]! += bad;
  }
}

/** The component with the largest R, the first of them when several are equal. */
export const strongest = ({ components, cells }: Evidence): number => largestOf(cells, components);

function largestOf(lnR: Float64Array, components: number): number {
  let best = 0;
  for (let i = 1; i < components; i++) if (lnR[i]! > lnR[best]!) best = i;
  return best;
}

/** ln S, S the mean of all components' R; minus infinity before the first minute. */
export const lnMean = ({ components, cells }: Evidence): number => lnMeanOf(cells, components);

/** The same of the first components of an array. */
export function lnMeanOf(lnR: Float64Array, components: number): number {
  const largest = lnR[largestOf(lnR, components)]!;
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < components; i++) sum += Math.exp(lnR[i]! - largest);
  return largest + Math.log(sum / components);
}

/** JSON has no infinity. */
const LN_SHOWN_MAX = 700;
/** S as a number that can be shown. */
export const shownStatistic = (lnStatistic: number): number => Math.exp(Math.min(lnStatistic, LN_SHOWN_MAX));

/** Share of the way to the alarm, on the scale of evidence: ln(1+S)/ln(1+A), 0 at the start, 1 at the alarm. */
export const progress = (lnStatistic: number, threshold: number): number =>
  lnOnePlusExp(lnStatistic) / Math.log1p(threshold);
