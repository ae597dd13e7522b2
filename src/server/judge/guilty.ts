import type { Episode } from '../../incidents/episodes.ts';
import {
  type Dimension,
  guiltySlices,
  type PairTally,
  pairsWanted,
  type SlicePart,
} from '../../incidents/guilty-slices.ts';
import type { Totals } from '../../incidents/slices.ts';
import { type Code, codeOfKnown, type Dictionary, OTHER } from '../../model/dictionary.ts';
import type { GuiltySlice } from '../../model/incident.ts';
import type { Interaction } from '../../model/interaction.ts';
import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader, Step } from '../../store/sqlite/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { DELAY_EDGES_MINUTES, delayOf } from '../../tally/delay.ts';
import type { RecentInteractions } from './recent.ts';

const BASELINE_HOURS = 24;
/** A longer time is read by whole hours. */
const READ_BY_MINUTE_MAX = 720;
/** Rows read for pairs, of the window and of the baseline each: of more, as many evenly spaced minutes. */
const PAIR_PARTS_MAX = 20_000;
/** Labels that came later than most are no part of the news. */
const DELAY_QUANTILE = 0.9;
const OTHER_VALUE = 'other';
export const NO_VALUE = '(none)';

export interface GuiltySources {
  readonly reader: Reader;
  readonly recent: RecentInteractions;
  readonly dictionary: Dictionary;
  /** Whether an interaction broke the promise, by what is stored of it; null when it says nothing about it. */
  readonly isBad: (objective: Objective, interaction: Interaction) => boolean | null;
  /** The value of a slice dimension of an interaction. */
  readonly sliceOf: (objective: Objective, dimension: string, interaction: Interaction) => string | null;
  /** Resources that are counted under the objective's service. */
  readonly isOfService: (objective: Objective, counted: Pick<Interaction, 'service'>) => boolean;
}

/** Minutes, both inclusive. */
export interface Span {
  readonly from: Minute;
  readonly to: Minute;
}

/**
 * When the interactions happened that a breach is about. Detectors of labels count in the minutes in which these came, so
 * the answers lie before, by as much as labels were late.
 */
export function happened({ reader }: Pick<GuiltySources, 'reader'>, objective: Objective, episode: Episode): Span {
  const { onset, alarm } = episode;
  const { detectorClock, detectorLag = 0, eventsOf } = objective.events;
  if (detectorClock === EVENT_CLOCK) return { from: onset - detectorLag, to: alarm - detectorLag };
  const bad = DELAY_EDGES_MINUTES.map(() => 0);
  for (const { dimension, value, tally } of reader.slices('minute', detectorClock, objective.counted, onset, alarm))
    if (dimension === codeOfKnown('delay')) bad[delayOf(value).bucket]! += eventsOf(tally).bad;
  const wanted = DELAY_QUANTILE * bad.reduce((sum, one) => sum + one, 0);
  let seen = 0;
  const bucket = bad.findIndex((one) => {
    seen += one;
    return seen > 0 && seen >= wanted;
  });
  return { from: onset - (bucket <= 0 ? 0 : DELAY_EDGES_MINUTES[bucket + 1]!), to: alarm };
}

type Sums = { -readonly [K in keyof Totals]: Totals[K] };
const nothing = (): Sums => ({ baselineN: 0, baselineBad: 0, n: 0, bad: 0 });

