import type { Minute } from '../model/time.ts';
import type { ObjectiveWindow } from './objective.ts';

/** Of a calendar window; `to` exclusive. */
export interface CalendarPeriod {
  readonly from: Minute;
  readonly to: Minute;
}

type CalendarWindow = Pick<ObjectiveWindow, 'minutes' | 'startOf'>;

/** The period of a calendar window that holds `minute`. */
export function periodAt({ startOf, minutes }: CalendarWindow, minute: Minute): CalendarPeriod {
  const from = startOf(minute);
  // No period is longer than `minutes`: so far on there is another one.
  let inside = minute;
  let beyond = from + minutes;
  while (startOf(beyond) === from) beyond += minutes;
  while (beyond - inside > 1) {
    const middle = Math.floor((inside + beyond) / 2);
    if (startOf(middle) === from) inside = middle;
    else beyond = middle;
  }
  return { from, to: beyond };
}

/** The period that holds `now` and those before it, newest first, as long as they end after `since`. */
export function periodsUntil(window: CalendarWindow, now: Minute, since: Minute, limit: number): CalendarPeriod[] {
  const periods: CalendarPeriod[] = [];
  for (let to = periodAt(window, now).to; periods.length < limit && to > since; to = periods.at(-1)!.from)
    periods.push({ from: window.startOf(to - 1), to });
  return periods;
}
