import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { OperatorError } from '../../model/errors.ts';
import { openForReading, placeOf } from './database.ts';
import { migrationOf } from './migrations.ts';

/** Pages copied between two words about how far it has come. */
const PAGES_AT_ONCE = 2_000;
/** Whoever may read a store may read what people said and how they are told of incidents. */
const OWNER_ONLY = 0o600;

/** Files that SQLite keeps beside a database. */
export const BESIDE = ['-wal', '-shm', '-journal'];

/** What was copied. */
export interface StoreCopy {
  readonly bytes: number;
  /** The migration that the copy is at. */
  readonly migration: number;
}

/**
 * Copies a store as it is at one moment, whatever is written to it meanwhile, to one whole file: what was committed before it
 * began is in it, and what was not settled then is marked as such. The file is there when it is complete and on the disk,
 * and not before. Until it ends the source's write-ahead log grows by what comes in.
 * @param finish  what is changed in the copy before it gets its name
 * @throws OperatorError when the source is no store, or the target can't be written
 */
export async function copyStore(
  source: string,
  target: string,
  onProgress: (done: number, of: number) => void,
  finish: (copy: DatabaseSync) => void = () => {},
): Promise<StoreCopy> {
  if (!existsSync(source)) throw noStore(source);
  const from = openForReading(source, { mayBeOlder: true });
  const place = placeOf(target);
  const partial = `${place}.partial`;
  try {
    // A transaction of its own keeps the moment: without it, each commit beside it would make the copy begin again.
    from.exec('begin');
    const migration = migrationOf(from);
    if (migration === 0) throw noStore(source);
    discard(partial);
    // Before anything is in it: SQLite would let everybody read it until it is complete.
    closeSync(openSync(partial, 'wx', OWNER_ONLY));
    await backup(from, partial, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => onProgress(totalPages - remainingPages, totalPages),
    });
    complete(partial, finish);
    // A log of what was there before would be taken for one of what is there now.
    for (const part of BESIDE) rmSync(place + part, { force: true });
    renameSync(partial, place);
    sync(dirname(place));
    return { bytes: statSync(place).size, migration };
  } catch (error) {
    discard(partial);
    if (error instanceof OperatorError) throw error;
    throw new OperatorError('PLIM_COPY_FAILED', {
      what: `${source} could not be copied to ${target}: ${(error as Error).message}`,
      fix: 'check that the folder exists, is writable by this user and has room for the whole store, then run it again: nothing has changed',
      retryable: false,
    });
  } finally {
    from.close();
  }
}

/** One file without a log beside it, on the disk. */
function complete(file: string, finish: (copy: DatabaseSync) => void): void {
  const copy = new DatabaseSync(file);
  try {
    copy.exec('pragma synchronous = full');
    copy.exec('pragma journal_mode = delete');
    finish(copy);
  } finally {
    copy.close();
  }
  sync(file);
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function discard(file: string): void {
  for (const part of [...BESIDE, '']) rmSync(file + part, { force: true });
}

/** Whether a file is a whole and readable store. @throws OperatorError when it is not */
export function checkStore(file: string): void {
  if (!existsSync(file)) throw noStore(file);
  let db: DatabaseSync | undefined;
  try {
    db = openForReading(file, { mayBeOlder: true });
    if (migrationOf(db) === 0) throw noStore(file);
    const [first] = db.prepare('pragma quick_check(1)').all() as { quick_check: string }[];
    if (first?.quick_check !== 'ok') throw damaged(file, first?.quick_check ?? 'it can not be read');
  } catch (error) {
    if (error instanceof OperatorError && !/malformed/.test(error.what)) throw error;
    throw damaged(file, 'parts of it are missing or are not what they should be');
  } finally {
    db?.close();
  }
}

const noStore = (file: string): OperatorError =>
  new OperatorError('PLIM_COPY_NO_STORE', {
    what: existsSync(file) ? `${file} holds nothing: it is no store yet` : `there is no store at ${file}`,
    fix: 'name a file that plimsoll backup wrote, or the deployment whose store is meant (--config; spec.store.url)',
    retryable: false,
  });

const damaged = (file: string, found: string): OperatorError =>
  new OperatorError('PLIM_COPY_DAMAGED', {
    what: `${file} is damaged: ${found}`,
    fix: 'take another backup; an intact part of this one can be had with the .recover command of sqlite3',
    retryable: false,
  });
