import { Reader } from '../reader.ts';
import { tooOld } from '../sqlite/database.ts';
import { RatingTable } from '../sqlite/ratings.ts';
import { PgConnection, PgError } from './connection.ts';
import type { PgAddress } from './database.ts';
import { MarksByVersion } from './judging-marks.ts';
import { Locks } from './locks.ts';
import { asUnreachable, pgMigrationOf } from './migrate.ts';
import { Partitions } from './partitions.ts';
import { MIGRATIONS } from './schema.ts';
import { Shards } from './shards.ts';
import { SpanRows } from './span-rows.ts';
import { SpansNewestFirst } from './spans-newest-first.ts';
import { TALLIES } from './tally-sql.ts';

/** The thread of the doors waits for what is read: it is given up before a sender would give up. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Keys lead to all that is read; what would be quicker as a whole is small. */
const SESSION = [
  'set default_transaction_read_only = on',
  'set jit = off',
  'set enable_seqscan = off',
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
].join('; ');

/** A connection that only reads. */
export const connectForReading = (address: PgAddress, statementTimeoutMs = STATEMENT_TIMEOUT_MS): PgConnection =>
  new PgConnection({ ...address, name: 'plimsoll reader', statementTimeoutMs, session: SESSION });

/** Beside whatever runs on it; null when there is nothing yet. @throws OperatorError when it can't be reached, or not be read by this build */
export function openStoredPostgres(address: PgAddress): Reader | null {
  const db = connectForReading(address);
  try {
    const found = pgMigrationOf(db);
    if (found > 0 && found < MIGRATIONS.length) throw tooOld(found, MIGRATIONS.length);
    if (found > 0) return openPostgresReader(db);
    db.close();
    return null;
  } catch (error) {
    db.close();
    throw asUnreachable(error);
  }
}

/** Bytes; null while nobody can say. */
export function databaseSize(db: PgConnection): number | null {
  try {
    return (db.prepare('select pg_database_size(current_database()) as bytes').get() as { bytes: number }).bytes;
  } catch (error) {
    if (error instanceof PgError) return null;
    throw error;
  }
}

/** A reader of a store in PostgreSQL that is there: see `pgMigrationOf`. */
export function openPostgresReader(db: PgConnection): Reader {
  const shards = new Shards(db);
  const rows = new SpanRows(db, shards, new Locks(db, shards), new Partitions(db));
  const newestFirst = new SpansNewestFirst(db);
  return new Reader(db, {
    engine: 'postgres',
    tallies: TALLIES,
    spans: {
      newestFirst: (from, to) => newestFirst.read(from, to),
      countBetween: (from, to) => newestFirst.count(from, to),
      ofTrace: (traceId, places) => places.flatMap((end) => rows.at(end, traceId)),
    },
    ratings: new RatingTable(db),
    marks: new MarksByVersion(db),
  });
}
