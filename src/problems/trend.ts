import type { ProblemRecord, RootCause } from '../model/problem.ts';
import { iso, type Millis } from '../model/time.ts';

/** What of an incident a trend counts. */
export interface Counted {
  readonly service: string;
  readonly category: string;
  /** Clock. */
  readonly openedAt: Millis;
  readonly problem: string | null;
}

/** Why incidents happened, as far as is known: confirmed, else proposed; null: they belong to no problem. */
export type TrendCause = RootCause | null;

export interface TrendMonth {
  /** `2026-11`, UTC. */
  readonly month: string;
  readonly incidents: number;
  /** Those that belong to a problem. */
  readonly withProblem: number;
  readonly byCategory: readonly { readonly category: string; readonly incidents: number }[];
  readonly byService: readonly { readonly service: string; readonly incidents: number }[];
  readonly byCause: readonly { readonly cause: TrendCause; readonly incidents: number; readonly confirmed: number }[];
  readonly problemsOpened: number;
  readonly problemsClosed: number;
}

const monthOf = (at: Millis): string => iso(at).slice(0, 7);

/**
 * What happened month by month, most of it first; months without anything are there too.
 * @param problems  those of the incidents, and those opened or closed in that time
 * @param from  inclusive  @param to  exclusive
 */
export function trendOf(
  incidents: readonly Counted[],
  problems: readonly Pick<ProblemRecord, 'id' | 'rootCauseCategory' | 'proposed' | 'openedAt' | 'closedAt'>[],
  from: Millis,
  to: Millis,
): TrendMonth[] {
  const isWithin = (at: Millis | null): at is Millis => at !== null && at >= from && at < to;
  const causes = new Map(problems.map((one) => [one.id, one]));
  const byMonth = Map.groupBy(
    incidents.filter(({ openedAt }) => isWithin(openedAt)),
    ({ openedAt }) => monthOf(openedAt),
  );
  const opened = countBy(problems.flatMap(({ openedAt }) => (isWithin(openedAt) ? [monthOf(openedAt)] : [])));
  const closed = countBy(problems.flatMap(({ closedAt }) => (isWithin(closedAt) ? [monthOf(closedAt)] : [])));
  return monthsBetween(from, to).map((month): TrendMonth => {
    const own = byMonth.get(month) ?? [];
    const caused = Map.groupBy(own, ({ problem }): TrendCause => {
      const known = problem === null ? undefined : causes.get(problem);
      return known === undefined ? null : (known.rootCauseCategory ?? known.proposed.category);
    });
    return {
      month,
      incidents: own.length,
      withProblem: own.filter(({ problem }) => problem !== null).length,
      byCategory: most(countBy(own.map(({ category }) => category))).map(([category, n]) => ({
        category,
        incidents: n,
      })),
      byService: most(countBy(own.map(({ service }) => service))).map(([service, n]) => ({ service, incidents: n })),
      byCause: [...caused]
        .map(([cause, list]) => ({
          cause,
          incidents: list.length,
          confirmed: list.filter(({ problem }) => causes.get(problem ?? '')?.rootCauseCategory != null).length,
        }))
        .sort((a, b) => b.incidents - a.incidents || text(a.cause).localeCompare(text(b.cause))),
      problemsOpened: opened.get(month) ?? 0,
      problemsClosed: closed.get(month) ?? 0,
    };
  });
}

const text = (cause: TrendCause): string => cause ?? '';

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const most = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));

/** Calendar months (UTC) that a time touches, oldest first. */
function monthsBetween(from: Millis, to: Millis): string[] {
  const months: string[] = [];
  const first = new Date(from);
  for (let i = 0; ; i++) {
    const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + i);
    if (start >= to) return months;
    months.push(monthOf(start));
  }
}
