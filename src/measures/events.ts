import { ERROR_CLASSES, type ErrorClass } from '../model/error-class.ts';
import type { Minute } from '../model/time.ts';
import { type Clock, EVENT_CLOCK } from '../tally/book.ts';
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

export const failuresOf = (classes: readonly ErrorClass[]): counters.Counter[] =>
  classes.map((name) => counters.FAILED[name]);
/** Every interaction that failed. */
export const FAILURES = failuresOf(ERROR_CLASSES);
