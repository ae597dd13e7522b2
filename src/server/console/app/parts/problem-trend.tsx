import type { ProblemTrendJson } from '../api.ts';
import { trendLines } from '../logic/problem-trend.ts';
import { useResource } from '../use-resource.ts';

/** What incidents came from, month by month; months without any are left out. */
export function ProblemTrend() {
  const { data } = useResource<ProblemTrendJson>('/problems/trend');
  const months =
    data?.months.filter(
      ({ incidents, problemsOpened, problemsClosed }) => incidents + problemsOpened + problemsClosed > 0,
    ) ?? [];
  if (months.length === 0) return null;
  return (
    <section aria-labelledby="trend" class="apart">
      <h2 id="trend">Month by month</h2>
      <dl class="facts">
        {months.toReversed().map((month) => (
          <div key={month.month} class="fact">
            <dt>{month.month}</dt>
            <dd>
              {month.incidents} {month.incidents === 1 ? 'incident' : 'incidents'}
              <span class="terms">{trendLines(month).join(' · ')}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
