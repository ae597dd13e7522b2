import type { SqlDatabase, SqlStatement } from '../sql.ts';
import type { PartId, Second, StoredSpan } from './parts.ts';

/** Whose rows are kept longer than those of all. */
export interface Keeping {
  /** For how many days, the shortest first; empty: nobody's are. */
  readonly lengths: readonly number[];
  /** For how many days these are kept; 0: as long as those of all. */
  readonly daysOf: (spans: readonly StoredSpan[]) => number;
}

export interface DroppedSeconds {
  readonly from: Second;
  readonly to: Second;
}

/** Ranges of kept parts are told from others by the days that they are kept for; less means something else there. */
export const FIRST_CLASS = 2;
const SECONDS_PER_DAY = 86_400;

/**
 * Parts that outlive the others: ranges of their own by how long they are kept, so that they are dropped by ranges too. They
 * come here when the others of their time are dropped. A minute of which only they are left is not folded again.
 */
export class KeptParts {
  readonly #db: SqlDatabase;
  readonly #nextClass: SqlStatement;
  readonly #extent: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#nextClass = db.prepare('select min(links) as days from part_range where links > ?');
    this.#extent = db.prepare('select min(second) as oldest, max(second) as newest from part_range where links = ?');
  }

  /** The lengths for which any parts are kept, in days. */
  get classes(): number[] {
    const found: number[] = [];
    for (let after = FIRST_CLASS - 1; ; after = found.at(-1)!) {
      const { days } = this.#nextClass.get(after) as { days: number | null };
      if (days === null) return found;
      found.push(days);
    }
  }

  oldestSecond(): Second | null {
    const seconds = this.classes.map((days) => (this.#extent.get(days) as { oldest: Second }).oldest);
    return seconds.length === 0 ? null : Math.min(...seconds);
  }

  /** Whether any are kept of that second or a later one. */
  reaches(second: Second): boolean {
    return this.classes.some((days) => (this.#extent.get(days) as { newest: Second }).newest >= second);
  }

  /** Of a range whose time is over: keeps the parts that have longer, each run of them as a range. */
  keep(second: Second, parts: Iterable<{ readonly part: PartId; readonly days: number }>): void {
    const runs: { days: number; first: PartId; last: PartId }[] = [];
    for (const { part, days } of parts) {
      const run = runs.at(-1);
      if (run?.days === days && run.last === part - 1) run.last = part;
      else runs.push({ days, first: part, last: part });
    }
    const insert = this.#db.prepare('insert into part_range values (?, ?, ?, ?)');
    for (const { days, first, last } of runs) insert.run(days, second, first, last);
  }

  /** Drops what has been kept for its time. @returns of which seconds that was, `to` exclusive; null: nothing */
  dropOld(nowSeconds: Second): DroppedSeconds | null {
    const expired = this.#db.prepare('select second, first, last from part_range where links = ? and second < ?');
    const drop = this.#db.prepare('delete from part where id between ? and ?');
    const forget = this.#db.prepare('delete from part_range where links = ? and second < ?');
    const seconds: Second[] = [];
    for (const days of this.classes) {
      const before = nowSeconds - days * SECONDS_PER_DAY;
      const ranges = expired.all(days, before) as { second: Second; first: PartId; last: PartId }[];
      for (const { second, first, last } of ranges) {
        drop.run(first, last);
        seconds.push(second);
      }
      if (ranges.length > 0) forget.run(days, before);
    }
    if (seconds.length === 0) return null;
    return {
      from: seconds.reduce((least, second) => Math.min(least, second)),
      to: seconds.reduce((most, second) => Math.max(most, second)) + 1,
    };
  }
}
