import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Objective as ObjectiveConfig } from '../../model/config/objective.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader } from '../../store/reader.ts';
import { Settings } from '../../store/sqlite/settings.ts';
import type { Configuration } from '../plimsoll.ts';
import { type Recount, RecountedHistory, uncountedBy } from './history.ts';
import type { Prepared } from './prepare.ts';
import { type Run, runOver } from './run.ts';

/** What is run; plain data, because it travels between threads. */
export interface Task {
  readonly configuration: Configuration;
  /** Objectives as they would be. */
  readonly objectives: readonly ObjectiveConfig[];
  /** Both inclusive. */
  readonly from: Minute;
  readonly to: Minute;
  readonly reportFrom: Minute;
}

/** One of several threads runs the services whose place in the order of first mention leaves `index` over. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** What a thread found: runs by their place in [...candidates, ...others], without the objectives, which hold functions. */
export interface Result {
  readonly runs: readonly { readonly place: number; readonly run: Omit<Run, 'objective'> }[];
  readonly recounts: ReadonlyMap<Code, Recount>;
}

export type FromWorker =
  | { readonly type: 'progress'; readonly done: number; readonly of: number }
  | { readonly type: 'done'; readonly result: Result };

export interface RunAllOptions {
  readonly task: Task;
  /** Of that task; threads prepare it themselves. */
  readonly prepared: Prepared;
  readonly reader: Reader;
  readonly onProgress?: (done: number, of: number) => void;
  /** On how many threads; as many as there are cores and work for them, when nothing is said. */
  readonly threads?: number;
}

/** Measures whose detectors read nothing but counters: histograms are most of what is stored. */
const COUNTED_ONLY: readonly Objective['measure'][] = [
  'availability',
  'latency',
  'time_to_first_token',
  'accuracy',
  'satisfaction',
  'escalation',
  'guardrail',
];

/** Fewer minutes of objectives than this are run sooner than a second thread has begun. */
const WORTH_MINUTES = 400_000;

/** Runs all objectives and all baselines: services are shared out among the cores. */
export async function runAll({ task, prepared, reader, onProgress, ...options }: RunAllOptions): Promise<{
  runs: readonly Run[];
  recounts: ReadonlyMap<Code, Recount>;
}> {
  const all = [...prepared.candidates, ...prepared.others];
  const services = new Set(all.map(({ counted }) => counted)).size;
  const isWorthIt = all.length * (task.to - task.from + 1) > WORTH_MINUTES;
  const threads = options.threads ?? (isWorthIt ? Math.max(1, Math.min(availableParallelism(), services)) : 1);
  const progress = Array.from({ length: threads }, () => ({ done: 0, of: 0 }));
  const tell =
    (index: number) =>
    (done: number, of: number): void => {
      progress[index] = { done, of };
      const sum = progress.reduce((total, one) => ({ done: total.done + one.done, of: total.of + one.of }));
      onProgress?.(sum.done, sum.of);
    };
  // The first share is run here: it would wait otherwise.
  const others = Array.from({ length: threads - 1 }, (_, i) =>
    inThread(task, { index: i + 1, of: threads }, tell(i + 1)),
  );
  const results = [runShare(task, reader, prepared, { index: 0, of: threads }, tell(0)), ...others];
  const found = (await Promise.all(results)) as Result[];
  const byPlace = new Map(found.flatMap((result) => result.runs.map(({ place, run }) => [place, run])));
  return {
    runs: all.map((objective, place) => ({ objective, ...byPlace.get(place)! })),
    recounts: new Map(found.flatMap(({ recounts }) => [...recounts])),
  };
}

export async function runShare(
  { configuration, from, to, reportFrom }: Task,
  reader: Reader,
  prepared: Prepared,
  share: Share,
  onProgress: (done: number, of: number) => void,
): Promise<Result> {
  const all = [...prepared.candidates, ...prepared.others];
  const services = [...new Set(all.map(({ counted }) => counted))].filter((_, i) => i % share.of === share.index);
  const mine = all.filter(({ counted }) => services.includes(counted));
  const readsMore = new Set(
    mine.filter(({ measure }) => !COUNTED_ONLY.includes(measure)).map(({ counted }) => counted),
  );
  const source = new RecountedHistory(
    reader,
    prepared.plans,
    uncountedBy(prepared.plans, new Settings(reader.db)),
    (service) => !readsMore.has(service),
  );
  const runs = await runOver({
    source,
    objectives: mine,
    services: configuration.services,
    from,
    to,
    reportFrom,
    graceMs: configuration.deployment.judge.graceMs,
    onProgress,
  });
  const placeOf = (objective: Objective): number => all.indexOf(objective);
  return {
    runs: runs.map(({ objective, ...run }) => ({ place: placeOf(objective), run })),
    recounts: source.recounts,
  };
}

function inThread(task: Task, share: Share, onProgress: (done: number, of: number) => void): Promise<Result> {
  const source = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(source, import.meta.url), { workerData: { task, share } });
    worker.on('error', reject);
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'progress') onProgress(message.done, message.of);
      else resolve(message.result);
    });
  });
}
