import { requireCount, requireOpenShare } from '../model/numbers.ts';
import { normalWidth } from './distributions.ts';
import { type Interval, LEVEL } from './interval.ts';

/**
 * The parts of the Trust Index and their weights. Trust rests on performance, process and purpose; the goal is calibrated trust, so accepting
 * wrong answers lowers the index.
 * @see Lee, See (2004), Trust in automation, Human Factors 46:50-80; Schemmer et al. (2023), IUI (appropriate reliance)
 */
export const TRUST_WEIGHTS = {
  satisfaction: 0.2,
  reliance: 0.2,
  safety: 0.2,
  calibration: 0.15,
  escalation: 0.1,
  transparency: 0.1,
  consistency: 0.05,
} as const;
export type TrustComponent = keyof typeof TRUST_WEIGHTS;

export interface Goodness {
  /** Sum of goodness in [0, 1] over n events. */
  readonly good: number;
  readonly n: number;
  /** The same share of the whole service over the last 28 days; null when there is none. */
  readonly prior: number | null;
}

export interface TrustIndex extends Interval {
  /** 0..100. */
  readonly value: number;
  /** The index as if safety needed no gate. */
  readonly ungated: number;
  /** Safety is below 0.95: the index and its interval are capped at 50. */
  readonly gated: boolean;
  /** Whether enough of the applicable weight is there, and safety with it. */
  readonly published: boolean;
  /** Weight of the parts that are there, of those that apply. */
  readonly coverage: number;
  /** Where the index could lie if the missing parts were known: all at 0.01, all at 1. */
  readonly rangeIfMissing: readonly [lowest: number, highest: number];
  /** Estimate of each part that is there. */
  readonly components: Readonly<Partial<Record<TrustComponent, number>>>;
}

/** A part of fewer events is missing. */
export const EVENTS_MIN = 10;
const PRIOR_STRENGTH = 20;
const FLAT = { strength: 2, mean: 0.5 } as const;
const SAFETY_MIN = 0.95;
/** Where the index ends when safety is too low. */
export const GATE = 50;
const COVERAGE_MIN = 0.6;
const WORST = 0.01;
const ROUNDING = 1e-9;

export const COMPONENTS = Object.keys(TRUST_WEIGHTS) as TrustComponent[];

/** What the weights of those components add up to. */
export const weightOf = (components: readonly TrustComponent[]): number =>
  components.reduce((sum, name) => sum + TRUST_WEIGHTS[name], 0);

/**
 * The Trust Index: the weighted geometric mean of its parts, each shrunk towards the service's longer past. Asymptotic (delta method). Missing
 * parts are not imputed, coverage and range say what they leave open.
 * @param applicable  parts that apply to this service; safety always should, where answers reach customers
 * @returns null when no part has its ten events
 * @see Nardo et al. (2008), OECD/JRC Handbook on constructing composite indicators; Efron, Morris (1975), JASA 70:311-319
 */
export function trustIndex(
  parts: Readonly<Partial<Record<TrustComponent, Goodness>>>,
  applicable: readonly TrustComponent[] = COMPONENTS,
  level = LEVEL,
): TrustIndex | null {
  requireOpenShare('level', level);
  const weightAll = weightOf(applicable);
  const present: { name: TrustComponent; weight: number; mean: number; variance: number }[] = [];
  for (const name of applicable) {
    const part = parts[name];
    if (part === undefined) continue;
    requireCount(`n of ${name}`, part.n);
    if (!(part.good >= 0 && part.good <= part.n + ROUNDING))
      throw new RangeError(`${name} has goodness ${part.good} of ${part.n}: 0 <= good <= n is needed`);
    if (part.n >= EVENTS_MIN) present.push({ name, weight: TRUST_WEIGHTS[name] / weightAll, ...shrunk(part) });
  }
  if (present.length === 0) return null;
  const coverage = present.reduce((sum, { weight }) => sum + weight, 0);
  const lnSum = present.reduce((sum, { weight, mean }) => sum + weight * Math.log(mean), 0);
  const ungated = 100 * Math.exp(lnSum / coverage);
  const standardError = Math.sqrt(
    present.reduce((sum, { weight, mean, variance }) => sum + ((weight / coverage) ** 2 * variance) / mean ** 2, 0),
  );
  const safety = present.find(({ name }) => name === 'safety');
  const gated = safety !== undefined && safety.mean < SAFETY_MIN;
  const cap = gated ? GATE : 100;
  const factor = Math.exp(normalWidth(level) * standardError);
  const rest = Math.max(0, 1 - coverage);
  return {
    value: Math.min(cap, ungated),
    low: Math.min(cap, ungated / factor),
    high: Math.min(cap, ungated * factor),
    ungated,
    gated,
    published: coverage >= COVERAGE_MIN - ROUNDING && safety !== undefined,
    coverage,
    rangeIfMissing: [100 * Math.exp(lnSum + rest * Math.log(WORST)), 100 * Math.exp(lnSum)],
    components: Object.fromEntries(present.map(({ name, mean }) => [name, mean])),
  };
}

/** Posterior mean and variance of a part's goodness. Never 0 or 1, so the geometric mean stays defined. */
function shrunk({ good, n, prior }: Goodness): { mean: number; variance: number } {
  if (prior !== null && !(prior >= 0 && prior <= 1)) throw new RangeError(`a prior is ${prior}, it lies in [0, 1]`);
  const strength = prior === null ? FLAT.strength : PRIOR_STRENGTH;
  const mean = Math.max(Number.EPSILON, (Math.min(good, n) + strength * (prior ?? FLAT.mean)) / (n + strength));
  return { mean, variance: (mean * (1 - mean)) / (n + strength + 1) };
}
