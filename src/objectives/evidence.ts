/**
 * Evidence that grows against "all is well": Shiryaev-Roberts statistics of e-values, mixed. Each component multiplies its R + 1
 * by the minute's e-value L, so that (alarms so far) A + R - t is a supermartingale: at most T/A false alarms in any T minutes,
 * in expectation, whatever the dependence between streams. Beside it runs a CUSUM of the same increments, which remembers
 * when the component's evidence began. Everything in logarithms: ln R = -Infinity is R = 0.
 * @see Shin, Ramdas, Rinaldo (2024), E-detectors, NEJSDS 2:229-260; Page (1954), Biometrika 41:100-115
 */
export interface Evidence {
  readonly lnR: Float64Array;
  readonly cusum: Float64Array;
  /** Minute in which the present run of each CUSUM began. */
  readonly onset: Float64Array;
  /** Events since that minute, and those of them that were bad. */
  readonly n: Float64Array;
  readonly bad: Float64Array;
}

const ARRAYS = 5;

export function noEvidence(components: number): Evidence {
  const cells = new Float64Array(ARRAYS * components);
  const part = (k: number): Float64Array => cells.subarray(k * components, (k + 1) * components);
  const evidence = { lnR: part(0), cusum: part(1), onset: part(2), n: part(3), bad: part(4) };
  evidence.lnR.fill(-Infinity);
  return evidence;
}

/** R = 0 and nothing remembered, as at the start. */
export function forget(evidence: Evidence): void {
  evidence.lnR.fill(-Infinity);
  evidence.cusum.fill(0);
  evidence.onset.fill(0);
  evidence.n.fill(0);
  evidence.bad.fill(0);
}

/**
 * The components from `half` on go on with what those before it have, and what they had gathered beyond that is dropped: the statistic never
 * jumps up.
 */
export function drawBack({ lnR, cusum, onset, n, bad }: Evidence, half: number): void {
  for (let i = 0; i < half; i++) lnR[half + i] = Math.min(lnR[half + i]!, lnR[i]!);
  for (const cells of [cusum, onset, n, bad]) cells.copyWithin(half, 0, half);
}

/** All cells in a fixed order, for a checkpoint; `evidenceOf` is its inverse. */
export const cellsOf = (evidence: Evidence): number[] => [
  ...evidence.lnR,
  ...evidence.cusum,
  ...evidence.onset,
  ...evidence.n,
  ...evidence.bad,
];

export function evidenceOf(cells: readonly number[]): Evidence {
  const components = cells.length / ARRAYS;
  const evidence = noEvidence(components);
  for (const [k, array] of [evidence.lnR, evidence.cusum, evidence.onset, evidence.n, evidence.bad].entries())
    array.set(cells.slice(k * components, (k + 1) * components));
  return evidence;
}

/** ln(1 + e^x) without overflow. */
export function lnOnePlusExp(x: number): number {
  if (x > 40) return x;
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** One minute of component i: `lnL` is its capped increment, `n` and `bad` the minute's tally. */
export function advance(evidence: Evidence, i: number, lnL: number, minute: number, n: number, bad: number): void {
  evidence.lnR[i] = lnL + lnOnePlusExp(evidence.lnR[i]!);
  remember(evidence, i, lnL, minute, n, bad);
}

/** The same by e-CUSUM, R = L max(R, 1): it meets the same bound and wastes it, kept to be compared with. */
export function advanceCusum(evidence: Evidence, i: number, lnL: number, minute: number, n: number, bad: number): void {
  evidence.lnR[i] = lnL + Math.max(evidence.lnR[i]!, 0);
  remember(evidence, i, lnL, minute, n, bad);
}

function remember(evidence: Evidence, i: number, lnL: number, minute: number, n: number, bad: number): void {
  const { cusum } = evidence;
  if (cusum[i]! <= 0) {
    cusum[i] = lnL;
    evidence.onset[i] = minute;
    evidence.n[i] = n;
    evidence.bad[i] = bad;
  } else {
    cusum[i]! += lnL;
    evidence.n[i]! += n;
    evidence.bad[i]! += bad;
  }
}

/** The component with the largest R, the first of them when several are equal. */
export function strongest({ lnR }: Pick<Evidence, 'lnR'>): number {
  let best = 0;
  for (let i = 1; i < lnR.length; i++) if (lnR[i]! > lnR[best]!) best = i;
  return best;
}

/** ln S, S the mean of all components' R; minus infinity before the first minute. */
export function lnMean(evidence: Pick<Evidence, 'lnR'>): number {
  const { lnR } = evidence;
  const largest = lnR[strongest(evidence)]!;
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < lnR.length; i++) sum += Math.exp(lnR[i]! - largest);
  return largest + Math.log(sum / lnR.length);
}

/** JSON has no infinity. */
const LN_SHOWN_MAX = 700;
/** S as a number that can be shown. */
export const shownStatistic = (lnStatistic: number): number => Math.exp(Math.min(lnStatistic, LN_SHOWN_MAX));

/** Share of the way to the alarm, on the scale of evidence: ln(1+S)/ln(1+A), 0 at the start, 1 at the alarm. */
export const progress = (lnStatistic: number, threshold: number): number =>
  lnOnePlusExp(lnStatistic) / Math.log1p(threshold);
