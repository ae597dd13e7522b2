import type { Findings } from '../../incidents/book.ts';
import type { Episode } from '../../incidents/episodes.ts';
import { represented } from '../../measures/sampling.ts';
import { wilson } from '../../measures/wilson.ts';
import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import { hexOfId } from '../../model/ids.ts';
import type { Budget, GuiltySlice, SuspectChange } from '../../model/incident.ts';
import type { Interaction } from '../../model/interaction.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import { burnRate } from '../../objectives/burn-rate.ts';
import { errorBudget } from '../../objectives/error-budget.ts';
import type { Objective } from '../../objectives/objective.ts';
import { estimateOf } from '../../objectives/reading.ts';
import type { Records } from '../../store/records/records.ts';
import { type FailedEntry, failedEntriesBetween } from '../../store/sqlite/failed-entries.ts';
import { countsAsOf } from './feeds.ts';
import { type GuiltySources, guiltyOf, happened, NO_VALUE, type Span } from './guilty.ts';
import { outlookOf } from './outlook.ts';

/** Changes so long before the onset are shown as suspects. */
const SUSPECT_BEFORE_MINUTES = 60;
const BAD_TRACES = 5;
const GOOD_TRACES = 2;
/** Interactions looked at for examples. */
const EXAMPLES_MAX_SCAN = 50_000;

export interface FindingsSources extends GuiltySources {
  readonly records: Records;
}

/** What can be said about a breach at the minute of its alarm: the numbers, the guilty slices, the suspects, examples. */
export async function findingsOf(sources: FindingsSources, objective: Objective, episode: Episode): Promise<Findings> {
  const { reader } = sources;
  const counts = countsAsOf(reader, objective, episode.alarm);
  const span = happened(sources, objective, episode);
  const slices = guiltyOf(sources, objective, span);
  const changes = await suspectsOf(sources, objective, span);
  const budget = errorBudget(represented(counts.window), objective.q0);
  const { n, bad } = episode;
  const burn = wilson(bad, n);
  return {
    evidence: {
      objective: objective.name,
      estimate: estimateOf(objective, episode.alarm, counts.window),
      target: objective.target,
      direction: 'at_least',
      budget:
        budget.consumed === null || budget.remaining === null
          ? null
          : {
              consumed: budget.consumed,
              remaining: budget.remaining,
              burn: burnRate(represented(counts.burnWindows['1h']!), objective.q0),
              ...exhaustionOf(sources, objective, episode),
            },
      sinceOnset:
        n === 0
          ? null
          : {
              n: Math.round(n),
              bad: Math.round(bad),
              burn: {
                value: (bad + 0.5) / (n + 1) / objective.q0,
                low: burn.low / objective.q0,
                high: burn.high / objective.q0,
              },
            },
      detector: {
        name: episode.detector,
        statistic: episode.statistic,
        threshold: episode.threshold,
        guarantee: episode.detector === 'sequential' ? objective.guarantee : null,
        page: episode.paged !== null,
      },
    },
    slices,
    changes,
    traces: examplesOf(sources, objective, span, slices[0] ?? null),
  };
}

/** When the budget is spent if it continues as since the onset. */
function exhaustionOf(
  { reader }: FindingsSources,
  objective: Objective,
  { alarm, onset }: Episode,
): Pick<Budget, 'exhaustedAt' | 'outlook'> {
  const outlook = outlookOf(reader, objective, alarm, onset);
  if (outlook === null) return { exhaustedAt: null };
  const after = (minutes: number | null): Millis | null =>
    minutes === null ? null : millisOfMinute(alarm + 1 + Math.round(minutes));
  const { minutes, low, high, probability } = outlook;
  return { exhaustedAt: after(minutes), outlook: { earliest: after(low), latest: after(high), probability } };
}

/** Dimensions whose new values are changes in themselves. */
const OBSERVED: ReadonlyMap<Code, string> = new Map([
  [codeOfKnown('response_model'), 'model_version'],
  [codeOfKnown('prompt_version'), 'prompt'],
]);

