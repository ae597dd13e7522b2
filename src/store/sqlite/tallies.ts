import { MINUTES_PER_DAY, MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import { type Clock, type RowKey, TallyBook } from '../../tally/book.ts';
import { addToEncoded, decodeTally } from '../../tally/codec.ts';
import type { Counter } from '../../tally/counters.ts';
import { addInto, type Tally } from '../../tally/group.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';

export const LENGTHS = ['minute', 'hour', 'day'] as const;
export type Length = (typeof LENGTHS)[number];

interface Level {
  readonly minutes: number;
  /** All tallies of one such time; and those of the next shorter ones in it, from inclusive, to exclusive. */
  readonly whole: SqlStatement;
  readonly parts: SqlStatement;
  readonly select: SqlStatement;
  readonly upsert: SqlStatement;
  readonly remove: SqlStatement;
}

/** The stored tallies by minute, hour and day. Hours and days are sums of their minutes, kept so by adding differences. */
export class TallyTable {
  readonly #levels: readonly Level[];

  constructor(db: SqlDatabase) {
    const level = (table: string, time: string, minutes: number, partTable = table, partTime = time): Level => ({
      minutes,
      whole: db.prepare(`select service, dimension, value, data from ${table} where clock = ? and ${time} = ?`),
      parts: db.prepare(
        `select service, dimension, value, data from ${partTable} where clock = ? and ${partTime} >= ? and ${partTime} < ?`,
      ),
      select: db.prepare(
        `select data from ${table} where clock = ? and ${time} = ? and service = ? and dimension = ? and value = ?`,
      ),
      upsert: db.prepare(`insert or replace into ${table} values (?, ?, ?, ?, ?, ?)`),
      remove: db.prepare(
        `delete from ${table} where clock = ? and ${time} = ? and service = ? and dimension = ? and value = ?`,
      ),
    });
    this.#levels = [
      level('tally', 'minute', 1),
      level('tally_hour', 'hour', MINUTES_PER_HOUR, 'tally', 'minute'),
      level('tally_day', 'day', MINUTES_PER_DAY, 'tally_hour', 'hour'),
    ];
  }

  /** Adds one difference to its minute, hour and day. */
  add(key: RowKey, difference: Tally): void {
    for (const level of this.#levels) addTo(level, key, Math.floor(key.minute / level.minutes), difference);
  }

  /**
   * Adds differences by minute, rows of a book: of those that follow each other an hour and a day that many of them lie in are read and
   * written once. @param rows  in the order of `storingOrder`
   */
  addRows(book: TallyBook, rows: Iterable<number>): void {
    const [minutes, hours, days] = this.#levels as [Level, Level, Level];
    const day = new Sum(days, null);
    const hour = new Sum(hours, day);
    for (const row of rows) {
      const key = book.keyOf(row);
      const difference = book.tallyOf(row);
      addTo(minutes, key, key.minute, difference);
      hour.add(key, difference);
    }
    hour.flush();
    day.flush();
  }

  /** Every tally of a minute. */
  ofMinute(clock: Clock, minute: Minute): { key: RowKey; tally: Tally }[] {
    return this.#levels[0]!.whole.all(clock, minute).map((row) => {
      const { service, dimension, value, data } = row as unknown as TallyRow;
      return { key: { clock, minute, service, dimension, value }, tally: decodeTally(data) };
    });
  }

  /**
   * What has to be added to the stored tallies of an hour, or a day, to make them the sum of its minutes, or hours; and how
   * many tallies that sum has.
   */
  rollUpDifferences(
    length: Exclude<Length, 'minute'>,
    clock: Clock,
    at: number,
  ): { compared: number; differences: { key: RowKey; difference: Tally }[] } {
    const shorter = LENGTHS.indexOf(length) - 1;
    const level = this.#levels[shorter + 1]!;
    const parts = level.minutes / this.#levels[shorter]!.minutes;
    const book = new TallyBook();
    const addAllOf = (rows: Iterable<unknown>, sign: 1 | -1): void => {
      for (const row of rows as Iterable<TallyRow>) {
        const into = book.row(clock, at * level.minutes, row.service, row.dimension, row.value);
        for (const [name, count] of decodeTally(row.data)) book.add(into, name, sign * count);
      }
    };
    addAllOf(level.parts.iterate(clock, at * parts, (at + 1) * parts), 1);
    const compared = book.rows;
    addAllOf(level.whole.iterate(clock, at), -1);
    return { compared, differences: nonZero(book) };
  }

  /** What has to be added to the stored tallies of a minute to make them what `folded` says: nothing when all is well. */
  differences(clock: Clock, minute: Minute, folded: TallyBook): { key: RowKey; difference: Tally }[] {
    const book = new TallyBook();
    for (const { key, tally } of this.ofMinute(clock, minute)) {
      const row = book.row(clock, minute, key.service, key.dimension, key.value);
      for (const [name, count] of tally) book.add(row, name, -count);
    }
    addFolded(book, clock, minute, folded);
    return nonZero(book);
  }
}

