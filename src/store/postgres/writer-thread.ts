// The thread of one of the writers of a store in PostgreSQL.
import { parentPort, workerData } from 'node:worker_threads';
import { WriterInbox } from '../writer-inbox.ts';
import { runWriter } from '../writer-loop.ts';
import type { PgWriterOptions } from '../writer-protocol.ts';
import { connectForWriting } from './database.ts';
import { PgLedger } from './ledger.ts';
import { migratePostgres } from './migrate.ts';

const { address, holder, retention } = workerData as PgWriterOptions;
const db = connectForWriting(address);
migratePostgres(db);
const inbox = new WriterInbox(parentPort!);
runWriter(inbox, new PgLedger(db, retention, holder, () => inbox.learn()), () => db.close());
