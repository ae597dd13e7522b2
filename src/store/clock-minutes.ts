import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';
import type { Clock } from '../tally/book.ts';
import { talliesSince } from './sqlite/retention.ts';
import type { Settings } from './sqlite/settings.ts';

/** A minute on one of the clocks. */
export interface ClockMinute {
  readonly clock: Clock;
  readonly minute: Minute;
}

/** The hours, or days, of some minutes, of which the shorter tallies are all still there. */
export function rollUpsOf(
  minutes: readonly ClockMinute[],
  settings: Settings,
  length: 'hour' | 'day',
): { clock: Clock; at: number }[] {
  const width = length === 'hour' ? 60 : MINUTES_PER_DAY;
  const since = talliesSince(settings, length === 'hour' ? 'minute' : 'hour');
  const found = new Map<string, { clock: Clock; at: number }>();
  for (const { clock, minute } of minutes) {
    const at = Math.floor(minute / width);
    if (at * width >= since) found.set(`${clock} ${at}`, { clock, at });
  }
  return [...found.values()];
}