/** Declared changes, and first sights of a new model or prompt version, from an hour before the onset to the alarm. */
async function suspectsOf(
  { records, reader, dictionary }: FindingsSources,
  { service, environment, counted }: Objective,
  span: Span,
): Promise<SuspectChange[]> {
  const from = span.from - SUSPECT_BEFORE_MINUTES;
  const declared = await records
    .selectFrom('change')
    .selectAll()
    .where('service', '=', service)
    .where((where) =>
      environment === null
        ? where.lit(true)
        : where.or([where('environment', 'is', null), where('environment', '=', environment)]),
    )
    .where('at', '>=', millisOfMinute(from))
    .where('at', '<', millisOfMinute(span.to + 1))
    .orderBy('at', 'desc')
    .limit(5)
    .execute();
  const seen = reader.db
    .prepare(
      'select dimension, value, first_minute from slice_value where service = ? and dimension in (?, ?) and first_minute between ? and ? and ordinal > 0 order by first_minute desc limit 5',
    )
    .all(counted, ...OBSERVED.keys(), from, span.to) as { dimension: Code; value: Code; first_minute: Minute }[];
  const text = (json: string | null): string | null => {
    if (json === null) return null;
    const value = JSON.parse(json);
    return typeof value === 'string' ? value : value.id;
  };
  return [
    ...declared.map(
      (change): SuspectChange => ({
        id: change.id,
        type: change.type,
        before: text(change.before),
        after: text(change.after),
        at: change.at,
        origin: 'declared',
      }),
    ),
    ...seen.flatMap(({ dimension, value, first_minute }): SuspectChange[] => {
      const type = OBSERVED.get(dimension);
      const after = dictionary.text(value);
      if (type === undefined || declared.some((change) => text(change.after) === after)) return [];
      return [{ id: null, type, before: null, after, at: millisOfMinute(first_minute), origin: 'observed' }];
    }),
  ];
}

/** Up to five bad and two good interactions of the guiltiest slice, the newest before the alarm: the same on every replay. */
function examplesOf(
  sources: FindingsSources,
  objective: Objective,
  span: Span,
  slice: GuiltySlice | null,
): Findings['traces'] {
  const bad: string[] = [];
  const good: string[] = [];
  let scanned = 0;
  const isWanted = (interaction: Interaction): boolean => {
    if (++scanned > EXAMPLES_MAX_SCAN || !sources.isOfService(objective, interaction)) return false;
    return slice === null || sources.sliceOf(objective, slice.dimension, interaction) === slice.value;
  };
  for (const interaction of sources.recent.newestFirst(span.from, span.to)) {
    if (scanned > EXAMPLES_MAX_SCAN || (bad.length === BAD_TRACES && good.length === GOOD_TRACES)) break;
    if (!isWanted(interaction)) continue;
    const isBad = sources.isBad(objective, interaction);
    if (isBad === null) continue;
    const list = isBad ? bad : good;
    const trace = hexOfId(interaction.traceId);
    if (list.length < (isBad ? BAD_TRACES : GOOD_TRACES) && !list.includes(trace)) list.push(trace);
  }
  if (slice === null || isRequestAlone(slice))
    for (const entry of failedRequests(sources, objective, span)) {
      const trace = hexOfId(entry.traceId);
      if (bad.length < BAD_TRACES && !bad.includes(trace)) bad.push(trace);
    }
  return { bad, good };
}

/** A request that failed without any AI span has no value in any dimension. */
const isRequestAlone = (slice: GuiltySlice): boolean => slice.value.split(' & ').every((value) => value === NO_VALUE);

function failedRequests({ reader, isOfService }: FindingsSources, objective: Objective, span: Span): FailedEntry[] {
  if (objective.measure !== 'availability') return [];
  return failedEntriesBetween(reader.db, span.from, span.to).filter((entry) => isOfService(objective, entry));
}
