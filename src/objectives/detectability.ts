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

/** Events below which a verdict is `insufficient_evidence`: what a fivefold burn takes to be found. */
export function eventsNeeded(q0: number, threshold: number): number {
  return Math.ceil(nats(q0, threshold) / bernoulliDivergence(Math.min(5 * q0, 0.9), q0));
}
