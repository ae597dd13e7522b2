import { existsSync } from 'node:fs';
import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import { connectForWriting } from '../../store/postgres/database.ts';
import { asUnreachable, migratePostgres } from '../../store/postgres/migrate.ts';
import { isEmptyStore, type Moved, moveStore } from '../../store/postgres/move.ts';
import { connectForReading } from '../../store/postgres/reader.ts';
import { verifyPostgres } from '../../store/postgres/verify.ts';
import { lockStore, openForWriting } from '../../store/sqlite/database.ts';
import { Ledger } from '../../store/sqlite/ledger.ts';
import { Settings } from '../../store/sqlite/settings.ts';
import { verifyStore } from '../../store/sqlite/verify.ts';
import type { Verification } from '../../store/verification.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';

export interface MigrateStoreOptions {
  /** `sqlite:…` and `postgres:…`. */
  readonly from: string;
  readonly to: string;
  readonly password: string | null;
  readonly json: boolean;
  readonly now: Millis;
}

/** A statement that waits for all of a big table. */
const PATIENCE_MS = 3_600_000;
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

/**
 * Moves an embedded store into an empty database of PostgreSQL and proves that it is the same there. @throws OperatorError when
 * one of them can't be used so @param show  told how far each part of the work has come
 */
export function moveToPostgres(
  { from, to, password, now }: Omit<MigrateStoreOptions, 'json'>,
  show: (what: string, done: number, of: number) => void,
): StoreMoved {
  const file = from.replace(/^sqlite:/, '');
  if (!existsSync(file)) throw missing(file);
  const lock = lockStore(file);
  try {
    const source = openForWriting(file);
    try {
      settleAll(source, now);
      const target = connectForWriting({ url: to, password }, 'plimsoll migrate');
      try {
        migratePostgres(target);
        if (!isEmptyStore(target)) throw notEmpty(to);
        const before = verifyStore(file, (done, of) => show('verifying what is there', done, of));
        const moved = moveStore(source, target, now, (done, of) => show('moving', done, of));
        const reading = connectForReading({ url: to, password }, PATIENCE_MS);
        try {
          const after = verifyPostgres(reading, (done, of) => show('verifying what was moved', done, of));
          const isEqual =
            before.differing + after.differing === 0 &&
            before.compared === after.compared &&
            before.minutes === after.minutes &&
            before.notVerifiable === after.notVerifiable;
          return { ...moved, before, after, isEqual };
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

/** 0: moved, and proved to be the same. 1: refused, failed, or not the same. */
export function migrateStoreCommand({ json, ...options }: MigrateStoreOptions): number {
  let line: ReturnType<typeof progressLine> | null = null;
  let current = '';
  let moved: StoreMoved;
  try {
    moved = moveToPostgres(options, (what, done, of) => {
      if (what !== current) line?.end();
      if (what !== current) line = progressLine(what, !json);
      current = what;
      line!.show(done, of);
    });
  } catch (error) {
    tellRefusal(asUnreachable(error), json);
    return 1;
  }
  (line as ReturnType<typeof progressLine> | null)?.end();
  const { spans, rows, before, after, isEqual } = moved;
  if (json) console.log(JSON.stringify(moved));
  else {
    console.log(`moved: ${spans} spans, ${rows} other rows`);
    console.log(
      `verify: ${before.compared} tallies compared there, ${before.differing} differ; ${after.compared} here, ${after.differing} differ`,
    );
    console.log(
      isEqual
        ? 'both are the same. Set spec.store.url to the new address and start Plimsoll; the old file is as it was'
        : 'they are NOT the same: stay with the old store, drop the new database, and report this',
    );
  }
  return isEqual ? 0 : 1;
}

/** Minutes whose tallies were in the memory of a process that ended are folded again first. */
function settleAll(source: ReturnType<typeof openForWriting>, now: Millis): void {
  const ledger = new Ledger(source, KEPT);
  ledger.setPlans(new Settings(source).plans());
  ledger.recover(now);
  while (ledger.refold(1000, now) > 0) {
    // What a change of plans had left.
  }
  ledger.settle(now);
}

const missing = (file: string): OperatorError =>
  new OperatorError('PLIM_MOVE_NOTHING', {
    what: `there is no store at ${file}`,
    fix: 'name the file that spec.store.url names, as --from sqlite:FILE',
    retryable: false,
  });

const notEmpty = (to: string): OperatorError =>
  new OperatorError('PLIM_MOVE_NOT_EMPTY', {
    what: `the database ${to.replace(/:[^:@/]*@/, ':…@')} holds a store already`,
    fix: 'a store is moved into an empty database: make one (createdb), or drop what is there if a move was cut off',
    retryable: false,
  });
