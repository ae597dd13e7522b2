import { delayedNull } from '../measures/completeness.ts';
import type { ArrivalCurve } from '../measures/label-arrivals.ts';
import { DELAY_BUCKETS } from '../tally/delay.ts';
import { alternatives } from './alternatives.ts';
import type { DetectorParams } from './e-detector.ts';

/**
 * What a detector bets on labels of one delay bucket: bad ones usually come sooner, so among the early ones more are bad while
 * the promise is kept. The alternatives multiply the odds of each bucket alike, so that the likelihood ratio is exact.
 */
export interface DelayedBet {
  /** Largest bad share among the labels of the bucket that keeps the promise. */
  readonly q0: number;
  readonly lambda: Float64Array;
  readonly lnBad: Float64Array;
  readonly lnGood: Float64Array;
}

/** The curve is estimated: so much more often than it says bad labels may be among the early ones. */
const SAFETY_MARGIN = 1.1;
/** Added to each class's labels of each bucket: one that was empty by chance makes no label impossible. */
const SMOOTHING = 0.5;

const shareIn = (shares: readonly number[], labels: number, bucket: number): number =>
  ((shares[bucket + 1]! - shares[bucket]!) * labels + SMOOTHING) / (labels + SMOOTHING * DELAY_BUCKETS);

interface Increments {
  readonly bad: number;
  readonly good: number;
}

/** Shares of each class's labels that come in each bucket. */
const incrementsOf = ({ bad, good, badLabels, goodLabels }: ArrivalCurve): Increments[] =>
  Array.from({ length: DELAY_BUCKETS }, (_, bucket) => ({
    bad: shareIn(bad, badLabels, bucket),
    good: shareIn(good, goodLabels, bucket),
  }));

export function delayedBets(q0: number, curve: ArrivalCurve): DelayedBet[] {
  const odds = q0 / (1 - q0);
  const ratios = alternatives(q0).map((share) => share / (1 - share) / odds);
  return incrementsOf(curve).map(({ bad, good }) => {
    const inBucket = delayedNull(q0, bad, good / SAFETY_MARGIN);
    const bucketOdds = inBucket / (1 - inBucket);
    const shares = Float64Array.from(ratios, (ratio) => (ratio * bucketOdds) / (1 + ratio * bucketOdds));
    return {
      q0: inBucket,
      lambda: shares.map((q1) => (q1 - inBucket) / (inBucket * (1 - inBucket))),
      lnBad: shares.map((q1) => Math.log(q1 / inBucket)),
      lnGood: shares.map((q1) => Math.log((1 - q1) / (1 - inBucket))),
    };
  });
}

/**
 * Whether another estimate of the curve is another curve: the odds of a bad label, on average over the labels that come, have moved by
 * more than the safety margin allows for. While they have not, the one in force stays, and what detectors have gathered.
 */
export function hasMoved(q0: number, from: ArrivalCurve, to: ArrivalCurve): boolean {
  const before = incrementsOf(from);
  const now = incrementsOf(to);
  const moved = now.reduce((sum, { bad, good }, bucket) => {
    const old = before[bucket]!;
    const weight = q0 * bad + (1 - q0) * good;
    return sum + weight * Math.abs(Math.log(bad / good / (old.bad / old.good)));
  }, 0);
  return moved > Math.log(SAFETY_MARGIN);
}

/** Bets by detector and curve: detectors of a fleet have their parameters in common, and each objective a curve of its own. */
const known = new WeakMap<DetectorParams, WeakMap<ArrivalCurve, readonly DelayedBet[]>>();

/** `delayedBets` of a detector; made once for each curve. */
export function betsOf(params: DetectorParams, curve: ArrivalCurve): readonly DelayedBet[] {
  let ofCurves = known.get(params);
  if (ofCurves === undefined) {
    ofCurves = new WeakMap();
    known.set(params, ofCurves);
  }
  let bets = ofCurves.get(curve);
  if (bets === undefined) {
    bets = delayedBets(params.q0, curve);
    ofCurves.set(curve, bets);
  }
  return bets;
}
