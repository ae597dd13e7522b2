import { useState } from 'preact/hooks';
import { remove, type SilenceInfoJson } from '../api.ts';
import { live } from '../live.ts';
import { SILENCES } from '../logic/places.ts';
import { calledBy } from '../logic/sign-in.ts';
import { matchersText } from '../logic/silence.ts';
import { Filters } from '../parts/filters.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { refusalText } from '../parts/outcome.tsx';
import { SilenceForm } from '../parts/silence-form.tsx';
import { Moment } from '../parts/time.tsx';
import { useTitle } from '../router.tsx';
import { useSession } from '../session.ts';
import { useResource } from '../use-resource.ts';

const FILTERS = [
  { state: 'current', text: 'Current' },
  { state: 'expired', text: 'Over' },
] as const;

/** Who does not want to be told of what. */
export function SilencesPage({ state, incident }: { state: 'current' | 'expired'; incident: string | null }) {
  useTitle('Silences');
  const { data, error } = useResource<{ silences: SilenceInfoJson[] }>(`/silences?limit=200&state=${state}`);
  const mayRespond = useSession().data?.permissions.includes('respond') === true;
  return (
    <div class="page">
      <h1>Silences</h1>
      <p class="lead">
        Pages and chats are not told of what a silence fits. Incidents are recorded all the same, and what is still
        broken when it ends is told then.
      </p>
      <Filters what="silences" place={SILENCES} filters={FILTERS} chosen={state} />
      {error !== null && <Failure error={error} what="The silences" />}
      {data === null && error === null && <Waiting what="silences" />}
      {data?.silences.length === 0 && (
        <p class="none">{state === 'current' ? 'Nothing is silenced.' : 'No silence has ended yet.'}</p>
      )}
      <ul class="incident-list">
        {data?.silences.map((silence) => (
          <SilenceLine key={silence.id} silence={silence} mayEnd={mayRespond} />
        ))}
      </ul>
      {mayRespond && state === 'current' && <SilenceForm key={incident} incident={incident} />}
    </div>
  );
}

function SilenceLine({ silence, mayEnd }: { silence: SilenceInfoJson; mayEnd: boolean }) {
  const [error, setError] = useState<string | null>(null);
  const end = (): void => {
    remove(`/silences/${encodeURIComponent(silence.id)}`).then(
      () => live.bump(),
      (failure) => setError(refusalText(failure, 'The server does not answer: try again.')),
    );
  };
  const { id, state, matchers, comment, createdBy, expiredBy, startsAt, endsAt } = silence;
  return (
    <li class="silence-line">
      <div>
        <p>
          <strong>{id}</strong> <code>{matchersText(matchers)}</code>
        </p>
        <p>{comment}</p>
        <p class="terms">
          {calledBy(createdBy)} · {state === 'pending' ? 'begins' : 'began'} <Moment at={startsAt} /> ·{' '}
          {state === 'expired' ? 'ended' : 'ends'} <Moment at={endsAt} />
          {expiredBy !== null && ` by ${calledBy(expiredBy)}`}
        </p>
        {error !== null && <p role="alert">{error}</p>}
      </div>
      {mayEnd && state !== 'expired' && (
        <button type="button" aria-label={`End ${id} now`} onClick={end}>
          End now
        </button>
      )}
    </li>
  );
}
