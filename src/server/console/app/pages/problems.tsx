import type { ProblemInfoJson } from '../api.ts';
import { categoryText, wordsOf } from '../logic/format.ts';
import { PROBLEMS, placeOfProblem } from '../logic/places.ts';
import { Filters } from '../parts/filters.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { ProblemTrend } from '../parts/problem-trend.tsx';
import { Ago } from '../parts/time.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

const FILTERS = [
  { state: 'open', text: 'Open' },
  { state: 'resolved', text: 'Resolved' },
  { state: 'closed', text: 'Closed' },
];

/** What makes incidents, newest first. */
export function ProblemsPage({ state }: { state: string }) {
  useTitle('Problems');
  const { data, error } = useResource<{ problems: ProblemInfoJson[] }>(
    `/problems?limit=200&state=${encodeURIComponent(state)}`,
  );
  return (
    <div class="page">
      <h1>Problems</h1>
      <p class="lead">
        What makes incidents: opened by rules when incidents are alike, explained and mended by people.
      </p>
      <Filters what="problems" place={PROBLEMS} filters={FILTERS} chosen={state} />
      {error !== null && <Failure error={error} what="The problems" />}
      {data === null && error === null && <Waiting what="problems" />}
      {data?.problems.length === 0 && <p class="none">No problem is {state}.</p>}
      <ul class="incident-list">
        {data?.problems.map((problem) => (
          <ProblemLine key={problem.id} problem={problem} />
        ))}
      </ul>
      <ProblemTrend />
    </div>
  );
}

function ProblemLine({ problem }: { problem: ProblemInfoJson }) {
  const { id, state, title, category, incidents, proposed, rootCauseCategory, knownError, openedAt } = problem;
  const cause = rootCauseCategory ?? proposed.category;
  return (
    <li class="silence-line">
      <div>
        <Link to={placeOfProblem(id)} class="incident-title">
          {title}
        </Link>
        <p class="terms">
          {id} · {wordsOf(state)} · {categoryText(category)} · {incidents.length}{' '}
          {incidents.length === 1 ? 'incident' : 'incidents'} · {wordsOf(cause)}
          {rootCauseCategory === null ? ' (proposed)' : ''}
          {knownError && ' · known error'}
        </p>
      </div>
      <p class="terms">
        opened <Ago at={openedAt} />
      </p>
    </li>
  );
}
