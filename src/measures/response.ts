import type { Estimate, Interval } from '../model/estimate.ts';
import type { Claims } from '../model/response-claims.ts';
import { holding } from './interval.ts';
import { postStratify, type Stratum, sensitivity } from './post-stratification.ts';
import { wilsonOfShare } from './wilson.ts';

/** The answers by the values of one slice dimension. */
export interface Strata {
  readonly dimension: string;
  readonly strata: readonly Stratum[];
}

/** Shares of those who answer of their own accord: they are no sample of all, and nothing of them is said of everybody without saying so. */
export const isVoluntary = ({ measure, subject, method }: Pick<Estimate, 'measure' | 'subject' | 'method'>): boolean =>
  ((measure === 'satisfaction' || (measure === 'trust' && subject === 'satisfaction')) && method === 'feedback') ||
  (method === 'voluntary_labels' && !isDistance({ measure, subject }));

/** How far one thing lies from another: no share of anybody. */
const isDistance = ({ measure, subject }: Pick<Estimate, 'measure' | 'subject'>): boolean =>
  measure === 'calibration' || (measure === 'trust' && (subject === 'calibration' || subject === 'gap'));

/**
 * What may be said about everybody from those who answered.
 * @param estimate  among those who answered; its coverage is the response rate
 * @param target    null where nothing is promised
 * @returns null when nobody answered, or nobody could have
 * @see Manski (1990), Nonparametric bounds on treatment effects, AER 80:319-323; Holt, Smith (1979), JRSS-A 142:33-46
 */
export function claimsOf(
  { measure, value, low, high, n, coverage }: Pick<Estimate, 'measure' | 'value' | 'low' | 'high' | 'n' | 'coverage'>,
  target: number | null,
  strata: Strata | null,
): Claims | null {
  if (value === null || low === null || high === null || coverage === null || coverage === 0) return null;
  const worst = coverage * value;
  return {
    measure,
    target,
    responseRate: coverage,
    n,
    amongRespondents: { value, low, high },
    worstCase: { low: worst, high: worst + 1 - coverage },
    sensitivity: target === null ? null : sensitivity(value, target, coverage),
    postStratified: strata === null ? null : postStratified(strata),
  };
}

function postStratified({ dimension, strata }: Strata): (Interval & { dimension: string }) | null {
  const answered = strata.filter(({ population }) => population > 0);
  if (answered.length < 2) return null;
  const estimate = postStratify(answered);
  if (estimate === null || estimate.standardError === null) return null;
  const { share, standardError } = estimate;
  const n = answered.reduce((sum, stratum) => sum + stratum.n, 0);
  // As many answers of a simple sample as tell as much; where all are alike, as many as there are.
  const effective = standardError > 0 ? (share * (1 - share)) / standardError ** 2 : n;
  return { dimension, value: share, ...holding(share, wilsonOfShare(share, effective)) };
}
