// The thread that brings the log of a database into its file whenever it is told that there is some.
import { parentPort, workerData } from 'node:worker_threads';
import type { ToCheckpointer } from './checkpointer.ts';
import { openForCheckpoints } from './database.ts';

/** Pages of a log that is worth beginning anew. */
const LONG = 4096;
/** What came meanwhile is brought in, too, so many times at most: the log begins anew with a commit that finds nothing left in it. */
const ROUNDS = 4;

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
    bringIn();
  } catch {
    // A disk that is full or broken is told by the next commit, with what it means.
  }
});

function bringIn(): void {
  let before = -1;
  for (let round = 0; round < ROUNDS; round++) {
    const { log } = passive.get() as { log: number };
    if (log === before || log < LONG) return;
    before = log;
  }
}
