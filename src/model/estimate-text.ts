import type { Estimate, Measure } from './estimate.ts';
import type { DriftedBin, Evidence } from './incident.ts';
import { plainText } from './plain-text.ts';

/** Shares that people read as a percentage; scores (accuracy, relevance ...) stay decimals. */
const IN_PERCENT: ReadonlySet<Measure> = new Set([
  'availability',
  'latency',
  'time_to_first_token',
  'satisfaction',
  'escalation',
]);

/** What is measured, in words: `groundedness (evaluator)`, `answers within 4s`, `availability`. */
export function measureText(estimate: Pick<Estimate, 'measure' | 'subject' | 'method' | 'proxy'>): string {
  const name = nameOf(estimate.measure, estimate.subject === null ? null : plainText(estimate.subject));
  return estimate.proxy ? `${name} (${plainText(estimate.method)})` : name;
}

function nameOf(measure: Measure, subject: string | null): string {
  if (measure === 'time_to_first_token') return subject ? `first tokens within ${subject}` : 'time to first token';
  if (subject === null) return measure;
  if (measure === 'latency') return `answers within ${subject}`;
  if (measure === 'drift') return `drift of ${subject}`;
  if (measure === 'accuracy' || measure === 'relevance') return subject;
  return `${measure} (${subject})`;
}

/** A number of that measure: `0.93`, `97.1 %`. */
export function valueText(measure: Measure, value: number, decimals: number): string {
  return IN_PERCENT.has(measure) ? `${(value * 100).toFixed(decimals)} %` : value.toFixed(decimals);
}

/** The target, written as its author wrote it: `0.97`, `99.9 %`. */
export function targetText(measure: Measure, target: number): string {
  const scaled = IN_PERCENT.has(measure) ? target * 100 : target;
  const text = String(Number(scaled.toPrecision(12)));
  return IN_PERCENT.has(measure) ? `${text} %` : text;
}

const MIN_DECIMALS: Partial<Record<Measure, number>> = { trust: 1 };
const MAX_DECIMALS = 6;

/** One more than the target has for a percentage, and as many as it takes for the value not to look like the target, or like all, when it is neither. */
export function decimalsFor(measure: Measure, value: number, target: number | null): number {
  const isPercent = IN_PERCENT.has(measure);
  const least = MIN_DECIMALS[measure] ?? (isPercent ? 1 : 2);
  if (target === null) return least;
  const scale = isPercent ? 100 : 1;
  const scaledTarget = Number((target * scale).toPrecision(12));
  const written = (String(scaledTarget).split('.')[1]?.length ?? 0) + (isPercent ? 1 : 0);
  const looksLike = (shown: number, other: number, exact: boolean): boolean => shown === other && !exact;
  for (let decimals = Math.max(least, written); decimals < MAX_DECIMALS; decimals++) {
    const shown = Number((value * scale).toFixed(decimals));
    if (!looksLike(shown, scaledTarget, value === target) && !looksLike(shown, scale, value === 1)) return decimals;
  }
  return MAX_DECIMALS;
}

/** The estimate with its uncertainty: `0.93 (0.91-0.95, n 412)`; without a value it says so. */
export function estimateText(estimate: Estimate, target: number | null = null): string {
  const { measure, value, low, high } = estimate;
  const n = countedText(estimate);
  if (value === null) return `not known yet (${n})`;
  const decimals = decimalsFor(measure, value, target);
  const interval =
    low === null || high === null
      ? ''
      : `${valueText(measure, low, decimals).replace(' %', '')}-${valueText(measure, high, decimals)}, `;
  return `${valueText(measure, value, decimals)} (${interval}${n})`;
}

/** How many were counted: `n 412`; of sampled ones also what they stand for: `n 412 of about 4120`. */
export const countedText = (
  { n, sampled }: Pick<Estimate, 'n' | 'sampled'>,
  numberText: (n: number) => string = String,
): string =>
  `n ${numberText(n)}${sampled === undefined ? '' : ` of about ${numberText(Math.round(sampled.represents))}`}`;

/** The window's own numbers are on the wrong side of the target. */
export function missesTarget({ estimate, target, direction }: Evidence): boolean {
  if (estimate.value === null || target === null) return false;
  return direction === 'at_least' ? estimate.value < target : estimate.value > target;
}

/**
 * Why the promise is held to be broken, as one truthful phrase: the window's estimate when it misses the target, else
 * (a fresh breach hardly moves a window of 28 days) what was counted since the onset.
 */
export function evidenceText(evidence: Evidence): string {
  const { estimate, target, direction, sinceOnset } = evidence;
  const name = measureText(estimate);
  const now = `${name} ${estimateText(estimate, target)}`;
  if (missesTarget(evidence) && target !== null)
    return `${now} ${direction === 'at_least' ? 'below' : 'above'} ${targetText(estimate.measure, target)}`;
  if (evidence.bins !== undefined) return [now, ...evidence.bins.slice(0, 2).map(binText)].join(', ');
  if (sinceOnset?.mean !== undefined && target !== null)
    return `${name} off target: mean ${sinceOnset.mean.toFixed(2)} of ${sinceOnset.n}, should be ${targetText(estimate.measure, target)}`;
  if (sinceOnset !== null && target !== null)
    return `${name} off target: ${sinceOnset.bad} of ${sinceOnset.n} bad, ${timesText(sinceOnset.burn.value)} what ${targetText(estimate.measure, target)} allows`;
  return now;
}

/** `512 to 1024 from 12.0 % to 34.0 %` */
export const binText = ({ name, share, baselineShare }: DriftedBin): string =>
  `${plainText(name)} from ${(baselineShare * 100).toFixed(1)} % to ${(share * 100).toFixed(1)} %`;

/** A ratio without false precision: `9.8`, `641`. */
export const ratioText = (ratio: number): string => (ratio >= 20 ? String(Math.round(ratio)) : ratio.toFixed(1));
export const timesText = (ratio: number): string => `${ratioText(ratio)} times`;
