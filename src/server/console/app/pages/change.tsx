import { useState } from 'preact/hooks';
import type { ChangeDetailJson, ChangeVerdictJson } from '../../../api/openapi/changes.ts';
import { post, Refused } from '../api.ts';
import { live } from '../live.ts';
import { CHANGES, placeOfIncident, placeOfService } from '../logic/places.ts';
import { calledBy } from '../logic/sign-in.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import { OutsideLink } from '../parts/outside-link.tsx';
import { Moment } from '../parts/time.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

/** One change: what differs, what speaks for and against it, and what whoever looks may decide. */
export function ChangePage({ id }: { id: string }) {
  useTitle(id);
  const { data, error } = useResource<ChangeDetailJson>(`/changes/${encodeURIComponent(id)}`);
  return (
    <div class="page">
      <p>
        <Link to={CHANGES}>Changes</Link>
      </p>
      <h1>{id}</h1>
      {error !== null && <Failure error={error} what="The change" />}
      {data === null && error === null && <Waiting what="change" />}
      {data?.kind != null && <Change change={data} />}
    </div>
  );
}

function Change({ change }: { change: ChangeDetailJson }) {
  const { service, environment, type, kind, state, before, after, assessment, review, evidence, incidents } = change;
  return (
    <>
      <p class="lead">
        {kind} change of <Link to={placeOfService(service, environment)}>{service}</Link>, {type.replaceAll('_', ' ')}{' '}
        {before?.id ?? '(none)'} {'->'} {after?.id ?? '(none)'}: <strong>{state}</strong>
      </p>
      {change.description !== null && <p>{change.description}</p>}
      {change.justification !== null && <p>Why: {change.justification}</p>}
      {change.link !== null && (
        <p>
          <OutsideLink to={change.link}>What differs</OutsideLink>
        </p>
      )}
      {change.rollbackPlan !== null && <p>How it is rolled back: {change.rollbackPlan}</p>}
      {assessment !== null && (
        <p>
          Risk <strong>{assessment.risk}</strong>: {assessment.reasons.join('; ')}.
        </p>
      )}
      {evidence.map(({ run, n, low, high }) => (
        <p key={run}>
          Evaluated: {run}, n {n}, {low} to {high}
        </p>
      ))}
      {change.conflicts.map(({ text }) => (
        <p key={text}>Conflict: {text}</p>
      ))}
      {incidents.map((incident) => (
        <p key={incident}>
          Incident of the new version: <Link to={placeOfIncident(incident)}>{incident}</Link>
        </p>
      ))}
      {change.startedAt !== null && review === null && <Watch id={change.id} />}
      {review !== null && (
        <p>
          Review: {review.result.replaceAll('_', ' ')}. {review.text}
        </p>
      )}
      <Decide change={change} />
      <h2>What happened</h2>
      <ol class="timeline">
        {change.timeline.map(({ at, by, event, text }) => (
          <li key={`${at} ${event}`}>
            <Moment at={at} /> {calledBy(by)}: {text}
          </li>
        ))}
      </ol>
    </>
  );
}

const VERDICTS = { approve: 'approved', rollback: 'to be rolled back', inconclusive: 'not decided yet' } as const;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** How far the watch of a change has come. */
function Watch({ id }: { id: string }) {
  const { data } = useResource<ChangeVerdictJson>(`/changes/${encodeURIComponent(id)}/verdict`);
  if (data === null) return null;
  const { decision, error, notBefore, watchedUntil, objectives } = data;
  return (
    <>
      <h2>The watch</h2>
      <p>
        By what is promised: <strong>{VERDICTS[decision]}</strong>, wrong in {percent(error)} of cases at most.
        {notBefore !== null && decision === 'inconclusive' && (
          <>
            {' '}
            Approved not before <Moment at={notBefore} />.
          </>
        )}
        {watchedUntil !== null && (
          <>
            {' '}
            The review is written at <Moment at={watchedUntil} />.
          </>
        )}
      </p>
      <ul>
        {objectives.map((one) => (
          <li key={one.objective}>
            {one.objective}: {VERDICTS[one.decision]}, {one.reason}.{' '}
            {one.difference !== null &&
              `After less before: ${percent(one.difference.value)} (${percent(one.difference.low)} to ${percent(one.difference.high)}). `}
            {percent(one.towardsApproval)} of the evidence for an approval, {percent(one.towardsRollback)} of that for a
            rollback
            {one.eventsNeeded !== null && `; an approval takes about ${one.eventsNeeded} on each side`}.
          </li>
        ))}
      </ul>
    </>
  );
}

const DECISIONS = { assess: 'Assess', approve: 'Approve', reject: 'Reject', review: 'Sign the review' } as const;

function Decide({ change: { id, moves } }: { change: ChangeDetailJson }) {
  const [error, setError] = useState<string | null>(null);
  const possible = (Object.keys(DECISIONS) as (keyof typeof DECISIONS)[]).filter((move) => moves.includes(move));
  if (possible.length === 0) return null;
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const move = (event.submitter as HTMLButtonElement).value as keyof typeof DECISIONS;
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const words = String(data.get('words')).trim();
    const who = String(data.get('person')).trim();
    const person = who === '' ? {} : { person: who };
    const said = { assess: { reason: words }, reject: { reason: words }, review: { notes: words }, approve: {} }[move];
    const comment = move === 'approve' && words !== '' ? { comment: words } : {};
    post(`/changes/${encodeURIComponent(id)}/${move}`, { ...said, ...comment, ...person }).then(
      () => {
        setError(null);
        live.bump();
      },
      (failure) => setError(failure instanceof Refused ? failure.message : 'The server does not answer: try again.'),
    );
  };
  return (
    <form class="action-form" onSubmit={send}>
      <label>
        Why, or what to know <textarea name="words" rows={2} maxLength={8192} />
      </label>
      <label>
        Who you are, where you have not signed in by name <input name="person" maxLength={256} />
      </label>
      {error !== null && <p role="alert">{error}</p>}
      <p>
        {possible.map((move) => (
          <button key={move} type="submit" value={move}>
            {DECISIONS[move]}
          </button>
        ))}
      </p>
    </form>
  );
}
