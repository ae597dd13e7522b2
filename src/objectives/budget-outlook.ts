import { gammaQuantile, negativeBinomialTail } from '../measures/distributions.ts';
import { LEVEL } from '../measures/interval.ts';
import { represented, type SeenCounts } from '../measures/sampling.ts';
import { requireAmount, requireOpenShare, requirePositive, requireWithin } from '../model/numbers.ts';
import { errorBudget } from './error-budget.ts';

/** Bad events that leave a rolling window so many minutes from now. */
export interface Leaving {
  readonly after: number;
  readonly bad: number;
}

export interface OutlookInput {
  readonly q0: number;
  /** Of the window up to now. */
  readonly window: SeenCounts;
  /** Valid events still expected until a calendar window ends; 0 for a rolling one. */
  readonly expectedRest: number;
  /** What is supposed to go on: the last six hours, or since the onset of an incident. */
  readonly lookback: SeenCounts & { readonly minutes: number };
  /** To the end of a calendar window; of a rolling one its length: then all of today's window has left it. */
  readonly minutesLeft: number;
  /** What leaves a rolling window until then, in order of time; nothing leaves a calendar window. */
  readonly leaving: readonly Leaving[];
}

export interface BudgetOutlook {
  /** Bad events that the window may hold, with those expected of its rest. */
  readonly allowedBad: number;
  /** Of them still left, negative when overspent. */
  readonly remainingBad: number;
  readonly exhausted: boolean;
  /** Minutes until it is spent; null when it outlasts the window. The interval's ends alike. */
  readonly minutes: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Probability that it is spent before the window ends; where events leave the window, at the time when that is likeliest: at least that. */
  readonly probability: number;
}

/**
 * When the budget will be spent if the minutes looked back at continue, and how likely that is before the window ends. Without events
 * that leave it is `budgetForecast`; with them what is left of the budget grows as they go, and a rate that the window bears is never
 * said to spend it. Of sampled traces all is reckoned in as many events as were seen. A heuristic: nobody promises that it continues.
 * @returns null when the window allows nothing yet: no events, and none expected
 * @see Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., sec. 2.6
 */
export function budgetOutlook(input: OutlookInput, level = LEVEL): BudgetOutlook | null {
  const { q0, lookback, minutesLeft } = input;
  requireOpenShare('level', level);
  requirePositive('lookback.minutes', lookback.minutes);
  requireWithin('lookback.bad', lookback.bad, 'lookback.n', lookback.n);
  requireAmount('lookback.minutes', lookback.minutes);
  requireAmount('minutesLeft', minutesLeft);
  requireAmount('expectedRest', input.expectedRest);
  requireInOrder(input.leaving);
  const window = represented(input.window);
  const { allowed } = errorBudget(window, q0, input.expectedRest);
  if (allowed === 0) return null;
  const remainingBad = allowed - window.bad;
  const known = { allowedBad: allowed, remainingBad };
  if (remainingBad < 0) return { ...known, exhausted: true, minutes: 0, low: 0, high: 0, probability: 1 };
  const weight = meanWeight(lookback.n > 0 ? lookback : input.window);
  const course: Course = {
    remaining: remainingBad / weight,
    leaving: input.leaving.map(({ after, bad }) => ({ after, bad: bad / weight })),
    minutesLeft,
  };
  const shape = lookback.bad + 0.5;
  const tail = (1 - level) / 2;
  const rateAt = (p: number): number => gammaQuantile(p, shape) / lookback.minutes;
  return {
    ...known,
    exhausted: false,
    minutes: spentAfter(course, lookback.bad / lookback.minutes),
    low: spentAfter(course, rateAt(1 - tail)),
    high: spentAfter(course, rateAt(tail)),
    probability: spentBefore(course, shape, lookback.minutes),
  };
}

function requireInOrder(leaving: readonly Leaving[]): void {
  let last = 0;
  for (const { after, bad } of leaving) {
    requireAmount('bad of what leaves', bad);
    requireAmount('after', after);
    if (after < last) throw new RangeError(`what leaves after ${after} minutes comes behind what does after ${last}`);
    last = after;
  }
}

/** How what is left of the budget goes on, apart from new bad events. */
interface Course {
  readonly remaining: number;
  readonly leaving: readonly Leaving[];
  readonly minutesLeft: number;
}

function meanWeight(counts: SeenCounts): number {
  return counts.n > 0 ? Math.max(1, represented(counts).n / counts.n) : 1;
}

/** What is left of the budget until a minute, and that minute: in front of each that leaves, and at the end. */
function* stepsOf({ remaining, leaving, minutesLeft }: Course): Generator<{ left: number; until: number }> {
  let left = remaining;
  for (const { after, bad } of leaving) {
    if (after >= minutesLeft) break;
    yield { left, until: after };
    left += bad;
  }
  yield { left, until: minutesLeft };
}

function spentAfter(course: Course, rate: number): number | null {
  if (rate === 0) return null;
  for (const { left, until } of stepsOf(course)) if (left <= rate * until) return left / rate;
  return null;
}

function spentBefore(course: Course, shape: number, minutes: number): number {
  let likeliest = 0;
  for (const { left, until } of stepsOf(course))
    if (until > 0)
      likeliest = Math.max(likeliest, negativeBinomialTail(Math.floor(left), shape, minutes / (minutes + until)));
  return likeliest;
}
