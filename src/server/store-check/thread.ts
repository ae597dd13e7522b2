// A thread that holds some minutes of the store against their rows.
import { parentPort, workerData } from 'node:worker_threads';
import { readerOf, verifyStored } from '../engines.ts';
import { type CheckResult, type CheckTask, withinBudget } from './store-check.ts';

const { store, minutes } = workerData as CheckTask;
const reader = readerOf(store);
const chosen = reader === null ? [] : withinBudget(minutes, (one) => reader.rowsOf(one));
reader?.close();
parentPort!.postMessage({
  ...verifyStored(store, () => {}, chosen),
  passedOver: minutes.length - chosen.length,
} satisfies CheckResult);
