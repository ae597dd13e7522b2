import { type MaintenanceWindow, WEEKDAYS, type Weekday } from '../model/config/maintenance.ts';
import { MINUTE_MS, MINUTES_PER_DAY, type Millis } from '../model/time.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks and calendars in a zone show. `minute`: after midnight. */
function localTime(at: Millis, timeZone: string): { weekday: number; minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const shown = { weekday: 'short', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...shown });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    weekday: WEEKDAYS.indexOf(parts['weekday']!.toLowerCase() as Weekday),
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

/** When the window ends that `now` lies in; null: it lies in none. By the clocks of its place, also where they are put forward or back. */
export function windowEnd(window: MaintenanceWindow, now: Millis): Millis | null {
  if (window.type === 'once') return window.from <= now && now < window.to ? window.to : null;
  const { days, from, to, timeZone } = window;
  const { weekday, minute } = localTime(now, timeZone);
  const isOn = (day: number): boolean => days.includes(WEEKDAYS[(day + 7) % 7]!);
  const length = to > from ? to - from : to - from + MINUTES_PER_DAY;
  // It began today, or yesterday and goes on past midnight.
  const passed = isOn(weekday) && minute >= from ? minute - from : null;
  const since = passed !== null && passed < length ? passed : minute - from + MINUTES_PER_DAY;
  if (since !== passed && !(isOn(weekday - 1) && since < length)) return null;
  const end = now - (now % MINUTE_MS) + (length - since) * MINUTE_MS;
  // Clocks that are put forward or back on the way to it.
  const shown = localTime(end, timeZone).minute;
  const off = ((to - shown + MINUTES_PER_DAY * 1.5) % MINUTES_PER_DAY) - MINUTES_PER_DAY / 2;
  return end + off * MINUTE_MS;
}
