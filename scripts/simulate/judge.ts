// What replicates say, with their Monte Carlo error, and whether it is worse than a goal.
import { binomialCdf } from '../../src/measures/distributions.ts';
import { quantileRanks } from '../../src/measures/quantile.ts';
import { incompleteGamma } from '../../src/measures/special.ts';
import { wilson } from '../../src/measures/wilson.ts';

/** One side of three standard deviations of a normal variable: chance alone goes beyond it once in 741 times. */
const THREE_SIGMA = 0.00135;
/** What a delay may be longer than its goal, which is itself a simulation's. */
const DELAY_SLACK = 1.15;

const rising = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The order statistic that leaves the share q below it; the mean of the two middle ones for a median of an even number. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = rising(values);
  if (q === 0.5 && sorted.length % 2 === 0) {
    const low = sorted[sorted.length / 2 - 1]!;
    const high = sorted[sorted.length / 2]!;
    return low === high ? low : (low + high) / 2;
  }
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]!;
}

/** Interval of the median by order statistics. */
export function medianInterval(values: readonly number[], level = 0.95): { low: number; high: number } {
  const sorted = rising(values);
  const ranks = quantileRanks(sorted.length, 0.5, level);
  return { low: sorted[ranks.low - 1] ?? 0, high: sorted[ranks.high - 1] ?? Infinity };
}

export const finite = (values: readonly number[]): number => values.filter((value) => value < Infinity).length;
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Column k of all samples. */
export const column = (samples: readonly (readonly number[])[], k: number): number[] =>
  samples.map((sample) => sample[k]!);

/** P(X >= count), X Poisson. */
const poissonTail = (count: number, mean: number): number =>
  count === 0 ? 1 : mean <= 0 ? 0 : incompleteGamma(mean, count);

/** Whether so many are more than a bound allows, by more than chance explains. */
export const exceedsBound = (count: number, allowed: number): boolean =>
  count > allowed && poissonTail(count, allowed) < THREE_SIGMA;

/** Whether so many in `exposure` are more than `goalCount` in `goalExposure` were, by more than chance in both explains. */
export function exceedsCount(count: number, exposure: number, goalCount: number, goalExposure: number): boolean {
  const all = count + Math.round(goalCount);
  if (count / exposure <= goalCount / goalExposure || all === 0) return false;
  return 1 - binomialCdf(count - 1, all, exposure / (exposure + goalExposure)) < THREE_SIGMA;
}

/** Events counted in a setting, and how many the goal's own simulation had per unit of exposure. */
export interface Compared {
  readonly count: number;
  readonly exposure: number;
  readonly goalRate: number;
  readonly goalExposure: number;
}

/** Whether settings together have more events than their goals, by more than three standard deviations of both simulations. */
export function exceedTogether(settings: readonly Compared[]): boolean {
  const expected = sum(settings.map(({ exposure, goalRate }) => exposure * goalRate));
  const variance = sum(
    settings.map(
      ({ exposure, goalRate, goalExposure }) => exposure * goalRate + (exposure ** 2 * goalRate) / goalExposure,
    ),
  );
  return sum(settings.map(({ count }) => count)) - expected > 3 * Math.sqrt(Math.max(1, variance));
}

/** Whether `hits` of n are a larger share than `share` by more than chance explains. */
export const exceedsShare = (hits: number, n: number, share: number): boolean =>
  hits / n > share && (share === 0 ? hits > 0 : 1 - binomialCdf(hits - 1, n, share) < THREE_SIGMA);

/** Fewer hits than a goal that was itself found in `goalRuns` runs. */
export function fallsShortOfRuns(hits: number, n: number, goal: number, goalRuns: number): boolean {
  return exceedsCount(n - hits, n, (1 - goal) * goalRuns, goalRuns);
}

/** Whether a median delay is longer than its goal and the slack, and longer than the goal by more than chance explains. */
export const isSlower = (delays: readonly number[], goal: number, slack = DELAY_SLACK): boolean =>
  quantile(delays, 0.5) > goal * slack && medianInterval(delays, 1 - 2 * THREE_SIGMA).low > goal;

/** A number as short as it may be: three digits, whole from 100 on. */
export function shown(value: number): string {
  if (value === Infinity) return 'none';
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** `380 [360, 401]`: median delay in minutes with its 95 % interval; with the share found where that is below 99 %. */
export function shownDelay(delays: readonly number[], horizon: number): string {
  const found = finite(delays) / delays.length;
  const median = quantile(delays, 0.5);
  const { low, high } = medianInterval(delays);
  const end = (value: number): string => (value === Infinity ? `>${horizon}` : shown(value));
  const range = median === Infinity ? '' : low === high ? '' : ` [${end(low)}, ${end(high)}]`;
  return `${end(median)}${range}${found < 0.99 ? ` (${Math.round(found * 100)}%)` : ''}`;
}

/** `0.44 ± 0.05`: how many per unit of exposure, with one standard error of a Poisson count. */
export const shownRate = (count: number, exposure: number): string =>
  count === 0 ? '0' : `${shown(count / exposure)} ± ${shown(Math.sqrt(count) / exposure)}`;

/** `0.041 [0.033, 0.051]`: a share with its 95 % interval. */
export function shownShare(hits: number, n: number): string {
  const { low, high } = wilson(hits, n);
  return `${(hits / n).toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
