import type { Random } from '../../src/server/random.ts';

/** Something that takes what strangers send. */
export interface FuzzTarget {
  readonly name: string;
  /** Of ten thousand inputs, how many are for this one. */
  readonly share: number;
  readonly next: (random: Random) => Buffer;
  /** Resolves with how it ended, in a word or two. Throws when that is no declared end. */
  readonly run: (input: Buffer) => string | Promise<string>;
}

/** An input that a target did not take as it should. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';
  readonly target: string;
  readonly input: Buffer;

  constructor(target: string, input: Buffer, cause: unknown) {
    super(`${target}: ${cause instanceof Error ? (cause.stack ?? cause.message) : cause}`, { cause });
    this.target = target;
    this.input = input;
  }
}

/** Of the processor, for one input: more is a fault, inputs are small. Not of the clock: a busy machine is none. */
const MAX_CPU_MS = 2_000;

/** @throws FuzzFailure */
export async function runOne(target: FuzzTarget, input: Buffer): Promise<string> {
  const began = process.cpuUsage();
  const check = (): void => {
    const { user, system } = process.cpuUsage(began);
    if (user + system > MAX_CPU_MS * 1000)
      throw new Error(`took ${Math.round((user + system) / 1000)} ms of the processor`);
  };
  try {
    const ended = target.run(input);
    // What ends at once is measured at once: other inputs run before one that is awaited goes on.
    if (typeof ended === 'string') check();
    const how = await ended;
    if (typeof ended !== 'string') check();
    return how;
  } catch (error) {
    throw new FuzzFailure(target.name, input, error);
  }
}
