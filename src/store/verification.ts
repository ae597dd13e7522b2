import type { Dictionary } from '../model/dictionary.ts';
import { iso, type Minute, millisOfMinute } from '../model/time.ts';
import { CLOCKS, type Clock, type RowKey, type TallyBook } from '../tally/book.ts';
import type { Tally } from '../tally/group.ts';
import type { Counting } from './sqlite/counting.ts';
import type { FailedEntries } from './sqlite/failed-entries.ts';
import { foldMinute } from './sqlite/fold-minute.ts';
import type { RatingTable } from './sqlite/ratings.ts';
import { rawSince } from './sqlite/retention.ts';
import type { Settings } from './sqlite/settings.ts';
import type { Length } from './sqlite/tallies.ts';
import type { SpanStore } from './trace-store.ts';

/** One tally that is not the fold of the stored rows; of an hour or a day, not the sum of the shorter ones. */
export interface Difference {
  readonly clock: (typeof CLOCKS)[number];
  readonly length: Length;
  /** Its first minute. */
  readonly minute: string;
  readonly service: string;
  readonly slice: string;
  /** Counter by counter: what would have to be added to the stored tally. */
  readonly missing: Readonly<Record<string, number>>;
}

export interface Verification {
  /** Tallies compared, and the minutes they are of. */
  readonly compared: number;
  readonly minutes: number;
  /** Tallies that differ; the first hundred are described. */
  readonly differing: number;
  readonly differences: readonly Difference[];
  /** Minutes whose rows are past their retention: their tallies can't be shown to be right. */
  readonly notVerifiable: number;
  /** Minutes whose tallies lie in the memory of a process, or are still to be counted again. */
  readonly unsettled: number;
}

export const NOTHING_COMPARED: Verification = {
  compared: 0,
  minutes: 0,
  differing: 0,
  differences: [],
  notVerifiable: 0,
  unsettled: 0,
};

const LISTED_MAX = 100;

/** What the tallies of a store are held against. All of one moment. */
export interface Verifiable {
  readonly settings: Settings;
  readonly counting: Counting;
  readonly spans: SpanStore;
  readonly entries: FailedEntries;
  readonly ratings: RatingTable;
  readonly tallies: {
    differences(clock: Clock, minute: Minute, folded: TallyBook): Differing[];
    rollUpDifferences(
      length: Exclude<Length, 'minute'>,
      clock: Clock,
      at: number,
    ): { compared: number; differences: Differing[] };
  };
  /** Minutes that tallies, spans or ratings say something about. */
  readonly minutes: readonly { readonly clock: Clock; readonly minute: Minute }[];
  /** Hours, or days, of which all minutes, or hours, are still there. */
  rollUps(length: Exclude<Length, 'minute'>): readonly { readonly clock: Clock; readonly at: number }[];
  /** As `clock minute`. */
  readonly unsettled: ReadonlySet<string>;
}

interface Differing {
  readonly key: RowKey;
  readonly difference: Tally;
}

/** Folds every minute again and compares bit for bit; hours and days with the sums of what is shorter. */
export function verifyTallies(store: Verifiable, onProgress: (done: number, of: number) => void): Verification {
  const { settings, counting, tallies, minutes } = store;
  const since = CLOCKS.map((_, clock) => rawSince(settings, clock as Clock));
  const differences: Difference[] = [];
  const counts = { compared: 0, minutes: 0, differing: 0, notVerifiable: 0, unsettled: 0 };
  const note = (length: Length, found: readonly Differing[]): void => {
    for (const { key, difference } of found) {
      counts.differing++;
      if (differences.length < LISTED_MAX) differences.push(describe(counting.dictionary, length, key, difference));
    }
  };
  for (const [i, { clock, minute }] of minutes.entries()) {
    if (i % 500 === 0) onProgress(i, minutes.length);
    if (minute < since[clock]!) counts.notVerifiable++;
    else if (store.unsettled.has(`${clock} ${minute}`)) counts.unsettled++;
    else {
      const folded = foldMinute(counting, store.spans, store.entries, store.ratings, clock, minute);
      counts.minutes++;
      counts.compared += folded.rows;
      note('minute', tallies.differences(clock, minute, folded));
    }
  }
  for (const length of ['hour', 'day'] as const)
    for (const { clock, at } of store.rollUps(length)) {
      const { compared, differences: found } = tallies.rollUpDifferences(length, clock, at);
      counts.compared += compared;
      note(length, found);
    }
  onProgress(minutes.length, minutes.length);
  return { ...counts, differences };
}

function describe(
  dictionary: Dictionary,
  length: Length,
  key: RowKey,
  missing: ReadonlyMap<number, number>,
): Difference {
  const text = (code: number): string =>
    code < dictionary.size ? dictionary.text(code).replaceAll('\u0000', '/') : String(code);
  return {
    clock: CLOCKS[key.clock]!,
    length,
    minute: iso(millisOfMinute(key.minute)),
    service: text(key.service),
    slice: key.dimension === 0 ? 'all' : `${text(key.dimension)}=${text(key.value)}`,
    missing: Object.fromEntries(missing),
  };
}
