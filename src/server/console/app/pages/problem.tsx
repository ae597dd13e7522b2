import { plainText } from '../../../../model/plain-text.ts';
import type { ProblemDetailJson } from '../api.ts';
import { categoryText, wordsOf } from '../logic/format.ts';
import { PROBLEMS, placeOfIncident, placeOfProblem, placeOfService } from '../logic/places.ts';
import { calledBy } from '../logic/sign-in.ts';
import { Fact } from '../parts/fact.tsx';
import { Priority } from '../parts/incident-line.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { ProblemActions } from '../parts/problem-actions.tsx';
import { BothTimes, Moment } from '../parts/time.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

/** One problem: what it is about, what speaks for which cause, what helps, what was done. */
export function ProblemPage({ id }: { id: string }) {
  const { data, error } = useResource<ProblemDetailJson>(`/problems/${encodeURIComponent(id)}`);
  useTitle(data === null ? id : `${id} ${data.service}`);
  if (data === null)
    return <div class="page">{error === null ? <Waiting what={id} /> : <Failure error={error} what={id} />}</div>;
  return (
    <article class="page incident">
      {error !== null && <Failure error={error} what={`News of ${id}`} />}
      <header class="incident-head">
        <p class="crumbs">
          <Link to={PROBLEMS}>Problems</Link> <span aria-hidden="true">/</span> {data.id}
        </p>
        <p class="badges">
          <span class="state">{wordsOf(data.state)}</span>
          {data.closedAs !== null && <span class="state">{wordsOf(data.closedAs)}</span>}
          {data.knownError && <span class="flag">known error</span>}
        </p>
        <h1>{data.title}</h1>
      </header>
      <div class="columns with-actions">
        <ProblemActions problem={data} />
        <div class="main-column">
          {data.workaround !== null && (
            <section class="advice" aria-labelledby="workaround">
              <h2 id="workaround">What helps</h2>
              <p class="entry-text">{data.workaround}</p>
            </section>
          )}
          <Cause problem={data} />
          <Incidents problem={data} />
          <Log problem={data} />
        </div>
        <div class="side-column">
          <Facts problem={data} />
        </div>
      </div>
    </article>
  );
}

interface Shown {
  readonly problem: ProblemDetailJson;
}

function Cause({ problem: { proposed, rootCauseCategory, rootCauseSlice, causeConfirmedBy, evidence } }: Shown) {
  return (
    <section aria-labelledby="cause">
      <h2 id="cause">Cause</h2>
      {rootCauseCategory === null || causeConfirmedBy === null ? (
        <p>
          {proposed.category === 'unknown'
            ? 'Nothing that is known speaks for one.'
            : `Proposed: ${wordsOf(proposed.category)}, as ${proposed.incidents} of ${proposed.of} incidents say. Nobody has confirmed it.`}
        </p>
      ) : (
        <p>
          {wordsOf(rootCauseCategory)}
          {rootCauseSlice !== null && ` (${plainText(rootCauseSlice)})`}, says {calledBy(causeConfirmedBy.by)}:{' '}
          {plainText(causeConfirmedBy.reason, 400)}
        </p>
      )}
      <ul class="changes">
        {evidence.map(({ incident, text }) => (
          <li key={`${incident} ${text}`}>
            {incident !== null && (
              <>
                <Link to={placeOfIncident(incident)}>{incident}</Link>{' '}
              </>
            )}
            {text}
          </li>
        ))}
      </ul>
    </section>
  );
}

const Incidents = ({ problem: { incidents } }: Shown) => (
  <section aria-labelledby="incidents">
    <h2 id="incidents">Incidents</h2>
    <ul class="incident-list">
      {incidents.toReversed().map(({ id, state, priority, title }) => (
        <li key={id} class={`incident-line ${state === 'closed' || state === 'resolved' ? 'over' : 'open'}`}>
          <Priority priority={priority} />
          <div>
            <Link to={placeOfIncident(id)} class="incident-title">
              {title}
            </Link>
            <p class="terms">
              {id} · {wordsOf(state)}
            </p>
          </div>
        </li>
      ))}
    </ul>
  </section>
);

const Log = ({ problem: { timeline } }: Shown) => (
  <section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol class="timeline" reversed>
      {timeline.toReversed().map((entry, index) => (
        <li key={timeline.length - index}>
          <p>
            <strong>{wordsOf(entry.event)}</strong>{' '}
            <span class="terms">
              {calledBy(entry.by)}, <Moment at={entry.at} />
            </span>
          </p>
          <p class="entry-text">{entry.text}</p>
        </li>
      ))}
    </ol>
  </section>
);

function Facts({ problem }: Shown) {
  const { service, environment, category, rule, firstSeen, openedAt, resolvedAt, closedAt, riskAcceptance } = problem;
  const when = (at: string | null) => (at === null ? null : <BothTimes at={at} />);
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">Record</h2>
      <dl class="facts">
        <Fact name="Service">
          <Link to={placeOfService(service, environment)}>{service}</Link>
          {environment !== null && <span class="terms">{environment}</span>}
        </Fact>
        <Fact name="Category">
          {categoryText(category)} <code class="terms">{category}</code>
        </Fact>
        <Fact name="Opened by">{rule === 'person' ? 'a person' : `rule: ${wordsOf(rule)}`}</Fact>
        <Fact name="Mended by">{problem.fixChange === null ? null : plainText(problem.fixChange)}</Fact>
        <Fact name="Same as">
          {problem.duplicateOf === null ? null : (
            <Link to={placeOfProblem(problem.duplicateOf)}>{problem.duplicateOf}</Link>
          )}
        </Fact>
        <Fact name="Risk borne until">
          {riskAcceptance === null ? null : (
            <>
              <BothTimes at={riskAcceptance.until} />
              <span class="terms">
                {calledBy(riskAcceptance.by)}: {plainText(riskAcceptance.reason, 400)}
              </span>
            </>
          )}
        </Fact>
        <Fact name="First seen">{when(firstSeen)}</Fact>
        <Fact name="Opened">{when(openedAt)}</Fact>
        <Fact name="Resolved">{when(resolvedAt)}</Fact>
        <Fact name="Closed">{when(closedAt)}</Fact>
      </dl>
    </section>
  );
}
