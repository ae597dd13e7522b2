import { existsSync } from 'node:fs';
import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import type { PgAddress } from '../../store/postgres/database.ts';
import { type Moved, moveStore } from '../../store/postgres/move.ts';
import { openTarget, PATIENCE_MS } from '../../store/postgres/move-target.ts';
import { connectForReading } from '../../store/postgres/reader.ts';
import { verifyPostgres } from '../../store/postgres/verify.ts';
import { lockStore, openForWriting, refuseMoved } from '../../store/sqlite/database.ts';
import { Ledger } from '../../store/sqlite/ledger.ts';
import { Settings } from '../../store/sqlite/settings.ts';
import { verifyStore } from '../../store/sqlite/verify.ts';
import type { Verification } from '../../store/verification.ts';

const DAY = 86_400_000;
/** Nothing is dropped while a store is moved. */
const KEPT = { interactionsMs: 36_500 * DAY, minutesMs: 36_500 * DAY, hoursMs: 36_500 * DAY };

export interface StoreMoved extends Moved {
  /** Of the store it was moved from, and of the one it was moved to. */
  readonly before: Verification;
  readonly after: Verification;
  /** Both are what their rows say, and as much of it was compared. */
  readonly isEqual: boolean;
}

/** Told how far each part of the work has come. */
export type Show = (what: string, done: number, of: number) => void;

/**
 * Moves an embedded store on which nothing runs into an empty database of PostgreSQL, and proves that it is the same there.
 * @throws OperatorError when one of them can't be used so
 */
export function moveStopped(file: string, to: PgAddress, now: Millis, show: Show): StoreMoved {
  if (!existsSync(file)) throw missing(file);
  const lock = lockStore(file);
  try {
    const source = openForWriting(file);
    try {
      refuseMoved(source, file);
      settleAll(source, now);
      const target = openTarget(to);
      try {
        const before = verifyStore(file, (done, of) => show('verifying what is there', done, of));
        const moved = moveStore(source, target, now, (done, of) => show('moving', done, of));
        const reading = connectForReading(to, PATIENCE_MS);
        try {
          const after = verifyPostgres(reading, (done, of) => show('verifying what was moved', done, of));
          return { ...moved, before, after, isEqual: isSame(before, after) };
        } finally {
          reading.close();
        }
      } finally {
        target.close();
      }
    } finally {
      source.close();
    }
  } finally {
    lock.release();
  }
}

/** Whether both are what their rows say, and as much was compared. */
export const isSame = (before: Verification, after: Verification): boolean =>
  before.differing + after.differing === 0 &&
  before.compared === after.compared &&
  before.minutes === after.minutes &&
  before.notVerifiable === after.notVerifiable;

/** Minutes whose tallies were in the memory of a process that ended are folded again first. */
export function settleAll(source: ReturnType<typeof openForWriting>, now: Millis): void {
  const ledger = new Ledger(source, KEPT);
  ledger.setPlans(new Settings(source).plans());
  ledger.recover(now);
  while (ledger.refold(1000, now) > 0) {
    // What a change of plans had left.
  }
  ledger.settle(now);
}

export const missing = (file: string): OperatorError =>
  new OperatorError('PLIM_MOVE_NOTHING', {
    what: `there is no store at ${file}`,
    fix: 'name the file that spec.store.url names, as --from sqlite:FILE',
    retryable: false,
  });
