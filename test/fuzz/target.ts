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

/** Longer for one input is a fault: inputs are small. */
const MAX_MS = 2_000;

/** @throws FuzzFailure */
export async function runOne(target: FuzzTarget, input: Buffer): Promise<string> {
  const began = performance.now();
  try {
    const ended = await target.run(input);
    const tookMs = performance.now() - began;
    if (tookMs > MAX_MS) throw new Error(`took ${Math.round(tookMs)} ms`);
    return ended;
  } catch (error) {
    throw new FuzzFailure(target.name, input, error);
  }
}
