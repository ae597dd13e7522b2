import type { EventCounts } from '../../measures/events.ts';
import { represented } from '../../measures/sampling.ts';
import { MINUTES_PER_DAY, MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import { type BudgetOutlook, budgetOutlook, type Leaving } from '../../objectives/budget-outlook.ts';
import { type ExpectedEvents, expectedEvents, HISTORY_HOURS } from '../../objectives/expected-events.ts';
import { hasBudget, type Objective } from '../../objectives/objective.ts';
import { periodAt } from '../../objectives/periods.ts';
import type { Reader } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { countsBetween } from './counts-between.ts';
import { countsAsOf } from './feeds.ts';

const RECENT_MINUTES = 360;

/** A budget's outlook, and what it is made from. */
export interface Outlook extends BudgetOutlook {
  /** What is supposed to go on. @see basisOf */
  readonly lookback: {
    readonly from: Minute;
    /** Exclusive. */
    readonly to: Minute;
    readonly n: number;
    readonly bad: number;
    readonly isSinceOnset: boolean;
  };
  /** First minute after the window; of a rolling one the minute by which all that it holds has left. */
  readonly windowEnds: Minute;
  /** What a window is still expected to hold that is not full: of a calendar, or of a service that is younger. Null when it is full. */
  readonly expected: ExpectedEvents | null;
}

/**
 * The outlook of an objective's budget as of the end of `minute`, read from the store when somebody asks. What goes on are the minutes
 * in which events became known: for labels and ratings not those of their interactions, the newest of which have hardly any yet.
 * @param onset  first minute of a breach that goes on; null when there is none: then the last six hours
 * @param known  what the window holds as of then; null: read with all else
 * @returns null where there is no budget, and where nothing is counted that one could be made from
 */
export function outlookOf(
  reader: Reader,
  objective: Objective,
  minute: Minute,
  onset: Minute | null,
  known: EventCounts | null,
): Outlook | null {
  const { counted, window, q0, events } = objective;
  const first = q0 === null || !hasBudget({ q0 }) ? null : reader.firstMinute(counted);
  if (q0 === null || first === null || first > minute) return null;
  const now = minute + 1;
  const from = Math.min(minute, Math.max(first, onset ?? now - RECENT_MINUTES));
  const lookback = countsBetween(reader, objective, events.detectorClock, from, now);
  const held = known ?? countsAsOf(reader, objective, minute).window;
  const windowEnds = window.hasFixedStart ? periodAt(window, minute).to : now + window.minutes;
  const fullAt = window.hasFixedStart ? windowEnds : first + window.minutes;
  const expected = fullAt > now ? expectedUntil(reader, objective, first, now, fullAt) : null;
  const outlook = budgetOutlook({
    q0,
    window: held,
    expectedRest: expected?.n ?? 0,
    lookback: { ...lookback, minutes: now - from },
    minutesLeft: windowEnds - now,
    leaving: window.hasFixedStart ? [] : leavingOf(reader, objective, minute, represented(held).bad),
  });
  if (outlook === null) return null;
  return {
    ...outlook,
    lookback: { from, to: now, n: lookback.n, bad: lookback.bad, isSinceOnset: onset !== null },
    windowEnds,
    expected,
  };
}

function expectedUntil(reader: Reader, objective: Objective, first: Minute, from: Minute, to: Minute): ExpectedEvents {
  const { counted, events } = objective;
  const last = Math.floor(from / MINUTES_PER_HOUR) - 1;
  const history = { first: Math.max(Math.ceil(first / MINUTES_PER_HOUR), last - HISTORY_HOURS + 1), last };
  if (history.last < history.first) {
    // Not an hour is known: as many as there were until now.
    const { n } = represented(countsBetween(reader, objective, EVENT_CLOCK, first, from));
    return { n: (n / (from - first)) * (to - from), historyDays: 0 };
  }
  const hours = [...reader.series('hour', EVENT_CLOCK, counted, history.first, history.last)];
  const known = hours.map(({ at, tally }) => ({ hour: at, n: represented(events.eventsOf(tally)).n }));
  return expectedEvents(known, history, from, to);
}

/** When the bad events that a rolling window holds leave it: by the minute, those of a day or more by the hour. */
function leavingOf(reader: Reader, { counted, events, window }: Objective, minute: Minute, held: number): Leaving[] {
  const step = window.minutes < MINUTES_PER_DAY ? 'minute' : 'hour';
  const length = step === 'minute' ? 1 : MINUTES_PER_HOUR;
  const first = Math.floor(window.startOf(minute) / length);
  const steps = [...reader.series(step, EVENT_CLOCK, counted, first, Math.floor(minute / length))];
  const leaving: Leaving[] = [];
  let left = held;
  for (const { at, tally } of steps.reverse()) {
    // Of its first hour a part lies before the window: no more leaves than there is.
    const bad = Math.min(left, represented(events.eventsOf(tally)).bad);
    left -= bad;
    if (bad > 0) leaving.push({ after: at * length + length - 1 + window.minutes - minute, bad });
  }
  return leaving.reverse();
}

/** What is supposed to go on, in words: `if the last 6 h continue`. @param duration  of minutes, as people read it */
export const basisOf = ({ lookback }: Pick<Outlook, 'lookback'>, duration: (minutes: number) => string): string => {
  const length = duration(lookback.to - lookback.from);
  return lookback.isSinceOnset ? `if it continues as since its onset (${length})` : `if the last ${length} continue`;
};
