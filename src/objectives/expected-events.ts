import { requireAmount } from '../model/numbers.ts';
import { MINUTES_PER_DAY, MINUTES_PER_HOUR, type Minute } from '../model/time.ts';

/** Hours since 1970-01-01T00Z. */
export type Hour = number;

export interface ExpectedEvents {
  readonly n: number;
  /** How much history that is from, at most 28: with less than 7 some hours of the week were never seen. */
  readonly historyDays: number;
}

const HOURS_PER_WEEK = 168;
/** Two years: no window is half as long. */
const LONGEST_MINUTES = 732 * MINUTES_PER_DAY;
/** What is expected is the mean of the last four weeks. */
export const HISTORY_HOURS = 4 * HOURS_PER_WEEK;

/**
 * Valid events expected in the minutes from `from` to before `to`: each hour as many as the mean of the same hour of the same weekdays
 * (of UTC) in the history; hours of the week that it does not hold have its overall mean.
 * @param counted  events of hours, those without any left out
 * @param history  whole hours that are known, both inclusive; none when `last` lies before `first`
 */
export function expectedEvents(
  counted: readonly { readonly hour: Hour; readonly n: number }[],
  history: { readonly first: Hour; readonly last: Hour },
  from: Minute,
  to: Minute,
): ExpectedEvents {
  for (const [name, value] of Object.entries({ ...history, from, to }))
    if (!Number.isSafeInteger(value)) throw new RangeError(`${name} is ${value}, a whole number is needed`);
  if (to - from > LONGEST_MINUTES)
    throw new RangeError(`${to - from} minutes are to come: no window is longer than ${LONGEST_MINUTES}`);
  const first = Math.max(history.first, history.last - HISTORY_HOURS + 1);
  const hours = history.last - first + 1;
  if (hours <= 0) return { n: 0, historyDays: 0 };
  const sums = new Float64Array(HOURS_PER_WEEK);
  const seen = new Uint32Array(HOURS_PER_WEEK);
  for (let hour = first; hour <= history.last; hour++) seen[slotOf(hour)]!++;
  let total = 0;
  for (const { hour, n } of counted) {
    requireAmount('n', n);
    if (hour < first || hour > history.last) continue;
    sums[slotOf(hour)]! += n;
    total += n;
  }
  const meanOf = (slot: number): number => (seen[slot] === 0 ? total / hours : sums[slot]! / seen[slot]!);
  let n = 0;
  for (let minute = from; minute < to; ) {
    const hour = Math.floor(minute / MINUTES_PER_HOUR);
    const end = Math.min(to, (hour + 1) * MINUTES_PER_HOUR);
    n += (meanOf(slotOf(hour)) * (end - minute)) / MINUTES_PER_HOUR;
    minute = end;
  }
  return { n, historyDays: Math.floor(hours / 24) };
}

const slotOf = (hour: Hour): number => ((hour % HOURS_PER_WEEK) + HOURS_PER_WEEK) % HOURS_PER_WEEK;
