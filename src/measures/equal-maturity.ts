import type { ArrivalCurve } from './label-arrivals.ts';
import { meanCompleteness } from './label-arrivals.ts';

/** Added to each class's labels: an age by which none has come by chance is still one by which some may. */
const SMOOTHING = 0.5;

/**
 * What one label of interactions of some age stands for where parts of the traffic whose labels are differently old are compared: so many
 * labels, if all had come, would hold as many bad ones. Bad labels usually come sooner, so the first ones of a new version stand for more
 * than one each, and what is due to their age alone is no difference. 1 where all have come.
 * @param badShare  of all labels, when all have come, 0..1   @param from, to  ages in minutes between which the interactions lie, 0 <= from <= to
 * @returns above 0; at most 1 / badShare
 * @see equal maturity: Lagakos, Barraj, De Gruttola (1988), Biometrika 75:515-523; the share among those that have come is `delayedNull`
 */
export function maturityWeight(curve: ArrivalCurve, badShare: number, from: number, to: number): number {
  if (!(badShare >= 0 && badShare <= 1)) throw new RangeError(`a bad share is ${badShare}, it lies in [0, 1]`);
  const { bad, good } = meanCompleteness(curve, from, to);
  const ofBad = smoothed(bad, curve.badLabels);
  const ofGood = smoothed(good, curve.goodLabels);
  return ofBad / (badShare * ofBad + (1 - badShare) * ofGood);
}

const smoothed = (share: number, labels: number): number => (share * labels + SMOOTHING) / (labels + SMOOTHING);
