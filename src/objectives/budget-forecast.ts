import { gammaQuantile, negativeBinomialTail } from '../measures/distributions.ts';
import { LEVEL } from '../measures/interval.ts';
import { requireAmount, requireCount, requireOpenShare, requirePositive } from '../model/numbers.ts';

export interface ForecastInput {
  /** Bad events in the minutes looked back at. */
  readonly bad: number;
  /** How many minutes that were: six hours, or since the onset of an incident. */
  readonly minutes: number;
  /** Bad events the budget still allows, negative when overspent. */
  readonly remainingBad: number;
  /** Minutes to the end of the window. */
  readonly minutesLeft: number;
}

export interface BudgetForecast {
  readonly exhausted: boolean;
  /** Minutes until the budget is spent, if things go on so; null when no bad event was seen. */
  readonly minutes: number | null;
  readonly low: number;
  readonly high: number;
  /** Probability that it is spent before the window ends. */
  readonly exhaustsInWindow: number;
}

/**
 * When the budget will be spent if the last minutes continue: the rate of bad events is Gamma(bad + 1/2, minutes), those to come are negative
 * binomial. A heuristic: nobody promises that the last minutes continue.
 * @see Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., sec. 2.6
 */
export function budgetForecast(input: ForecastInput, level = LEVEL): BudgetForecast {
  const { bad, minutes, remainingBad, minutesLeft } = input;
  requireCount('bad', bad);
  requirePositive('minutes', minutes);
  requireAmount('minutes', minutes);
  requireAmount('the size of remainingBad', Math.abs(remainingBad));
  requireOpenShare('level', level);
  requireAmount('minutesLeft', minutesLeft);
  if (remainingBad < 0) return { exhausted: true, minutes: 0, low: 0, high: 0, exhaustsInWindow: 1 };
  const shape = bad + 0.5;
  const tail = (1 - level) / 2;
  const untilSpent = (rate: number): number => (remainingBad * minutes) / rate;
  return {
    exhausted: false,
    minutes: minutesToSpend(input),
    low: untilSpent(gammaQuantile(1 - tail, shape)),
    high: untilSpent(gammaQuantile(tail, shape)),
    exhaustsInWindow:
      minutesLeft === 0 ? 0 : negativeBinomialTail(Math.floor(remainingBad), shape, minutes / (minutes + minutesLeft)),
  };
}

/** Minutes until what is left is spent if the last minutes go on; null when no bad event was seen. Of a budget that is not overspent. */
export const minutesToSpend = ({ bad, minutes, remainingBad }: Omit<ForecastInput, 'minutesLeft'>): number | null =>
  bad === 0 ? null : (remainingBad * minutes) / bad;
