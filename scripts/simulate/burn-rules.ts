import { burnTiers, fires } from '../../src/objectives/burn-rate.ts';

/** Firings of one kind, those that come again within an hour counted once. */
class Firings {
  count = 0;
  /** The first minute that fired, of those from `since` on. */
  first = Infinity;
  readonly #since: number;
  #last = Number.NEGATIVE_INFINITY;

  constructor(since: number) {
    this.#since = since;
  }

  fire(minute: number): void {
    if (minute - this.#last > MERGED_MINUTES) this.count++;
    this.#last = minute;
    if (minute >= this.#since && this.first === Infinity) this.first = minute;
  }
}

const MERGED_MINUTES = 60;
const GUARD_BAD = 10;

/**
 * Comparator: the burn-rate rules of the SRE Workbook as most people run them, each minute, with windows exact to the minute: all four tiers, the
 * pages among them, and those with the usual guard of ten bad events in the long window. Production's rules, its own counting of firings.
 */
export class BurnRules {
  readonly all: Firings;
  readonly pages: Firings;
  readonly guarded: Firings;
  readonly #tiers = burnTiers(30);
  readonly #q0: number;
  readonly #n: Float64Array;
  readonly #bad: Float64Array;
  #through = -1;

  /** @param minutes  how many will be judged at most   @param since  from which on `first` is noted */
  constructor(q0: number, minutes: number, since = 0) {
    this.all = new Firings(since);
    this.pages = new Firings(since);
    this.guarded = new Firings(since);
    this.#q0 = q0;
    this.#n = new Float64Array(minutes + 1);
    this.#bad = new Float64Array(minutes + 1);
  }

  /** Judges all minutes through this one, those before it being empty. */
  judge(minute: number, n: number, bad: number): void {
    while (this.#through < minute) {
      const at = ++this.#through;
      this.#n[at + 1] = this.#n[at]! + (at === minute ? n : 0);
      this.#bad[at + 1] = this.#bad[at]! + (at === minute ? bad : 0);
      this.#judge(at);
    }
  }

  #judge(minute: number): void {
    const q0 = this.#q0;
    for (const tier of this.#tiers) {
      const short = this.#window(minute, tier.shortMinutes);
      if (short.bad === 0) continue;
      const long = this.#window(minute, tier.longMinutes);
      if (!fires(tier, long, short, q0)) continue;
      this.all.fire(minute);
      if (tier.severity === 'page') this.pages.fire(minute);
      if (long.bad >= GUARD_BAD) this.guarded.fire(minute);
    }
  }

  #window(minute: number, length: number): { n: number; bad: number } {
    const end = minute + 1;
    const start = Math.max(0, end - length);
    return { n: this.#n[end]! - this.#n[start]!, bad: this.#bad[end]! - this.#bad[start]! };
  }
}
