import { binned } from '../../measures/drift-bins.ts';
import type { Incident } from '../../model/incident.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import type { FrozenBaseline } from '../../objectives/drift-watch.ts';
import type { DriftRule, Objective } from '../../objectives/objective.ts';
import type { Reading } from '../../objectives/reading.ts';
import { headOf, lineOf } from '../../sinks/influx/line.ts';
import type { Tally } from '../../tally/group.ts';
import { labelsOf, severityOf } from '../metrics/names.ts';

const SECONDS_PER_MINUTE = 60;
export const secondsOfMinute = (minute: Minute): number => minute * SECONDS_PER_MINUTE;
const seconds = (from: Millis, to: Millis | null): number | null =>
  to === null ? null : Math.round((to - from) / 1000);

/** An incident's point. */
export interface IncidentPoint {
  readonly line: string;
  /** What tells it from another point, and which of its fields there are: with another one of either the old point has to go. */
  readonly place: IncidentPlace;
  /** Seconds. */
  readonly at: number;
}

export interface IncidentPlace {
  readonly severity: string;
  readonly at: number;
  readonly service: string;
  readonly environment: string;
  /** Fields that an incident has from some time on, unless it is reopened. */
  readonly has: readonly string[];
}

/** @param horizon  the last judged minute: an open incident lasts until its end  @throws RefusedPoint */
export function incidentPoint(incident: Incident, horizon: Minute, revision: number): IncidentPoint {
  const { id, title, startedAt, detectedAt, ackedAt, resolvedAt, closedAt } = incident;
  const at = Math.floor(startedAt / 1000);
  const severity = severityOf(incident);
  const ended = resolvedAt ?? closedAt;
  const later = { ack_s: seconds(startedAt, ackedAt), resolve_s: seconds(startedAt, ended) };
  const labels = labelsOf(incident);
  const head = headOf('incident', { ...labels, severity, id });
  const fields = {
    number: id,
    text: title,
    until: Math.round(ended ?? Math.max(startedAt, millisOfMinute(horizon + 1))),
    open: ended === null,
    detect_s: seconds(startedAt, detectedAt),
    ...later,
    revision,
  };
  const has = Object.entries(later).flatMap(([name, value]) => (value === null ? [] : [name]));
  return { line: lineOf('incident', head, fields, at), place: { severity, at, ...labels, has }, at };
}

/** Whether the point that was written before would stay beside the new one, or keep fields that it has no longer. */
export const isMoved = (before: IncidentPlace, now: IncidentPlace): boolean =>
  before.severity !== now.severity ||
  before.at !== now.at ||
  before.service !== now.service ||
  before.environment !== now.environment ||
  before.has.some((name) => !now.has.includes(name));

const VERDICT_NUMBERS = { met: 1, at_risk: 2, breached: 3, insufficient_evidence: 4 } as const;

/** What is believed of an objective at the end of the last judged minute. @throws RefusedPoint */
export function verdictLine(objective: Objective, { verdict, estimate, minute }: Reading, revision: number): string {
  const { value, low, high, n, coverage } = estimate;
  const isKnown = value !== null;
  const fields = {
    verdict: VERDICT_NUMBERS[verdict],
    lower: isKnown ? low : null,
    value,
    upper: isKnown ? high : null,
    n: Math.round(n),
    coverage,
    revision,
  };
  const head = headOf('verdict', { ...labelsOf(objective), objective: objective.name });
  return lineOf('verdict', head, fields, secondsOfMinute(minute + 1));
}

/** How the events of an hour lie in the bins of a baseline, and how those of the baseline do. @param at  seconds  @throws RefusedPoint */
export function driftLines(
  objective: Objective,
  { feature, textOf }: DriftRule,
  { bins, reference }: FrozenBaseline,
  tally: Tally,
  at: number,
  revision: number,
): string[] {
  const current = binned(bins, feature.keysOf(tally).counts);
  const unit = feature.unit === undefined ? '' : ` ${feature.unit}`;
  const digits = String(bins.size - 1).length;
  return Array.from({ length: bins.size }, (_, bin) => {
    const name = bins.nameOf(bin, textOf);
    const tags = {
      ...labelsOf(objective),
      feature: objective.subject ?? objective.name,
      bin: `${String(bin).padStart(digits, '0')} ${name}${name === 'missing' ? '' : unit}`,
    };
    const line = (period: string, n: number): string =>
      lineOf('drift_bin', headOf('drift_bin', { ...tags, period }), { n: Math.round(n), revision }, at);
    return [line('current', current[bin]!), line('baseline', reference[bin]!)];
  }).flat();
}
