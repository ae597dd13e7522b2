import type { ChangeDetailJson } from '../../../api/openapi/changes.ts';
import { CHANGE_ACTIONS } from '../logic/change-actions.ts';
import { CHANGES, placeOfIncident, placeOfService } from '../logic/places.ts';
import { calledBy } from '../logic/sign-in.ts';
import { Moves } from '../parts/moves.tsx';
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

function Decide({ change: { id, moves } }: { change: ChangeDetailJson }) {
  const offered = Object.keys(CHANGE_ACTIONS).filter((move) => (moves as readonly string[]).includes(move));
  if (offered.length === 0) return null;
  return <Moves path={`/changes/${encodeURIComponent(id)}`} actions={CHANGE_ACTIONS} offered={offered} />;
}
