import type { JudgeDetail } from '../../measures/judged-accuracy.ts';
import type { TrustDetail } from '../../measures/trust-parts.ts';
import { type Estimate, isOutOf100 } from '../../model/estimate.ts';
import { type Incident, isOpen } from '../../model/incident.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import { smallestDetectableBurn } from '../../objectives/detectability.ts';
import type { Objective } from '../../objectives/objective.ts';
import { type Reading, VERDICTS } from '../../objectives/reading.ts';
import type { CalledDependency } from './dependencies.ts';
import type { Deployment } from './deployments.ts';
import { Fleet } from './fleet.ts';
import type { LastHour, LatencyQuantile } from './last-hour.ts';
import { labelsOf, measureLabel, SEVERITIES, type ServiceLabels, severityOf } from './names.ts';
import type { Says, SeriesTable } from './series-table.ts';

const HOUR = '1h';

/** What of it takes time is made when it is come to, one by one. */
export interface Computed {
  /** The name of the deployment. */
  readonly deployment: string;
  readonly readings: Iterable<{ readonly objective: Objective; readonly reading: Reading | null }>;
  readonly incidents: readonly Incident[];
  readonly services: readonly ServiceLabels[];
  readonly lastHours: Iterable<ServiceLabels & LastHour>;
  readonly dependencies: Iterable<ServiceLabels & { readonly calls: readonly CalledDependency[] }>;
  /** The newest of each type. */
  readonly changes: readonly (ServiceLabels & { readonly type: string; readonly at: Millis })[];
  readonly deployments: Iterable<ServiceLabels & Deployment>;
  /** Of the last 30 days, where there was any: n is above 0. */
  readonly changeFailures: readonly (ServiceLabels & { readonly n: number; readonly failed: number })[];
  /** Share of the calls in metrics that came as spans; null when there were none. */
  readonly callCoverages: Iterable<ServiceLabels & { readonly ratio: number | null }>;
  /** The last judged minute. */
  readonly horizon: Minute;
  readonly now: Millis;
}

/** Owns what is said of no objective. */
const OTHERS = {};

/** Says everything anew, an objective or a service at a time: what is no longer said has no series. */
export function* showComputed(table: SeriesTable, computed: Computed): Generator<undefined> {
  table.begin();
  const fleet = new Fleet();
  for (const { objective, reading } of computed.readings) {
    if (reading !== null) {
      showReading(table.of(objective), objective, reading, computed.now);
      fleet.verdict(reading.verdict);
    }
    yield;
  }
  const says = table.of(OTHERS);
  says.set('plimsoll_judged_through_timestamp_seconds', {}, millisOfMinute(computed.horizon + 1) / 1000);
  for (const incident of computed.incidents) if (isOpen(incident)) fleet.incident(incident);
  fleet.show(says, computed.deployment);
  yield* showIncidents(says, computed);
  for (const { latency, firstToken, cost, ...labels } of computed.lastHours) {
    showQuantiles(says, 'plimsoll_latency', labels, latency);
    showQuantiles(says, 'plimsoll_first_token', labels, firstToken);
    yield;
    if (cost === null) continue;
    const at = { ...labels, currency: cost.currency, window: HOUR };
    says.set('plimsoll_cost_window_amount', at, cost.value);
    says.set('plimsoll_cost_window_coverage_ratio', at, cost.coverage);
  }
  for (const { calls, ...labels } of computed.dependencies) {
    for (const { kind, name, n, failed } of calls) {
      const at = { ...labels, dependency_kind: kind, dependency: name, window: HOUR };
      says.set('plimsoll_dependency_window_calls', at, n);
      says.set('plimsoll_dependency_failed_ratio', at, failed / n);
    }
    yield;
  }
  for (const { type, at, ...labels } of computed.changes) {
    says.set('plimsoll_last_change_timestamp_seconds', { ...labels, change_type: type }, at / 1000);
    yield;
  }
  for (const labels of computed.deployments) {
    says.set('plimsoll_deployment_info', labels, 1);
    yield;
  }
  for (const { n, failed, ...labels } of computed.changeFailures) {
    says.set('plimsoll_change_failure_ratio', labels, failed / n);
    yield;
  }
  for (const { ratio, ...labels } of computed.callCoverages) {
    says.set('plimsoll_call_coverage_ratio', labels, ratio);
    yield;
  }
  yield* table.finish();
}

