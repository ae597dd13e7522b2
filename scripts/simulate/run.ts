import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type AnyExperiment, type Measured, type Report, replicatesOf, type Sample, type Size } from './experiment.ts';
import { streamOf } from './random.ts';

/** Replicates `from` up to before `to` of one setting. */
export interface Job {
  readonly cell: number;
  readonly from: number;
  readonly to: number;
}

export interface RunSettings {
  readonly seed: number;
  readonly size: Size;
  /** Threads; the numbers are the same for any. 0 runs everything in this one. */
  readonly workers: number;
  readonly onDone?: (done: number, of: number) => void;
}

/** Parts that a setting's replicates are handed out in. */
const PARTS = 20;

function jobsOf(experiment: AnyExperiment, size: Size): Job[] {
  return experiment.cells.flatMap((setting, cell) => {
    const all = replicatesOf(experiment, setting, size);
    const step = Math.ceil(all / PARTS);
    return Array.from({ length: Math.ceil(all / step) }, (_, i) => ({
      cell,
      from: i * step,
      to: Math.min(all, (i + 1) * step),
    }));
  });
}

export function runJob(experiment: AnyExperiment, seed: number, { cell, from, to }: Job): Sample[] {
  const samples: Sample[] = [];
  for (let index = from; index < to; index++)
    samples.push(experiment.replicate(experiment.cells[cell], streamOf(seed, experiment.letter, cell, index), index));
  return samples;
}

/** Runs a table's settings and says what came of them. */
export async function measure(experiment: AnyExperiment, settings: RunSettings): Promise<Report> {
  const jobs = jobsOf(experiment, settings.size);
  const measured: (Measured<unknown> & { samples: Sample[] })[] = experiment.cells.map((cell) => ({
    cell,
    samples: [],
  }));
  let done = 0;
  const take = (job: Job, samples: readonly Sample[]): void => {
    for (const [i, sample] of samples.entries()) measured[job.cell]!.samples[job.from + i] = sample;
    settings.onDone?.(++done, jobs.length);
  };
  if (settings.workers === 0) for (const job of jobs) take(job, runJob(experiment, settings.seed, job));
  else await inWorkers(experiment, settings, jobs, take);
  return experiment.report(measured);
}

async function inWorkers(
  experiment: AnyExperiment,
  { seed, workers }: RunSettings,
  jobs: readonly Job[],
  take: (job: Job, samples: readonly Sample[]) => void,
): Promise<void> {
  const left = [...jobs];
  const work = async (): Promise<void> => {
    if (left.length === 0) return;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { letter: experiment.letter, seed },
    });
    try {
      for (let job = left.shift(); job !== undefined; job = left.shift()) {
        worker.postMessage(job);
        const [samples] = (await once(worker, 'message')) as [Sample[]];
        take(job, samples);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}
