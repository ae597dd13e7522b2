import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Deployment } from '../../model/config/deployment.ts';
import { type Millis, minuteOf } from '../../model/time.ts';
import type { ClockMinute } from '../../store/clock-minutes.ts';
import type { Verification } from '../../store/verification.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';

const MINUTES_PER_HOUR = 60;
/**
 * Rows that one check reads at most: some seconds of a core. It sees one moment of the store, and as long as it does the log of the embedded
 * one can't be brought in.
 */
const ROWS_MAX = 200_000;
/** Of the thread, MB: most of what it reads is over at once. */
const YOUNG_MB = 6;
/** One minute in so many: the next hour another one, so that none is the one that is never looked at. */
const ONE_IN = 5;

export interface CheckTask {
  readonly store: Deployment['store'];
  readonly minutes: readonly ClockMinute[];
}

export interface CheckResult extends Verification {
  /** Minutes with more rows than were left of those that a check reads. */
  readonly passedOver: number;
}

export interface StoreCheckOptions {
  readonly store: Deployment['store'];
  readonly clock: () => Millis;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Something could be compared. @param isRight  every tally so far was the fold of its rows: once one was not, somebody has to look */
  readonly onChecked: (isRight: boolean) => void;
}

/**
 * Holds what was counted against its rows while Plimsoll runs: every hour twelve minutes of the hour before, with the sums of their hour and
 * day, by the same comparison as `plimsoll verify` and in a thread of its own, as far as they are not too much to read beside the traffic. All of the store is for `plimsoll verify` to look at.
 */
export class StoreCheck {
  readonly #options: StoreCheckOptions;
  #thread: Worker | null = null;
  #isRight = true;

  constructor(options: StoreCheckOptions) {
    this.#options = options;
  }

  /** One at a time: nothing is done while the last one goes on. A store that can't be read has its say in the log, and no result. */
  async run(): Promise<void> {
    if (this.#thread !== null) return;
    const { store, clock, log, onChecked } = this.#options;
    const task: CheckTask = { store, minutes: chosenMinutes(clock()) };
    const source = import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js';
    const thread = new Worker(new URL(source, import.meta.url), {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#thread = thread;
    const ended = new AbortController();
    thread.once('exit', () => ended.abort());
    try {
      const [found] = (await once(thread, 'message', { signal: ended.signal })) as [CheckResult];
      this.#isRight &&= found.differing === 0;
      if (found.compared > 0) onChecked(this.#isRight);
      if (found.passedOver > 0)
        log.info(
          { passedOver: found.passedOver, chosen: task.minutes.length, rowsMax: ROWS_MAX },
          'minutes have more rows than are held against their counts in an hour: plimsoll verify looks at all of them',
        );
      if (found.differing > 0)
        log.error(
          { differing: found.differing, compared: found.compared, differences: found.differences.slice(0, 5) },
          'counts are not what their rows say: plimsoll verify looks at all of them',
        );
    } catch (error) {
      if (!ended.signal.aborted) log.warn({ err: error }, 'what was counted could not be held against its rows');
    } finally {
      await thread.terminate();
      this.#thread = null;
    }
  }

  async stop(): Promise<void> {
    await this.#thread?.terminate();
  }
}

/** Those that are read whole within the rows of one check, in their order: one that is too much gives way to those behind it. */
export function withinBudget(
  minutes: readonly ClockMinute[],
  rowsOf: (minute: ClockMinute) => number,
  rowsMax = ROWS_MAX,
): ClockMinute[] {
  let left = rowsMax;
  return minutes.filter((minute) => {
    const rows = rowsOf(minute);
    if (rows > left) return false;
    left -= rows;
    return true;
  });
}

/** By both clocks, of the last hour that is over. */
export function chosenMinutes(now: Millis): ClockMinute[] {
  const hour = Math.floor(minuteOf(now) / MINUTES_PER_HOUR) - 1;
  const chosen: ClockMinute[] = [];
  for (let minute = hour * MINUTES_PER_HOUR; minute < (hour + 1) * MINUTES_PER_HOUR; minute++)
    if (minute % ONE_IN === hour % ONE_IN)
      for (const clock of [EVENT_CLOCK, LABEL_CLOCK] as const) chosen.push({ clock, minute });
  return chosen;
}
