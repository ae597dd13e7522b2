import { guaranteeOf } from '../../catalog/detector-thresholds.ts';
import type { Findings } from '../../incidents/book.ts';
import type { Signs } from '../../incidents/category-rules.ts';
import type { Episode } from '../../incidents/episodes.ts';
import type { ArrivalCurve } from '../../measures/label-arrivals.ts';
import { effective, represented } from '../../measures/sampling.ts';
import { wilson } from '../../measures/wilson.ts';
import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import { hexOfId } from '../../model/ids.ts';
import type { Budget, Evidence, EvidenceSlice, GuiltySlice, SuspectChange } from '../../model/incident.ts';
import type { Interaction } from '../../model/interaction.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import { burnRate, type Counts } from '../../objectives/burn-rate.ts';
import { driftedBins, driftParts } from '../../objectives/drift-reading.ts';
import type { FrozenBaseline } from '../../objectives/drift-watch.ts';
import { errorBudget } from '../../objectives/error-budget.ts';
import { type Budgeted, hasBudget, isBudgeted, type Objective } from '../../objectives/objective.ts';
import { countsLabels } from '../../objectives/objective-watch.ts';
import { estimateOf, named, type WindowCounts } from '../../objectives/reading.ts';
import { sliceOfDetector } from '../../objectives/slice-watch.ts';
import type { Records } from '../../store/records/records.ts';
import { type FailedEntry, failedEntriesBetween } from '../../store/sqlite/failed-entries.ts';
import { sum, type Tally } from '../../tally/group.ts';
import { countsBetween } from './counts-between.ts';
import { countsAsOf, detectorMinutes, detectorTallies, type TallySource, TickCache } from './feeds.ts';
import { type GuiltySources, guiltyOf, happened, type Lateness, NO_VALUE, type Span } from './guilty.ts';
import { outlookOf } from './outlook.ts';
import { signsOf } from './signs.ts';

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
 * @param late  how late labels come, of measures of labels; null where that is not known
 * @param drift  of a drift objective what it is compared with, as its detector had it
 */
export async function findingsOf(
  sources: FindingsSources,
  objective: Objective,
  episode: Episode,
  late: Lateness | null,
  drift: FrozenBaseline | null = null,
): Promise<Findings> {
  const curve = late?.curve ?? null;
  // Whose fault drift is nobody can say: it has no bad ones.
  if (objective.drift !== undefined) {
    const span = { from: episode.onset, to: episode.alarm };
    const evidence = evidenceAt(sources.reader, objective, episode, curve, drift);
    const changes = await suspectsOf(sources, objective, span);
    return { evidence, slices: [], changes, traces: { bad: [], good: [] }, signs: null };
  }
  const span = happened(sources, objective, episode);
  const slices = guiltyOf(sources, objective, span, late);
  const slice = sliceOf(sources, episode);
  const counts = countsAsOf(sources.reader, objective, episode.alarm);
  const evidence = evidenceOf(objective, episode, counts, curve, {
    ...exhaustionOf(sources, objective, episode, counts),
    ...arrivedOf(sources.reader, objective, episode),
    ...(slice === null ? {} : { slice, sinceOnset: ofService(sources, objective, episode) }),
  });
  return {
    evidence,
    slices,
    changes: await suspectsOf(sources, objective, span),
    traces: examplesOf(sources, objective, span, slices[0] ?? slice),
    signs: signsAt(sources, objective, episode),
  };
}

/** What else was seen since the onset. */
export function signsAt(sources: FindingsSources, objective: Objective, episode: Episode): Signs | null {
  if (objective.drift !== undefined) return null;
  const span = happened(sources, objective, episode);
  return signsOf(sources.reader, objective, span, episode, brokenCounts(sources, objective, episode));
}

/** What the counts of the windows do not tell. */
interface KnownBeside extends Partial<Pick<Budget, 'exhaustedAt' | 'outlook'>> {
  /** The part of the traffic whose detector has alarmed, and what the whole service counted since. */
  readonly slice?: EvidenceSlice;
  readonly sinceOnset?: Counts;
  /** Of late labels, those that came since. */
  readonly arrived?: Counts;
}

/** The numbers alone, as of the minute of the alarm. */
export function evidenceAt(
  source: TallySource,
  objective: Objective,
  episode: Episode,
  curve: ArrivalCurve | null,
  drift: FrozenBaseline | null,
): Evidence {
  if (objective.drift === undefined)
    return evidenceOf(
      objective,
      episode,
      countsAsOf(source, objective, episode.alarm),
      curve,
      arrivedOf(source, objective, episode),
    );
  const tallies = detectorTallies(new TickCache(source), objective, episode.onset, episode.alarm);
  return driftEvidenceOf(objective, episode, sum(tallies), drift);
}

/**
 * Of a breach of an error budget. @param counts  of the windows that end with the alarm  @param curve  how late labels come
 * @throws RangeError  of an objective without a budget: it has no detector that could have alarmed
 */
