import type { Arm } from '../../changes/review.ts';
import { type ChangeVerdict, type WatchedPromise, watchVerdict } from '../../changes/watch.ts';
import { maturityWeight } from '../../measures/equal-maturity.ts';
import type { ArrivalCurve } from '../../measures/label-arrivals.ts';
import { effective } from '../../measures/sampling.ts';
import { type ChangeRecord, WATCH_MS } from '../../model/change.ts';
import { codeOfKnown, type Dictionary, OTHER } from '../../model/dictionary.ts';
import {
  MINUTE_MS,
  MINUTES_PER_DAY,
  MINUTES_PER_HOUR,
  type Minute,
  millisOfMinute,
  minuteOf,
} from '../../model/time.ts';
import { type Budgeted, isBudgeted, type Objective } from '../../objectives/objective.ts';
import { curveOf } from '../../objectives/reading.ts';
import type { Reader } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { DELAY_EDGES_MINUTES } from '../../tally/delay.ts';
import type { Tally } from '../../tally/group.ts';
import { stateBefore } from '../cli/traffic.ts';
import { stepsBetween } from '../judge/counts-between.ts';
import { isOfChange } from './gate.ts';

export interface WatchSources {
  readonly reader: Reader;
  readonly dictionary: Dictionary;
  readonly objectives: readonly Objective[];
  /** The first minute that has not been judged. */
  readonly through: Minute;
}

/** A week at most is looked at: what comes later is no matter of the change any more. */
const WATCHED_DAYS_MAX = 7;
/** Both versions are compared with each other where the old one still has such a share of the events of the new one. */
const CANARY_SHARE_MIN = 0.1;
/** So few events are no stable side. */
const ARM_MIN = 20;

/** By which slices the versions of a subject are told apart. */
const DIMENSIONS: Readonly<Partial<Record<ChangeRecord['type'], 'response_model' | 'prompt_version'>>> = {
  model_version: 'response_model',
  provider_snapshot: 'response_model',
  prompt: 'prompt_version',
  system_instruction: 'prompt_version',
};

/** From inclusive, to exclusive. */
interface Minutes {
  readonly from: Minute;
  readonly to: Minute;
}

/** What the promises of its service say of a change that has begun. */
export function verdictOfChange(sources: WatchSources, change: ChangeRecord): ChangeVerdict {
  if (change.startedAt === null) return { ...watchVerdict([], 0), reason: 'it has not begun' };
  const from = minuteOf(change.startedAt + MINUTE_MS - 1);
  const end = change.rolledBack && change.endedAt !== null ? minuteOf(change.endedAt) : sources.through;
  const span = { from, to: Math.max(from, Math.min(end, sources.through, from + WATCHED_DAYS_MAX * MINUTES_PER_DAY)) };
  const promises = sources.objectives
    .filter((objective) => isOfChange(change, objective))
    .filter(isBudgeted)
    .filter(({ composition, drift }) => composition === undefined && drift === undefined)
    .map((objective) => promiseOf(sources, change, objective, span));
  return watchVerdict(promises, millisOfMinute(span.to) - change.startedAt);
}

/** Until when it is watched before its review is written. */
export const watchedUntil = ({ startedAt }: ChangeRecord): number | null =>
  startedAt === null ? null : startedAt + WATCH_MS;

function promiseOf(sources: WatchSources, change: ChangeRecord, objective: Budgeted, span: Minutes): WatchedPromise {
  const { name, q0, events } = objective;
  const isLate = events.detectorClock !== EVENT_CLOCK;
  const state = isLate ? stateBefore(sources.reader, objective, span.to + 1) : null;
  const curve = state === null ? null : curveOf(state);
  const base = { objective: name, q0, labelDelay: curve === null ? 0 : usualDelay(curve), unknown: null, note: null };
  const weight = curve === null ? null : { curve, known: sources.through, q0 };
  const versions = versionArms(sources, change, objective, span, weight);
  if (versions !== null) return { ...base, compared: 'versions', ...versions };
  const none = { n: 0, good: 0 };
  if (isLate && curve === null)
    return {
      ...base,
      compared: 'times',
      before: none,
      after: none,
      unknown: 'how late its labels come is not known yet',
    };
  const of = ({ from, to }: Minutes, daysBefore = 0): Arm => {
    const shift = daysBefore * MINUTES_PER_DAY;
    return armOf(sources.reader, objective, { from: from - shift, to: to - shift }, weight);
  };
  const after = of(span);
  const weekBefore = of(span, WATCHED_DAYS_MAX);
  if (weekBefore.n >= ARM_MIN) return { ...base, compared: 'times', before: weekBefore, after };
  // Of its first day: the day before the second one is its own.
  const firstDay = { from: span.from, to: Math.min(span.to, span.from + MINUTES_PER_DAY) };
  const dayBefore = of(firstDay, 1);
  if (dayBefore.n >= ARM_MIN) {
    const which = firstDay.to < span.to ? 'its first day with the day before' : 'with the day before';
    const note = `${which}: there is no week before`;
    return { ...base, compared: 'times', before: dayBefore, after: of(firstDay), note };
  }
  return {
    ...base,
    compared: 'times',
    before: weekBefore,
    after,
    unknown: 'too little was counted at the same hours before it',
  };
}

