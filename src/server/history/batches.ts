import type { Policy } from '../../sinks/influx/schema.ts';
import { BATCH_LINES, type Written } from '../../sinks/influx/write.ts';

/** Writing can't go on now: what was not acknowledged is written again later, from the store. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly isStopped: boolean;

  /** @param isStopped  it is of no use before somebody has seen to it */
  constructor(reason: string, isStopped: boolean) {
    super(reason);
    this.isStopped = isStopped;
  }
}

export interface BatchesOptions {
  /** One request. */
  readonly send: (policy: Policy, lines: readonly string[]) => Promise<Written>;
  readonly onWritten: (written: Extract<Written, { kind: 'written' }>) => void;
}

/** Lines on their way out, a batch of each policy at most: one request at a time. */
export class Batches {
  readonly #options: BatchesOptions;
  readonly #lines: Record<Policy, string[]> = { minutes: [], hourly: [] };

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /** @returns what is to be waited for before the next one; null: nothing */
  add(policy: Policy, line: string): Promise<void> | null {
    const lines = this.#lines[policy];
    lines.push(line);
    return lines.length < BATCH_LINES ? null : this.#send(policy);
  }

  /** Everything that is left. @throws Interrupted */
  async flush(): Promise<void> {
    for (const policy of Object.keys(this.#lines) as Policy[]) await this.#send(policy);
  }

  async #send(policy: Policy): Promise<void> {
    const lines = this.#lines[policy];
    if (lines.length === 0) return;
    this.#lines[policy] = [];
    const written = await this.#options.send(policy, lines);
    if (written.kind !== 'written') throw new Interrupted(written.reason, written.kind === 'stopped');
    this.#options.onWritten(written);
  }
}
