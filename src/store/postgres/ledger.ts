import type { PlanData } from '../../catalog/plan-book.ts';
import type { Code } from '../../model/dictionary.ts';
import type { TraceId } from '../../model/ids.ts';
import { type Millis, minuteOf } from '../../model/time.ts';
import type { Clock } from '../../tally/book.ts';
import type { Arrivals } from '../arrivals.ts';
import type { WriteItem, WriteResult } from '../items.ts';
import { noRatings, type UnjoinedRatings } from '../rating.ts';
import type { SqlStatement } from '../sql.ts';
import { CallCounts } from '../sqlite/call-counts.ts';
import { markChangedPlans } from '../sqlite/changed-plans.ts';
import { Counting, storedTexts } from '../sqlite/counting.ts';
import { FailedEntries } from '../sqlite/failed-entries.ts';
import { foldMinute } from '../sqlite/fold-minute.ts';
import type { PartId } from '../sqlite/parts.ts';
import { RatingDesk, WAIT_MINUTES } from '../sqlite/rating-desk.ts';
import { rawSince } from '../sqlite/retention.ts';
import { Running } from '../sqlite/running.ts';
import { Settings } from '../sqlite/settings.ts';
import { StatementRunner } from '../statement-runner.ts';
import type { LedgerStatus, Retention, StoreLedger } from '../store-ledger.ts';
import { Allotment } from './allotment.ts';
import { type PgConnection, PgError } from './connection.ts';
import { KeptRows } from './kept-rows.ts';
import { LaneLost, Lanes } from './lanes.ts';
import { Locks, NotHeld } from './locks.ts';
import { Marks } from './marks.ts';
import { PartitionMissing, Partitions } from './partitions.ts';
import { PgRatings } from './ratings.ts';
import { keepPartitions } from './retention.ts';
import { Shards } from './shards.ts';
import { SpanRows } from './span-rows.ts';
import { SpanWriter } from './span-writer.ts';
import { LaneTallies } from './tallies.ts';
import { namesIn, touchedBy } from './touched.ts';
import { type IncomingTrace, PgTraces, tracesIn } from './traces.ts';

/** The setting that counts how often a change of configuration has changed what is counted. */
const CONFIGURATIONS = 'configurations';

/** A group that fails for what may pass is done again, at most so often, after so long, ms, times the attempt. */
const ATTEMPTS_MAX = 6;
const PAUSE_MS = 50;
/** So often others may have given names while a group was written: several that start together give many. */
const LEARNED_MAX = 200;
/** After a group has touched what nobody had named, so many take all locks at once. */
const OPEN_ENDED_FOR = 100;
/** Rows were written to a time whose partition somebody else has dropped. */
const NO_PARTITION = '23514';

/**
 * One of the writers of a store in PostgreSQL. A commit is one transaction: under the locks of its traces and names what is
 * known is read, judged with what came, stored, joined and counted into the lane of this writer; nothing that is not a copy of
 * the store stays in memory, so that several writers may work beside each other. Time is passed in.
 *
 * A transaction that fails for a reason that may pass is done again as a whole. When the answer to a commit is lost, the lane's
 * row says whether it came through: then its results stand, and until that could be asked nothing is done again. Where it can't be
 * asked for long the sender is told to come again, and what was stored after all is a duplicate then.
 */
export class PgLedger implements StoreLedger {
  readonly #db: PgConnection;
  #retention: Retention;
  readonly #settings: Settings;
  readonly #counting: Counting;
  readonly #running: Running;
  readonly #shards: Shards;
  readonly #locks: Locks;
  readonly #partitions: Partitions;
  readonly #kept: KeptRows;
  readonly #lanes: Lanes;
  readonly #traces: PgTraces;
  readonly #entries: FailedEntries;
  readonly #ratings: PgRatings;
  readonly #desk: RatingDesk;
  readonly #calls: CallCounts;
  readonly #tallies: LaneTallies;
  readonly #marks: Marks;
  readonly #statements: StatementRunner;
  readonly #learn: (() => readonly WriteItem[]) | null;
  readonly #lastCode: SqlStatement;
  readonly #keepPlan: SqlStatement;
  readonly #countAgain: SqlStatement;
  /** How often the store had been told of another configuration when this one was taken. */
  #configuration = 0;
  /** Plans that the store does not know yet. */
  #freshPlans: PlanData[] = [];
  #unjoined: UnjoinedRatings = { waiting: noRatings(), unmatched: noRatings() };
  /** So many commits more take all locks. */
  #openEnded = 0;
  /** Memory may differ from the store. */
  #isStale = true;
  /** A commit whose answer was lost; null: all is known. */
  #doubt: { readonly commit: number; readonly results: WriteResult[] } | null = null;

