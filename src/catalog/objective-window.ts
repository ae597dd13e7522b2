import type { Window } from '../model/config/window.ts';
import { limitText, MINUTE_MS } from '../model/time.ts';
import { LONGEST_MINUTES, startOfPeriod } from '../objectives/calendar.ts';
import type { ObjectiveWindow } from '../objectives/objective.ts';

/** Of the calendar, in the time zone of the window where it names one. */
export const dayOf = (window: Window): Window => ({
  type: 'calendar',
  unit: 'day',
  timeZone: window.type === 'calendar' ? window.timeZone : 'UTC',
});

export function windowOf(window: Window): ObjectiveWindow {
  if (window.type === 'rolling') {
    const minutes = window.ms / MINUTE_MS;
    return { text: limitText(window.ms), minutes, startOf: (now) => now - minutes + 1, hasFixedStart: false };
  }
  return {
    text: `calendar ${window.unit}`,
    minutes: LONGEST_MINUTES[window.unit],
    startOf: (now) => startOfPeriod(now, window.unit, window.timeZone),
    hasFixedStart: true,
  };
}
