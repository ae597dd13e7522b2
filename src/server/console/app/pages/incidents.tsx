import { useState } from 'preact/hooks';
import { get, type IncidentJson } from '../api.ts';
import { INCIDENTS } from '../logic/places.ts';
import { Filters } from '../parts/filters.tsx';
import { IncidentLine } from '../parts/incident-line.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { ResponseTimes } from '../parts/response-times.tsx';
import { useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

interface List {
  readonly incidents: IncidentJson[];
  readonly nextCursor?: string;
}

const FILTERS = [
  { state: 'open', text: 'Open' },
  { state: 'resolved', text: 'Resolved' },
  { state: 'closed', text: 'Closed' },
  { state: 'cancelled', text: 'Cancelled' },
  { state: 'all', text: 'All' },
];
const PAGE = 50;

const pathOf = (state: string, cursor?: string): string =>
  `/incidents?limit=${PAGE}${state === 'all' ? '' : `&state=${encodeURIComponent(state)}`}${cursor === undefined ? '' : `&cursor=${cursor}`}`;

/** Incidents, newest first. */
export function IncidentsPage({ state }: { state: string }) {
  useTitle('Incidents');
  const { data, error } = useResource<List>(pathOf(state));
  const [older, setOlder] = useState<List | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const next = older === null ? data?.nextCursor : older.nextCursor;
  const more = (): void => {
    get<List>(pathOf(state, next)).then(
      (list) => setOlder({ ...list, incidents: [...(older?.incidents ?? []), ...list.incidents] }),
      setFailure,
    );
  };
  const known = new Set(data?.incidents.map((one) => one.id));
  const shown = [...(data?.incidents ?? []), ...(older?.incidents ?? []).filter((one) => !known.has(one.id))];
  return (
    <div class="page">
      <h1>Incidents</h1>
      <Filters what="incidents" place={INCIDENTS} filters={FILTERS} chosen={state} />
      {(error ?? failure) !== null && <Failure error={(error ?? failure)!} what="The incidents" />}
      {data === null && error === null && <Waiting what="incidents" />}
      {data !== null && shown.length === 0 && (
        <p class="none">
          {state === 'open'
            ? 'No incident is open.'
            : state === 'all'
              ? 'There has been no incident yet.'
              : `No incident is ${state}.`}
        </p>
      )}
      <ul class="incident-list">
        {shown.map((incident) => (
          <IncidentLine key={incident.id} incident={incident} />
        ))}
      </ul>
      {next !== undefined && (
        <button type="button" onClick={more}>
          Older ones
        </button>
      )}
      <ResponseTimes />
    </div>
  );
}
