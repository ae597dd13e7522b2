// The thread that brings the log of a database into its file whenever it is told that there is some.
import { parentPort, workerData } from 'node:worker_threads';
import type { ToCheckpointer } from './checkpointer.ts';
import { openForCheckpoints } from './database.ts';

const port = parentPort!;
const db = openForCheckpoints(workerData as string);
const passive = db.prepare('pragma wal_checkpoint(passive)');

port.on('message', (message: ToCheckpointer) => {
  if (message === 'close') {
    db.close();
    port.close();
    return;
  }
  try {
    passive.get();
  } catch {
    // A disk that is full or broken is told by the next commit, with what it means.
  }
});
