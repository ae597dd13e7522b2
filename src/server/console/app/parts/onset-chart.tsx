import { measureText } from '../../../../model/estimate-text.ts';
import type { BreachJson } from '../../../../model/incident.ts';
import type { IncidentDetailJson, MeasuresJson } from '../api.ts';
import { measureColumns } from '../logic/columns.ts';
import { onsetRange } from '../logic/ranges.ts';
import { useResource } from '../use-resource.ts';
import { Chart } from './chart.tsx';
import { useNow } from './now.ts';

/** The measure around the onset. */
export function OnsetChart({ breach, incident }: { breach: BreachJson; incident: IncidentDetailJson }) {
  const now = useNow();
  const end = breach.recoveredAt ?? incident.resolvedAt;
  const { from, to, step } = onsetRange(Date.parse(breach.startedAt), end === null ? null : Date.parse(end), now);
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), step });
  if (incident.environment !== null) query.set('environment', incident.environment);
  const { data } = useResource<MeasuresJson>(`/services/${encodeURIComponent(incident.service)}/measures?${query}`);
  const { estimate, target } = breach.evidence;
  const found = data?.measures.find((one) => one.measure === estimate.measure && one.subject === estimate.subject);
  if (found === undefined || found.points.length < 2) return null;
  const marks = [
    { at: Date.parse(breach.startedAt), text: 'began' },
    ...incident.changes.map((change) => ({ at: Date.parse(change.at), text: 'change' })),
  ];
  return (
    <Chart
      title={`${measureText(estimate)} by the ${step === '1m' ? 'minute' : step === '1h' ? 'hour' : 'day'}`}
      unit={estimate.measure}
      columns={measureColumns(found.points)}
      target={target}
      marks={marks}
      from={from}
      to={to}
    />
  );
}
