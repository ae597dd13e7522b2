import type { Episode } from '../../incidents/episodes.ts';
import {
  type Dimension,
  type DimensionValue,
  guiltySlices,
  type PairTally,
  pairsWanted,
  SLICE_MIN,
  type SlicePart,
} from '../../incidents/guilty-slices.ts';
import type { Totals } from '../../incidents/slices.ts';
import { maturityWeight } from '../../measures/equal-maturity.ts';
import type { ArrivalCurve } from '../../measures/label-arrivals.ts';
import { type AgeGroup, matured } from '../../measures/maturity.ts';
import { type Code, codeOfKnown, type Dictionary, OTHER } from '../../model/dictionary.ts';
import type { GuiltySlice } from '../../model/incident.ts';
import type { Interaction } from '../../model/interaction.ts';
import { restored } from '../../model/restored.ts';
import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader, Step } from '../../store/reader.ts';
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

/** What is known of labels that come late: how late, and up to the end of which minute they have been counted. */
export interface Lateness {
  readonly curve: ArrivalCurve;
  readonly known: Minute;
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

/** `came`: events of the window as they were counted; the others of late labels as many as would hold as many bad ones if all had come. */
type Sums = { -readonly [K in keyof Totals]: Totals[K] } & { came: number };
const nothing = (): Sums => ({ baselineN: 0, baselineBad: 0, n: 0, bad: 0, came: 0 });

/** What an event stands for that happened between two minutes, both inclusive. */
type Weight = (from: Minute, to: Minute) => number;
const ONE: Weight = () => 1;

/**
 * Which parts of the traffic the rise is associated with, compared with the 24 hours before: single values, and pairs of them.
 * @param late  of labels that come late, which are compared as if all were equally old; null where none do, or it is not known how late
 */
export function guiltyOf(
  sources: GuiltySources,
  objective: Objective,
  span: Span,
  late: Lateness | null,
): GuiltySlice[] {
  const weight = late === null ? ONE : weightsOf(sources, objective, span, late);
  const { whole, dimensions } = tallied(sources, objective, span, weight);
  // Losses of two values together are in no row: a pair of scores can't be told.
  const candidates = objective.judgedBy === 'scores' ? [] : pairsWanted(whole, dimensions, span.from);
  const wanted = candidates.filter((pair) => pair.every(({ value }) => value !== OTHER_VALUE));
  const pairs = wanted.length === 0 ? [] : pairTallies(sources, objective, span, weight, whole, wanted);
  const cameOf = (parts: readonly SlicePart[]): number => {
    const pair = pairs.find((one) => one.parts === parts);
    if (pair !== undefined) return pair.came;
    const [{ dimension, value }] = parts as [SlicePart];
    return dimensions.find((one) => one.dimension === dimension)!.values.find((one) => one.value === value)!.came;
  };
  return guiltySlices(whole, dimensions, pairs, span.from).map((slice) => ({
    name: slice.parts.map((part) => `${part.dimension}=${part.value}`).join(' & '),
    dimension: slice.parts.map((part) => part.dimension).join(' & '),
    value: slice.parts.map((part) => part.value).join(' & '),
    explanatoryPower: slice.explanatoryPower,
    n: cameOf(slice.parts),
    bad: slice.bad,
    share: slice.n === 0 ? 0 : slice.bad / slice.n,
    baselineShare: slice.baselineN === 0 ? null : slice.baselineBad / slice.baselineN,
    restored: restored(whole, slice),
  }));
}

const baselineHours = ({ from }: Span): readonly [number, number] => {
  const first = Math.floor(from / MINUTES_PER_HOUR);
  return [first - BASELINE_HOURS, first - 1];
};

/** How much late labels stand for by their interaction's age, given the bad share of the baseline when all of its labels have come. */
function weightsOf({ reader }: GuiltySources, objective: Objective, span: Span, { curve, known }: Lateness): Weight {
  const agesOf = (from: Minute, to: Minute) => ({ from: Math.max(0, known - to), to: Math.max(0, known + 1 - from) });
  const groups: AgeGroup[] = [];
  for (const { at, tally } of reader.series('hour', EVENT_CLOCK, objective.counted, ...baselineHours(span))) {
    const { n, bad, eligible, hidden } = objective.events.eventsOf(tally);
    groups.push({ counts: { n, bad, eligible, hidden }, ...agesOf(...minutesOf('hour', at)) });
  }
  const { adjusted } = matured(groups, curve);
  const badShare = adjusted === undefined ? (objective.q0 ?? 0) : 1 - adjusted.value;
  return (from, to) => {
    const ages = agesOf(from, to);
    return maturityWeight(curve, badShare, ages.from, ages.to);
  };
}

const minutesOf = (step: Step, at: number): readonly [Minute, Minute] =>
  step === 'minute' ? [at, at] : [at * MINUTES_PER_HOUR, at * MINUTES_PER_HOUR + MINUTES_PER_HOUR - 1];

type Valued = DimensionValue & { readonly came: number };
interface Tallied {
  readonly whole: Totals;
  readonly dimensions: readonly (Omit<Dimension, 'values'> & { readonly values: readonly Valued[] })[];
}

/** From the tallies: the whole traffic, and each value of each dimension. */
function tallied(
  { reader, dictionary }: GuiltySources,
  { events, counted }: Objective,
  span: Span,
  weight: Weight,
): Tallied {
  const step: Step = span.to - span.from > READ_BY_MINUTE_MAX ? 'hour' : 'minute';
  const hourOf = (minute: Minute): number => Math.floor(minute / MINUTES_PER_HOUR);
  const window = step === 'hour' ? ([hourOf(span.from), hourOf(span.to)] as const) : ([span.from, span.to] as const);
  const baseline = baselineHours(span);
  const addWindow = (sums: Sums, at: number, { n, bad }: { n: number; bad: number }): void => {
    sums.came += n;
    sums.n += n * weight(...minutesOf(step, at));
    sums.bad += bad;
  };
  const addBaseline = (sums: Sums, at: number, { n, bad }: { n: number; bad: number }): void => {
    sums.baselineN += n * weight(...minutesOf('hour', at));
    sums.baselineBad += bad;
  };
  const whole = nothing();
  for (const { at, tally } of reader.series(step, EVENT_CLOCK, counted, ...window))
    addWindow(whole, at, events.eventsOf(tally));
  for (const { at, tally } of reader.series('hour', EVENT_CLOCK, counted, ...baseline))
    addBaseline(whole, at, events.eventsOf(tally));
  const cells = new Map<Code, Map<Code, Sums>>();
  const cellOf = (dimension: Code, value: Code): Sums => {
    const values = cells.get(dimension) ?? new Map<Code, Sums>();
    const cell = values.get(value) ?? nothing();
    cells.set(dimension, values.set(value, cell));
    return cell;
  };
  for (const { dimension, value, at, tally } of reader.slices(step, EVENT_CLOCK, counted, ...window))
    addWindow(cellOf(dimension, value), at, events.eventsOf(tally));
  for (const { dimension, value, at, tally } of reader.slices('hour', EVENT_CLOCK, counted, ...baseline))
    addBaseline(cellOf(dimension, value), at, events.eventsOf(tally));
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
        .filter((value) => (value.n > 0 || value.baselineN > 0) && !isFew(value)),
    }));
  return { whole: inWhole(whole), dimensions };
}

