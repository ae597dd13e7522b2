// The thread that owns the embedded store.
import { parentPort, workerData } from 'node:worker_threads';
import { lockStore, openForWriting } from './sqlite/database.ts';
import { Ledger } from './sqlite/ledger.ts';
import { WriterInbox } from './writer-inbox.ts';
import { runWriter } from './writer-loop.ts';
import type { SqliteWriterOptions } from './writer-protocol.ts';

const { file, retention } = workerData as SqliteWriterOptions;
const lock = lockStore(file);
const db = openForWriting(file);
runWriter(new WriterInbox(parentPort!), new Ledger(db, retention), () => {
  db.close();
  lock.release();
});
