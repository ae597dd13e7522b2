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
  'guardrail',
  'cost',
]);

/** What is measured, in words: `groundedness (evaluator)`, `answers within 4s`, `availability`. */
export function measureText(estimate: Pick<Estimate, 'measure' | 'subject' | 'method' | 'proxy'>): string {
  const name = nameOf(estimate.measure, estimate.subject === null ? null : plainText(estimate.subject));
  if (estimate.method === 'voluntary_labels') return `${name} (by volunteers)`;
  return estimate.proxy ? `${name} (${plainText(estimate.method)})` : name;
}

/** What relevance is of where it is measured by how seldom people ask again. */
export const REASK = 'reask';

function nameOf(measure: Measure, subject: string | null): string {
  if (measure === 'time_to_first_token') return subject ? `first tokens within ${subject}` : 'time to first token';
  if (subject === null) return measure;
  if (measure === 'latency') return `answers within ${subject}`;
  if (measure === 'cost_per_day') return `cost of a day in ${subject}`;
  if (measure === 'cost') return `answers for at most ${subject}`;
  if (measure === 'relevance' && subject === REASK) return 'answers not asked for again';
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

/** The index is in points, its components are shares. */
const isInPoints = (measure: Measure, value: number): boolean => measure === 'trust' && value > 1;
const MAX_DECIMALS = 6;

/**
 * One more than the target has for a percentage, and as many as it takes for the value not to look like the target, or like all, when it
 * is neither, and for the ends of its interval not to look like one number.
 */
export function decimalsOf(
  measure: Measure,
  { value, low, high }: { readonly value: number; readonly low: number | null; readonly high: number | null },
  target: number | null,
): number {
  let decimals = decimalsFor(measure, value, target);
  if (low === null || high === null || low === high) return decimals;
  while (decimals < MAX_DECIMALS && valueText(measure, low, decimals) === valueText(measure, high, decimals))
    decimals++;
  return decimals;
}

/** The same of a value alone. */
export function decimalsFor(measure: Measure, value: number, target: number | null): number {
  const isPercent = IN_PERCENT.has(measure);
  const least = isPercent || isInPoints(measure, value) ? 1 : 2;
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
  const decimals = decimalsOf(measure, { value, low, high }, target);
  const interval =
    low === null || high === null
      ? ''
      : `${valueText(measure, low, decimals).replace(' %', '')}-${valueText(measure, high, decimals)}, `;
  return `${valueText(measure, value, decimals)} (${interval}${n})`;
}

/** What comes late, by the method that counts it. */
const LATE: Readonly<Record<string, string>> = {
  feedback: 'ratings',
  labels: 'labels',
  voluntary_labels: 'labels',
  ppi: 'labels',
  evaluator: 'scores',
  checks: 'checks',
};
/** From here on what is still to come will hardly change the number. */
const MATURE = 0.9;

type Maturing = Pick<Estimate, 'measure' | 'subject' | 'method' | 'n' | 'maturity' | 'adjusted'>;

/** Of means, distances and differences it is never estimated how late they come. */
const isNeverCorrected = ({ measure, subject, method }: Maturing): boolean =>
  measure === 'drift' ||
  measure === 'parity' ||
  measure === 'calibration' ||
  (measure === 'relevance' && method === 'evaluator') ||
  (measure === 'trust' && (subject === 'calibration' || subject === 'gap'));

/** What is too young says so: `too young: 62 % of the ratings expected have come; corrected for those to come 94.1 % (92.0-95.6 %)`. Null when there is nothing to say. */
export function youthText(estimate: Maturing, target: number | null = null): string | null {
  const { measure, method, maturity, adjusted } = estimate;
  const late = LATE[method];
  if (late === undefined || maturity === null || maturity >= MATURE) return null;
  const come = `too young: ${Math.floor(maturity * 100)} % of the ${late} expected have come`;
  if (adjusted === undefined) return come;
  const { value, low, high } = adjusted;
  const decimals = decimalsOf(measure, adjusted, target);
  return `${come}; corrected for those to come ${valueText(measure, value, decimals)} (${valueText(measure, low, decimals).replace(' %', '')}-${valueText(measure, high, decimals)})`;
}

/** The same, and that it is not known how late they come where it is not. */
export function maturityText(estimate: Maturing, target: number | null = null): string | null {
  const late = LATE[estimate.method];
  if (late === undefined || estimate.n === 0 || estimate.maturity !== null) return youthText(estimate, target);
  if (isNeverCorrected(estimate)) return `${late} still to come are not corrected for`;
  return `how late ${late} come is not known yet, so that nothing is corrected for it: it takes 200 good and 200 bad ones in 28 days`;
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
    return `${name} off target: ${sinceOnset.bad} of ${sinceOnset.n} bad${allowedText(sinceOnset, targetText(estimate.measure, target))}`;
  return now;
}

/**
 * What was bad since the onset against what the promise allows. Of what comes late that is more while most is still to come, and it is
 * said how many: `, 9.8 times what 97 % allows`, ` so far, 4.1 times the 12 that 97 % allows by now`.
 */
export const allowedText = (
  { burn, expected }: Pick<NonNullable<Evidence['sinceOnset']>, 'burn' | 'expected'>,
  promise: string,
): string =>
  expected === undefined
    ? `, ${timesText(burn.value)} what ${promise} allows`
    : ` so far, ${timesText(burn.value)} the ${expected} that ${promise} allows by now`;

/** `512 to 1024 from 12.0 % to 34.0 %` */
export const binText = ({ name, share, baselineShare }: DriftedBin): string =>
  `${plainText(name)} from ${(baselineShare * 100).toFixed(1)} % to ${(share * 100).toFixed(1)} %`;

/** A ratio without false precision: `9.8`, `641`. */
export const ratioText = (ratio: number): string => (ratio >= 20 ? String(Math.round(ratio)) : ratio.toFixed(1));
export const timesText = (ratio: number): string => `${ratioText(ratio)} times`;
