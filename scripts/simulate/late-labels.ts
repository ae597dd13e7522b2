import { type ArrivalCurve, arrivalCurve, COHORT_DAYS } from '../../src/measures/label-arrivals.ts';
import { MINUTES_PER_DAY } from '../../src/model/time.ts';
import { DELAY_EDGES_MINUTES } from '../../src/tally/delay.ts';
import type { Random } from './random.ts';
import { multinomial, poissonSampler } from './samplers.ts';

/** Label delays are exponential; medians in minutes. Bad answers are complained about sooner. */
const MEDIAN = { bad: 60, good: 360 } as const;

/** Share of a class's labels that have come so many minutes after the interaction. */
export const completeness = (kind: 'bad' | 'good', minutes: number): number =>
  -Math.expm1((-Math.LN2 * minutes) / MEDIAN[kind]);

export interface Label {
  /** Minute of the interaction, and of the label. */
  readonly asked: number;
  readonly at: number;
  readonly isBad: boolean;
}

/** Labels of interactions of so many minutes, those that come within them, by the minute in which they come. */
export function lateLabels(random: Random, minutes: number, rate: number, badShare: number): Label[][] {
  const counts = poissonSampler(rate);
  const byMinute: Label[][] = Array.from({ length: minutes }, () => []);
  for (let asked = 0; asked < minutes; asked++)
    for (let n = counts(random); n > 0; n--) {
      const isBad = random() < badShare;
      const delay = (-Math.log(1 - random()) * MEDIAN[isBad ? 'bad' : 'good']) / Math.LN2;
      const at = asked + Math.floor(delay + random());
      byMinute[at]?.push({ asked, at, isBad });
    }
  return byMinute;
}

/** How late labels come, as production estimates it from four weeks of a healthy version. */
export function estimatedCurve(random: Random, rate: number, badShare: number): ArrivalCurve {
  const daily = rate * MINUTES_PER_DAY;
  const labels = { bad: poissonSampler(daily * badShare), good: poissonSampler(daily * (1 - badShare)) };
  const arrived = (kind: 'bad' | 'good'): number[] => {
    const come = DELAY_EDGES_MINUTES.map((edge) => completeness(kind, edge));
    const increments = come.slice(1).map((share, i) => (share - come[i]!) / come.at(-1)!);
    return multinomial(random, labels[kind](random), increments);
  };
  const cohorts = Array.from({ length: COHORT_DAYS }, (_, day) => ({
    day,
    bad: arrived('bad'),
    good: arrived('good'),
  }));
  const curve = arrivalCurve(cohorts, COHORT_DAYS);
  if (curve === null) throw new RangeError(`${rate} labels a minute are too few for a curve`);
  return curve;
}
