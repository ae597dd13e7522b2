import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import { expectedEvents, HISTORY_HOURS } from '../../objectives/expected-events.ts';
import { hasBudget, isBudgeted, type Objective, type ObjectiveWindow } from '../../objectives/objective.ts';
import { periodAt } from '../../objectives/periods.ts';

/** So far back hours are kept for it. */
export const HISTORY_MINUTES = HISTORY_HOURS * MINUTES_PER_HOUR;

/** Whether an objective's budget holds what is still to come: of a calendar window, which is as long as it is from the beginning. */
export const expectsRest = (objective: Objective): boolean =>
  objective.window.hasFixedStart && isBudgeted(objective) && hasBudget(objective);

/**
 * Valid events that the rest of a calendar window is expected to bring: each hour as many as the mean of the same hour of the same weekdays
 * in the last 28 days. Reckoned once an hour; in between the rest grows shorter.
 */
export class ExpectedRest {
  readonly #window: ObjectiveWindow;
  /** End of the window that begins with `#start`, exclusive. */
  #to: Minute = -1;
  #start: Minute = -1;
  /** The hour that holds the next minute, what it is expected to bring in all, and what the hours after it. */
  #hour = -1;
  #inHour = 0;
  #after = 0;

  constructor(window: ObjectiveWindow) {
    this.#window = window;
  }

  /** After minute `through`, 0 while not a whole hour is known. @param eventsIn  valid events of an hour */
  after(through: Minute, eventsIn: (hour: number) => number): number {
    const start = this.#window.startOf(through);
    const next = through + 1;
    const hour = Math.floor(next / MINUTES_PER_HOUR);
    if (start !== this.#start) {
      this.#start = start;
      this.#to = periodAt(this.#window, through).to;
      this.#hour = -1;
    }
    if (hour !== this.#hour) this.#reckon(hour, eventsIn);
    const end = Math.min(this.#to, (hour + 1) * MINUTES_PER_HOUR);
    return this.#after + (this.#inHour * Math.max(0, end - next)) / MINUTES_PER_HOUR;
  }

  #reckon(hour: number, eventsIn: (hour: number) => number): void {
    const counted: { hour: number; n: number }[] = [];
    for (let at = hour - HISTORY_HOURS; at < hour; at++) {
      const n = eventsIn(at);
      if (n > 0) counted.push({ hour: at, n });
    }
    this.#hour = hour;
    const [first] = counted;
    const [begins, ends] = [hour * MINUTES_PER_HOUR, (hour + 1) * MINUTES_PER_HOUR];
    const between = (from: Minute, to: Minute): number =>
      first === undefined || to <= from
        ? 0
        : expectedEvents(counted, { first: first.hour, last: hour - 1 }, from, to).n;
    this.#inHour = between(begins, ends);
    this.#after = between(ends, this.#to);
  }
}
