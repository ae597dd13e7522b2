// Which function answers which section of a golden file. Only names and shapes are translated here: every number comes from src/.
import { changeReview } from '../src/changes/review.ts';
import { scoreSlices } from '../src/incidents/slices.ts';
import { asymptoticSequence } from '../src/measures/asymptotic-sequence.ts';
import { brier, calibration } from '../src/measures/calibration.ts';
import { estimatedAccuracy, expectedConfusion } from '../src/measures/cbpe.ts';
import { completedShare, delayedNull, labelArrival } from '../src/measures/completeness.ts';
import { mover, newcombe } from '../src/measures/difference.ts';
import {
  betaQuantile,
  binomialCdf,
  chiSquareTail,
  gammaQuantile,
  kolmogorovTail,
  negativeBinomialTail,
  normalQuantile,
  studentQuantile,
} from '../src/measures/distributions.ts';
import { binnedDrift } from '../src/measures/drift-statistics.ts';
import { jeffreys } from '../src/measures/jeffreys.ts';
import { meanSequence } from '../src/measures/mean-sequence.ts';
import { benjaminiHochberg, eBenjaminiHochberg } from '../src/measures/multiplicity.ts';
import { postStratify } from '../src/measures/post-stratification.ts';
import { type PairSums, ppi, stratifiedPpi } from '../src/measures/ppi.ts';
import { quantileRanks } from '../src/measures/quantile.ts';
import { shareSequence } from '../src/measures/share-sequence.ts';
import { lnGamma } from '../src/measures/special.ts';
import { type Goodness, type TrustComponent, trustIndex } from '../src/measures/trust-index.ts';
import { wilson } from '../src/measures/wilson.ts';
import { alternatives } from '../src/objectives/alternatives.ts';
import { budgetForecast } from '../src/objectives/budget-forecast.ts';
import { burnRate, burnTiers, type Counts } from '../src/objectives/burn-rate.ts';
import { burnSeries } from '../src/objectives/burn-series.ts';
import { composite } from '../src/objectives/composite.ts';
import { driftParams, driftStatistic, driftStep, initialDrift } from '../src/objectives/drift-detector.ts';
import { type DetectorMode, detectorParams, initialState, lnStatistic, step } from '../src/objectives/e-detector.ts';
import { errorBudget } from '../src/objectives/error-budget.ts';
import { recoveryParams, recoveryStep, startRecovery } from '../src/objectives/recovery.ts';
import { slaCredit } from '../src/objectives/sla-credit.ts';
import {
  bucketOf,
  countOf,
  downscale,
  type ExponentialHistogram,
  exponentialQuantile,
  relativeError,
} from '../src/tally/exponential.ts';
import { ndcg, precisionAt, reciprocalRank } from '../src/tally/ranking.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A section's inputs are as its file says; a wrong shape shows as a failed case. */
// biome-ignore lint/suspicious/noExplicitAny: every section has its own shape
type Input = any;

const lowHigh = ({ low, high }: { low: number; high: number }) => ({ lo: low, hi: high });

const SPECIAL: Record<string, (...args: number[]) => number> = {
  norm_ppf: normalQuantile,
  chi2_sf: chiSquareTail,
  t_ppf: studentQuantile,
  beta_ppf: betaQuantile,
  gamma_ppf: gammaQuantile,
  lgamma: lnGamma,
  kolmogorov_sf: kolmogorovTail,
  binom_cdf: binomialCdf,
  nbinom_sf: negativeBinomialTail,
};

/** [[minutes, n, bad], ...] to one entry a minute. */
const unrolled = (series: readonly (readonly [number, number, number])[]): Counts[] =>
  series.flatMap(([minutes, n, bad]) => Array<Counts>(minutes).fill({ n, bad }));

interface DetectorRun {
  readonly q0: number;
  readonly A: number;
  readonly mode: DetectorMode;
  readonly phi?: number;
  readonly cap_ticks?: number;
}

