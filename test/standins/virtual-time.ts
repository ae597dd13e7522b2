import type { Millis } from '../../src/model/time.ts';

interface Timer {
  readonly at: Millis;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that jumps from timer to timer, and lets all promises settle in between. */
export class VirtualTime {
  now: Millis;
  #timers: Timer[] = [];
  #order = 0;

  constructor(start: Millis) {
    this.now = start;
  }

  readonly schedule = (ms: Millis, run: () => void): (() => void) => {
    const timer = { at: this.now + Math.max(0, ms), order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  readonly sleep = (ms: Millis): Promise<void> => new Promise((resolve) => this.schedule(ms, resolve));

  /** @throws Error when a million timers don't lead past it: somebody is spinning */
  async advanceTo(until: Millis): Promise<void> {
    for (let steps = 0; ; steps++) {
      await settled();
      this.#timers.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#timers[0];
      if (next === undefined || next.at > until) break;
      if (steps > 1_000_000) throw new Error(`still at ${this.now} after a million timers`);
      this.#timers.shift();
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = until;
  }

  advance(ms: Millis): Promise<void> {
    return this.advanceTo(this.now + ms);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