function showQuantiles(
  says: Says,
  of: 'plimsoll_latency' | 'plimsoll_first_token',
  labels: ServiceLabels,
  quantiles: readonly LatencyQuantile[],
): void {
  for (const { rank, seconds, low, high } of quantiles) {
    const at = { ...labels, rank, window: HOUR };
    says.set(`${of}_quantile_seconds`, at, seconds);
    says.set(`${of}_quantile_ci_lower_seconds`, at, low);
    says.set(`${of}_quantile_ci_upper_seconds`, at, high);
  }
}

function showReading(says: Says, objective: Objective, reading: Reading, now: Millis): void {
  const service = labelsOf(objective);
  const of = { ...service, objective: objective.name };
  for (const verdict of VERDICTS)
    says.set('plimsoll_objective_verdict', { ...of, verdict }, verdict === reading.verdict ? 1 : 0);
  if (reading.verdict !== 'met') says.set('plimsoll_objective_not_met', { ...of, verdict: reading.verdict }, 1);
  says.set('plimsoll_objective_target_ratio', of, ratioOf(objective, objective.target));
  says.set('plimsoll_objective_window_seconds', of, objective.window.minutes * 60);
  const measure = measureLabel(objective);
  const kind = objective.kind.toLowerCase();
  says.set('plimsoll_objective_info', { ...of, kind, measure, policy: reading.detector?.name ?? 'report' }, 1);
  showBudget(says, of, objective, reading, now);
  for (const [window, burn] of Object.entries(reading.burns))
    says.set('plimsoll_objective_burn_rate', { ...of, window }, burn);
  for (const [window, burn] of Object.entries(reading.burnsLow))
    says.set('plimsoll_objective_burn_rate_ci_lower', { ...of, window }, burn);
  if (objective.sequential !== null)
    says.set('plimsoll_objective_evidence_ratio', { ...of, detector: 'ticket' }, reading.evidence);
  const confidence = confidenceOf(objective);
  says.set('plimsoll_measure_info', { ...service, measure, method: objective.method, confidence }, 1);
  showEstimate(says, { ...service, measure, window: objective.window.text }, reading.estimate);
  showEstimate(says, { ...service, measure, window: HOUR }, reading.lastHour);
  showDetectable(says, of, objective, reading);
  showDrift(says, service, objective, reading);
  showTrust(says, service, objective, reading);
  showJudge(says, of, reading);
}

function showDetectable(says: Says, of: OfObjective, { q0, sequential }: Objective, { dayEvents }: Reading): void {
  if (q0 === null || sequential === null) return;
  const burn = smallestDetectableBurn(q0, sequential.ticket.threshold, dayEvents);
  says.set('plimsoll_objective_detectable_burn_rate', of, burn);
}

function showDrift(says: Says, service: ServiceLabels, { drift, subject }: Objective, reading: Reading): void {
  if (drift === undefined) return;
  const of = { ...service, feature: subject ?? '' };
  says.set('plimsoll_drift_evidence_ratio', of, reading.evidence);
  says.set('plimsoll_drift_effect', { ...of, test: 'psi_adj' }, reading.estimate.value);
}

/** The index in points, and what it is made of. */
function showTrust(says: Says, service: ServiceLabels, { window }: Objective, { estimate }: Reading): void {
  if (!isOutOf100(estimate)) return;
  const of = { ...service, window: window.text };
  if (estimate.value !== null) {
    says.set('plimsoll_trust_index_points', of, estimate.value);
    says.set('plimsoll_trust_index_ci_lower_points', of, estimate.low);
    says.set('plimsoll_trust_index_ci_upper_points', of, estimate.high);
  }
  const { components, gap } = (estimate.detail ?? {}) as Partial<TrustDetail>;
  for (const [component, { value }] of Object.entries(components ?? {}))
    says.set('plimsoll_trust_component_ratio', { ...of, component }, value);
  says.set('plimsoll_trust_gap_ratio', of, gap?.value ?? null);
}

