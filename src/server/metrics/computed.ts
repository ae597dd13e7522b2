import { type Estimate, isOutOf100 } from '../../model/estimate.ts';
import { type Incident, isOpen } from '../../model/incident.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import { type Reading, VERDICTS } from '../../objectives/reading.ts';
import type { CalledDependency } from './dependencies.ts';
import type { LastHour, LatencyQuantile } from './last-hour.ts';
import { labelsOf, measureLabel, SEVERITIES, type ServiceLabels, severityOf } from './names.ts';
import type { SeriesTable } from './series-table.ts';

const HOUR = '1h';

export interface Computed {
  readonly readings: readonly { objective: Objective; reading: Reading | null }[];
  readonly incidents: readonly Incident[];
  readonly services: readonly ServiceLabels[];
  readonly lastHours: readonly (ServiceLabels & LastHour)[];
  readonly dependencies: readonly (ServiceLabels & { calls: readonly CalledDependency[] })[];
  /** The newest of each type. */
  readonly changes: readonly (ServiceLabels & { type: string; at: Millis })[];
  /** Share of the calls in metrics that came as spans; null when there were none. */
  readonly callCoverages: readonly (ServiceLabels & { readonly ratio: number | null })[];
  /** The last judged minute. */
  readonly horizon: Minute;
  readonly now: Millis;
}

/** Says everything anew: what is no longer said has no series, so that nothing old stands as if it were new. */
export function showComputed(table: SeriesTable, computed: Computed): void {
  table.clear();
  table.set('plimsoll_judged_through_timestamp_seconds', {}, millisOfMinute(computed.horizon + 1) / 1000);
  for (const { objective, reading } of computed.readings)
    if (reading !== null) showReading(table, objective, reading, computed.now);
  showIncidents(table, computed);
  for (const { latency, firstToken, cost, ...labels } of computed.lastHours) {
    showQuantiles(table, 'plimsoll_latency', labels, latency);
    showQuantiles(table, 'plimsoll_first_token', labels, firstToken);
    if (cost === null) continue;
    const at = { ...labels, currency: cost.currency, window: HOUR };
    table.set('plimsoll_cost_window_amount', at, cost.value);
    table.set('plimsoll_cost_window_coverage_ratio', at, cost.coverage);
  }
  for (const { calls, ...labels } of computed.dependencies)
    for (const { kind, name, n, failed } of calls) {
      const at = { ...labels, dependency_kind: kind, dependency: name, window: HOUR };
      table.set('plimsoll_dependency_window_calls', at, n);
      table.set('plimsoll_dependency_failed_ratio', at, failed / n);
    }
  for (const { type, at, ...labels } of computed.changes)
    table.set('plimsoll_last_change_timestamp_seconds', { ...labels, change_type: type }, at / 1000);
  for (const { ratio, ...labels } of computed.callCoverages) table.set('plimsoll_call_coverage_ratio', labels, ratio);
}

function showQuantiles(
  table: SeriesTable,
  of: 'plimsoll_latency' | 'plimsoll_first_token',
  labels: ServiceLabels,
  quantiles: readonly LatencyQuantile[],
): void {
  for (const { rank, seconds, low, high } of quantiles) {
    const at = { ...labels, rank, window: HOUR };
    table.set(`${of}_quantile_seconds`, at, seconds);
    table.set(`${of}_quantile_ci_lower_seconds`, at, low);
    table.set(`${of}_quantile_ci_upper_seconds`, at, high);
  }
}