  /**
   * @param holder  tells this writer from all others, those of earlier lives included
   * @param learn   asks for the names that others have given, and for the plans that follow from them; null: nobody else gives any
   */
  constructor(
    db: PgConnection,
    retention: Retention,
    holder: string,
    learn: (() => readonly WriteItem[]) | null = null,
  ) {
    this.#db = db;
    this.#learn = learn;
    this.#lastCode = db.prepare('select coalesce(max(code), -1) as code from dictionary');
    this.#keepPlan = db.prepare('insert into setting values (?, ?) on conflict do nothing');
    this.#countAgain = db.prepare('insert into refold values (?, ?) on conflict do nothing');
    this.#retention = retention;
    this.#settings = new Settings(db);
    const allotment = new Allotment(db);
    this.#counting = new Counting(db, allotment);
    this.#running = new Running(this.#counting, null);
    this.#shards = new Shards(db);
    this.#locks = new Locks(db, this.#shards);
    this.#partitions = new Partitions(db);
    this.#lanes = new Lanes(db, holder);
    const spans = new SpanRows(db, this.#shards, this.#locks, this.#partitions);
    this.#kept = new KeptRows(db, this.#settings, this.#partitions, this.#shards, spans);
    this.#traces = new PgTraces(spans, this.#locks);
    this.#entries = new FailedEntries(db, allotment);
    this.#ratings = new PgRatings(db, this.#shards, this.#locks);
    this.#desk = new RatingDesk(this.#ratings, this.#traces, this.#running);
    this.#calls = new CallCounts(db);
    this.#tallies = new LaneTallies(db, this.#shards, this.#partitions);
    this.#marks = new Marks(db);
    this.#statements = new StatementRunner(db, { lock: ' for update' });
  }

  get texts(): string[] {
    return storedTexts(this.#db);
  }

  get status(): LedgerStatus {
    return {
      rowsSinceSettlement: 0,
      ratings: this.#unjoined,
      linkParts: 0,
      linkPartsDropped: 0,
      longTraces: this.#traces.longTraces,
      pointersForgotten: 0,
    };
  }

  setPlans(plans: readonly PlanData[]): void {
    this.#counting.setPlans(plans);
    this.#freshPlans.push(...plans);
  }

  /** Nothing was left behind by anybody: what changed of the plans is marked to be folded again. */
  recover(now: Millis): { minutesFolded: number } {
    this.#isStale = true;
    this.#persist(now, () => {
      const isChanged = markChangedPlans(this.#db, this.#settings, this.#counting.planData);
      this.#configuration = this.#stored + (isChanged ? 1 : 0);
      if (isChanged) this.#settings.set(CONFIGURATIONS, String(this.#configuration));
      return [];
    });
    this.#freshPlans = [];
    this.#countUnjoined(now);
    return { minutesFolded: 0 };
  }

  commit(items: readonly WriteItem[], now: Millis): WriteResult[] {
    this.#tell(items);
    const traces = tracesIn(items);
    const { hashes, isOpenEnded } = touchedBy(items, traces);
    this.#running.arrivals.begin(now);
    return this.#persist(now, () => {
      if (hashes.size > 0) this.#locks.take(hashes, isOpenEnded || this.#openEnded > 0);
      return this.#take(items, traces, now);
    });
  }

  #tell(items: readonly WriteItem[]): void {
    for (const item of items) {
      if (item.type === 'dictionary') this.#counting.dictionary.absorb(item.first, item.texts);
      else if (item.type === 'plans') this.setPlans(item.plans);
    }
  }

  /** How often the store was told of another configuration. */
  get #stored(): number {
    return Number(this.#settings.get(CONFIGURATIONS) ?? 0);
  }

  /**
   * While another replica has a newer configuration than this one, what is counted here is counted by old plans: it is marked to be
   * counted again by whoever has the new ones, which stay in force.
   */
  #storePlans(): void {
    if (this.#stored === this.#configuration) {
      for (const plan of this.#freshPlans) this.#settings.setPlan(plan);
      return;
    }
    for (const plan of this.#freshPlans) this.#keepPlan.run(`plan ${plan.resource}`, JSON.stringify(plan));
    const { book } = this.#running;
    const minutes = new Set<string>();
    for (let row = 0; row < book.rows; row++) {
      const { clock, minute } = book.keyOf(row);
      minutes.add(`${clock} ${minute}`);
    }
    for (const one of minutes) {
      const [clock, minute] = one.split(' ').map(Number) as [number, number];
      this.#countAgain.run(clock, minute);
    }
  }

  /** Whether what was read may hold names that this writer was not told: plans may count them otherwise. */
  #isBehind(): boolean {
    if (this.#learn === null) return false;
    return (this.#lastCode.get() as { code: Code }).code >= this.#counting.dictionary.size;
  }

  #take(items: readonly WriteItem[], traces: readonly IncomingTrace[], now: Millis): WriteResult[] {
    this.#traces.parts.now = Math.floor(now / 100);
    const known = this.#traces.known(traces);
    const names = namesIn(
      traces,
      Array.from(known.values(), ({ spans }) => spans),
    );
    this.#desk.expect(traces.length === 0 ? [] : this.#ratings.openNamed(names, minuteOf(now) - WAIT_MINUTES));
    const out = new SpanWriter(this.#shards, this.#partitions);
    const { stored, duplicates, kept } = this.#traces.take(
      traces,
      known,
      items.length,
      this.#counting.exchangeOf,
      now,
      out,
      (change) => {
        this.#running.changed(change, this.#entries);
        return change.known.length > 0 || this.#desk.isWaitedFor(change);
      },
    );
    out.write(this.#db);
    const said = items.flatMap((item) => (item.type === 'ratings' ? item.ratings : []));
    this.#ratings.holdOwnedBy(kept.filter((change) => change.known.length > 0).map((change) => change.traceId));
    this.#ratings.holdIdentitiesOf(said);
    this.#traces.parts.holdWhole(new Set(said.map(({ target }) => target.trace).filter((trace) => trace !== '')));
    this.#desk.follow(kept);
    const results = items.map((item, i): WriteResult => {
      switch (item.type) {
        case 'spans':
          return { type: 'spans', stored: stored[i]!, duplicates: duplicates[i]! };
        case 'ratings':
          return { type: 'ratings', outcomes: item.ratings.map((rating) => this.#desk.take(rating, now)) };
        case 'calls':
          return { type: 'calls', ...this.#calls.takeAll(item.points, now) };
        case 'statements':
          return this.#statements.run(item.statements, isPassing);
        default:
          return { type: 'done' };
      }
    });
    this.#desk.finish();
    this.#ratings.flush();
    return results;
  }

  takeArrivals(): Arrivals | null {
    return this.#running.arrivals.take();
  }

  /** Nothing waits in memory: what was committed is in the tallies. */
  settle(): void {}

  beginSettlement(): void {}

  settleSome(): boolean {
    return false;
  }

  reconfigure(retention: Retention, plans: readonly PlanData[] | null, now: Millis): void {
    this.#retention = retention;
    if (plans === null) return;
    this.setPlans(plans);
    this.recover(now);
  }

  settlePointers(): void {
    this.#lanes.release();
  }

  *upkeep(now: Millis): Generator<undefined> {
    const plain = (work: () => void): void => {
      this.#persist(now, () => {
        work();
        return [];
      });
    };
    plain(() => {
      this.#entries.tidy(now);
      this.#calls.tidy(now);
    });
    yield;
    const keep = (): boolean =>
      keepPartitions(
        this.#db,
        this.#settings,
        this.#partitions,
        this.#kept,
        this.#retention,
        this.#counting.keeping,
        now,
        plain,
      );
    while (keep()) yield;
    this.#countUnjoined(now);
  }

  refold(minutes: number, now: Millis): number {
    const marks = this.#db.prepare('select clock, minute from refold order by minute desc limit ?').all(minutes) as {
      clock: Clock;
      minute: number;
    }[];
    if (marks.length === 0 || this.#stored !== this.#configuration) return 0;
    // Rows and tallies of one moment: what differs then differs whatever others add meanwhile.
    this.#persist(
      now,
      () => {
        for (const { clock, minute } of marks) {
          this.#db.prepare('delete from refold where clock = ? and minute = ?').run(clock, minute);
          this.#repair(clock, minute);
        }
        return [];
      },
      'isolation level repeatable read',
    );
    return (this.#db.prepare('select count(*) as n from refold').get() as { n: number }).n;
  }

  places(traceId: TraceId): PartId[] {
    this.#ended();
    return this.#traces.places(traceId);
  }

  /** Folds a minute again from its rows, and counts what differs, unless some of its rows are gone. */
  #repair(clock: Clock, minute: number): void {
    if (minute < rawSince(this.#settings, clock)) return;
    const folded = foldMinute(this.#counting, this.#traces.parts, this.#entries, this.#ratings, clock, minute);
    const { book } = this.#running;
    for (const { key, difference } of this.#tallies.differences(clock, minute, folded)) {
      const row = book.row(key.clock, key.minute, key.service, key.dimension, key.value);
      for (const [name, count] of difference) book.add(row, name, count);
    }
  }

  #countUnjoined(now: Millis): void {
    const unjoined = { waiting: noRatings(), unmatched: noRatings() };
    for (const { type, waiting, unmatched } of this.#ratings.unjoined(minuteOf(now) - WAIT_MINUTES)) {
      unjoined.waiting[type] = waiting;
      unjoined.unmatched[type] = unmatched;
    }
    this.#unjoined = unjoined;
  }

  /** One transaction with all that it counted; done again while what keeps it from succeeding may pass. */
  #persist(now: Millis, work: () => WriteResult[], mode = ''): WriteResult[] {
    const made = new Set<string>();
    let learned = 0;
    this.#doubt = null;
    for (let attempt = 1; ; attempt++)
      try {
        const results = this.#foundStored();
        if (results !== null) return results;
        return this.#attempt(now, work, mode);
      } catch (error) {
        this.#rollBack();
        if (error instanceof PartitionMissing && !made.has(error.message)) {
          // However many times a group is of.
          made.add(error.message);
          attempt--;
          this.#partitions.make(error.table, error.number, Math.floor(now / 100));
          continue;
        }
        if (error instanceof NamesUnknown && learned < LEARNED_MAX) {
          learned++;
          attempt--;
          this.#tell(this.#learn!());
          continue;
        }
        if (attempt >= ATTEMPTS_MAX) throw error;
        if (error instanceof NotHeld) this.#openEnded = OPEN_ENDED_FOR;
        else if (error instanceof RangeError && this.#isBehind()) this.#tell(this.#learn!());
        else if (error instanceof LaneLost) this.#lanes.lost();
        else if (error instanceof PgError && error.code === NO_PARTITION) this.#partitions.load();
        else if (isPassing(error)) Atomics.wait(PAUSE, 0, 0, PAUSE_MS * attempt);
        else throw error;
      }
  }

  #attempt(now: Millis, work: () => WriteResult[], mode: string): WriteResult[] {
    this.#ended();
    if (this.#isStale) this.#forget();
    if (!this.#lanes.isTaken) {
      this.#tallies.forget();
      this.#lanes.take(now);
    }
    this.#db.exec(`begin ${mode}`);
    const commit = this.#lanes.renew(now);
    const results = work();
    this.#tallies.addAll(this.#lanes.lane, this.#running.book);
    this.#marks.set(this.#running.book, this.#lanes.lane, commit);
    this.#storePlans();
    this.#counting.store();
    // Last, so that it covers everything that was read.
    if (this.#isBehind()) throw new NamesUnknown();
    try {
      this.#db.exec('commit');
    } catch (error) {
      if (!(error instanceof PgError && error.isConnection)) throw error;
      this.#doubt = { commit, results };
      if (this.#foundStored() === null) throw error;
    }
    this.#ended();
    this.#counting.committed();
    this.#tallies.committed();
    this.#running.clear();
    this.#freshPlans = [];
    if (this.#openEnded > 0) this.#openEnded--;
    return results;
  }

  /** @returns the results of the commit whose answer was lost; null: there is none, or it did not come through */
  #foundStored(): WriteResult[] | null {
    const doubt = this.#doubt;
    if (doubt === null) return null;
    const isStored = this.#lanes.hasCommitted(doubt.commit);
    this.#doubt = null;
    return isStored ? doubt.results : null;
  }

  /** Nothing was stored, or nobody knows: memory becomes what the store says, at the latest with the next question. */
  #rollBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec('rollback');
    } catch {
      // The connection is gone, and its transaction with it.
    }
    this.#ended();
    this.#running.clear();
    this.#running.arrivals.clear();
    this.#isStale = true;
  }

  /** What was read for a transaction is worth nothing after it. */
  #ended(): void {
    this.#locks.ended();
    this.#ratings.forget();
    this.#traces.parts.forget();
  }

  #forget(): void {
    this.#tallies.forget();
    this.#partitions.load();
    this.#counting.reload();
    this.#entries.load();
    this.#isStale = false;
  }
}

/** Something was read that others have named: the group is done again when those names are known. */
class NamesUnknown extends Error {
  constructor() {
    super('other writers have given names that this one does not know');
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

const isPassing = (error: unknown): boolean => error instanceof PgError && error.isPassing;
