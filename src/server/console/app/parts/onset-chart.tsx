import type { BreachJson } from '../../../../model/incident.ts';
import type { IncidentDetailJson, MeasuresJson } from '../api.ts';
import { wordsOf } from '../logic/format.ts';
import { onsetRange } from '../logic/ranges.ts';
import { useResource } from '../use-resource.ts';
import type { ChartMark } from './chart.tsx';
import { MeasureChart } from './measure-chart.tsx';
import { useNow } from './now.ts';

/** The measure around the onset. */
export function OnsetChart({ breach, incident }: { breach: BreachJson; incident: IncidentDetailJson }) {
  const now = useNow();
  const end = breach.recoveredAt ?? incident.resolvedAt;
  const range = onsetRange(Date.parse(breach.startedAt), end === null ? null : Date.parse(end), now);
  const query = new URLSearchParams({
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    step: range.step,
  });
  if (incident.environment !== null) query.set('environment', incident.environment);
  const { data } = useResource<MeasuresJson>(`/services/${encodeURIComponent(incident.service)}/measures?${query}`);
  const { target } = breach.evidence;
  const found = data?.measures.find(({ objectives }) => objectives.includes(breach.objective));
  if (found === undefined || found.points.length < 2) return null;
  const marks: ChartMark[] = [
    { at: Date.parse(breach.startedAt), text: 'began', place: 'bottom' },
    ...incident.changes.map((change) => ({
      at: Date.parse(change.at),
      text: wordsOf(change.type),
      place: 'top' as const,
    })),
  ];
  return <MeasureChart points={found.points} target={target} range={range} marks={marks} />;
}