export function evidenceOf(
  objective: Objective,
  episode: Episode,
  counts: WindowCounts,
  curve: ArrivalCurve | null,
  { slice, sinceOnset = episode, arrived, exhaustedAt = null, outlook }: KnownBeside = {},
): Evidence {
  if (!isBudgeted(objective)) throw new RangeError(`${objective.name} has no detector that could have alarmed`);
  const budget = errorBudget(represented(counts.window), objective.q0, counts.expectedRest);
  return {
    objective: objective.name,
    estimate: estimateOf(objective, episode.alarm, counts, curve),
    target: objective.target,
    direction: objective.direction,
    budget:
      !hasBudget(objective) || budget.consumed === null || budget.remaining === null
        ? null
        : {
            consumed: budget.consumed,
            remaining: budget.remaining,
            burn: burnRate(represented(counts.burnWindows['1h']!), objective.q0),
            exhaustedAt,
            ...(outlook === undefined ? {} : { outlook }),
          },
    sinceOnset: sinceOnsetOf(objective, sinceOnset, arrived),
    detector: {
      // A slice is watched by a sequential test, too.
      name: sliceOfDetector(episode.detector) === null ? episode.detector : 'sequential',
      statistic: episode.statistic,
      threshold: episode.threshold,
      guarantee: guaranteeFor(objective, episode),
      page: episode.paged !== null,
    },
    ...(slice === undefined ? {} : { slice }),
  };
}

/**
 * @param counts  of the whole service; of late labels as many as would be worth as much if all had come
 * @param arrived  of late labels those that came, which are what people see; undefined for others
 */
function sinceOnsetOf(
  { q0, judgedBy }: Budgeted,
  { n, bad }: Counts,
  arrived: Counts | undefined,
): Evidence['sinceOnset'] {
  if (n === 0) return null;
  const { low, high } = wilson(bad, n);
  const burn = { value: (bad + 0.5) / (n + 1) / q0, low: low / q0, high: high / q0 };
  if (arrived === undefined) {
    const mean = judgedBy === 'scores' ? { mean: 1 - bad / n } : {};
    return { n: Math.round(n), bad: Math.round(bad), ...mean, burn };
  }
  const expected = Math.round(n * q0);
  return { ...arrived, burn, ...(expected > Math.round(arrived.n * q0) ? { expected } : {}) };
}

/** Labels that became known from the onset to the alarm. */
function arrivedOf(source: TallySource, objective: Objective, { onset, alarm }: Episode): Pick<KnownBeside, 'arrived'> {
  if (!countsLabels(objective)) return {};
  const arrived = detectorMinutes(new TickCache(source), objective, onset, alarm).reduce(
    (sum, one) => ({ n: sum.n + one.n, bad: sum.bad + one.bad }),
    { n: 0, bad: 0 },
  );
  return { arrived };
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
function exhaustionOf(
  { reader }: FindingsSources,
  objective: Objective,
  { alarm, onset }: Episode,
  { window }: WindowCounts,
): Pick<Budget, 'exhaustedAt' | 'outlook'> {
  const outlook = outlookOf(reader, objective, alarm, onset, window);
  if (outlook === null) return { exhaustedAt: null };
  const after = (minutes: number | null): Millis | null =>
    minutes === null ? null : millisOfMinute(alarm + 1 + Math.round(minutes));
  const { minutes, low, high, probability } = outlook;
  return { exhaustedAt: after(minutes), outlook: { earliest: after(low), latest: after(high), probability } };
}

/** The part of the traffic whose detector has alarmed; null when it was one of the whole service. */
function sliceOf({ dictionary }: FindingsSources, { detector, n, bad }: Episode): EvidenceSlice | null {
  const codes = sliceOfDetector(detector);
  if (codes === null) return null;
  return {
    dimension: dictionary.text(codes.dimension),
    value: dictionary.text(codes.value),
    n: Math.round(n),
    bad: Math.round(bad),
  };
}

/** Events of the whole service from the onset to the alarm: how many of those that use it are affected. */
const ofService = ({ reader }: FindingsSources, objective: Objective, { onset, alarm }: Episode): Counts =>
  effective(countsBetween(reader, objective, objective.events.detectorClock, onset, alarm + 1));

/** Of the whole service while it was broken. A window of a burn rate may begin before anything was bad: that time says nothing of how bad it is. */
function brokenCounts(sources: FindingsSources, objective: Objective, episode: Episode): Counts {
  if (sliceOfDetector(episode.detector) !== null) return ofService(sources, objective, episode);
  if (episode.detector !== 'burn_rate') return episode;
  const minutes = detectorMinutes(new TickCache(sources.reader), objective, episode.onset, episode.alarm);
  const first = minutes.find(({ bad }) => bad > 0)?.minute ?? episode.onset;
  return first === episode.onset ? episode : ofService(sources, objective, { ...episode, onset: first });
}

function guaranteeFor({ guarantee, sliced }: Objective, { detector }: Episode): string | null {
  if (detector === 'burn_rate') return null;
  return detector === 'sequential' ? guarantee : guaranteeOf(sliced!.each.ticket.threshold);
}

/** Dimensions whose new values are changes in themselves. */
const OBSERVED: ReadonlyMap<Code, string> = new Map([
  [codeOfKnown('response_model'), 'model_version'],
  [codeOfKnown('prompt_version'), 'prompt'],
]);

/** Changes on record, and first sights of a new model or prompt version, from an hour before the onset to the alarm. */
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
        origin: change.origin,
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
  slice: Pick<GuiltySlice, 'dimension' | 'value'> | null,
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
const isRequestAlone = (slice: Pick<GuiltySlice, 'value'>): boolean =>
  slice.value.split(' & ').every((value) => value === NO_VALUE);

function failedRequests({ reader, isOfService }: FindingsSources, objective: Objective, span: Span): FailedEntry[] {
  if (objective.measure !== 'availability') return [];
  return failedEntriesBetween(reader.db, span.from, span.to).filter((entry) => isOfService(objective, entry));
}