function showReading(table: SeriesTable, objective: Objective, reading: Reading, now: Millis): void {
  const service = labelsOf(objective);
  const of = { ...service, objective: objective.name };
  for (const verdict of VERDICTS)
    table.set('plimsoll_objective_verdict', { ...of, verdict }, verdict === reading.verdict ? 1 : 0);
  table.set('plimsoll_objective_target_ratio', of, ratioOf(objective, objective.target));
  table.set('plimsoll_objective_window_seconds', of, objective.window.minutes * 60);
  const measure = measureLabel(objective);
  const kind = objective.kind.toLowerCase();
  table.set('plimsoll_objective_info', { ...of, kind, measure, policy: reading.detector?.name ?? 'report' }, 1);
  showBudget(table, of, objective, reading, now);
  for (const [window, burn] of Object.entries(reading.burns))
    table.set('plimsoll_objective_burn_rate', { ...of, window }, burn);
  for (const [window, burn] of Object.entries(reading.burnsLow))
    table.set('plimsoll_objective_burn_rate_ci_lower', { ...of, window }, burn);
  if (objective.sequential !== null)
    table.set('plimsoll_objective_evidence_ratio', { ...of, detector: 'ticket' }, reading.evidence);
  const confidence = confidenceOf(objective);
  table.set('plimsoll_measure_info', { ...service, measure, method: objective.method, confidence }, 1);
  showEstimate(table, { ...service, measure, window: objective.window.text }, reading.estimate);
  showEstimate(table, { ...service, measure, window: HOUR }, reading.lastHour);
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
function showBudget(table: SeriesTable, of: OfObjective, objective: Objective, reading: Reading, now: Millis): void {
  const { q0, estimator } = objective;
  const { budget, estimate } = reading;
  if (q0 === null || budget === null || estimate.low === null || estimate.high === null) return;
  const remaining = (share: number): number => 1 - (1 - share) / q0;
  table.set('plimsoll_objective_error_budget_remaining_ratio', of, budget.remaining);
  // An estimate of its own says nothing about how sure the count of bad events is.
  if (estimator === undefined) {
    table.set('plimsoll_objective_error_budget_remaining_ci_lower_ratio', of, remaining(estimate.low));
    table.set('plimsoll_objective_error_budget_remaining_ci_upper_ratio', of, remaining(estimate.high));
  }
  const { exhaustedAt } = budget;
  const left = exhaustedAt === null ? null : Math.max(0, exhaustedAt - now) / 1000;
  table.set('plimsoll_objective_budget_exhaustion_seconds', of, left);
}

type OfMeasure = ServiceLabels & { readonly measure: string; readonly window: string };

/** Ratios are those of shares; an index out of 100 is one, an amount of money and a distance of distributions are none. */
function ratioOf(of: Pick<Estimate, 'measure' | 'subject'>, value: number | null): number | null {
  if (value === null || of.measure === 'cost_per_day' || of.measure === 'drift') return null;
  return isOutOf100(of) ? value / 100 : value;
}

/** n and coverage stay where there is no estimate: they say why. */
function showEstimate(table: SeriesTable, of: OfMeasure, estimate: Estimate): void {
  const { measure, value, low, high, n, sampled, coverage, maturity } = estimate;
  table.set('plimsoll_measure_window_events', of, n);
  if (sampled !== undefined) {
    table.set('plimsoll_measure_represented_events', of, sampled.represents);
    table.set('plimsoll_measure_effective_events', of, sampled.effective);
  }
  table.set('plimsoll_measure_coverage_ratio', of, coverage);
  table.set('plimsoll_measure_maturity_ratio', of, maturity);
  if (value === null) return;
  if (measure === 'drift') {
    table.set('plimsoll_drift_psi', of, value);
    table.set('plimsoll_drift_psi_ci_lower', of, low);
    table.set('plimsoll_drift_psi_ci_upper', of, high);
  }
  table.set('plimsoll_measure_ratio', of, ratioOf(estimate, value));
  table.set('plimsoll_measure_ci_lower_ratio', of, ratioOf(estimate, low));
  table.set('plimsoll_measure_ci_upper_ratio', of, ratioOf(estimate, high));
}

function showIncidents(table: SeriesTable, { incidents, services }: Computed): void {
  const open = new Map<string, ServiceLabels & { severity: string; n: number }>();
  const count = (labels: ServiceLabels, severity: string, by: number): void => {
    const key = JSON.stringify([labels.service, labels.environment, severity]);
    open.set(key, { ...labels, severity, n: (open.get(key)?.n ?? 0) + by });
  };
  for (const labels of services) for (const severity of SEVERITIES) count(labels, severity, 0);
  for (const incident of incidents) if (isOpen(incident)) count(labelsOf(incident), severityOf(incident), 1);
  for (const { n, ...labels } of open.values()) table.set('plimsoll_incidents_open', labels, n);
}