/** Which parts of the traffic the rise is associated with, compared with the 24 hours before: single values, and pairs of them. */
export function guiltyOf(sources: GuiltySources, objective: Objective, span: Span): GuiltySlice[] {
  const { whole, dimensions } = tallied(sources, objective, span);
  // Losses of two values together are in no row: a pair of scores can't be told.
  const candidates = objective.judgedBy === 'scores' ? [] : pairsWanted(whole, dimensions, span.from);
  const wanted = candidates.filter((pair) => pair.every(({ value }) => value !== OTHER_VALUE));
  const pairs = wanted.length === 0 ? [] : pairTallies(sources, objective, span, whole, wanted);
  return guiltySlices(whole, dimensions, pairs, span.from).map((slice) => ({
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

const baselineHours = ({ from }: Span): readonly [number, number] => {
  const first = Math.floor(from / MINUTES_PER_HOUR);
  return [first - BASELINE_HOURS, first - 1];
};

/** From the tallies: the whole traffic, and each value of each dimension. */
function tallied(
  { reader, dictionary }: GuiltySources,
  { events, counted }: Objective,
  span: Span,
): { whole: Totals; dimensions: Dimension[] } {
  const byHour = span.to - span.from > READ_BY_MINUTE_MAX;
  const step: Step = byHour ? 'hour' : 'minute';
  const hourOf = (minute: Minute): number => Math.floor(minute / MINUTES_PER_HOUR);
  const window = byHour ? ([hourOf(span.from), hourOf(span.to)] as const) : ([span.from, span.to] as const);
  const baseline = baselineHours(span);
  const addWindow = (sums: Sums, { n, bad }: { n: number; bad: number }): void => {
    sums.n += n;
    sums.bad += bad;
  };
  const addBaseline = (sums: Sums, { n, bad }: { n: number; bad: number }): void => {
    sums.baselineN += n;
    sums.baselineBad += bad;
  };
  const whole = nothing();
  for (const { tally } of reader.series(step, EVENT_CLOCK, counted, ...window))
    addWindow(whole, events.eventsOf(tally));
  for (const { tally } of reader.series('hour', EVENT_CLOCK, counted, ...baseline))
    addBaseline(whole, events.eventsOf(tally));
  const cells = new Map<Code, Map<Code, Sums>>();
  const cellOf = (dimension: Code, value: Code): Sums => {
    const values = cells.get(dimension) ?? new Map<Code, Sums>();
    const cell = values.get(value) ?? nothing();
    cells.set(dimension, values.set(value, cell));
    return cell;
  };
  for (const { dimension, value, tally } of reader.slices(step, EVENT_CLOCK, counted, ...window))
    addWindow(cellOf(dimension, value), events.eventsOf(tally));
  for (const { dimension, value, tally } of reader.slices('hour', EVENT_CLOCK, counted, ...baseline))
    addBaseline(cellOf(dimension, value), events.eventsOf(tally));
  const firstSeen = firstSeenOf(reader, counted);
  const dimensions = [...cells]
    .filter(([dimension]) => dimension !== codeOfKnown('dependency') && dimension !== codeOfKnown('delay'))
    .map(([dimension, values]) => ({
      dimension: dictionary.text(dimension),
      values: [
        ...[...values].map(([value, cell]) => ({
          value: value === OTHER ? OTHER_VALUE : dictionary.text(value),
          firstSeen: firstSeen.get(`${dimension} ${value}`) ?? null,
          ...cell,
        })),
        // What has no value of a dimension is a part of the traffic too.
        { value: NO_VALUE, firstSeen: null, ...rest(whole, [...values.values()]) },
      ]
        .map((value) => ({ ...value, ...inWhole(value) }))
        .filter((value) => value.n > 0 || value.baselineN > 0),
    }));
  return { whole: inWhole(whole), dimensions };
}

/** Counts; sums of losses become as many bad ones as they come to. */
const inWhole = ({ n, bad, baselineN, baselineBad }: Totals): Totals => ({
  n,
  bad: Math.min(n, Math.max(0, Math.round(bad))),
  baselineN,
  baselineBad: Math.min(baselineN, Math.max(0, Math.round(baselineBad))),
});

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

type Pair = readonly [SlicePart, SlicePart];

/** From the stored rows, because no tally is kept of two values together. */
function pairTallies(
  sources: GuiltySources,
  objective: Objective,
  span: Span,
  whole: Totals,
  pairs: readonly Pair[],
): PairTally[] {
  const [first, last] = baselineHours(span);
  const now = counted(sources, objective, span, pairs, whole.n);
  const hours = { from: first * MINUTES_PER_HOUR, to: (last + 1) * MINUTES_PER_HOUR - 1 };
  const before = counted(sources, objective, hours, pairs, whole.baselineN);
  return pairs.map((parts, i) => ({
    parts,
    n: now[i]!.n,
    bad: now[i]!.bad,
    baselineN: before[i]!.n,
    baselineBad: before[i]!.bad,
  }));
}

/** Events of each pair. Where not all minutes are read, counts are brought to the scale of `total`, the events of all of them. */
function counted(
  { reader, recent, isBad, isOfService, sliceOf }: GuiltySources,
  objective: Objective,
  { from, to }: Span,
  pairs: readonly Pair[],
  total: number,
): { n: number; bad: number }[] {
  const sums = pairs.map(() => ({ n: 0, bad: 0 }));
  const dimensions = [...new Set(pairs.flatMap((pair) => pair.map((part) => part.dimension)))];
  const stride = Math.max(1, Math.ceil(reader.partsBetween(from, to) / PAIR_PARTS_MAX));
  let n = 0;
  for (let minute = from; minute <= to; minute += stride)
    for (const interaction of recent.newestFirst(minute, minute)) {
      if (!isOfService(objective, interaction)) continue;
      const bad = isBad(objective, interaction);
      if (bad === null) continue;
      n++;
      const values = new Map(dimensions.map((dimension) => [dimension, sliceOf(objective, dimension, interaction)]));
      for (const [i, pair] of pairs.entries()) {
        if (!pair.every(({ dimension, value }) => values.get(dimension) === value)) continue;
        sums[i]!.n++;
        if (bad) sums[i]!.bad++;
      }
    }
  const scale = stride === 1 || n === 0 ? 1 : total / n;
  return sums.map((sum) => ({ n: Math.round(sum.n * scale), bad: Math.round(sum.bad * scale) }));
}