/** Minutes of the statistic that a file asks for: all are given, extra ones are no fault. */
function runDetector(series: readonly Counts[], { q0, A, mode, phi = 1, cap_ticks = 2 }: DetectorRun): Json {
  const params = detectorParams({ q0, threshold: A, mode, capMinutes: cap_ticks });
  const state = initialState(params, mode === 'robust' ? null : phi);
  const alarms: Json[] = [];
  const statistics: Record<string, Json> = {};
  for (const [minute, { n, bad }] of series.entries()) {
    const alarm = step(params, state, minute, n, bad);
    if (alarm !== null) alarms.push([minute, alarm.onset]);
    statistics[minute] = finiteOrNull(alarm?.lnStatistic ?? lnStatistic(state));
  }
  return { alarms, ln_stat: statistics };
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function runRecovery(input: Input): Json {
  const params = recoveryParams({ q0: input.q0, threshold: input.A_rec, clearMinutes: input.min_clear });
  const state = startRecovery(-1, input.incident.n, input.incident.b, input.phi);
  for (const [minute, { n, bad }] of unrolled(input.series).entries())
    if (recoveryStep(params, state, minute, n, bad)) return { resolved_at: minute };
  return { resolved_at: null };
}

function runDrift(input: Input): Json {
  const params = driftParams({
    reference: input.ref_counts,
    threshold: input.A,
    mode: input.mode,
    tolerance: input.eps,
    halfLives: input.halves,
    priorEvents: input.kappa,
    capMinutes: input.cap_ticks,
  });
  const state = initialDrift(params, input.phi);
  const statistics: (number | null)[] = [];
  const alarms: number[] = [];
  for (const [minute, counts] of (input.counts as number[][]).entries()) {
    const alarm = driftStep(params, state, minute, counts);
    if (alarm !== null) alarms.push(minute);
    statistics.push(finiteOrNull(alarm?.lnStatistic ?? driftStatistic(state)));
  }
  return { ln_stat: statistics, alarms };
}

const histogramOf = (values: readonly number[], scale: number): ExponentialHistogram => {
  const buckets = new Map<number, number>();
  let zeros = 0;
  for (const value of values) {
    if (value <= 0) {
      zeros++;
      continue;
    }
    const bucket = bucketOf(value, scale);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  return { zeros, buckets };
};

const pairSums = (tallies: Input): PairSums => ({
  n: tallies.n,
  sumY: tallies.sy,
  sumYY: tallies.syy,
  sumF: tallies.sf,
  sumFF: tallies.sff,
  sumYF: tallies.syf,
  unlabelled: tallies.N,
  unlabelledF: tallies.tf,
  unlabelledFF: tallies.tff,
});

function runSlices(slices: Record<string, { n0: number; b0: number; n: number; b: number }>): Json {
  const tallies = Object.entries(slices).map(([value, { n0, b0, n, b }]) => ({
    value,
    baselineN: n0,
    baselineBad: b0,
    n,
    bad: b,
  }));
  const scores = scoreSlices(tallies);
  if (scores === null) return { delta: null, slices: {}, top: null };
  const power = (slice: { explanatoryPower: number | null }): number => slice.explanatoryPower ?? -Infinity;
  const top = scores.slices.reduce((best, slice) => (power(slice) > power(best) ? slice : best));
  return {
    delta: scores.delta,
    slices: Object.fromEntries(
      scores.slices.map((slice) => [
        slice.value,
        {
          rate_effect: slice.rateEffect,
          mix_effect: slice.mixEffect,
          explanatory_power: slice.explanatoryPower,
          surprise: slice.surprise,
          g2: slice.g2,
          p_one_sided: slice.p,
          wracc: slice.weightedAccuracy,
        },
      ]),
    ),
    top: top.explanatoryPower === null ? null : top.value,
  };
}

function runTrust(components: Record<string, { g: number; n: number; prior: number | null }>): Json {
  const parts = Object.fromEntries(
    Object.entries(components).map(([name, { g, n, prior }]) => [name, { good: g, n, prior }]),
  ) as Partial<Record<TrustComponent, Goodness>>;
  const index = trustIndex(parts);
  if (index === null) return { index: null, published: false, coverage: 0, components: {} };
  const { value, low, high, ungated, gated, published, coverage, rangeIfMissing } = index;
  return {
    coverage,
    published,
    components: index.components as Json,
    ungated,
    range_if_missing: rangeIfMissing,
    index: value,
    lo: low,
    hi: high,
    gated,
  };
}

function runPpi({ tallies, binary, conf }: Input): Json {
  const estimate = ppi(pairSums(tallies), binary, conf);
  if (estimate === null) return { method: null, estimate: null };
  return {
    method: estimate.method === 'ppi' ? 'ppi++' : estimate.method,
    estimate: estimate.value,
    var_rectifier: estimate.goldVariance,
    var_imputed: estimate.scoreVariance,
    se: estimate.standardError,
    n_eff: estimate.effectiveN,
    lambda: estimate.lambda,
    ...lowHigh(estimate),
  };
}

export const SECTIONS: Readonly<Record<string, (input: Input) => Json>> = {
  special: ({ fn, args }) => ({ value: SPECIAL[fn]!(...args) }),
  wilson: ({ s, n, conf }) => ({ p: n === 0 ? null : s / n, ...lowHigh(wilson(s, n, conf)) }),
  jeffreys: ({ s, n, conf }) => lowHigh(jeffreys(s, n, conf)),
  cs_beta_binomial: ({ s, n, alpha, a, b }) => lowHigh(shareSequence(s, n, alpha, { a, b })),
  cs_bounded: ({ n, sum, sumsq, alpha }) => lowHigh(meanSequence({ n, sum, squares: sumsq }, alpha)),
  cs_asymptotic: ({ n, mean, var: variance, alpha, n_opt }) => {
    const { low, high } = asymptoticSequence(mean, variance, n, alpha, n_opt);
    return { lo: low, hi: high, half_width: (high - low) / 2 };
  },
  e_alternatives: ({ q0 }) => ({ q1: alternatives(q0) }),
  e_detector: (input) => runDetector(unrolled(input.series), input),
  e_detector_bounded: ({ n, loss, ...rest }) =>
    runDetector(
      (n as number[]).map((count, i) => ({ n: count, bad: loss[i] })),
      { ...rest, mode: 'robust' },
    ),
  recovery: runRecovery,
  burn_rate: ({ bad, total, objective }) => ({ burn: burnRate({ n: total, bad }, 1 - objective) }),
  mwmbr_tiers: ({ window_days }) => ({
    tiers: burnTiers(window_days).map((tier) => ({
      long_minutes: tier.longMinutes,
      short_minutes: tier.shortMinutes,
      threshold: tier.threshold,
      severity: tier.severity,
    })),
  }),
  mwmbr: ({ series, objective, window_days }) => ({
    tiers: burnSeries(unrolled(series), burnTiers(window_days), 1 - objective).map(
      ({ tier, first, minutes, atEnd }) => ({
        long: tier.longMinutes,
        short: tier.shortMinutes,
        threshold: tier.threshold,
        severity: tier.severity,
        first,
        firing_minutes: minutes,
        firing_at_end: atEnd,
      }),
    ),
  }),
  label_arrival: ({ triangle, observed }) => ({ ...labelArrival(triangle, observed) }),
  delay_objective: ({ q0, g_bad, g_good }) => ({ q_adj: delayedNull(q0, g_bad, g_good) }),
  ipw_share: ({ bad, good, g_bad, g_good }) => {
    const estimate = completedShare(bad, good, g_bad, g_good);
    return { share: estimate?.share ?? null, se: estimate?.standardError ?? null };
  },
  poststrat: ({ strata }) => {
    const estimate = postStratify(
      strata.map(({ N, n, s }: { N: number; n: number; s: number }) => ({ population: N, n, good: s })),
    );
    if (estimate === null) return { estimate: null };
    return {
      estimate: estimate.share,
      se: estimate.standardError,
      response_rate: estimate.responseRate,
      manski_lo: estimate.worst,
      manski_hi: estimate.best,
    };
  },
  ppi: runPpi,
  ppi_stratified: ({ strata, conf }) => {
    const estimate = stratifiedPpi(strata.map(pairSums), conf);
    if (estimate === null) return { estimate: null };
    const { value, standardError, effectiveN, lambdas } = estimate;
    return { estimate: value, se: standardError, n_eff: effectiveN, lambdas, ...lowHigh(estimate) };
  },
  calibration: ({ bins }) => {
    const result = calibration(
      bins.map(({ n, sum_conf, correct }: { n: number; sum_conf: number; correct: number }) => ({
        n,
        sumConfidence: sum_conf,
        correct,
      })),
    );
    return {
      ece: result?.ece ?? null,
      mce: result?.mce ?? null,
      ece_null: result?.eceNull ?? null,
      ece_adj: result?.eceAdjusted ?? null,
      reliability: result?.reliability ?? null,
      resolution: result?.resolution ?? null,
      uncertainty: result?.uncertainty ?? null,
      adaptive_ece: result?.adaptiveEce ?? null,
      adaptive_groups: result?.adaptiveGroups ?? null,
    };
  },
  brier: ({ n, sum_c2, sum_cy, sum_y }) => ({ brier: brier({ n, sumCC: sum_c2, sumCY: sum_cy, sumY: sum_y }) }),
  cbpe: ({ reference, production_n, m, conf }) => {
    const estimate = estimatedAccuracy(reference, production_n, conf, m);
    if (estimate === null) return { estimate: null };
    const { calibrated, value, standardError } = estimate;
    return { calibrated, estimate: value, se: standardError, ...lowHigh(estimate) };
  },
  cbpe_confusion: ({ c, n, k }) => {
    const { truePositive, falsePositive, falseNegative, trueNegative, ...ratios } = expectedConfusion(c, n, k);
    return { tp: truePositive, fp: falsePositive, fn: falseNegative, tn: trueNegative, ...ratios };
  },
  ranking: ({ rel, k, ideal }) => ({
    ndcg_linear: ndcg(rel, k, 'linear', ideal ?? rel),
    ndcg_exp: ndcg(rel, k, 'exponential', ideal ?? rel),
    precision: precisionAt(rel, k),
    rr: reciprocalRank(rel, k),
  }),
  trust_index: ({ components }) => runTrust(components),
  drift_binned: ({ cur, ref, x }) => {
    const drift = binnedDrift(cur, ref, x ?? undefined);
    if (drift === null) return { psi: null };
    return {
      psi: drift.psi,
      psi_expected_null: drift.psiNull,
      psi_adj: drift.psiAdjusted,
      psi_p: drift.psiP,
      js_distance: drift.jsDistance,
      js_divergence_bits: drift.jsBits,
      ks: drift.ks,
      ks_p: drift.ksP,
      w1: drift.wasserstein,
      chi2: drift.chiSquare,
      chi2_df: drift.chiSquareDf,
      chi2_p: drift.chiSquareP,
      g: drift.g,
      g_p: drift.gP,
      cramers_v: drift.cramersV,
    };
  },
  drift_detector: runDrift,
  bh: ({ p, alpha }) => ({ reject: benjaminiHochberg(p, alpha) }),
  ebh: ({ e, alpha }) => ({ reject: eBenjaminiHochberg(e, alpha) }),
  exp_index: ({ value, scale }) => ({ index: bucketOf(value, scale) }),
  exp_quantile: ({ values, scale, quantiles }) => {
    const histogram = histogramOf(values, scale);
    const sorted = [...values].sort((a: number, b: number) => a - b);
    const asked: number[] = quantiles ?? [0, 0.5, 0.9, 0.95, 0.99, 1];
    return {
      quantiles: asked.map((q) => ({
        q,
        estimate: exponentialQuantile(histogram, q, scale),
        exact: sorted[Math.floor(q * (countOf(histogram) - 1))] ?? null,
      })),
      bound: relativeError(scale),
      buckets: Object.fromEntries(histogram.buckets),
    };
  },
  exp_downscale: ({ buckets, scale, to }) => ({
    buckets: Object.fromEntries(
      downscale(new Map(Object.entries(buckets).map(([index, n]) => [Number(index), n as number])), scale - to),
    ),
  }),
  quantile_ranks: ({ n, q, conf }) => {
    const { low, high } = quantileRanks(n, q, conf);
    return { lo: low, hi: high };
  },
  slices: ({ slices }) => runSlices(slices),
  newcombe: ({ s1, n1, s2, n2, conf }) => {
    const difference = newcombe(s1, n1, s2, n2, conf);
    return difference === null ? { diff: null } : { diff: difference.value, ...lowHigh(difference) };
  },
  mover: ({ t1, l1, u1, t2, l2, u2 }) => {
    const difference = mover({ value: t1, low: l1, high: u1 }, { value: t2, low: l2, high: u2 });
    return { diff: difference.value, ...lowHigh(difference) };
  },
  change_review: ({ canary, stable, margin, alpha }) => {
    const review = changeReview({ n: canary.n, good: canary.s }, { n: stable.n, good: stable.s }, margin, alpha);
    return { ln_e_noninferior: review.lnNotWorse, ln_e_inferior: review.lnWorse, decision: review.decision };
  },
  error_budget: ({ total, bad, objective }) => ({ ...errorBudget({ n: total, bad }, 1 - objective) }),
  budget_forecast: ({ bad, minutes, remaining_bad, tau, conf }) => {
    const forecast = budgetForecast({ bad, minutes, remainingBad: remaining_bad, minutesLeft: tau }, conf);
    return {
      exhausted: forecast.exhausted,
      minutes: forecast.minutes,
      p_exhaust: forecast.exhaustsInWindow,
      ...lowHigh(forecast),
    };
  },
  sla_credit: ({ tiers, attained }) => ({ credit: slaCredit(tiers, attained) }),
  composite_slo: ({ values, weights }) => {
    const members = (values as (number | null)[]).map((value, i) => ({ value, weight: weights[i] as number }));
    return {
      weighted: composite(members, 'weighted'),
      serial: composite(members, 'serial'),
      worst: composite(members, 'worst'),
    };
  },
};
