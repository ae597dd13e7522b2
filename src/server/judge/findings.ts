import type { Findings } from '../../incidents/book.ts';
import type { Episode } from '../../incidents/episodes.ts';
import { type Dimension, guiltySlices } from '../../incidents/guilty-slices.ts';
import type { Totals } from '../../incidents/slices.ts';
import { wilson } from '../../measures/wilson.ts';
import { type Code, type Dictionary, OTHER } from '../../model/dictionary.ts';
import { hexOfId } from '../../model/ids.ts';
import type { GuiltySlice, SuspectChange } from '../../model/incident.ts';
import type { Interaction } from '../../model/interaction.ts';
import { type Minute, millisOfMinute } from '../../model/time.ts';
import { burnRate } from '../../objectives/burn-rate.ts';
import { errorBudget } from '../../objectives/error-budget.ts';
import type { Objective } from '../../objectives/objective.ts';
import { estimateOf } from '../../objectives/reading.ts';
import type { Records } from '../../store/records/records.ts';
import type { Reader } from '../../store/sqlite/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { countsAsOf } from './feeds.ts';

const MINUTES_PER_HOUR = 60;
const BASELINE_HOURS = 24;
/** Changes so long before the onset are shown as suspects. */
const SUSPECT_BEFORE_MINUTES = 60;
const BAD_TRACES = 5;
const GOOD_TRACES = 2;
/** Interactions looked at for examples. */
const EXAMPLES_MAX_SCAN = 50_000;

export interface FindingsSources {
  readonly reader: Reader;
  readonly records: Records;
  readonly dictionary: Dictionary;
  /** Whether an interaction broke the promise, by what is stored of it: for examples. */
  readonly isBad: (objective: Objective, interaction: Interaction) => boolean | null;
  /** The value of a slice dimension of an interaction. */
  readonly sliceOf: (objective: Objective, dimension: string, interaction: Interaction) => string | null;
  /** Resources that are counted under the objective's service. */
  readonly isOfService: (objective: Objective, interaction: Interaction) => boolean;
}

/** What can be said about a breach at the minute of its alarm: the numbers, the guilty slices, the suspects, examples. */
export async function findingsOf(sources: FindingsSources, objective: Objective, episode: Episode): Promise<Findings> {
  const { reader } = sources;
  const counts = countsAsOf(reader, objective, episode.alarm);
  const slices = slicesOf(sources, objective, episode);
  const changes = await suspectsOf(sources, objective, episode);
  const budget = errorBudget(counts.window, objective.q0);
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
              burn: burnRate(counts.burnWindows['1h']!, objective.q0),
              exhaustedAt: null,
            },
      sinceOnset:
        n === 0
          ? null
          : {
              n,
              bad,
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
    traces: examplesOf(sources, objective, episode, slices[0] ?? null),
  };
}

/** Counts of each slice value since the onset and in the 24 hours before it, and which of them explain the rise. */
export function slicesOf(sources: FindingsSources, objective: Objective, episode: Episode): GuiltySlice[] {
  const { reader, dictionary } = sources;
  const onsetHour = Math.floor(episode.onset / MINUTES_PER_HOUR);
  const baseline = [onsetHour - BASELINE_HOURS, onsetHour - 1] as const;
  const whole = { baselineN: 0, baselineBad: 0, n: 0, bad: 0 };
  for (const { tally } of reader.series('minute', EVENT_CLOCK, objective.counted, episode.onset, episode.alarm))
    addWindow(whole, objective.events.eventsOf(tally));
  for (const { tally } of reader.series('hour', EVENT_CLOCK, objective.counted, ...baseline))
    addBaseline(whole, objective.events.eventsOf(tally));
  const cells = new Map<Code, Map<Code, Sums>>();
  const cellOf = (dimension: Code, value: Code): Sums => {
    const values = cells.get(dimension) ?? new Map<Code, Sums>();
    const cell = values.get(value) ?? { baselineN: 0, baselineBad: 0, n: 0, bad: 0 };
    cells.set(dimension, values.set(value, cell));
    return cell;
  };
  for (const { dimension, value, tally } of reader.slices(
    'minute',
    EVENT_CLOCK,
    objective.counted,
    episode.onset,
    episode.alarm,
  ))
    addWindow(cellOf(dimension, value), objective.events.eventsOf(tally));
  for (const { dimension, value, tally } of reader.slices('hour', EVENT_CLOCK, objective.counted, ...baseline))
    addBaseline(cellOf(dimension, value), objective.events.eventsOf(tally));
  const firstSeen = firstSeenOf(reader, objective.counted);
  const dimensions: Dimension[] = [...cells]
    .filter(([dimension]) => dictionary.text(dimension) !== 'dependency')
    .map(([dimension, values]) => ({
      dimension: dictionary.text(dimension),
      values: [
        ...[...values].map(([value, cell]) => ({
          value: value === OTHER ? 'other' : dictionary.text(value),
          firstSeen: firstSeen.get(`${dimension} ${value}`) ?? null,
          ...cell,
        })),
        // What has no value of a dimension is a part of the traffic too.
        { value: '(none)', firstSeen: null, ...rest(whole, [...values.values()]) },
      ].filter((value) => value.n > 0 || value.baselineN > 0),
    }));
  return guiltySlices(whole, dimensions, [], episode.onset).map((slice) => ({
    name: slice.parts.map((part) => `${part.dimension}=${part.value}`).join(' & '),
    dimension: slice.parts.map((part) => part.dimension).join(' & '),
    value: slice.parts.map((part) => part.value).join(' & '),
    explanatoryPower: slice.explanatoryPower,
    n: slice.n,
    bad: slice.bad,
    share: slice.n === 0 ? 0 : slice.bad / slice.n,
    baselineShare: slice.baselineN === 0 ? null : slice.baselineBad / slice.baselineN,
  }));
}

