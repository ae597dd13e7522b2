import { randomUUID } from 'node:crypto';
import type { Deployment } from '../model/config/deployment.ts';
import type { Millis } from '../model/time.ts';
import type { Statement } from '../store/items.ts';
import { connectForWriting } from '../store/postgres/database.ts';
import { PgLedger } from '../store/postgres/ledger.ts';
import { migratePostgres, refuseUnfinished } from '../store/postgres/migrate.ts';
import { openRecords, type Records } from '../store/records/records.ts';
import { lockStore, openForWriting, refuseMoved } from '../store/sqlite/database.ts';
import { Ledger } from '../store/sqlite/ledger.ts';
import type { StoreLedger } from '../store/store-ledger.ts';
import { addressOf } from './engines.ts';

/** The records of a store, to be changed by a command. */
export interface StoreDesk {
  readonly records: Records;
  /** All of them or none. */
  write(statements: readonly Statement[]): readonly number[];
}

/**
 * Lets a command write to a store: to an embedded one on which nothing runs, to one in PostgreSQL beside whatever does.
 * @throws OperatorError when another process writes to an embedded store
 */
export async function atStore<T>(
  { store, retention }: Pick<Deployment, 'store' | 'retention'>,
  now: () => Millis,
  work: (desk: StoreDesk) => Promise<T>,
): Promise<T> {
  const address = addressOf(store);
  if (address.type === 'postgres') {
    const db = connectForWriting(address, 'plimsoll command');
    try {
      migratePostgres(db);
      refuseUnfinished(db);
      const ledger = new PgLedger(db, retention, randomUUID());
      try {
        return await work({ records: openRecords(db, 'postgres'), write: (list) => written(ledger, list, now()) });
      } finally {
        ledger.settlePointers();
      }
    } finally {
      db.close();
    }
  }
  const lock = lockStore(address.file);
  try {
    const db = openForWriting(address.file);
    try {
      refuseMoved(db, address.file);
      const ledger = new Ledger(db, retention);
      return await work({ records: openRecords(db), write: (list) => written(ledger, list, now()) });
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

function written(ledger: StoreLedger, statements: readonly Statement[], now: Millis): readonly number[] {
  const [result] = ledger.commit([{ type: 'statements', statements }], now);
  if (result?.type !== 'statements') throw new Error(result?.type === 'failed' ? result.message : 'not stored');
  return result.changes;
}
