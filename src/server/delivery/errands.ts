import { MINUTE_MS, type Millis } from '../../model/time.ts';
import { askForApprovals } from './approvals.ts';
import { tellOfChanges } from './change-feed.ts';
import { tellOfDeadLetters } from './dead-letters.ts';
import type { ErrandOptions } from './errand.ts';
import { askForGroups } from './group-check.ts';
import { testTheQuiet } from './self-tests.ts';

export interface ErrandsOptions extends ErrandOptions {
  /** Runs something later, once; the answer takes it back. */
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  /** Whoever stands in for a destination is told what is still owed. */
  readonly catchUp: () => Promise<void>;
}

const ROUND_MS: Millis = MINUTE_MS;

/** What is seen to beside the messages about incidents, each minute and when something calls for it: by the one who delivers. */
export class Errands {
  readonly #options: ErrandsOptions;
  #work: Promise<void> | null = null;
  #running = false;
  #again = false;
  #cancel: () => void = () => {};

  constructor(options: ErrandsOptions) {
    this.#options = options;
  }

  run(): void {
    this.#running = true;
    this.wake();
  }

  wake(): void {
    if (!this.#running) return;
    this.#again = true;
    this.#cancel();
    this.#work ??= this.#rounds();
  }

  /** Begins nothing more; resolves when what is under way is settled. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#cancel();
    await this.#work;
  }

  /** What is due is done. */
  async settled(): Promise<void> {
    while (this.#work !== null) await this.#work;
  }

  async #rounds(): Promise<void> {
    while (this.#again && this.#running) {
      this.#again = false;
      const { catchUp } = this.#options;
      for (const errand of [catchUp, tellOfDeadLetters, testTheQuiet, askForGroups, tellOfChanges, askForApprovals])
        try {
          if (this.#running) await errand(this.#options);
        } catch (error) {
          this.#options.log.error({ err: error }, 'an errand of deliveries failed; it is tried again in a minute');
        }
    }
    // At once: whoever comes from here on finds nothing at work.
    this.#work = null;
    if (this.#running) this.#cancel = this.#options.schedule(ROUND_MS, () => this.wake());
  }
}
