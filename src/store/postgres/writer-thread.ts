// The thread of one of the writers of a store in PostgreSQL.
import { parentPort, workerData } from 'node:worker_threads';
import { runWriter } from '../writer-loop.ts';
import type { PgWriterOptions } from '../writer-protocol.ts';
import { connectForWriting } from './database.ts';
import { PgLedger } from './ledger.ts';
import { migratePostgres } from './migrate.ts';

const { address, holder, retention } = workerData as PgWriterOptions;
const db = connectForWriting(address);
migratePostgres(db);
runWriter(parentPort!, new PgLedger(db, retention, holder), () => db.close());
