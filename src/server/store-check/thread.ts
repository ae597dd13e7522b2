// A thread that holds some minutes of the store against their rows.
import { parentPort, workerData } from 'node:worker_threads';
import { verifyStored } from '../engines.ts';
import type { CheckTask } from './store-check.ts';

const { store, minutes } = workerData as CheckTask;
parentPort!.postMessage(verifyStored(store, () => {}, minutes));
