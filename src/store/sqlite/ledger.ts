import type { PlanData } from '../../catalog/plan-book.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Millis, Minute } from '../../model/time.ts';
import type { Clock, TallyBook } from '../../tally/book.ts';
import { DEPENDENCY } from '../../tally/fold.ts';
import type { Arrivals } from '../arrivals.ts';
import type { WriteItem, WriteResult } from '../items.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { StatementRunner } from '../statement-runner.ts';
import type { LedgerStatus, Retention, StoreLedger } from '../store-ledger.ts';
import { CallCounts } from './call-counts.ts';
import { markChangedPlans } from './changed-plans.ts';
import { Counting, storedTexts } from './counting.ts';
import { FailedEntries } from './failed-entries.ts';
import { foldMinute } from './fold-minute.ts';
import type { PartId } from './parts.ts';
import { RatingDesk } from './rating-desk.ts';
import { RatingTable } from './ratings.ts';
import { dropOld, rawSince } from './retention.ts';
import { type Counted, type MinuteMarks, Running } from './running.ts';
import { Settings } from './settings.ts';
import { storingOrder, TallyTable } from './tallies.ts';
import type { PackedChange } from './trace-change.ts';
import { Traces } from './traces.ts';

export type { LedgerStatus, Retention };

/** Counters of tallies that are settled with one transaction: it takes some milliseconds. */
const SETTLE_COUNTERS = 8192;

interface Settling {
  readonly counted: Counted;
  /** Rows of its book, in which order they are stored; those before `at` are. */
  readonly order: Uint32Array;
  at: number;
  /** Plans that they were counted by. */
  readonly plans: readonly PlanData[];
}

/**
 * The one writer of the embedded store: what comes in is de-duplicated, joined, judged, stored and tallied in one
 * transaction. Tallies are collected in memory and added to the stored ones by `settle`; the minutes they touch are marked
 * in the transaction of the rows, so that they are folded again after a crash. Time is passed in.
 */
export class Ledger implements StoreLedger {
  readonly #db: SqlDatabase;
  #retention: Retention;
  readonly #settleCounters: number;
  readonly #settings: Settings;
  readonly #counting: Counting;
  readonly #running: Running;
  readonly #traces: Traces;
  readonly #entries: FailedEntries;
  readonly #ratings: RatingTable;
  readonly #desk: RatingDesk;
  readonly #calls: CallCounts;
  readonly #tallies: TallyTable;
  readonly #unjudged: SqlStatement;
  readonly #begin: SqlStatement;
  readonly #commit: SqlStatement;
  readonly #statements: StatementRunner;
  /** Plans that the store does not know yet. */
  #freshPlans: PlanData[] = [];
  #rowsSinceSettlement = 0;
  #settlement = 0;
  /** Tallies on their way into the store; null when all are there. */
  #settling: Settling | null = null;
  /** Memory was given up and could not be read back from the store: that comes first, before anything else is written. */
  #isLost = false;

  /** @param settleCounters  of the tallies that are settled with one transaction */
  constructor(db: SqlDatabase, retention: Retention, settleCounters = SETTLE_COUNTERS) {
    this.#db = db;
    this.#retention = retention;
    this.#settleCounters = settleCounters;
    this.#settings = new Settings(db);
    this.#counting = new Counting(db);
    this.#running = new Running(this.#counting, unsettledMarks(db));
    this.#traces = new Traces(db);
    this.#entries = new FailedEntries(db);
    this.#ratings = new RatingTable(db);
    this.#desk = new RatingDesk(this.#ratings, this.#traces, this.#running);
    this.#calls = new CallCounts(db);
    this.#tallies = new TallyTable(db);
    this.#unjudged = db.prepare('insert or replace into unjudged values (?, ?, ?, ?)');
    this.#begin = db.prepare('begin immediate');
    this.#commit = db.prepare('commit');
    this.#statements = new StatementRunner(db);
  }

