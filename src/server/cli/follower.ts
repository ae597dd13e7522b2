import { rmSync } from 'node:fs';
import type { Millis } from '../../model/time.ts';
import type { ClockMinute } from '../../store/clock-minutes.ts';
import type { PgConnection } from '../../store/postgres/connection.ts';
import { moveStore } from '../../store/postgres/move.ts';
import { type MovedChanges, moveChanges } from '../../store/postgres/move-changes.ts';
import { differentTables } from '../../store/postgres/move-rows.ts';
import { markUnfinished } from '../../store/postgres/move-target.ts';
import { verifyPostgres } from '../../store/postgres/verify.ts';
import { BESIDE, copyStore } from '../../store/sqlite/copy.ts';
import { openForReading, openForWriting, placeOf } from '../../store/sqlite/database.ts';
import { type FollowedTo, followedTo } from '../../store/sqlite/following.ts';
import { verifyStore } from '../../store/sqlite/verify.ts';
import type { Verification } from '../../store/verification.ts';
import { isSame, type Show, type StoreMoved, settleAll } from './move-stopped.ts';

/** A round that took less leaves less than that to be done while the doors are held. */
const SHORT_MS: Millis = 2_000;
/** Each round brings what came during the one before: where it takes nearly as long, more of them help nothing. */
const SHRINKING = 0.8;
/** Brings a target up to the store that a server writes to. */
export class Follower {
  readonly #file: string;
  readonly #target: PgConnection;
  readonly #reader: PgConnection;
  readonly #now: () => Millis;
  readonly #show: Show;
  #since: FollowedTo = { seq: 0, part: 0 };
  /** Minutes that differ from when they were compared last. */
  readonly #open = new Map<string, ClockMinute>();
  /** Whether all that was compared was the same. */
  isEqual = true;
  /** What was written there, some of it more than once. */
  spans = 0;
  rows = 0;

  constructor(file: string, target: PgConnection, reader: PgConnection, now: () => Millis, show: Show) {
    this.#file = file;
    this.#target = target;
    this.#reader = reader;
    this.#now = now;
    this.#show = show;
  }

  /** All that the store held at one moment, compared as a whole. */
  async copyBulk(): Promise<StoreMoved> {
    const copy = `${placeOf(this.#file)}.moving`;
    const show = this.#show;
    try {
      await copyStore(this.#file, copy, (done, of) => show('copying the file', done, of));
      const source = openForWriting(copy, { followed: true });
      try {
        this.#since = followedTo(source);
        settleAll(source, this.#now());
        const before = verifyStore(copy, (done, of) => show('verifying what is there', done, of));
        const moved = moveStore(
          source,
          this.#target,
          this.#now(),
          (done, of) => show('moving', done, of),
          () => markUnfinished(this.#target, this.#file),
        );
        this.spans += moved.spans;
        this.rows += moved.rows;
        this.#target.exec('analyze');
        const after = this.#verify('verifying what was moved', null);
        // What was settled in the copy is there, and perhaps otherwise, when the server has settled.
        this.#round(source);
        return { ...moved, before, after, isEqual: isSame(before, after) };
      } finally {
        source.close();
      }
    } finally {
      for (const part of ['', ...BESIDE]) rmSync(copy + part, { force: true });
    }
  }

  /** Rounds until one was short, or they become no shorter; what is settled by then is compared. */
  catchUp(): void {
    let before = Number.POSITIVE_INFINITY;
    for (let changes = this.#timed(); ; changes = this.#timed()) {
      if (changes.tookMs < SHORT_MS || changes.tookMs > before * SHRINKING) {
        this.#compare(changes);
        break;
      }
      before = changes.tookMs;
    }
    this.#round();
  }

  #timed(): MovedChanges & { readonly tookMs: Millis } {
    const began = performance.now();
    const changes = this.#round();
    return { ...changes, tookMs: performance.now() - began };
  }

  /** The last round, of a store that nobody writes to. */
  finish(): void {
    this.#compare(this.#round());
    const tables = reading(this.#file, (live) => differentTables(live, this.#target));
    if (this.#open.size > 0 || tables.length > 0) this.isEqual = false;
  }

  #round(also: Parameters<typeof moveChanges>[4] = null): MovedChanges {
    const changes = reading(this.#file, (live) => moveChanges(live, this.#target, this.#since, this.#now(), also));
    this.#since = changes.to;
    this.spans += changes.spans;
    this.rows += changes.rows;
    for (const one of changes.minutes) this.#open.set(nameOf(one), one);
    return changes;
  }

  /** What was counted while this round was read has its tallies in the next one. */
  #compare({ unsettled }: MovedChanges): void {
    const later = new Set(unsettled.map(nameOf));
    const minutes = [...this.#open.values()].filter((one) => !later.has(nameOf(one)));
    if (minutes.length === 0) return;
    if (this.#verify('verifying what came since', minutes).differing > 0) this.isEqual = false;
    for (const one of minutes) this.#open.delete(nameOf(one));
  }

  #verify(what: string, minutes: readonly ClockMinute[] | null): Verification {
    return verifyPostgres(this.#reader, (done, of) => this.#show(what, done, of), minutes);
  }
}

const nameOf = ({ clock, minute }: ClockMinute): string => `${clock} ${minute}`;

/** One moment of a store. */
export function reading<T>(file: string, work: (db: ReturnType<typeof openForReading>) => T): T {
  const db = openForReading(file);
  try {
    db.exec('begin');
    return work(db);
  } finally {
    db.close();
  }
}
