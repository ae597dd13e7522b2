import type { ChangeDetailJson, ChangeVerdictJson, RecordedChangeJson } from '../../../api/openapi/changes.ts';
import { CHANGE_ACTIONS } from '../logic/change-actions.ts';
import { wordsOf } from '../logic/format.ts';
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
  const { data, error } = useResource<ChangeDetailJson | RecordedChangeJson>(`/changes/${encodeURIComponent(id)}`);
  return (
    <div class="page change">
      <p>
        <Link to={CHANGES}>Changes</Link>
      </p>
      <h1>{id}</h1>
      {error !== null && <Failure error={error} what="The change" />}
      {data === null && error === null && <Waiting what="change" />}
      {data !== null && (data.kind === null ? <Told change={data} /> : <Change change={data} />)}
    </div>
  );
}

/** What was only told of, or seen in the traffic: nobody decides anything about it. */
function Told({ change }: { change: RecordedChangeJson }) {
  const { service, environment, type, before, after, state, description, at } = change;
  return (
    <>
      <p class="lead">
        Change of <Link to={placeOfService(service, environment)}>{service}</Link> that was told of, {wordsOf(type)}{' '}
        {before?.id ?? '(none)'} {'->'} {after?.id ?? '(none)'}: <strong>{wordsOf(state)}</strong>, <Moment at={at} />
      </p>
      {description !== null && <p>{description}</p>}
    </>
  );
}

function Change({ change }: { change: ChangeDetailJson }) {
  const { service, environment, type, kind, state, before, after, assessment, review, evidence, incidents } = change;
  return (
    <>
      <p class="lead">
        {kind} change of <Link to={placeOfService(service, environment)}>{service}</Link>, {wordsOf(type)}{' '}
        {before?.id ?? '(none)'} {'->'} {after?.id ?? '(none)'}: <strong>{state}</strong>
        {change.unapproved && ', and nobody had approved it'}
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
          Review: {wordsOf(review.signed?.result ?? review.result)}. {review.text}
        </p>
      )}
      {Object.entries(change.externalRefs).map(([sink, name]) => (
        <p key={sink}>
          In {sink}: {name}
        </p>
      ))}
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
/** Of a difference of shares. */
const points = (share: number): string => (100 * share).toFixed(1);

/** How far the watch of a change has come. */
function Watch({ id }: { id: string }) {
  const { data } = useResource<ChangeVerdictJson>(`/changes/${encodeURIComponent(id)}/verdict`);
  if (data === null) return null;
  const { decision, error, notBefore, watchedUntil, objectives } = data;
  return (
    <>
      <h2>The watch</h2>
      <p>
        By what is promised: <strong>{VERDICTS[decision]}</strong>. A decision is wrong in {percent(error)} of cases at
        most.
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
      <ul class="watched">
        {objectives.map((one) => (
          <li key={one.objective}>
            {one.objective}: {VERDICTS[one.decision]}, {one.reason}.{' '}
            {one.difference !== null &&
              `After less before: ${points(one.difference.value)} points (${points(one.difference.low)} to ${points(one.difference.high)}). `}
            {percent(one.towardsApproval)} of the evidence for an approval, {percent(one.towardsRollback)} of that for a
            rollback
            {one.eventsNeeded !== null &&
              one.decision !== 'rollback' &&
              `; an approval takes about ${one.eventsNeeded} on each side`}
            .
          </li>
        ))}
      </ul>
    </>
  );
}

function Decide({ change: { id, moves } }: { change: ChangeDetailJson }) {
  const offered = Object.keys(CHANGE_ACTIONS).filter((move) => (moves as readonly string[]).includes(move));
  if (offered.length === 0) return null;
  return <Moves path={`/changes/${encodeURIComponent(id)}`} actions={CHANGE_ACTIONS} offered={offered} />;
}