/** Adds what a fold of a minute says. @throws RangeError when it says something of another one */
export function addFolded(book: TallyBook, clock: Clock, minute: Minute, folded: TallyBook): void {
  for (let from = 0; from < folded.rows; from++) {
    const key = folded.keyOf(from);
    if (key.clock !== clock || key.minute !== minute)
      throw new RangeError(`a fold of minute ${minute} holds a row of minute ${key.minute}`);
    const row = book.row(clock, minute, key.service, key.dimension, key.value);
    for (const [name, count] of folded.tallyOf(from)) book.add(row, name, count);
  }
}

/** Rows of a book, those of one service, dimension and value behind each other by time: near each other in the store, too. */
export function storingOrder(book: TallyBook): Uint32Array {
  const keys = Array.from({ length: book.rows }, (_, row) => book.keyOf(row));
  const order = Uint32Array.from(keys.keys());
  return order.sort((x, y) => {
    const a = keys[x]!;
    const b = keys[y]!;
    return (
      a.clock - b.clock ||
      a.service - b.service ||
      a.dimension - b.dimension ||
      a.value - b.value ||
      a.minute - b.minute
    );
  });
}

/** Differences of one hour, or day, on their way into the store. */
class Sum {
  readonly #level: Level;
  readonly #longer: Sum | null;
  #key: RowKey | null = null;
  #difference: Map<Counter, number> = new Map();

  constructor(level: Level, longer: Sum | null) {
    this.#level = level;
    this.#longer = longer;
  }

  /** @param difference  given away */
  add(key: RowKey, difference: Map<Counter, number>): void {
    if (this.#key !== null && this.#isOfSame(key, this.#key)) {
      addInto(this.#difference, difference);
      return;
    }
    this.flush();
    this.#key = key;
    this.#difference = difference;
  }

  flush(): void {
    const key = this.#key;
    if (key === null) return;
    this.#key = null;
    addTo(this.#level, key, Math.floor(key.minute / this.#level.minutes), this.#difference);
    this.#longer?.add(key, this.#difference);
  }

  #isOfSame(a: RowKey, b: RowKey): boolean {
    const { minutes } = this.#level;
    return (
      a.clock === b.clock &&
      a.service === b.service &&
      a.dimension === b.dimension &&
      a.value === b.value &&
      Math.floor(a.minute / minutes) === Math.floor(b.minute / minutes)
    );
  }
}

interface TallyRow {
  readonly service: number;
  readonly dimension: number;
  readonly value: number;
  readonly data: Uint8Array;
}

/** The rows of a book that come to anything. */
export function nonZero(book: TallyBook): { key: RowKey; difference: Tally }[] {
  const differences = [];
  for (let row = 0; row < book.rows; row++) {
    const difference = book.tallyOf(row);
    if (difference.size > 0) differences.push({ key: book.keyOf(row), difference });
  }
  return differences;
}

const NO_BYTES = new Uint8Array();

function addTo({ select, upsert, remove }: Level, key: RowKey, at: number, difference: Tally): void {
  if (difference.size === 0) return;
  const place = [key.clock, at, key.service, key.dimension, key.value] as const;
  const row = select.get(...place) as { data: Uint8Array } | undefined;
  const total = addToEncoded(row?.data ?? NO_BYTES, difference);
  if (total.length === 0) remove.run(...place);
  else upsert.run(...place, total);
}
