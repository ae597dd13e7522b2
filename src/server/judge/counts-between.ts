import type { Beside, BesideWanted } from '../../measures/estimator.ts';
import type { EventCounts, EventMeasure } from '../../measures/events.ts';
import { plus } from '../../measures/sampling.ts';
import type { Code } from '../../model/dictionary.ts';
import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader } from '../../store/reader.ts';
import type { Clock } from '../../tally/book.ts';
import { sum, type Tally, ZERO } from '../../tally/group.ts';

/** What an objective counts in the minutes from `from` to before `to`: read by whole hours, and by the minute at both ends. */
export const countsBetween = (
  reader: Reader,
  { counted, events }: Pick<Objective, 'counted' | 'events'>,
  clock: Clock,
  from: Minute,
  to: Minute,
): EventCounts => countsOf(events, talliesBetween(reader, counted, clock, from, to));

/** What a measure counts in several tallies together. */
export function countsOf(events: EventMeasure, tallies: Iterable<Tally>): EventCounts {
  let sum: EventCounts = { n: 0, bad: 0, eligible: 0, hidden: 0 };
  for (const tally of tallies) {
    const counts = events.eventsOf(tally);
    sum = {
      ...plus(sum, counts),
      eligible: sum.eligible + counts.eligible,
      hidden: sum.hidden + counts.hidden,
    };
  }
  return sum;
}

/** The tallies of the same minutes. */
export function* talliesBetween(
  reader: Reader,
  counted: Code,
  clock: Clock,
  from: Minute,
  to: Minute,
): Generator<Tally> {
  for (const { step, first, last } of stepsBetween(from, to))
    for (const { tally } of reader.series(step, clock, counted, first, last)) yield tally;
}

/** What an estimator reads of the values of a dimension beside the tally of the same minutes; nothing of the time before them. */
export function slicesBetween(
  reader: Reader,
  counted: Code,
  { dimension }: BesideWanted,
  clock: Clock,
  from: Minute,
  to: Minute,
): Beside {
  if (dimension === null) return { trailing: ZERO, slices: new Map() };
  const rows = stepsBetween(from, to).flatMap(({ step, first, last }) => [
    ...reader.slicesOf(step, clock, counted, dimension, first, last),
  ]);
  const slices = Array.from(
    Map.groupBy(rows, ({ value }) => value),
    ([value, ofValue]) => {
      const window = sum(ofValue.map(({ tally }) => tally));
      return [value, { window, trailing: ZERO }] as const;
    },
  );
  return { trailing: ZERO, slices: new Map(slices) };
}

export interface Steps {
  readonly step: 'minute' | 'hour';
  /** Both inclusive. */
  readonly first: number;
  readonly last: number;
}

/** By whole hours, and by the minute at both ends. @param to  exclusive */
export function stepsBetween(from: Minute, to: Minute): Steps[] {
  const firstHour = Math.ceil(from / MINUTES_PER_HOUR);
  const endHour = Math.floor(to / MINUTES_PER_HOUR);
  if (endHour <= firstHour) return [{ step: 'minute', first: from, last: to - 1 }];
  return [
    { step: 'minute', first: from, last: firstHour * MINUTES_PER_HOUR - 1 },
    { step: 'hour', first: firstHour, last: endHour - 1 },
    { step: 'minute', first: endHour * MINUTES_PER_HOUR, last: to - 1 },
  ];
}
