import { requireCount, requireOpenShare } from '../model/numbers.ts';

export interface LabelArrival {
  /** Growth of the labels from edge k to k + 1; null where no cohort shows it. */
  readonly factors: readonly (number | null)[];
  /** Share of all labels that have come by edge k, 1 at the last; null below an unknown factor. */
  readonly completeness: readonly (number | null)[];
}

/**
 * How complete labels of one class are at each delay, from cohorts of which the younger are only partly seen: the chain ladder.
 * @param cumulative  labels of cohort s that have come by edge k; what was not observed yet is not read
 * @param observed    index of the last edge that cohort s has lived to see
 * @see Lagakos, Barraj, De Gruttola (1988), Biometrika 75:515-523; Mack (1993), ASTIN Bull. 23:213-225
 */
export function labelArrival(
  cumulative: readonly (readonly (number | null)[])[],
  observed: readonly number[],
): LabelArrival {
  if (cumulative.length !== observed.length)
    throw new RangeError(`${cumulative.length} cohorts, but ${observed.length} last edges: one each is needed`);
  for (const last of observed)
    if (!Number.isSafeInteger(last)) throw new RangeError(`a last edge is ${last}, it is the index of one`);
  const edges = Math.max(0, ...cumulative.map((cohort) => cohort.length));
  const factors: (number | null)[] = [];
  for (let k = 0; k + 1 < edges; k++) {
    let before = 0;
    let after = 0;
    for (const [s, cohort] of cumulative.entries()) {
      if (observed[s]! < k + 1) continue;
      const [earlier, later] = [labels(cohort, s, k), labels(cohort, s, k + 1)];
      if (later < earlier)
        throw new RangeError(`cohort ${s} has ${later} labels at edge ${k + 1} after ${earlier}: what has come stays`);
      before += earlier;
      after += later;
    }
    factors.push(before === 0 ? null : after / before);
  }
  const completeness: (number | null)[] = Array(edges).fill(1);
  for (let k = edges - 2; k >= 0; k--) {
    const factor = factors[k]!;
    const next = completeness[k + 1]!;
    completeness[k] = factor === null || next === null ? null : next / factor;
  }
  return { factors, completeness };
}

function labels(cohort: readonly (number | null)[], s: number, k: number): number {
  const count = cohort[k] ?? Number.NaN;
  requireCount(`labels of cohort ${s} at edge ${k}`, count);
  return count;
}

/**
 * The bad share that a promise of q0 implies among the labels that have come: bad ones usually come sooner.
 * @param ofBad, ofGood  completeness of bad and of good labels, or their increments over one delay bucket; in [0, 1], not both 0
 */
export function delayedNull(q0: number, ofBad: number, ofGood: number): number {
  requireOpenShare('q0', q0);
  if (!(ofBad >= 0 && ofBad <= 1 && ofGood >= 0 && ofGood <= 1 && ofBad + ofGood > 0))
    throw new RangeError(`completeness ${ofBad} of bad and ${ofGood} of good labels: both in [0, 1], not both 0`);
  const share = (q0 * ofBad) / (q0 * ofBad + (1 - q0) * ofGood);
  if (Number.isNaN(share)) throw new RangeError(`completeness ${ofBad} of bad and ${ofGood} of good labels: too small`);
  return share;
}

export interface ShareEstimate {
  readonly share: number;
  readonly standardError: number;
}

/** Below this completeness one label stands for more than twenty. */
const COMPLETENESS_MIN = 0.05;

/**
 * The bad share of a cohort whose labels are still coming, each weighted by the inverse of its class's completeness; the error by the
 * delta method. Asymptotic.
 * @returns null while no label has come, or while completeness is below 0.05
 * @see Horvitz, Thompson (1952), JASA 47:663-685; Chapelle (2014), KDD
 */
export function completedShare(bad: number, good: number, ofBad: number, ofGood: number): ShareEstimate | null {
  requireCount('bad', bad);
  requireCount('good', good);
  if (!(ofBad >= 0 && ofBad <= 1 && ofGood >= 0 && ofGood <= 1))
    throw new RangeError(`completeness ${ofBad} of bad and ${ofGood} of good labels lies in [0, 1]`);
  if (bad + good === 0 || Math.min(ofBad, ofGood) < COMPLETENESS_MIN) return null;
  const allBad = bad / ofBad;
  const allGood = good / ofGood;
  const all = allBad + allGood;
  const variance = ((allGood / ofBad) ** 2 * bad + (allBad / ofGood) ** 2 * good) / all ** 4;
  return { share: allBad / all, standardError: Math.sqrt(variance) };
}
