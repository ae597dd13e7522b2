import type { Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import { type Millis, type Minute, minuteOfTenths } from '../../model/time.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK, TallyBook } from '../../tally/book.ts';
import { labelMinute, type Sign } from '../../tally/fold.ts';
import type { Said } from '../../tally/joint.ts';
import type { Judged } from '../judged.ts';
import { ArrivalBook } from './arrival-book.ts';
import type { Counting } from './counting.ts';
import type { FailedEntries, FailedEntry } from './failed-entries.ts';
import { newCalls, newInteractions, type PackedChange } from './trace-change.ts';

/** Minutes that are to be folded again if their tallies are lost. */
export interface MinuteMarks {
  set(clock: Clock, minute: Minute): void;
  remove(clock: Clock, minute: Minute): void;
}

/**
 * The tallies counted since the last settlement. They lie in memory; where that outlives a transaction, the minutes they touch
 * are marked in it, so that a crash loses nothing: marked minutes are folded again.
 */
export class Running {
  readonly counting: Counting;
  /** What came in with the group that is being committed. */
  readonly arrivals = new ArrivalBook();
  #book = new TallyBook();
  /** The one that is counted into next. */
  #spare = new TallyBook();
  #marked = new Set<number>();
  readonly #marks: MinuteMarks | null;

  /** @param marks  of minutes whose tallies lie in memory; null: they never outlive their transaction there */
  constructor(counting: Counting, marks: MinuteMarks | null) {
    this.counting = counting;
    this.#marks = marks;
  }

  /** All that new spans changed of a trace, its failed entries with it. */
  changed(change: Omit<PackedChange, 'packed'>, entries: FailedEntries): void {
    const { fresh, changed } = change.result;
    for (const { before, after } of changed) {
      this.judged(before, -1);
      this.judged(after, 1);
      if (before.interaction !== null) this.arrivals.corrected('interaction');
    }
    for (const judged of fresh) this.judged(judged, 1);
    entries.follow(change, this.failedEntry);
    for (const interaction of newInteractions(change)) this.arrived(interaction);
    for (const call of newCalls(change.result)) this.counting.callArrival(this.arrivals, call);
  }

  judged({ interaction, call }: Judged, sign: Sign): void {
    if (interaction !== null) {
      this.touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
      this.counting.interaction(this.#book, interaction, sign);
    }
    if (call !== null) {
      this.touch(EVENT_CLOCK, minuteOfTenths(call.endTenths));
      this.counting.call(this.#book, call, sign);
    }
  }

  readonly failedEntry = (entry: FailedEntry, sign: Sign): void => {
    this.touch(EVENT_CLOCK, minuteOfTenths(entry.endTenths));
    this.counting.failedEntry(this.#book, entry, sign);
    if (sign === 1) this.counting.failedEntryArrival(this.arrivals, entry);
  };

  rating(interaction: Interaction, rating: Rating, at: Millis, sign: Sign): void {
    this.touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
    this.touch(LABEL_CLOCK, labelMinute(interaction, at));
    this.counting.ratingByEvent(this.#book, interaction, rating, at, sign);
    this.counting.ratingByLabel(this.#book, interaction, rating, at, sign);
  }

  /** All that was said of an interaction, counted together. */
  joint(interaction: Interaction, said: readonly Said[], sign: Sign): void {
    this.touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
    for (const minute of this.counting.jointLabelMinutes(interaction, said)) this.touch(LABEL_CLOCK, minute);
    this.counting.jointByEvent(this.#book, interaction, said, sign);
    this.counting.jointByLabel(this.#book, interaction, said, null, sign);
  }

  arrived(interaction: Interaction): void {
    this.counting.arrival(this.arrivals, interaction);
  }

  ratingArrived(interaction: Interaction, rating: Rating): void {
    this.counting.ratingArrival(this.arrivals, interaction, rating);
  }

  /** One that was counted has given way to another. */
  ratingReplaced({ type }: Rating): void {
    this.arrivals.corrected(type);
  }

  touch(clock: Clock, minute: Minute): void {
    const mark = minute * 4 + clock;
    if (this.#marked.has(mark)) return;
    this.#marked.add(mark);
    this.#marks?.set(clock, minute);
  }

  /** What is being counted into. */
  get book(): TallyBook {
    return this.#book;
  }

  /** What was counted since the last time: counting goes on in an empty book, until it is `settled`. */
  turn(): Counted {
    const counted = { book: this.#book, marked: this.#marked };
    this.#book = this.#spare;
    this.#spare = counted.book;
    this.#marked = new Set();
    return counted;
  }

  /** What was counted is in the stored tallies: its marks go, but for minutes that were touched again. Inside the caller's transaction. */
  unmark({ marked }: Counted): void {
    for (const mark of marked)
      if (!this.#marked.has(mark)) this.#marks?.remove((mark % 4) as Clock, Math.floor(mark / 4));
  }

  clear(): void {
    this.#book.clear();
    this.#spare.clear();
    this.#marked.clear();
  }
}

/** Tallies on their way into the store. */
export interface Counted {
  readonly book: TallyBook;
  /** The minutes that they touched. */
  readonly marked: ReadonlySet<number>;
}
