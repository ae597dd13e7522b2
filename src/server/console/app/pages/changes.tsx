import type { ManagedChangeJson, RecordedChangeJson } from '../../../api/openapi/changes.ts';
import { CHANGES, placeOfChange, placeOfService } from '../logic/places.ts';
import { Filters } from '../parts/filters.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Moment } from '../parts/time.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

type Listed = ManagedChangeJson | RecordedChangeJson;

const FILTERS = [
  { state: null, text: 'All' },
  { state: 'assess', text: 'To be assessed' },
  { state: 'authorize', text: 'To be approved' },
  { state: 'scheduled', text: 'Scheduled' },
  { state: 'implement', text: 'Under way' },
  { state: 'review', text: 'To be reviewed' },
] as const;

/** What was changed, and what is to be. */
export function ChangesPage({ state }: { state: string | null }) {
  useTitle('Changes');
  const query = state === null ? '' : `&state=${encodeURIComponent(state)}`;
  const { data, error } = useResource<{ changes: Listed[] }>(`/changes?limit=200${query}`);
  return (
    <div class="page">
      <h1>Changes</h1>
      <Filters what="changes" place={CHANGES} filters={FILTERS} chosen={state} />
      {error !== null && <Failure error={error} what="The changes" />}
      {data === null && error === null && <Waiting what="changes" />}
      {data?.changes.length === 0 && <p class="none">No change is in that state.</p>}
      <ul class="incident-list">
        {data?.changes.map((change) => (
          <ChangeLine key={change.id} change={change} />
        ))}
      </ul>
    </div>
  );
}

function ChangeLine({ change }: { change: Listed }) {
  const { id, service, environment, type, before, after, state, kind } = change;
  const at = change.kind === null ? change.at : (change.startedAt ?? change.createdAt);
  return (
    <li class="silence-line">
      <div>
        <p>
          {kind === null ? <strong>{id}</strong> : <Link to={placeOfChange(id)}>{id}</Link>} {type.replaceAll('_', ' ')}{' '}
          {before?.id ?? ''} {'->'} {after?.id ?? ''}
        </p>
        <p class="terms">
          <Link to={placeOfService(service, environment)}>{service}</Link> · {kind ?? 'told of'} · {state} ·{' '}
          <Moment at={at} />
        </p>
      </div>
    </li>
  );
}