/** However much they stand for: so few events are no part that stands out. */
const isFew = ({ came, n }: { readonly came: number; readonly n: number }): boolean =>
  came < SLICE_MIN && n >= SLICE_MIN;

/** Counts; sums of losses become as many bad ones as they come to. */
const inWhole = ({ n, bad, baselineN, baselineBad }: Totals): Totals => ({
  n: Math.round(n),
  bad: Math.min(Math.round(n), Math.max(0, Math.round(bad))),
  baselineN: Math.round(baselineN),
  baselineBad: Math.min(Math.round(baselineN), Math.max(0, Math.round(baselineBad))),
});

function rest(whole: Sums, parts: readonly Sums[]): Sums {
  const left = { ...whole };
  for (const part of parts) for (const name of SUMMED) left[name] -= part[name];
  return left;
}
const SUMMED = ['n', 'bad', 'baselineN', 'baselineBad', 'came'] as const;

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
  weight: Weight,
  whole: Totals,
  pairs: readonly Pair[],
): (PairTally & { readonly came: number })[] {
  const [first, last] = baselineHours(span);
  const now = counted(sources, objective, span, weight, pairs, whole.n);
  const hours = { from: first * MINUTES_PER_HOUR, to: (last + 1) * MINUTES_PER_HOUR - 1 };
  const before = counted(sources, objective, hours, weight, pairs, whole.baselineN);
  return pairs
    .map((parts, i) => ({
      parts,
      n: now[i]!.n,
      bad: now[i]!.bad,
      came: now[i]!.came,
      baselineN: before[i]!.n,
      baselineBad: before[i]!.bad,
    }))
    .filter((pair) => !isFew(pair));
}

/** Events of each pair. Where not all minutes are read, counts are brought to the scale of `total`, the events of all of them. */
function counted(
  { reader, recent, isBad, isOfService, sliceOf }: GuiltySources,
  objective: Objective,
  { from, to }: Span,
  weight: Weight,
  pairs: readonly Pair[],
  total: number,
): { n: number; bad: number; came: number }[] {
  const sums = pairs.map(() => ({ n: 0, bad: 0, came: 0 }));
  const dimensions = [...new Set(pairs.flatMap((pair) => pair.map((part) => part.dimension)))];
  const stride = Math.max(1, Math.ceil(reader.rowsBetween(from, to) / PAIR_PARTS_MAX));
  let n = 0;
  for (let minute = from; minute <= to; minute += stride) {
    const worth = weight(minute, minute);
    for (const interaction of recent.newestFirst(minute, minute)) {
      if (!isOfService(objective, interaction)) continue;
      const bad = isBad(objective, interaction);
      if (bad === null) continue;
      n += worth;
      const values = new Map(dimensions.map((dimension) => [dimension, sliceOf(objective, dimension, interaction)]));
      for (const [i, pair] of pairs.entries()) {
        if (!pair.every(({ dimension, value }) => values.get(dimension) === value)) continue;
        sums[i]!.n += worth;
        sums[i]!.came++;
        if (bad) sums[i]!.bad++;
      }
    }
  }
  const scale = stride === 1 || n === 0 ? 1 : total / n;
  return sums.map((sum) => {
    const whole = Math.round(sum.n * scale);
    return { n: whole, bad: Math.min(whole, Math.round(sum.bad * scale)), came: Math.round(sum.came * scale) };
  });
}
