import type { Code } from '../model/dictionary.ts';
import { ERROR_CLASSES, type ErrorClass } from '../model/error-class.ts';
import type { Minute } from '../model/time.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import type { Tally } from '../tally/group.ts';
import type { SeenCounts } from './sampling.ts';

/** What a measure counts in a tally: `eligible` events could have counted, `n` did, `bad` of those broke the promise. */
export interface EventCounts extends SeenCounts {
  readonly eligible: number;
  /** Of those that did not count as bad, how many could not have: their failure would not have been seen. */
  readonly hidden: number;
}

/** A measure of good events among valid ones, as something that is read from tallies. */
export interface EventMeasure {
  /** Which minutes its detector sees: those of the interactions, or those in which labels became known (docs/guide/incidents.md). */
  readonly detectorClock: Clock;
  /** Minutes: its detector sees a minute so long after it, because what it counts of it comes late. 0 where absent. */
  readonly detectorLag?: Minute;
  /** It follows from several ratings of one interaction together: what comes in says nothing of it by itself. */
  readonly isJoint?: true;
  readonly eventsOf: (tally: Tally) => EventCounts;
}

/** A number of events as a sum of counters, so that what sampled ones stand for is the same sum. */
export interface Sum {
  readonly of: readonly counters.Counter[];
  readonly without?: readonly counters.Counter[];
}

export const INTERACTIONS: Sum = { of: [counters.COUNT] };
const NOTHING: Sum = { of: [] };

/** Counts events by sums of counters; of sampled ones what they stand for is the same sum. */
export function eventMeasure(
  detectorClock: Clock,
  valid: Sum,
  bad: Sum,
  eligible = INTERACTIONS,
  hidden = NOTHING,
): EventMeasure {
  const terms = termsOf({ n: valid, bad, eligible, hidden });
  return {
    detectorClock,
    eventsOf: (tally) => {
      const counts = { n: 0, bad: 0, eligible: 0, hidden: 0 };
      for (let i = 0; i < terms.names.length; i++) {
        const value = tally.get(terms.names[i]!);
        if (value === undefined) continue;
        counts.n += terms.n[i]! * value;
        counts.bad += terms.bad[i]! * value;
        counts.eligible += terms.eligible[i]! * value;
        counts.hidden += terms.hidden[i]! * value;
      }
      // Whatever is left out of the valid ones is among them first.
      if (!valid.of.some((name) => counters.extraWeight(tally, name) !== 0)) return counts;
      const n = total(tally, valid, counters.extraWeight);
      if (n === 0) return counts;
      const squares = total(tally, valid, counters.extraSquares);
      return { ...counts, extra: { n, bad: total(tally, bad, counters.extraWeight), squares } };
    },
  };
}

/** Counters, and how often each of them is in each sum. */
type Terms = Readonly<Record<'n' | 'bad' | 'eligible' | 'hidden', Int8Array>> & {
  readonly names: readonly counters.Counter[];
};

/** The same sums, each of their counters named once: a tick goes through them for every objective. */
function termsOf(sums: Readonly<Record<Exclude<keyof Terms, 'names'>, Sum>>): Terms {
  const names = [...new Set(Object.values(sums).flatMap(({ of, without = [] }) => [...of, ...without]))];
  const timesIn = ({ of, without = [] }: Sum): Int8Array =>
    Int8Array.from(
      names,
      (name) => of.filter((one) => one === name).length - without.filter((one) => one === name).length,
    );
  return {
    names,
    n: timesIn(sums.n),
    bad: timesIn(sums.bad),
    eligible: timesIn(sums.eligible),
    hidden: timesIn(sums.hidden),
  };
}

function total(
  tally: Tally,
  { of, without = [] }: Sum,
  read: (tally: Tally, name: counters.Counter) => number,
): number {
  let sum = 0;
  for (const name of of) sum += read(tally, name);
  for (const name of without) sum -= read(tally, name);
  return sum;
}

/** Nothing: of objectives that are no share of events. */
export const NO_EVENTS: EventMeasure = {
  detectorClock: EVENT_CLOCK,
  eventsOf: () => ({ n: 0, bad: 0, eligible: 0, hidden: 0 }),
};

const failuresOf = (classes: readonly ErrorClass[]): counters.Counter[] => classes.map((name) => counters.FAILED[name]);
/** Every interaction that failed. */
export const FAILURES = failuresOf(ERROR_CLASSES);

/**
 * Bad: the interaction failed, or a request that would have led to one, of which no AI span is ever sent then. Classes left out (a client's own mistakes, a content filter) are
 * not valid events.
 */
export function availability(exclude: readonly ErrorClass[] = []): EventMeasure {
  const bad = failuresOf(ERROR_CLASSES.filter((name) => !exclude.includes(name)));
  const entries = exclude.includes('server') ? [] : [counters.ENTRIES_FAILED];
  const all = [counters.COUNT, ...entries];
  return eventMeasure(
    EVENT_CLOCK,
    { of: all, without: failuresOf(exclude) },
    { of: [...bad, ...entries] },
    { of: all },
    { of: [counters.HIDDEN] },
  );
}

/** Bad: slower than the limit. Valid: interactions that did not fail. @param thresholdMs  one that the tallies count exactly */
export const latency = (thresholdMs: number): EventMeasure =>
  eventMeasure(
    EVENT_CLOCK,
    { of: [counters.COUNT], without: FAILURES },
    { of: [counters.COUNT], without: [...FAILURES, counters.within(thresholdMs)] },
  );

/** Bad: a score below the pass mark. @param evaluation, mark  codes of one evaluator version and of its mark */
export function evaluated(evaluation: Code, mark: Code): EventMeasure {
  const valid = [counters.scores(evaluation)];
  return eventMeasure(LABEL_CLOCK, { of: valid }, { of: valid, without: [counters.passed(mark)] });
}

/** Bad: known to be false. @param labels  codes of the labels that count */
export function labelled(labels: readonly Code[]): EventMeasure {
  const valid = labels.map(counters.labels);
  return eventMeasure(LABEL_CLOCK, { of: valid }, { of: valid, without: labels.map(counters.labelsTrue) });
}

const SATISFIED = [
  counters.feedback('thumbs', 'up'),
  counters.feedback('stars', 4),
  counters.feedback('stars', 5),
] as const;
const DISSATISFIED = [
  counters.feedback('thumbs', 'down'),
  counters.feedback('stars', 1),
  counters.feedback('stars', 2),
  counters.feedback('stars', 3),
] as const;

/** Good: a thumb up, four or five stars. */
export const satisfaction: EventMeasure = eventMeasure(
  LABEL_CLOCK,
  { of: [...SATISFIED, ...DISSATISFIED] },
  { of: DISSATISFIED },
);

/** So long answers are waited for before an interaction counts as one that nobody rated. */
const RESPONSE_LAG_MINUTES = 1440;

/** Bad: nobody rated it. An interaction that was rated twice counts for two. */
export const responded: EventMeasure = {
  detectorClock: EVENT_CLOCK,
  detectorLag: RESPONSE_LAG_MINUTES,
  eventsOf: (tally) => {
    const { n: answers, eligible, extra } = satisfaction.eventsOf(tally);
    const counts = { n: eligible, bad: Math.max(0, eligible - answers), eligible, hidden: 0 };
    const weight = counters.extraWeight(tally, counters.COUNT);
    if (weight === 0) return counts;
    const bad = Math.max(0, weight - (extra?.n ?? 0));
    return { ...counts, extra: { n: weight, bad, squares: counters.extraSquares(tally, counters.COUNT) } };
  },
};
