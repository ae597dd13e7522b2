import { randomUUID } from 'node:crypto';
import type { WriteItem } from './items.ts';
import { connectForWriting } from './postgres/database.ts';
import { PgLedger } from './postgres/ledger.ts';
import { migratePostgres, refuseUnfinished } from './postgres/migrate.ts';
import { Checkpointer } from './sqlite/checkpointer.ts';
import { lockStore, logOf, openForWriting, refuseMoved } from './sqlite/database.ts';
import { Ledger } from './sqlite/ledger.ts';
import type { Retention, StoreLedger } from './store-ledger.ts';
import type { WriterOptions } from './writer-protocol.ts';

/** In the log before a commit brings it into the database itself: 128 MB, some seconds of the most that comes. */
const LOG_MAX_PAGES = 16_384;

export interface OpenedLedger {
  readonly ledger: StoreLedger;
  /** The file that is to be synced before anything is told of what was written; null: what is committed is durable. */
  readonly log: string | null;
  /** So many rows were committed, or what fills the log as much. */
  committed(rows: number): void;
  close(): Promise<void>;
}

/**
 * Opens a store for writing, made and migrated when needed. @param learn  asks for names that other writers have given
 * @throws OperatorError when that can't be
 */
export function openLedger({ store, retention }: WriterOptions, learn: () => readonly WriteItem[]): OpenedLedger {
  if (store.type === 'sqlite') return openFile(store.file, retention);
  const db = connectForWriting(store);
  try {
    migratePostgres(db);
    refuseUnfinished(db);
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    ledger: new PgLedger(db, retention, randomUUID(), learn),
    log: null,
    committed: () => {},
    close: async () => db.close(),
  };
}

function openFile(file: string, retention: Retention): OpenedLedger {
  const lock = lockStore(file);
  const db = openForWriting(file);
  const end = (): void => {
    db.close();
    lock.release();
  };
  try {
    refuseMoved(db, file);
    const ledger = new Ledger(db, retention);
    // Whoever is told of a commit waits for the log; that no later one outlives an earlier one holds without.
    db.exec('pragma synchronous = normal');
    db.exec(`pragma wal_autocheckpoint = ${LOG_MAX_PAGES}`);
    const checkpointer = new Checkpointer(file);
    return {
      ledger,
      log: logOf(file),
      committed: (rows) => checkpointer.committed(rows),
      close: async () => {
        // The last connection that is closed brings in what is left of the log, and takes it away.
        await checkpointer.close();
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}
