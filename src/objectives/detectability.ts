import { requireFinite, requireOpenShare, requirePositive } from '../model/numbers.ts';
import { alternatives } from './alternatives.ts';

/** Kullback-Leibler divergence of Bernoulli(p) from Bernoulli(q) in nats: the evidence one event gives on average. p in [0, 1]. */
export function bernoulliDivergence(p: number, q: number): number {
  requireOpenShare('q', q);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p is ${p}, a share lies in [0, 1]`);
  const part = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(x / y));
  return part(p, q) + part(1 - p, 1 - q);
}

/** Evidence an alarm needs: the threshold, and the price of not knowing which alternative is true. */
function nats(q0: number, threshold: number): number {
  if (!(threshold > 1 && threshold < Infinity))
    throw new RangeError(`threshold is ${threshold}, a finite number above 1 is needed`);
  return Math.log(threshold) + Math.log(alternatives(q0).length);
}

/**
 * About how many events it takes to find that the bad share is burn * q0, for a detector with this threshold.
 * @param burn  above 1; a burn that would make more than every event bad counts as a total outage
 */
export function eventsToDetect(q0: number, threshold: number, burn: number): number {
  if (!(burn > 1)) throw new RangeError(`burn is ${burn}: only a burn above 1 breaks the promise`);
  const perEvent = bernoulliDivergence(Math.min(1, burn * q0), q0);
  const events = nats(q0, threshold) / perEvent;
  if (!(perEvent > 0 && events < Infinity)) throw new RangeError(`burn is ${burn}, too near 1 to be told from it`);
  return events;
}

/** Fewest judged minutes to an alarm: each minute gives at most half of the threshold's evidence. */
const FASTEST_MINUTES = 3;

/** About how many minutes the same takes at the traffic seen. */
export function minutesToDetect(q0: number, threshold: number, burn: number, eventsPerMinute: number): number {
  requirePositive('eventsPerMinute', eventsPerMinute);
  const minutes = Math.ceil(eventsToDetect(q0, threshold, burn) / eventsPerMinute);
  requireFinite('minutes to detect', minutes);
  return Math.max(FASTEST_MINUTES, minutes);
}

/**
 * The smallest burn that shows within a horizon of `events` events, usually a day's: what is said next to every objective.
 * @returns null when not even a total outage would show
 */
export function smallestDetectableBurn(q0: number, threshold: number, events: number): number | null {
  if (!(events >= 0 && events < Infinity)) throw new RangeError(`events is ${events}, it is 0 or more and finite`);
  const needed = nats(q0, threshold);
  if (events * bernoulliDivergence(1, q0) < needed) return null;
  let low = q0;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (events * bernoulliDivergence(middle, q0) < needed) low = middle;
    else high = middle;
  }
  return high / q0;
}

/** Bad share of a fivefold burn; where that would be more than nearly all, a fifth of the good is left that is promised. */
const fivefold = (q0: number): number => (q0 > 0.5 ? 1 - (1 - q0) / 5 : Math.min(5 * q0, 0.9));

/** The smallest worsening that a detector finds in so many events. */
export interface SmallestChange {
  /** How many times what is allowed is bad then. */
  readonly burn: number;
  /** The share of events that is bad then, (0, 1]. */
  readonly badShare: number;
}

/** @param events  usually those of a day  @returns null when not even an outage would show */
export function smallestChange(q0: number, threshold: number, events: number): SmallestChange | null {
  const burn = smallestDetectableBurn(q0, threshold, events);
  return burn === null ? null : { burn, badShare: Math.min(1, burn * q0) };
}

/** Events below which a verdict is `insufficient_evidence`: what a fivefold burn takes to be found. */
export function eventsNeeded(q0: number, threshold: number): number {
  requirePositive('threshold', threshold);
  return Math.ceil(nats(q0, threshold) / bernoulliDivergence(fivefold(q0), q0));
}

/** Probabilities below this of the largest are left out of an expectation. */
const NEGLIGIBLE = 1e-12;

/** Expected value over the number of bad ones among n events, each of them bad with probability p. n >= 1. */
function expectation(n: number, p: number, of: (bad: number) => number): number {
  if (p >= 1) return of(n);
  const odds = p / (1 - p);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  let sum = of(mode);
  let total = 1;
  for (let bad = mode + 1, weight = 1; bad <= n; bad++) {
    weight *= ((n - bad + 1) / bad) * odds;
    if (weight < NEGLIGIBLE) break;
    sum += weight * of(bad);
    total += weight;
  }
  for (let bad = mode - 1, weight = 1; bad >= 0; bad--) {
    weight *= (bad + 1) / (n - bad) / odds;
    if (weight < NEGLIGIBLE) break;
    sum += weight * of(bad);
    total += weight;
  }
  return sum / total;
}

/**
 * About how many minutes it takes when only the bad shares of minutes count, not single events: while a service is new, where
 * failures come in bunches, and of sampled traces. Each alternative's bet grows by the mean of ln(1 + lambda (share - q0)) a
 * minute, capped as the detector caps it; the quickest decides.
 * @returns null when no bet grows: that burn is never found
 */
export function minutesToDetectByMinutes(
  q0: number,
  threshold: number,
  burn: number,
  eventsPerMinute: number,
): number | null {
  if (!(burn > 1)) throw new RangeError(`burn is ${burn}: only a burn above 1 breaks the promise`);
  requirePositive('eventsPerMinute', eventsPerMinute);
  const share = Math.min(1, burn * q0);
  const nonEmpty = -Math.expm1(-eventsPerMinute);
  // As many events as a minute has that has any, on average: so often one number, else the next.
  const mean = eventsPerMinute / nonEmpty;
  const n = Math.floor(mean);
  const cap = Math.log(threshold) / 2;
  const growth = Math.max(
    ...alternatives(q0).map((q1) => {
      const lambda = (q1 - q0) / (q0 * (1 - q0));
      const growthOf = (events: number): number =>
        expectation(events, share, (bad) => Math.min(cap, Math.log1p(lambda * (bad / events - q0))));
      return (n + 1 - mean) * growthOf(n) + (mean - n) * growthOf(n + 1);
    }),
  );
  return growth <= 0 ? null : Math.max(FASTEST_MINUTES, Math.ceil(nats(q0, threshold) / growth / nonEmpty));
}
