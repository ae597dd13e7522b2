import { randomUUID } from 'node:crypto';
import type { WriteItem } from './items.ts';
import { connectForWriting } from './postgres/database.ts';
import { PgLedger } from './postgres/ledger.ts';
import { migratePostgres, refuseUnfinished } from './postgres/migrate.ts';
import { lockStore, openForWriting, refuseMoved } from './sqlite/database.ts';
import { Ledger } from './sqlite/ledger.ts';
import type { StoreLedger } from './store-ledger.ts';
import type { WriterOptions } from './writer-protocol.ts';

/**
 * Opens a store for writing, made and migrated when needed. @param learn  asks for names that other writers have given
 * @throws OperatorError when that can't be
 */
export function openLedger(
  { store, retention }: WriterOptions,
  learn: () => readonly WriteItem[],
): { readonly ledger: StoreLedger; close(): void } {
  if (store.type === 'sqlite') {
    const lock = lockStore(store.file);
    const db = openForWriting(store.file);
    const close = (): void => {
      db.close();
      lock.release();
    };
    try {
      refuseMoved(db, store.file);
      return { ledger: new Ledger(db, retention), close };
    } catch (error) {
      close();
      throw error;
    }
  }
  const db = connectForWriting(store);
  try {
    migratePostgres(db);
    refuseUnfinished(db);
  } catch (error) {
    db.close();
    throw error;
  }
  return { ledger: new PgLedger(db, retention, randomUUID(), learn), close: () => db.close() };
}
