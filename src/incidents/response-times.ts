import type { Incident } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';

/** What of an incident its times need. */
export type Timed = Pick<
  Incident,
  'state' | 'service' | 'priority' | 'category' | 'startedAt' | 'detectedAt' | 'openedAt' | 'ackedAt' | 'resolvedAt'
>;

/** Of some durations, ms: never a mean alone, for a few long ones make it up. */
export interface Spread {
  /** How many there are. */
  readonly n: number;
  /** Null where there is none. */
  readonly median: Millis | null;
  /** Nine of ten are at most so long; null of fewer than ten. */
  readonly p90: Millis | null;
}

export interface ResponseTimes {
  /** Opened in that time; cancelled ones were none. */
  readonly incidents: number;
  /** Of these, those that are not over: they are in no time to resolve yet. */
  readonly unresolved: number;
  /** MTTD: from the onset to the decision. */
  readonly detect: Spread;
  /** MTTA: from the opening until a person first did anything with it. */
  readonly acknowledge: Spread;
  /** MTTR: from the onset to the end, by the clock on the wall. */
  readonly resolve: Spread;
}

const P90_MIN = 10;

/** @param durations  ms, in any order */
export function spreadOf(durations: readonly Millis[]): Spread {
  const sorted = durations.toSorted((a, b) => a - b);
  const n = sorted.length;
  return { n, median: quantile(sorted, 0.5), p90: n < P90_MIN ? null : quantile(sorted, 0.9) };
}

/** Between the two order statistics beside it. @see Hyndman, Fan (1996), Sample quantiles in statistical packages, type 7 */
function quantile(sorted: readonly number[], p: number): number | null {
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return Math.round(below + (above - below) * (place - Math.floor(place)));
}

export function responseTimes(incidents: readonly Timed[]): ResponseTimes {
  const real = incidents.filter(({ state }) => state !== 'cancelled');
  return {
    incidents: real.length,
    unresolved: real.filter(({ resolvedAt }) => resolvedAt === null).length,
    detect: spreadOf(real.map(({ startedAt, detectedAt }) => detectedAt - startedAt)),
    acknowledge: spreadOf(real.flatMap(({ openedAt, ackedAt }) => (ackedAt === null ? [] : [ackedAt - openedAt]))),
    resolve: spreadOf(
      real.flatMap(({ startedAt, resolvedAt }) => (resolvedAt === null ? [] : [resolvedAt - startedAt])),
    ),
  };
}

/** The same of each value, in order of the values. */
export function responseTimesBy<K extends string | number>(
  incidents: readonly Timed[],
  keyOf: (incident: Timed) => K,
): { readonly value: K; readonly times: ResponseTimes }[] {
  return [...Map.groupBy(incidents, keyOf)]
    .map(([value, mine]) => ({ value, times: responseTimes(mine) }))
    .filter(({ times }) => times.incidents > 0)
    .sort((a, b) => (a.value < b.value ? -1 : 1));
}
