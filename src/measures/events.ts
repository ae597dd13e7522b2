import type { Code } from '../model/dictionary.ts';
import { ERROR_CLASSES, type ErrorClass } from '../model/error-class.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';

/** What a measure counts in a tally: `eligible` events could have counted, `n` did, `bad` of those broke the promise. */
export interface EventCounts {
  readonly n: number;
  readonly bad: number;
  readonly eligible: number;
}

/** A measure of good events among valid ones, as something that is read from tallies. */
export interface EventMeasure {
  /** Which minutes its detector sees: those of the interactions, or those in which labels became known (docs/guide/incidents.md). */
  readonly detectorClock: Clock;
  readonly eventsOf: (tally: Tally) => EventCounts;
}

const failedOf = (tally: Tally, except: readonly ErrorClass[] = []): number => {
  let failed = 0;
  for (const name of ERROR_CLASSES) if (!except.includes(name)) failed += count(tally, counters.FAILED[name]);
  return failed;
};

/** Bad: the interaction failed. Classes left out (a client's own mistakes, a content filter) are not valid events. */
export function availability(exclude: readonly ErrorClass[] = []): EventMeasure {
  return {
    detectorClock: EVENT_CLOCK,
    eventsOf: (tally) => {
      const eligible = count(tally, counters.COUNT);
      const bad = failedOf(tally, exclude);
      return { n: eligible - (failedOf(tally) - bad), bad, eligible };
    },
  };
}

/** Bad: slower than the limit. Valid: interactions that did not fail. @param thresholdMs  one that the tallies count exactly */
export function latency(thresholdMs: number): EventMeasure {
  return {
    detectorClock: EVENT_CLOCK,
    eventsOf: (tally) => {
      const eligible = count(tally, counters.COUNT);
      const n = eligible - failedOf(tally);
      return { n, bad: n - count(tally, counters.within(thresholdMs)), eligible };
    },
  };
}

/** Bad: a score below the pass mark. @param evaluation, mark  codes of one evaluator version and of its mark */
export function evaluated(evaluation: Code, mark: Code): EventMeasure {
  return {
    detectorClock: LABEL_CLOCK,
    eventsOf: (tally) => {
      const n = count(tally, counters.scores(evaluation));
      return { n, bad: n - count(tally, counters.passed(mark)), eligible: count(tally, counters.COUNT) };
    },
  };
}

/** Bad: known to be false. @param labels  codes of the labels that count */
export function labelled(labels: readonly Code[]): EventMeasure {
  return {
    detectorClock: LABEL_CLOCK,
    eventsOf: (tally) => {
      let n = 0;
      let good = 0;
      for (const label of labels) {
        n += count(tally, counters.labels(label));
        good += count(tally, counters.labelsTrue(label));
      }
      return { n, bad: n - good, eligible: count(tally, counters.COUNT) };
    },
  };
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
const totalOf = (tally: Tally, names: readonly counters.Counter[]): number =>
  names.reduce((sum, name) => sum + count(tally, name), 0);

/** Good: a thumb up, four or five stars. */
export const satisfaction: EventMeasure = {
  detectorClock: LABEL_CLOCK,
  eventsOf: (tally) => {
    const bad = totalOf(tally, DISSATISFIED);
    return { n: totalOf(tally, SATISFIED) + bad, bad, eligible: count(tally, counters.COUNT) };
  },
};
