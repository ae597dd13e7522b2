import type { Findings } from '../../incidents/book.ts';
import type { Episode } from '../../incidents/episodes.ts';
import { represented } from '../../measures/sampling.ts';
import { wilson } from '../../measures/wilson.ts';
import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import { hexOfId } from '../../model/ids.ts';
import type { Budget, Evidence, GuiltySlice, SuspectChange } from '../../model/incident.ts';
import type { Interaction } from '../../model/interaction.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import { burnRate } from '../../objectives/burn-rate.ts';
import { driftedBins, driftParts } from '../../objectives/drift-reading.ts';
import type { FrozenBaseline } from '../../objectives/drift-watch.ts';
import { errorBudget } from '../../objectives/error-budget.ts';
import { isBudgeted, type Objective } from '../../objectives/objective.ts';
import { estimateOf, named, type WindowCounts } from '../../objectives/reading.ts';
import type { Records } from '../../store/records/records.ts';
import { type FailedEntry, failedEntriesBetween } from '../../store/sqlite/failed-entries.ts';
import { sum, type Tally } from '../../tally/group.ts';
import { countsAsOf, detectorTallies, type TallySource, TickCache } from './feeds.ts';
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

/**
 * What can be said about a breach at the minute of its alarm: the numbers, the guilty slices, the suspects, examples.
 * @param drift  of a drift objective what it is compared with, as its detector had it
 */
export async function findingsOf(
  sources: FindingsSources,
  objective: Objective,
  episode: Episode,
  drift: FrozenBaseline | null = null,
): Promise<Findings> {
  const evidence = evidenceAt(sources.reader, objective, episode, drift, exhaustionOf(sources, objective, episode));
  // Whose fault drift is nobody can say: it has no bad ones.
  if (objective.drift !== undefined) {
    const span = { from: episode.onset, to: episode.alarm };
    return { evidence, slices: [], changes: await suspectsOf(sources, objective, span), traces: { bad: [], good: [] } };
  }
  const span = happened(sources, objective, episode);
  const slices = guiltyOf(sources, objective, span);
  return {
    evidence,
    slices,
    changes: await suspectsOf(sources, objective, span),
    traces: examplesOf(sources, objective, span, slices[0] ?? null),
  };
}

/** When a budget will be spent. */
type Exhaustion = Pick<Budget, 'exhaustedAt' | 'outlook'>;
const UNKNOWN: Exhaustion = { exhaustedAt: null };

/** The numbers alone, as of the minute of the alarm. */
export function evidenceAt(
  source: TallySource,
  objective: Objective,
  episode: Episode,
  drift: FrozenBaseline | null,
  exhaustion: Exhaustion = UNKNOWN,
): Evidence {
  if (objective.drift === undefined)
    return evidenceOf(objective, episode, countsAsOf(source, objective, episode.alarm), exhaustion);
  const tallies = detectorTallies(new TickCache(source), objective, episode.onset, episode.alarm);
  return driftEvidenceOf(objective, episode, sum(tallies), drift);
}

/**
 * Of a breach of an error budget. @param counts  of the windows that end with the alarm
 * @throws RangeError  of an objective without a budget: it has no detector that could have alarmed
 */
export function evidenceOf(
  objective: Objective,
  episode: Episode,
  counts: WindowCounts,
  exhaustion: Exhaustion = UNKNOWN,
): Evidence {
  if (!isBudgeted(objective)) throw new RangeError(`${objective.name} has no detector that could have alarmed`);
  const budget = errorBudget(represented(counts.window), objective.q0);
  const { n, bad } = episode;
  const burn = wilson(bad, n);
  return {
    objective: objective.name,
    estimate: estimateOf(objective, episode.alarm, counts),
    target: objective.target,
    direction: objective.direction,
    budget:
      budget.consumed === null || budget.remaining === null
        ? null
        : {
            consumed: budget.consumed,
            remaining: budget.remaining,
            burn: burnRate(represented(counts.burnWindows['1h']!), objective.q0),
            ...exhaustion,
          },
    sinceOnset:
      n === 0
        ? null
        : {
            n: Math.round(n),
            bad: Math.round(bad),
            ...(objective.judgedBy === 'scores' ? { mean: 1 - bad / n } : {}),
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
  };
}

/** What moved, how far and where. @param tally  of the minutes since the onset  @param drift  what it is compared with; null: not known any more */
export function driftEvidenceOf(
  objective: Objective,
  episode: Episode,
  tally: Tally,
  drift: FrozenBaseline | null,
): Evidence {
  const rule = objective.drift!;
  return {
    objective: objective.name,
    estimate: named(objective, episode.onset, episode.alarm, driftParts(rule, drift, tally)).estimate,
    target: null,
    direction: objective.direction,
    budget: null,
    sinceOnset: null,
    bins: drift === null ? [] : driftedBins(rule, drift, tally),
    detector: {
      name: episode.detector,
      statistic: episode.statistic,
      threshold: episode.threshold,
      guarantee: objective.guarantee,
      page: false,
    },
  };
}

/** When the budget is spent if it continues as since the onset. */
function exhaustionOf({ reader }: FindingsSources, objective: Objective, { alarm, onset }: Episode): Exhaustion {
  const outlook = outlookOf(reader, objective, alarm, onset);
  if (outlook === null) return UNKNOWN;
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
