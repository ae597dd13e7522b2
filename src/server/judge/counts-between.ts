import type { EventCounts } from '../../measures/events.ts';
import { plus } from '../../measures/sampling.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader } from '../../store/sqlite/reader.ts';
import type { Clock } from '../../tally/book.ts';
import type { Tally } from '../../tally/group.ts';

const MINUTES_PER_HOUR = 60;

/** What an objective counts in the minutes from `from` to before `to`: read by whole hours, and by the minute at both ends. */
export function countsBetween(
  reader: Reader,
  { counted, events }: Pick<Objective, 'counted' | 'events'>,
  clock: Clock,
  from: Minute,
  to: Minute,
): EventCounts {
  let sum: EventCounts = { n: 0, bad: 0, eligible: 0, hidden: 0 };
  for (const tally of talliesBetween(reader, counted, clock, from, to)) {
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
  const read = function* (step: 'minute' | 'hour', first: number, last: number): Generator<Tally> {
    for (const { tally } of reader.series(step, clock, counted, first, last)) yield tally;
  };
  const firstHour = Math.ceil(from / MINUTES_PER_HOUR);
  const endHour = Math.floor(to / MINUTES_PER_HOUR);
  if (endHour <= firstHour) {
    yield* read('minute', from, to - 1);
    return;
  }
  yield* read('minute', from, firstHour * MINUTES_PER_HOUR - 1);
  yield* read('hour', firstHour, endHour - 1);
  yield* read('minute', endHour * MINUTES_PER_HOUR, to - 1);
}
