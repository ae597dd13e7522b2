import type { EstimateJson } from '../../../../model/estimate.ts';
import {
  countedText,
  decimalsOf,
  estimateText,
  measureText,
  ratioText,
  targetText,
  valueText,
  youthText,
} from '../../../../model/estimate-text.ts';
import { estimateOf } from './estimate.ts';
import { budgetText, countText, percentText } from './format.ts';
import { loadInterval } from './load.ts';
import { type Verdict, verdictWord } from './verdict.ts';

/** What the console needs to know of a promise to draw it. */
export interface PromiseFigures {
  readonly kind: string;
  readonly measure: EstimateJson['measure'];
  readonly subject: string | null;
  readonly target: number | null;
  readonly direction: 'at_least' | 'at_most';
  readonly window: string;
  readonly verdict: Verdict;
  readonly estimate: EstimateJson | null;
  readonly budget: { readonly remaining: number; readonly burn: number | null } | null;
}

/** `groundedness (evaluator)` */
export const promiseName = ({ estimate, measure, subject }: PromiseFigures): string =>
  measureText(estimate ?? { measure, subject, method: '', proxy: false });

/** `at least 99.9 % over 28d` */
export const promiseTerms = ({ measure, target, direction, window }: PromiseFigures): string =>
  `${target === null ? '' : `at ${direction === 'at_least' ? 'least' : 'most'} ${targetText(measure, target)} `}${window.startsWith('calendar') ? 'in each' : 'over'} ${window}`.trim();

/** From here on it is said to be all of the traffic. */
const COVERED = 0.995;

/** The estimate in pieces: `99.95 %`, `99.91 – 99.97 %`, `n 28,800` (sampled: `n 2,880 of about 28,800`). */
export function estimatePieces(
  estimate: EstimateJson | null,
  target: number | null,
): {
  readonly value: string;
  readonly interval: string | null;
  readonly count: string;
  readonly coverage: string | null;
  /** That too few of its labels have come yet, and what it is when that is corrected for. */
  readonly youth: string | null;
} {
  if (estimate === null) return { value: 'not known', interval: null, count: 'n 0', coverage: null, youth: null };
  const { measure, value, low, high, n, coverage } = estimate;
  const count = countedText(estimate, countText);
  const covered = n > 0 && coverage !== null && coverage < COVERED ? `${percentText(coverage)} of the traffic` : null;
  const youth = youthText(estimate, target);
  if (value === null) return { value: 'not known', interval: null, count, coverage: covered, youth };
  const decimals = decimalsOf(measure, { value, low, high }, target);
  return {
    value: valueText(measure, value, decimals),
    interval:
      low === null || high === null
        ? null
        : `${valueText(measure, low, decimals).replace(' %', '')} – ${valueText(measure, high, decimals)}`,
    count,
    coverage: covered,
    youth,
  };
}

/** `finds 2.4 times what is allowed within a day`: what of a worsening is seen at this traffic; null where nothing tells. */
export function smallestChangeText(detector: Detecting | null): string | null {
  if (detector === null || !(detector.name === 'sequential' || detector.name === 'both')) return null;
  const { smallestChange } = detector;
  return smallestChange === null
    ? 'too little traffic to find an outage within a day'
    : `finds ${ratioText(smallestChange.burn)} times what is allowed within a day (${percentText(smallestChange.badShare)} bad)`;
}

/** What the console needs to know of a detector to say what it can find. */
export interface Detecting {
  readonly name: string;
  readonly smallestChange: { readonly burn: number; readonly badShare: number } | null;
}

/** The figure, for those who do not see it. */
export function figureText(promise: PromiseFigures): string {
  const { estimate, target, direction, budget, verdict } = promise;
  const parts = [`${promiseName(promise)}: ${verdictWord(verdict)}`];
  if (estimate !== null) parts.push(estimateText(estimateOf(estimate), target));
  const youth = estimate === null ? null : youthText(estimate, target);
  if (youth !== null) parts.push(youth);
  if (target !== null) parts.push(`promised ${promiseTerms(promise)}`);
  const load = estimate === null ? null : loadInterval(estimate, target, direction);
  const allowed = direction === 'at_least' ? 'the bad share that is allowed' : 'what is allowed';
  if (load !== null) parts.push(`${ratioText(load.value)} times ${allowed}`);
  if (budget !== null) parts.push(budgetText(budget.remaining));
  if (budget?.burn != null) parts.push(`in the last hour ${ratioText(budget.burn)} times`);
  return parts.join('; ');
}
