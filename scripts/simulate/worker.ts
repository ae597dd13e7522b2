// A thread of scripts/simulate.ts: runs the jobs that it is sent, one after the other.
import { parentPort, workerData } from 'node:worker_threads';
import { type Job, runJob } from './run.ts';
import { experimentOf } from './tables/index.ts';

const { letter, seed } = workerData as { letter: string; seed: number };
const experiment = experimentOf(letter)!;
parentPort!.on('message', (job: Job) => parentPort!.postMessage(runJob(experiment, seed, job)));
