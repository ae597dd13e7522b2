import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OperatorError } from '../../model/errors.ts';
import { endFollowing } from './following.ts';
import { LATEST, migrate, migrationOf } from './migrations.ts';
import { MOVED_TO, Settings } from './settings.ts';

export { migrationOf };

/** Wait this long for a lock that another process (backup, a second reader) holds, ms. */
const BUSY_TIMEOUT_MS = 10_000;
const OWNER_ONLY = 0o600;

/** Held by the one process that writes to a store. */
export interface StoreLock {
  release(): void;
}

/**
 * Makes this process the one that writes to a store. What a writer counts lies in its memory until it settles: a second one
 * would count the same again, and never know of the other's rows. The lock is one of the operating system's on a file
 * beside the store, so that it ends with the process, however that ends. @throws OperatorError when another one holds it
 */
export function lockStore(file: string): StoreLock {
  const lockFile = lockFileOf(file);
  const lock = open(lockFile, false, 0);
  try {
    lock.exec('begin exclusive');
    return { release: () => lock.close() };
  } catch (error) {
    lock.close();
    if (!/locked/.test((error as Error).message)) throw unreachable(lockFile, error);
    throw new OperatorError('PLIM_STORE_IN_USE', {
      what: `another process is writing to the database ${file}`,
      fix: 'one Plimsoll works on one store: stop the other one first, or give this one a store of its own (spec.store.url)',
      retryable: true,
    });
  }
}

export const lockFileOf = (file: string): string => `${placeOf(file)}.lock`;

/** Where what is committed is written first. */
export const logOf = (file: string): string => `${placeOf(file)}-wal`;

/** Where a file lies that a link may stand for: one store has one lock, and is replaced where it is. */
export const placeOf = (file: string): string => (existsSync(file) ? realpathSync(file) : file);

/**
 * Opens the file of the embedded store for writing, made and migrated when needed. Durable: a commit is on the disk when it
 * returns. @param migrated  false: as it is, for whoever takes it to another migration
 * @param followed  true: whoever follows it goes on  @throws OperatorError when the file is of a newer build or can't be opened
 */
export function openForWriting(file: string, { migrated = true, followed = false } = {}): DatabaseSync {
  const db = open(file, false);
  try {
    db.exec('pragma page_size = 8192');
    db.exec('pragma journal_mode = wal');
    db.exec('pragma synchronous = full');
    db.exec('pragma cache_size = -8192');
    db.exec('pragma temp_store = memory');
    db.exec('pragma wal_autocheckpoint = 1000');
    if (!followed) endFollowing(db);
    if (migrated) migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error instanceof OperatorError ? error : unreachable(file, error);
  }
}

/** A connection beside the one that writes, which brings its log into the file and waits for nobody. */
export function openForCheckpoints(file: string): DatabaseSync {
  const db = open(file, false, 0);
  // The log is synced before the file is written, and the file before the log begins anew.
  db.exec('pragma synchronous = normal');
  db.exec('pragma cache_size = -64');
  return db;
}

/** @throws OperatorError when the store was moved to another place: what came in here would be in none of the two */
export function refuseMoved(db: DatabaseSync, file: string): void {
  const to = new Settings(db).get(MOVED_TO);
  if (to === null) return;
  throw new OperatorError('PLIM_STORE_MOVED', {
    what: `the store in ${file} was moved to ${to}`,
    fix: 'set spec.store.url to where it is now; to go back to this file, as it was then, take a backup of it and restore that (plimsoll backup, plimsoll restore --force)',
    retryable: false,
  });
}

/**
 * A connection that only reads: it sees whole transactions and waits for nobody.
 * @param mayBeOlder  whoever asks reads nothing that an older build has kept otherwise
 * @throws OperatorError as `openForWriting`, and when the file is of an older build
 */
export function openForReading(file: string, { mayBeOlder = false } = {}): DatabaseSync {
  const db = open(file, true);
  try {
    db.exec('pragma cache_size = -4096');
    const found = migrationOf(db);
    // An empty file has nothing to be read wrongly.
    if (!mayBeOlder && found > 0 && found < LATEST) throw tooOld(found, LATEST);
    return db;
  } catch (error) {
    db.close();
    throw error instanceof OperatorError ? error : unreachable(file, error);
  }
}

function open(file: string, readOnly: boolean, timeout = BUSY_TIMEOUT_MS): DatabaseSync {
  try {
    if (!readOnly && file !== ':memory:') {
      mkdirSync(dirname(file), { recursive: true });
      makeForOwner(file);
    }
    return new DatabaseSync(file, { readOnly, timeout });
  } catch (error) {
    throw unreachable(file, error);
  }
}

/** Made by SQLite, all users of the machine could read it; what SQLite lays beside it gets the rights of the file. */
function makeForOwner(file: string): void {
  try {
    // Never one that is there: to close it again would end the locks that this process has on it.
    closeSync(openSync(file, 'wx', OWNER_ONLY));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

const unreachable = (file: string, error: unknown): OperatorError =>
  new OperatorError('PLIM_STORE_UNREACHABLE', {
    what: `the database file ${file} can't be opened: ${(error as Error).message}`,
    fix: 'check that it is a database of Plimsoll, that its folder exists and is writable by this user, and that it lies on a local disk with room; spec.store.url names the file; one that is damaged is taken back from a backup (plimsoll restore)',
    retryable: false,
  });

export const tooOld = (found: number, wanted: number): OperatorError =>
  new OperatorError('PLIM_STORE_TOO_OLD', {
    what: `the database is at migration ${found}, this build reads it at ${wanted}`,
    fix: 'start plimsoll serve of this build on it, which migrates it, or read it with the build that wrote it',
    retryable: false,
  });
