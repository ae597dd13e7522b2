import { type Millis, type Minute, minuteOf } from '../model/time.ts';

/**
 * Something counted between two instants, spread evenly over their minutes: whole numbers that add up to it.
 * @param from  not after `to`; 0: not known, then it is of the minute of `to`
 * @param since  minutes of before are left out, with what falls to them
 */
export function* spread(
  count: number,
  from: Millis,
  to: Millis,
  since: Minute,
): Generator<{ minute: Minute; count: number }> {
  // What ends with a minute is not of the next one.
  const last = minuteOf(to - 1);
  const first = from === 0 ? last : Math.min(minuteOf(from), last);
  const minutes = last - first + 1;
  const until = (minute: Minute): number => Math.floor(count * ((minute - first) / minutes));
  for (let minute = Math.max(first, since); minute <= last; minute++) {
    const share = minute === last ? count - until(minute) : until(minute + 1) - until(minute);
    if (share > 0) yield { minute, count: share };
  }
}
