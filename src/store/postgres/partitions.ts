import type { Tenths } from '../../model/time.ts';
import type { SqlDatabase } from '../sql.ts';
import { PARTITION_HOURS, PARTITION_MINUTES, PARTITION_TENTHS, SLOT_TENTHS } from './schema.ts';

/** How much of its key each partition of a table holds: tenths of a second, minutes, hours. */
const WIDTHS = {
  span: PARTITION_TENTHS,
  link: SLOT_TENTHS,
  pointer: PARTITION_TENTHS,
  tally: PARTITION_MINUTES,
  tally_hour: PARTITION_HOURS,
} as const;
export type Partitioned = keyof typeof WIDTHS;
const TABLES = Object.keys(WIDTHS) as Partitioned[];

/** Rather later than long: whoever waits for a lock on a table holds up all that come behind. */
const DROP_LOCK_MS = 500;
const LOCKED = '55P03';
/** Another writer was making it at the same moment, or has attached it. */
const MADE_BY_OTHERS = new Set(['23505', '42P07', '42809']);

/** Rows were about to be written to a time for which there is no partition yet: it must be made, outside of the transaction. */
export class PartitionMissing extends Error {
  readonly table: Partitioned;
  readonly number: number;

  constructor(table: Partitioned, number: number) {
    super(`${table}_${number} is missing`);
    this.table = table;
    this.number = number;
  }
}

/** The partitions by time. Others make and drop them too: what is known here may be out of date. */
export class Partitions {
  readonly #db: SqlDatabase;
  readonly #known = new Map<Partitioned, Set<number>>();

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  /** Makes memory what the store says. */
  load(): void {
    for (const table of TABLES) this.#known.set(table, new Set());
    for (const { parent, child } of this.#children()) this.#known.get(parent)?.add(Number(/\d+$/.exec(child)![0]));
  }

  #children(): { parent: Partitioned; child: string }[] {
    return this.#db
      .prepare(
        `select p.relname::text as parent, c.relname::text as child from pg_inherits i
         join pg_class p on p.oid = i.inhparent join pg_class c on c.oid = i.inhrelid
         where p.relkind = 'p' and p.relnamespace = current_schema()::regnamespace`,
      )
      .all() as { parent: Partitioned; child: string }[];
  }

  /** @throws PartitionMissing */
  require(table: Partitioned, at: number): void {
    const number = Math.floor(at / WIDTHS[table]);
    if (!this.#of(table).has(number)) throw new PartitionMissing(table, number);
  }

  /** The first and the last place for which there is room, both inclusive; null: none. */
  extent(table: Partitioned): { from: number; to: number } | null {
    const numbers = [...this.#of(table)];
    if (numbers.length === 0) return null;
    return {
      from: Math.min(...numbers) * WIDTHS[table],
      to: (Math.max(...numbers) + 1) * WIDTHS[table] - 1,
    };
  }

  /**
   * Makes one, unless somebody has. Outside of any transaction.
   * @param needed  when something came that there was no room for: noted where all who drop can see it
   */
  make(table: Partitioned, number: number, needed: Tenths | null = null): void {
    const name = `${table}_${number}`;
    const [from, to] = [number, number + 1].map((n) => n * WIDTHS[table]);
    this.#execUnlessMade(`create table if not exists ${name} (like ${table} including defaults)`);
    this.#execUnlessMade(`alter table ${table} attach partition ${name} for values from (${from}) to (${to})`);
    if (needed !== null) this.#db.exec(`comment on table ${name} is '${needed}'`);
    this.#of(table).add(number);
  }

  #neededAt(name: string): Tenths {
    const row = this.#db.prepare(`select obj_description(to_regclass(?), 'pg_class') as at`).get(name);
    return Number(row?.['at'] ?? 0);
  }

  #execUnlessMade(sql: string): void {
    try {
      this.#db.exec(sql);
    } catch (error) {
      if (!MADE_BY_OTHERS.has((error as { code?: string }).code ?? '')) throw error;
    }
  }

  /** Makes those of now and of what comes next, so that no commit has to wait for them. */
  makeAhead(table: Partitioned, at: number): void {
    const number = Math.floor(at / WIDTHS[table]);
    for (const one of [number, number + 1]) if (!this.#of(table).has(one)) this.make(table, one);
  }

  /**
   * Drops one that ended before, the oldest first; outside of any transaction.
   * @param neededBefore  what came late made later ones: they stay
   * @returns whether there may be more. When others are just using it, it is left for the next time.
   */
  dropOldest(table: Partitioned, before: number, neededBefore = Number.POSITIVE_INFINITY): boolean {
    const oldest = Math.min(...this.#of(table));
    if ((oldest + 1) * WIDTHS[table] > before) return false;
    if (neededBefore < Number.POSITIVE_INFINITY && this.#neededAt(`${table}_${oldest}`) > neededBefore) return false;
    this.#db.exec(`set lock_timeout = ${DROP_LOCK_MS}`);
    try {
      this.#db.exec(`drop table if exists ${table}_${oldest}, ${table}_kept_${oldest}`);
      this.#of(table).delete(oldest);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === LOCKED) return false;
      throw error;
    } finally {
      this.#db.exec('set lock_timeout = 0');
    }
  }

  /** The number of the first one that holds that place or a later one; null: there is none. */
  next(table: Partitioned, at: number): number | null {
    const number = Math.floor(at / WIDTHS[table]);
    const later = [...this.#of(table)].filter((one) => one >= number);
    return later.length === 0 ? null : Math.min(...later);
  }

  /** Makes the table that may take the place of one, unless somebody has: empty, with its indices. Outside of any transaction. */
  makeKept(table: Partitioned, number: number): void {
    const [from, to] = [number, number + 1].map((n) => n * WIDTHS[table]);
    // The check spares reading all of it when it is put in its place.
    this.#execUnlessMade(
      `create table if not exists ${table}_kept_${number}
       (like ${table} including defaults including indexes, check ("end" >= ${from} and "end" < ${to}))`,
    );
  }

  /**
   * Puts the table that `makeKept` made in the place of a partition, in one transaction: nobody sees the time without either.
   * @param prepare  runs when nobody can write to the partition any more; false: nothing is replaced, what it wrote holds
   * @returns whether it was; not, when others are just using the partition
   */
  replaceByKept(table: Partitioned, number: number, prepare: () => boolean): boolean {
    const name = `${table}_${number}`;
    const [from, to] = [number, number + 1].map((n) => n * WIDTHS[table]);
    this.#db.exec('begin');
    try {
      this.#db.exec(`set local lock_timeout = ${DROP_LOCK_MS}`);
      this.#db.exec(`lock table ${name} in share row exclusive mode`);
      const isReady = prepare();
      if (isReady) {
        this.#db.exec(`drop table ${name}`);
        this.#db.exec(`alter table ${table}_kept_${number} rename to ${name}`);
        this.#db.exec(`alter table ${table} attach partition ${name} for values from (${from}) to (${to})`);
      }
      this.#db.exec('commit');
      return isReady;
    } catch (error) {
      this.#db.exec('rollback');
      if ((error as { code?: string }).code === LOCKED) return false;
      throw error;
    }
  }

  /** The end of what was dropped or never there: where the oldest begins; null: there is none. */
  oldest(table: Partitioned): number | null {
    return this.extent(table)?.from ?? null;
  }

  #of(table: Partitioned): Set<number> {
    return this.#known.get(table)!;
  }
}