  /** The dictionary as stored: what codes are given on from. */
  get texts(): string[] {
    return storedTexts(this.#db);
  }

  get status(): LedgerStatus {
    return {
      rowsSinceSettlement: this.#rowsSinceSettlement,
      ratings: this.#desk.unjoined,
      ...this.#traces.status,
    };
  }

  /** How resources are counted from now on. */
  setPlans(plans: readonly PlanData[]): void {
    this.#counting.setPlans(plans);
    this.#freshPlans.push(...plans);
  }

  /**
   * Another configuration while everything goes on: what is in memory is settled as it was counted, then resources are
   * counted by these plans, as after a start with them. @param plans  of all known resources; null: none differs
   */
  reconfigure(retention: Retention, plans: readonly PlanData[] | null, now: Millis): void {
    this.#retention = retention;
    if (plans === null) return;
    this.settle(now);
    this.setPlans(plans);
    this.recover(now);
  }

  /** Makes memory what the store says, folding again what was not settled when the last process ended. Plans must be known. */
  recover(now: Millis): { minutesFolded: number } {
    this.#isLost = true;
    this.#settling = null;
    this.#counting.reload();
    this.#running.clear();
    this.#entries.load();
    this.#desk.load(now);
    const { n } = this.#db.prepare('select coalesce(max(settlement), 0) as n from unjudged').get() as { n: number };
    this.#settlement = n;
    const marks = this.#db.prepare('select clock, minute from unsettled order by minute').all() as {
      clock: Clock;
      minute: Minute;
    }[];
    this.#transaction(() => {
      this.#settlement++;
      this.#traces.load(now);
      for (const { clock, minute } of marks) this.#repair(clock, minute);
      this.#traces.settle();
      this.#db.exec('delete from unsettled');
      markChangedPlans(this.#db, this.#settings, this.#counting.planData);
      this.#freshPlans = [];
    });
    this.#rowsSinceSettlement = 0;
    this.#isLost = false;
    return { minutesFolded: marks.length };
  }

  #recoverIfLost(now: Millis): void {
    if (this.#isLost) this.recover(now);
  }

  /**
   * One group, one transaction, durable when it returns. Results are in the order of the items.
   * @throws what the database throws: then nothing of the group is stored, and memory has been read back from the store
   */
  commit(items: readonly WriteItem[], now: Millis): WriteResult[] {
    this.#learn(items);
    this.#recoverIfLost(now);
    this.#running.arrivals.begin(now);
    try {
      return this.#transaction(() => this.#take(items, now));
    } catch (error) {
      this.#running.arrivals.clear();
      this.recover(now);
      throw error;
    }
  }

  /** Names and plans are told once: they are kept whatever becomes of the transaction. */
  #learn(items: readonly WriteItem[]): void {
    for (const item of items) {
      if (item.type === 'dictionary') this.#counting.dictionary.absorb(item.first, item.texts);
      else if (item.type === 'plans') this.setPlans(item.plans);
    }
  }

  #take(items: readonly WriteItem[], now: Millis): WriteResult[] {
    const { stored, duplicates, kept } = this.#traces.take(items, this.#counting.exchangeOf, now, (change) => {
      this.#count(change);
      // Most traces that come in pieces are nobody's rating: what is kept until the end of the group is not young any more.
      const isRated = change.known.length > 0 && this.#ratings.isRated(change.traceId);
      return isRated || this.#desk.isWaitedFor(change);
    });
    this.#desk.follow(kept);
    const results = items.map((item, i): WriteResult => {
      switch (item.type) {
        case 'spans':
          return { type: 'spans', stored: stored[i]!, duplicates: duplicates[i]! };
        case 'ratings':
          this.#rowsSinceSettlement += item.ratings.length;
          return { type: 'ratings', outcomes: item.ratings.map((rating) => this.#desk.take(rating, now)) };
        case 'calls':
          return { type: 'calls', ...this.#calls.takeAll(item.points, now) };
        case 'statements':
          return this.#statements.run(item.statements);
        default:
          return { type: 'done' };
      }
    });
    this.#desk.finish();
    return results;
  }

  /** What came in with the commits since the last time; null when that is nothing. */
  takeArrivals(): Arrivals | null {
    return this.#running.arrivals.take();
  }

  /** Counts what was judged: in memory, with marks in the store for the minutes it touches. */
  #count(change: PackedChange): void {
    this.#running.changed(change, this.#entries);
    this.#rowsSinceSettlement += change.freshSpans.length;
  }

  /** Adds the tallies in memory to the stored ones, and marks the minutes that are to be judged again. */
  settle(now: Millis): void {
    this.beginSettlement(now);
    while (this.settleSome(now)) {
      // All of it.
    }
  }

  /** What was counted up to here is to be settled; what comes from now on is not of it. One that is under way is brought to its end first. */
  beginSettlement(now: Millis): void {
    this.#recoverIfLost(now);
    while (this.settleSome(now)) {
      // What was begun before.
    }
    const counted = this.#running.turn();
    const plans = this.#freshPlans;
    this.#freshPlans = [];
    this.#settling = { counted, order: storingOrder(counted.book), at: 0, plans };
    this.#rowsSinceSettlement = 0;
  }

  /**
   * Goes on with the settlement that was begun, a transaction long enough to be worth its commit, short enough to be waited for. Its minutes
   * stay marked until all of it is stored: after a crash they are folded again, and corrected by what the store lacks of them.
   * @returns whether there is more
   */
  settleSome(now: Millis): boolean {
    this.#recoverIfLost(now);
    const settling = this.#settling;
    if (settling === null) return false;
    const { counted, order, at, plans } = settling;
    const rows = order.subarray(at, this.#endOfPiece(counted.book, order, at));
    const isLast = at + rows.length === order.length;
    try {
      this.#transaction(() => {
        this.#settlement++;
        this.#tallies.addRows(counted.book, rows);
        this.#markForJudging(counted.book, rows);
        if (!isLast) return;
        this.#running.unmark(counted);
        for (const plan of plans) this.#settings.setPlan(plan);
      });
    } catch (error) {
      this.#freshPlans.unshift(...plans);
      this.recover(now);
      throw error;
    }
    settling.at += rows.length;
    if (!isLast) return true;
    counted.book.clear();
    this.#settling = null;
    return false;
  }

  #endOfPiece(book: TallyBook, order: Uint32Array, from: number): number {
    let end = from;
    for (let counters = 0; end < order.length && counters < this.#settleCounters; end++)
      counters += book.sizeOf(order[end]!);
    return end;
  }

  /** The minutes of services in which anything differs now, of all or of a slice. */
  #markForJudging(book: TallyBook, rows: Iterable<number>): void {
    const marked = new Set<string>();
    for (const row of rows) {
      const { clock, minute, service, dimension } = book.keyOf(row);
      // Calls of what a service depends on are nobody's promise.
      if (dimension === DEPENDENCY || book.isEmpty(row)) continue;
      const key = `${clock} ${minute} ${service}`;
      if (marked.has(key)) continue;
      marked.add(key);
      this.#unjudged.run(clock, minute, service, this.#settlement);
    }
  }

  /** Writes the pointers that came since the last time. */
  settlePointers(now: Millis): void {
    this.#piece(now, () => this.#traces.settle());
  }

  /**
   * What can wait, and is done behind a settlement: pointers are written and merged, what is past its time is let go of. Piece
   * by piece, each a transaction of its own, so that what comes in between waits for one of them at most.
   */
  *upkeep(now: Millis): Generator<undefined> {
    this.settlePointers(now);
    yield;
    const pieces = [
      () => this.#traces.merge(),
      () => this.#traces.dropLinks(now),
      () => {
        this.#entries.tidy(now);
        this.#calls.tidy(now);
        return false;
      },
      () => dropOld(this.#db, this.#settings, this.#traces, this.#retention, this.#counting.keeping, now),
    ];
    for (const piece of pieces) {
      while (this.#piece(now, piece)) yield;
      yield;
    }
    this.#desk.tidy(now);
  }

  #piece<T>(now: Millis, work: () => T): T {
    this.#recoverIfLost(now);
    try {
      return this.#transaction(work);
    } catch (error) {
      this.recover(now);
      throw error;
    }
  }

  /** Folds at most so many minutes again of those that a change of plans has left behind. @returns how many are left */
  refold(minutes: number, now: Millis): number {
    const marks = this.#db.prepare('select clock, minute from refold order by minute desc limit ?').all(minutes) as {
      clock: Clock;
      minute: Minute;
    }[];
    if (marks.length === 0) return 0;
    this.settle(now);
    try {
      this.#transaction(() => {
        this.#settlement++;
        for (const { clock, minute } of marks) {
          this.#repair(clock, minute);
          this.#db.prepare('delete from refold where clock = ? and minute = ?').run(clock, minute);
        }
      });
    } catch (error) {
      this.recover(now);
      throw error;
    }
    return (this.#db.prepare('select count(*) as n from refold').get() as { n: number }).n;
  }

  /** The parts in which a trace may be, however old. */
  places(traceId: TraceId): PartId[] {
    return this.#traces.places(traceId);
  }

  /**
   * Folds a minute again from its rows and corrects the stored tallies by what differs, unless some of its rows are gone.
   * Nothing of it may be in memory.
   */
  #repair(clock: Clock, minute: Minute): void {
    if (minute < rawSince(this.#settings, clock)) return;
    const folded = foldMinute(this.#counting, this.#traces.parts, this.#entries, this.#ratings, clock, minute);
    for (const { key, difference } of this.#tallies.differences(clock, minute, folded)) {
      this.#tallies.add(key, difference);
      if (key.dimension !== DEPENDENCY) this.#unjudged.run(clock, minute, key.service, this.#settlement);
    }
  }

  #transaction<T>(work: () => T): T {
    this.#begin.run();
    try {
      const result = work();
      this.#counting.store();
      this.#commit.run();
      this.#counting.committed();
      return result;
    } catch (error) {
      // A failed commit may have ended it already.
      if (this.#db.isTransaction) this.#db.exec('rollback');
      throw error;
    }
  }
}

/** Marks of minutes whose tallies lie in memory. */
function unsettledMarks(db: SqlDatabase): MinuteMarks {
  const set = db.prepare('insert into unsettled values (?, ?) on conflict do nothing');
  const remove = db.prepare('delete from unsettled where clock = ? and minute = ?');
  return {
    set: (clock, minute) => {
      set.run(clock, minute);
    },
    remove: (clock, minute) => {
      remove.run(clock, minute);
    },
  };
}