/** Both versions in the same minutes; null where the slices do not tell them apart, or next to nothing of the old one is left. */
function versionArms(
  { reader, dictionary }: WatchSources,
  { type, before, after }: ChangeRecord,
  objective: Budgeted,
  span: Minutes,
  weight: Weight | null,
): { before: Arm; after: Arm } | null {
  const dimension = DIMENSIONS[type];
  if (dimension === undefined || before === null || after === null) return null;
  const tallies = (version: string): Timed[] =>
    stepsBetween(span.from, span.to).flatMap(({ step, first, last }) =>
      [...reader.slicesOf(step, EVENT_CLOCK, objective.counted, codeOfKnown(dimension), first, last)]
        .filter(({ value }) => value !== OTHER && dictionary.text(value) === version)
        .map(({ at, tally }) => ({ ...minutesOf(step, at), tally })),
    );
  const stable = counted(objective, tallies(before.id), weight);
  const canary = counted(objective, tallies(after.id), weight);
  const isBeside = canary.n >= 1 && stable.n >= Math.max(ARM_MIN, CANARY_SHARE_MIN * canary.n);
  return isBeside ? { before: stable, after: canary } : null;
}

interface Weight {
  readonly curve: ArrivalCurve;
  readonly known: Minute;
  readonly q0: number;
}

/** What was counted from a minute on. */
interface Timed {
  readonly from: Minute;
  readonly length: Minute;
  readonly tally: Tally;
}

const minutesOf = (step: 'minute' | 'hour', at: number): Pick<Timed, 'from' | 'length'> =>
  step === 'hour' ? { from: at * MINUTES_PER_HOUR, length: MINUTES_PER_HOUR } : { from: at, length: 1 };

/** All events of the service in some minutes. */
const armOf = (reader: Reader, objective: Budgeted, span: Minutes, weight: Weight | null): Arm =>
  counted(
    objective,
    stepsBetween(span.from, span.to).flatMap(({ step, first, last }) =>
      [...reader.series(step, EVENT_CLOCK, objective.counted, first, last)].map(({ at, tally }) => ({
        ...minutesOf(step, at),
        tally,
      })),
    ),
    weight,
  );

function worth({ curve, known, q0 }: Weight, from: Minute, length: Minute): number {
  return maturityWeight(curve, q0, Math.max(0, known - (from + length - 1)), Math.max(0, known + 1 - from));
}

/** @param weight  of labels: young ones stand for as many as would have come, so that both sides are as if they were equally old */
function counted({ events }: Budgeted, timed: readonly Timed[], weight: Weight | null): Arm {
  let n = 0;
  let bad = 0;
  for (const { from, length, tally } of timed) {
    const counts = effective(events.eventsOf(tally));
    n += counts.n * (weight === null ? 1 : worth(weight, from, length));
    bad += counts.bad;
  }
  return rounded(n, bad);
}

function rounded(n: number, bad: number): Arm {
  const whole = Math.round(n);
  return { n: whole, good: whole - Math.min(whole, Math.max(0, Math.round(bad))) };
}

/** Minutes after which half of the later class of labels has come. */
function usualDelay({ bad, good }: ArrivalCurve): number {
  const edge = DELAY_EDGES_MINUTES.findIndex((_, i) => Math.min(bad[i] ?? 1, good[i] ?? 1) >= 0.5);
  return (DELAY_EDGES_MINUTES[edge] ?? 0) * MINUTE_MS;
}