function showJudge(says: Says, { service, environment, objective }: OfObjective, { estimate }: Reading): void {
  const judge = estimate.detail?.['judge'] as JudgeDetail | null | undefined;
  if (judge == null || judge.evaluator === null) return;
  const of = { service, environment, evaluator: judge.evaluator, objective };
  says.set('plimsoll_evaluator_agreement_ratio', of, judge.correlation);
}

function confidenceOf({ window, judgedBy, drift, composition, measure, subject }: Objective): string {
  if (drift !== undefined) return 'delta method';
  if (composition !== undefined || measure === 'parity') return 'mover';
  if (measure === 'cost_per_day' || (measure === 'trust' && subject === 'calibration')) return 'own';
  if (window.hasFixedStart) return 'confidence sequence';
  return judgedBy === 'events' ? 'wilson' : 'own';
}

type OfObjective = ServiceLabels & { readonly objective: string };

/** The interval of what is left follows from that of the share: remaining = 1 - (1 - share) / q0. */
function showBudget(says: Says, of: OfObjective, objective: Objective, reading: Reading, now: Millis): void {
  const { q0, estimator } = objective;
  const { budget, estimate } = reading;
  if (q0 === null || budget === null || estimate.low === null || estimate.high === null) return;
  const remaining = (share: number): number => 1 - (1 - share) / q0;
  says.set('plimsoll_objective_error_budget_remaining_ratio', of, budget.remaining);
  // An estimate of its own says nothing about how sure the count of bad events is.
  if (estimator === undefined) {
    says.set('plimsoll_objective_error_budget_remaining_ci_lower_ratio', of, remaining(estimate.low));
    says.set('plimsoll_objective_error_budget_remaining_ci_upper_ratio', of, remaining(estimate.high));
  }
  const { exhaustedAt } = budget;
  const left = exhaustedAt === null ? null : Math.max(0, exhaustedAt - now) / 1000;
  says.set('plimsoll_objective_budget_exhaustion_seconds', of, left);
}

type OfMeasure = ServiceLabels & { readonly measure: string; readonly window: string };

/** Ratios are those of shares; an index out of 100 is one, an amount of money and a distance of distributions are none. */
function ratioOf(of: Pick<Estimate, 'measure' | 'subject'>, value: number | null): number | null {
  if (value === null || of.measure === 'cost_per_day' || of.measure === 'drift') return null;
  return isOutOf100(of) ? value / 100 : value;
}

/** n and coverage stay where there is no estimate: they say why. */
function showEstimate(says: Says, of: OfMeasure, estimate: Estimate): void {
  const { measure, value, low, high, n, sampled, coverage, maturity } = estimate;
  says.set('plimsoll_measure_window_events', of, n);
  if (sampled !== undefined) {
    says.set('plimsoll_measure_represented_events', of, sampled.represents);
    says.set('plimsoll_measure_effective_events', of, sampled.effective);
  }
  says.set('plimsoll_measure_coverage_ratio', of, coverage);
  says.set('plimsoll_measure_maturity_ratio', of, maturity);
  if (value === null) return;
  if (measure === 'drift') {
    says.set('plimsoll_drift_psi', of, value);
    says.set('plimsoll_drift_psi_ci_lower', of, low);
    says.set('plimsoll_drift_psi_ci_upper', of, high);
  }
  says.set('plimsoll_measure_ratio', of, ratioOf(estimate, value));
  says.set('plimsoll_measure_ci_lower_ratio', of, ratioOf(estimate, low));
  says.set('plimsoll_measure_ci_upper_ratio', of, ratioOf(estimate, high));
}

function* showIncidents(says: Says, { incidents, services }: Computed): Generator<undefined> {
  const open = new Map<string, ServiceLabels & { severity: string; n: number }>();
  const count = (labels: ServiceLabels, severity: string, by: number): void => {
    const key = JSON.stringify([labels.service, labels.environment, severity]);
    const known = open.get(key);
    if (known === undefined) open.set(key, { ...labels, severity, n: by });
    else known.n += by;
  };
  for (const labels of services) {
    for (const severity of SEVERITIES) count(labels, severity, 0);
    yield;
  }
  for (const incident of incidents) if (isOpen(incident)) count(labelsOf(incident), severityOf(incident), 1);
  for (const { n, ...labels } of open.values()) {
    says.set('plimsoll_incidents_open', labels, n);
    yield;
  }
}
