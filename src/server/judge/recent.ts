import type { Interaction } from '../../model/interaction.ts';
import { type Minute, TENTHS_PER_MINUTE } from '../../model/time.ts';
import { beforeAll, type Place, type Reader } from '../../store/reader.ts';

const PAGE = 500;
/** More than this is read anew by the next who asks. */
const HELD_MAX = 100_000;

interface ReadMinute {
  readonly interactions: Interaction[];
  /** Where reading goes on; null when all of it has been read. */
  next: Place | null;
}

/**
 * Interactions as the explanations of one tick read them: when an upstream takes a hundred services with it, all of them
 * ask for the same minutes, and reading a row is most of the work.
 */
export class RecentInteractions {
  readonly #reader: Reader;
  readonly #minutes = new Map<Minute, ReadMinute>();
  #held = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** For the beginning of a tick: what was read may have changed. */
  forget(): void {
    this.#minutes.clear();
    this.#held = 0;
  }

  /** Of all services; `from` and `to` inclusive. */
  *newestFirst(from: Minute, to: Minute): Generator<Interaction> {
    for (let minute = to; minute >= from; minute--) {
      const read = this.#minute(minute);
      for (let i = 0; ; i++) {
        if (i === read.interactions.length && !this.#readOn(minute, read)) break;
        yield read.interactions[i]!;
      }
    }
  }

  #minute(minute: Minute): ReadMinute {
    if (this.#held > HELD_MAX) this.forget();
    const known = this.#minutes.get(minute);
    if (known !== undefined) return known;
    const read: ReadMinute = { interactions: [], next: beforeAll((minute + 1) * TENTHS_PER_MINUTE) };
    this.#minutes.set(minute, read);
    return read;
  }

  /** @returns whether there was more */
  #readOn(minute: Minute, read: ReadMinute): boolean {
    if (read.next === null) return false;
    const page = this.#reader.interactions(() => true, beforeAll(minute * TENTHS_PER_MINUTE), read.next, PAGE);
    read.interactions.push(...page.interactions);
    read.next = page.next;
    this.#held += page.interactions.length;
    return page.interactions.length > 0;
  }
}
