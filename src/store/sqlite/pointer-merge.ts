import type { PartId } from './parts.ts';
import { type ChunkPlace, lowerBound, type PointerChunks, RUN_BEGIN, type Words } from './pointer-chunks.ts';

const HASHES = 2 ** 32;

/** One of the runs that are merged. */
interface Source {
  readonly run: number;
  /** What its offsets are moved by. */
  readonly move: number;
  /** The chunk that was read last, and what of it was not yet wanted. */
  read: ChunkPlace;
  rest: Words;
}

/**
 * Runs being merged into one, a range of hashes at a time, each in the caller's transaction: what is to be merged may be megabytes, and
 * nobody is to wait for all of it. Until the last range the runs are left as they are, and what is being made is no run yet.
 */
export class PointerMerge {
  readonly run: number;
  readonly base: PartId;
  entries = 0;
  reach = 0;
  readonly #chunks: PointerChunks;
  readonly #sources: readonly Source[];
  readonly #ranges: number;
  #range = 0;
  #chunk = 0;

  /**
   * @param run      the number of what comes of it  @param base  what its offsets are added to
   * @param sources  at most 2^32 parts from the base on
   */
  constructor(
    chunks: PointerChunks,
    run: number,
    base: PartId,
    sources: readonly { readonly run: number; readonly base: PartId; readonly entries: number }[],
    entriesAtOnce: number,
  ) {
    this.#chunks = chunks;
    this.run = run;
    this.base = base;
    const total = sources.reduce((sum, { entries }) => sum + entries, 0);
    this.#ranges = Math.max(1, Math.ceil(total / entriesAtOnce));
    this.#sources = sources.map((one) => ({ run: one.run, move: one.base - base, read: RUN_BEGIN, rest: NOTHING }));
  }

  merges(run: number): boolean {
    return this.#sources.some((source) => source.run === run);
  }

  /** Merges the next range of hashes. @returns whether that was the last */
  step(): boolean {
    const isLast = ++this.#range === this.#ranges;
    const before = isLast ? HASHES : Math.floor((HASHES / this.#ranges) * this.#range);
    const words = mergeAll(this.#sources.map((source) => this.#take(source, before)));
    this.#chunk = this.#chunks.write(this.run, this.#chunk, words);
    this.entries += words.length / 2;
    for (let i = 0; i < words.length; i += 2) if (words[i]! > this.reach) this.reach = words[i]!;
    return isLast;
  }

  /** What a run has before a hash and has not given yet. */
  #take(source: Source, before: number): Words {
    const chunks = this.#chunks.behind(source.run, source.read, before);
    const read = joined([source.rest, ...chunks.map(({ words }) => words)]);
    for (let i = source.rest.length; source.move !== 0 && i < read.length; i += 2) read[i]! += source.move;
    source.read = chunks.at(-1) ?? source.read;
    const end = before === HASHES ? read.length : lowerBound(read, before);
    source.rest = read.slice(end);
    return read.subarray(0, end);
  }
}

const NOTHING: Words = new Uint32Array();

function joined(lists: readonly Words[]): Words {
  const all = new Uint32Array(lists.reduce((length, list) => length + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** Merges two by two, so that none is gone through more than a few times. */
function mergeAll(lists: readonly Words[]): Words {
  if (lists.length === 1) return lists[0]!;
  const half = lists.length >> 1;
  return merged(mergeAll(lists.slice(0, half)), mergeAll(lists.slice(half)));
}

/** Both sorted by hash, and so is what comes of them. */
function merged(a: Words, b: Words): Words {
  const out = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < out.length; at += 2) {
    const fromA = j >= b.length || (i < a.length && a[i + 1]! <= b[j + 1]!);
    out[at] = fromA ? a[i]! : b[j]!;
    out[at + 1] = fromA ? a[i + 1]! : b[j + 1]!;
    if (fromA) i += 2;
    else j += 2;
  }
  return out;
}
