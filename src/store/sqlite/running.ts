import type { Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import { type Millis, type Minute, minuteOfTenths } from '../../model/time.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK, TallyBook } from '../../tally/book.ts';
import { labelMinute, type Sign } from '../../tally/fold.ts';
import type { Said } from '../../tally/joint.ts';
import type { Judged } from '../judged.ts';
import { ArrivalBook } from './arrival-book.ts';
import type { Counting } from './counting.ts';
import type { FailedEntry } from './failed-entries.ts';

/**
 * The tallies counted since the last settlement. They lie in memory; where that outlives a transaction, the minutes they touch
 * are marked in it, so that a crash loses nothing: marked minutes are folded again.
 */
export class Running {
  readonly counting: Counting;
  readonly book = new TallyBook();
  /** What came in with the group that is being committed. */
  readonly arrivals = new ArrivalBook();
  readonly #marked = new Set<number>();
  readonly #mark: (clock: Clock, minute: Minute) => void;

  /** @param mark  told of each minute when it is first touched after a `clear` */
  constructor(counting: Counting, mark: (clock: Clock, minute: Minute) => void) {
    this.counting = counting;
    this.#mark = mark;
  }

  judged({ interaction, call }: Judged, sign: Sign): void {
    if (interaction !== null) {
      this.touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
      this.counting.interaction(this.book, interaction, sign);
    }
    if (call !== null) {
      this.touch(EVENT_CLOCK, minuteOfTenths(call.endTenths));
      this.counting.call(this.book, call, sign);
    }
  }

  readonly failedEntry = (entry: FailedEntry, sign: Sign): void => {
    this.touch(EVENT_CLOCK, minuteOfTenths(entry.endTenths));
    this.counting.failedEntry(this.book, entry, sign);
    if (sign === 1) this.counting.failedEntryArrival(this.arrivals, entry);
  };

  rating(interaction: Interaction, rating: Rating, at: Millis, sign: Sign): void {
    this.touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
    this.touch(LABEL_CLOCK, labelMinute(interaction, at));
    this.counting.ratingByEvent(this.book, interaction, rating, at, sign);
    this.counting.ratingByLabel(this.book, interaction, rating, at, sign);
  }

  /** All that was said of an interaction, counted together. */
  joint(interaction: Interaction, said: readonly Said[], sign: Sign): void {
    this.touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
    for (const minute of this.counting.jointLabelMinutes(interaction, said)) this.touch(LABEL_CLOCK, minute);
    this.counting.jointByEvent(this.book, interaction, said, sign);
    this.counting.jointByLabel(this.book, interaction, said, null, sign);
  }

  arrived(interaction: Interaction): void {
    this.counting.arrival(this.arrivals, interaction);
  }

  ratingArrived(interaction: Interaction, rating: Rating): void {
    this.counting.ratingArrival(this.arrivals, interaction, rating);
  }

  touch(clock: Clock, minute: Minute): void {
    const mark = minute * 4 + clock;
    if (this.#marked.has(mark)) return;
    this.#marked.add(mark);
    this.#mark(clock, minute);
  }

  clear(): void {
    this.book.clear();
    this.#marked.clear();
  }
}
