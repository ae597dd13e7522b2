// A thread that runs its share of a backtest.
import { parentPort, workerData } from 'node:worker_threads';
import { readerOf } from '../engines.ts';
import { type FromWorker, runShare, type Share, type Task } from './parallel.ts';
import { prepare } from './prepare.ts';

const { task, share } = workerData as { readonly task: Task; readonly share: Share };
const post = (message: FromWorker): void => parentPort!.postMessage(message);
const reader = readerOf(task.configuration.deployment.store)!;
try {
  const prepared = prepare(task.configuration, reader, task.objectives);
  const result = await runShare(task, reader, prepared, share, (done, of) => post({ type: 'progress', done, of }));
  post({ type: 'done', result });
} finally {
  reader.close();
}
