import { Worker } from 'node:worker_threads';

/** So many rows are worth a checkpoint: about 250 pages of the log for each that a commit of one request leaves. */
const ROWS = 12_288;
/** Of the thread, MB: it holds one statement, and what reads its source where that is not built. */
const HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 1 };

/** What the thread is told: that there is something to be brought in, or that it is over. */
export type ToCheckpointer = 'bring' | 'close';

/**
 * Brings the log of a database into its file in a thread of its own, beside the one that writes: a commit that does it itself keeps all
 * waiting that come behind it (16 to 20 ms for each eight megabytes). Where this can't keep up, or has failed, a commit still does.
 */
export class Checkpointer {
  readonly #file: string;
  /** Begun when there is something for it to do. */
  #thread: { readonly worker: Worker; readonly ended: Promise<void> } | null = null;
  #rows = 0;

  constructor(file: string) {
    this.#file = file;
  }

  committed(rows: number): void {
    this.#rows += rows;
    if (this.#rows < ROWS) return;
    this.#rows = 0;
    this.#thread ??= begin(this.#file);
    tell(this.#thread.worker, 'bring');
  }

  async close(): Promise<void> {
    if (this.#thread === null) return;
    tell(this.#thread.worker, 'close');
    await this.#thread.ended;
  }
}

function begin(file: string): { readonly worker: Worker; readonly ended: Promise<void> } {
  const source = import.meta.url.endsWith('.ts') ? './checkpoint-thread.ts' : './checkpoint-thread.js';
  const worker = new Worker(new URL(source, import.meta.url), { workerData: file, resourceLimits: HEAP });
  // Without it commits bring in their log themselves, and take longer.
  worker.on('error', () => {});
  return { worker, ended: new Promise((resolve) => worker.once('exit', () => resolve())) };
}

const tell = (worker: Worker, message: ToCheckpointer): void => worker.postMessage(message);
