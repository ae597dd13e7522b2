import { MINUTES_PER_DAY } from '../model/time.ts';
import { DELAY_BUCKETS, DELAY_EDGES_MINUTES, type Delay } from '../tally/delay.ts';
import { labelArrival } from './completeness.ts';
import type { SeenCounts } from './sampling.ts';

/** Labels that became known in one minute and were equally late. */
export interface DelayCounts extends SeenCounts, Delay {}

/** Labels of the interactions of one UTC day, by class and by how late they came (delay bucket): what has come so far. */
export interface Cohort {
  readonly day: number;
  readonly bad: number[];
  readonly good: number[];
}

/** Share of each class's labels that have come by each edge of the delay, 0 at the first, 1 at the last; never falling. */
export interface ArrivalCurve {
  /** The UTC day from whose beginning on it has been in force. */
  readonly since: number;
  readonly bad: readonly number[];
  readonly good: readonly number[];
  /** Labels of each class that it was estimated from. */
  readonly badLabels: number;
  readonly goodLabels: number;
}

/** Cohorts so old are left out: what was usual a month ago need not be so any more. */
export const COHORT_DAYS = 28;
const LABELS_NEEDED = 200;

/** Counts what became known in a minute of the UTC day `day` with the days of the interactions it is about. */
export function countLabels(cohorts: Cohort[], day: number, delays: readonly DelayCounts[]): void {
  for (const { bucket, daysBack, n, bad } of delays) {
    const { bad: bads, good: goods } = cohortOf(cohorts, day - daysBack);
    bads[bucket]! += bad;
    goods[bucket]! += n - bad;
  }
}

/** In order of days, so that equal cohorts are deep-equal. */
function cohortOf(cohorts: Cohort[], day: number): Cohort {
  let at = cohorts.length;
  while (at > 0 && cohorts[at - 1]!.day > day) at--;
  const known = cohorts[at - 1];
  if (known?.day === day) return known;
  const none = (): number[] => Array(DELAY_BUCKETS).fill(0);
  const fresh = { day, bad: none(), good: none() };
  cohorts.splice(at, 0, fresh);
  return fresh;
}

/**
 * How complete labels are by how late it is, of the interactions of the 28 days before `today`, as known when it begins.
 * @returns null with fewer than 200 labels of either class, or while no day is old enough (8 days) to show how it ends
 */
export function arrivalCurve(cohorts: readonly Cohort[], today: number): ArrivalCurve | null {
  const counted = cohorts.filter(({ day }) => day < today && day >= today - COHORT_DAYS);
  const badLabels = labelsOf(counted.map(({ bad }) => bad));
  const goodLabels = labelsOf(counted.map(({ good }) => good));
  if (Math.min(badLabels, goodLabels) < LABELS_NEEDED) return null;
  const observed = counted.map(({ day }) => lastEdgeBy((today - day - 1) * MINUTES_PER_DAY));
  const bad = completenessOf(
    counted.map((one) => one.bad),
    observed,
  );
  const good = completenessOf(
    counted.map((one) => one.good),
    observed,
  );
  return bad === null || good === null ? null : { since: today, bad, good, badLabels, goodLabels };
}

const labelsOf = (counts: readonly (readonly number[])[]): number =>
  counts.reduce((sum, buckets) => sum + buckets.reduce((part, n) => part + n, 0), 0);

/** The last edge that all interactions of a day have lived to see. */
const lastEdgeBy = (ageMinutes: number): number => DELAY_EDGES_MINUTES.findLastIndex((edge) => edge <= ageMinutes);

/** Labels that have come by each edge, 0 by the first. */
export function cumulated(buckets: readonly number[]): number[] {
  const sums = [0];
  for (const n of buckets) sums.push(sums.at(-1)! + n);
  return sums;
}

function completenessOf(counts: readonly (readonly number[])[], observed: readonly number[]): number[] | null {
  const cumulative = counts.map(cumulated);
  const { completeness } = labelArrival(cumulative, observed);
  const known = completeness.findIndex((share) => share !== null);
  // Below the first known edge: nothing had come by then, in days that have lived to see what came next. Or no day has.
  const next = cumulative.reduce((sum, one, s) => sum + (observed[s]! >= known ? one[known]! : 0), 0);
  if (known > 0 && next === 0) return null;
  return completeness.map((share) => share ?? 0);
}

/** Both classes of labels at once. */
export interface Completeness {
  readonly bad: number;
  readonly good: number;
}

/**
 * The mean completeness of interactions whose ages are spread evenly between two; linear between the edges of the curve.
 * @param from, to  minutes, 0 <= from <= to
 */
export const meanCompleteness = (curve: ArrivalCurve, from: number, to: number): Completeness => ({
  bad: meanOf(curve.bad, from, to),
  good: meanOf(curve.good, from, to),
});

function meanOf(shares: readonly number[], from: number, to: number): number {
  if (from === to) return shareAt(shares, from);
  let area = 0;
  let start = from;
  for (const end of [...DELAY_EDGES_MINUTES.filter((edge) => edge > from && edge < to), to]) {
    area += ((end - start) * (shareAt(shares, start) + shareAt(shares, end))) / 2;
    start = end;
  }
  return Math.min(1, area / (to - from));
}

function shareAt(shares: readonly number[], age: number): number {
  const k = lastEdgeBy(age);
  if (k >= DELAY_BUCKETS) return 1;
  const low = DELAY_EDGES_MINUTES[k]!;
  const high = DELAY_EDGES_MINUTES[k + 1]!;
  return shares[k]! + ((shares[k + 1]! - shares[k]!) * (age - low)) / (high - low);
}
