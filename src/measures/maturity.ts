import type { Interval as AdjustedInterval } from '../model/estimate.ts';
import type { EventCounts } from './events.ts';
import { holding } from './interval.ts';
import { type ArrivalCurve, type Completeness, meanCompleteness } from './label-arrivals.ts';
import { represented } from './sampling.ts';
import { wilsonOfShare } from './wilson.ts';

/** Events of interactions that are about equally old: their ages lie between two, in minutes. */
export interface AgeGroup {
  readonly counts: EventCounts;
  readonly from: number;
  readonly to: number;
}

export interface Matured {
  readonly maturity: number | null;
  readonly adjusted?: AdjustedInterval;
}

/** Below this completeness one label stands for more than twenty: those interactions are too young to be spoken of. */
const COMPLETENESS_MIN = 0.05;

/**
 * How many of the labels to be expected of a window have come, and the share of good ones corrected for those to come: each label is
 * weighted by the inverse of its class's completeness at its interaction's age; interactions too young for that are left out. Asymptotic.
 * @param groups  the window by age
 * @param curve   null while the delays are not known: then neither is the maturity
 * @see Horvitz, Thompson (1952), JASA 47:663-685; Chapelle (2014), Modeling delayed feedback in display advertising, KDD
 */
export function matured(groups: readonly AgeGroup[], curve: ArrivalCurve | null): Matured {
  if (curve === null) return { maturity: null };
  const ages = groups.map(({ counts, from, to }) => ({ counts, complete: meanCompleteness(curve, from, to) }));
  const all = completed(ages);
  const maturity = maturityOf(ages, all.bad + all.good === 0 ? 0.5 : all.bad / (all.bad + all.good));
  return all.bad + all.good === 0 ? { maturity } : { maturity, adjusted: adjustedOf(all) };
}

interface Aged {
  readonly counts: EventCounts;
  readonly complete: Completeness;
}

interface Completed {
  /** Expected labels of each class when all have come. */
  readonly bad: number;
  readonly good: number;
  readonly badVariance: number;
  readonly goodVariance: number;
}

function completed(ages: readonly Aged[]): Completed {
  const sums = { bad: 0, good: 0, badVariance: 0, goodVariance: 0 };
  for (const { counts, complete } of ages) {
    if (Math.min(complete.bad, complete.good) < COMPLETENESS_MIN) continue;
    const { n, bad } = represented(counts);
    sums.bad += bad / complete.bad;
    sums.good += (n - bad) / complete.good;
    sums.badVariance += bad / complete.bad ** 2;
    sums.goodVariance += (n - bad) / complete.good ** 2;
  }
  return sums;
}

function adjustedOf({ bad, good, badVariance, goodVariance }: Completed): AdjustedInterval {
  const all = bad + good;
  const share = bad / all;
  const variance = (good ** 2 * badVariance + bad ** 2 * goodVariance) / all ** 4;
  // As many equal labels as tell as much; where all are of one class by the spread of their weights.
  const n = variance > 0 ? (share * (1 - share)) / variance : all ** 2 / (badVariance + goodVariance);
  return { value: 1 - share, ...holding(1 - share, wilsonOfShare(1 - share, n)) };
}

/** Each eligible event is expected to be labelled as often as any other, whatever its age. */
function maturityOf(ages: readonly Aged[], badShare: number): number | null {
  let expected = 0;
  let come = 0;
  for (const { counts, complete } of ages) {
    expected += counts.eligible;
    come += counts.eligible * (badShare * complete.bad + (1 - badShare) * complete.good);
  }
  return expected === 0 ? null : Math.min(1, come / expected);
}