type Sums = { -readonly [K in keyof Totals]: Totals[K] };

function addWindow(sums: Sums, { n, bad }: { n: number; bad: number }): void {
  sums.n += n;
  sums.bad += bad;
}

function addBaseline(sums: Sums, { n, bad }: { n: number; bad: number }): void {
  sums.baselineN += n;
  sums.baselineBad += bad;
}

function rest(whole: Totals, parts: readonly Totals[]): Totals {
  const left = { ...whole };
  for (const part of parts) {
    left.n -= part.n;
    left.bad -= part.bad;
    left.baselineN -= part.baselineN;
    left.baselineBad -= part.baselineBad;
  }
  return left;
}

function firstSeenOf(reader: Reader, service: Code): Map<string, Minute> {
  const rows = reader.db
    .prepare('select dimension, value, first_minute from slice_value where service = ?')
    .all(service) as { dimension: Code; value: Code; first_minute: Minute }[];
  return new Map(rows.map((row) => [`${row.dimension} ${row.value}`, row.first_minute]));
}

/** Dimensions whose new values are changes in themselves. */
const OBSERVED: Readonly<Record<string, string>> = { response_model: 'model_version', prompt_version: 'prompt' };

/** Declared changes, and first sights of a new model or prompt version, from an hour before the onset to the alarm. */
async function suspectsOf(
  { records, reader, dictionary }: FindingsSources,
  objective: Objective,
  episode: Episode,
): Promise<SuspectChange[]> {
  const from = episode.onset - SUSPECT_BEFORE_MINUTES;
  const declared = await records
    .selectFrom('change')
    .selectAll()
    .where('service', '=', objective.service)
    .where('at', '>=', millisOfMinute(from))
    .where('at', '<', millisOfMinute(episode.alarm + 1))
    .orderBy('at', 'desc')
    .limit(5)
    .execute();
  const seen = reader.db
    .prepare(
      'select dimension, value, first_minute, ordinal from slice_value where service = ? and first_minute between ? and ? and ordinal > 0 order by first_minute desc limit 5',
    )
    .all(objective.counted, from, episode.alarm) as { dimension: Code; value: Code; first_minute: Minute }[];
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
      const type = OBSERVED[dictionary.text(dimension)];
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
  episode: Episode,
  slice: GuiltySlice | null,
): Findings['traces'] {
  const bad: string[] = [];
  const good: string[] = [];
  let scanned = 0;
  const end = (episode.alarm + 1) * 600;
  const isWanted = (interaction: Interaction): boolean => {
    if (++scanned > EXAMPLES_MAX_SCAN || !sources.isOfService(objective, interaction)) return false;
    return slice === null || sources.sliceOf(objective, slice.dimension, interaction) === slice.value;
  };
  for (const interaction of sources.reader.newestFirst(episode.onset * 600, end)) {
    if (scanned > EXAMPLES_MAX_SCAN || (bad.length === BAD_TRACES && good.length === GOOD_TRACES)) break;
    if (!isWanted(interaction)) continue;
    const isBad = sources.isBad(objective, interaction);
    if (isBad === null) continue;
    const list = isBad ? bad : good;
    const trace = hexOfId(interaction.traceId);
    if (list.length < (isBad ? BAD_TRACES : GOOD_TRACES) && !list.includes(trace)) list.push(trace);
  }
  return { bad, good };
}
