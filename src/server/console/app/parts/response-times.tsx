import { useState } from 'preact/hooks';
import type { IncidentStatisticsJson } from '../api.ts';
import { durationText, priorityText } from '../logic/format.ts';
import { useResource } from '../use-resource.ts';
import { Failure, Waiting } from './notice.tsx';

type Times = IncidentStatisticsJson['all'];

/** How quickly incidents of the last 90 days were found, taken and ended; asked for when somebody looks. */
export function ResponseTimes() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="response-times" onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
      <summary>How quickly incidents are found, taken and ended</summary>
      {isOpen && <Table />}
    </details>
  );
}

function Table() {
  const { data, error } = useResource<IncidentStatisticsJson>('/incidents/statistics');
  if (error !== null) return <Failure error={error} what="The times" />;
  if (data === null) return <Waiting what="the times" />;
  const rows: [string, Times][] = [
    ['All', data.all],
    ...data.byPriority.map((one): [string, Times] => [`P${one.priority}, ${priorityText(one.priority)}`, one]),
  ];
  return (
    <>
      <p class="terms">
        Of the last 90 days: medians, how many they are of, and what nine of ten took at most (of ten and more).
        Cancelled ones are left out.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="table" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Priority</th>
              <th scope="col">Incidents</th>
              <th scope="col">Found after</th>
              <th scope="col">Taken after</th>
              <th scope="col">Over after</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, times]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{times.incidents}</td>
                <Spread of={times.mttd} />
                <Spread of={times.mtta} />
                <Spread of={times.mttr} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Spread({ of: { n, medianMs, p90Ms } }: { of: Times['mttd'] }) {
  if (medianMs === null) return <td>none yet</td>;
  return (
    <td>
      {durationText(medianMs)}{' '}
      <span class="terms">{p90Ms === null ? `of ${n}` : `of ${n}, 90 % ${durationText(p90Ms)}`}</span>
    </td>
  );
}
