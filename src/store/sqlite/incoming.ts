import { RECORD_HEADER_BYTES } from '../../model/span-record.ts';
import { hashBytes, OF_TRACE } from '../id-hash.ts';
import type { Hash } from './hash-table.ts';

/** Where ids lie in a record: behind its length. */
const TRACE_AT = 4;
const TRACE_BYTES = 16;
const NONE = -1;

/** One span record where it came. */
export interface IncomingRecord {
  readonly bytes: Buffer;
  readonly at: number;
  /** Number of the item that it came with. */
  readonly item: number;
}

/** The span records of a group, sorted by trace without making an object of each. */
export class Incoming {
  readonly #buffers: Buffer[] = [];
  readonly #items: number[] = [];
  /** By record: its buffer, its place there, the next record of its trace. */
  readonly #bufferOf: number[] = [];
  readonly #at: number[] = [];
  readonly #next: number[] = [];
  /** By trace: its hash, its first and its last record. */
  readonly #hashes: Hash[] = [];
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  #table = new Int32Array(1 << 10).fill(NONE);

  add(item: number, records: ArrayBuffer): void {
    const bytes = Buffer.from(records);
    const buffer = this.#buffers.push(bytes) - 1;
    this.#items.push(item);
    for (let at = 0; at < bytes.length; at += RECORD_HEADER_BYTES + bytes.readUInt32LE(at)) {
      const record = this.#at.push(at) - 1;
      this.#bufferOf.push(buffer);
      this.#next.push(NONE);
      this.#chain(record, bytes, at + TRACE_AT);
    }
  }

  /** Trace by trace, in the order of their first records; the records of each in their order. */
  *traces(): Generator<{ hash: Hash; records: IncomingRecord[] }> {
    for (const [trace, first] of this.#first.entries()) {
      const records: IncomingRecord[] = [];
      for (let record = first; record !== NONE; record = this.#next[record]!) {
        const buffer = this.#bufferOf[record]!;
        records.push({ bytes: this.#buffers[buffer]!, at: this.#at[record]!, item: this.#items[buffer]! });
      }
      yield { hash: this.#hashes[trace]!, records };
    }
  }

  #chain(record: number, bytes: Buffer, at: number): void {
    const hash = hashBytes(bytes, at, TRACE_BYTES, OF_TRACE);
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (; this.#table[slot] !== NONE; slot = (slot + 1) & mask) {
      const trace = this.#table[slot]!;
      if (this.#hashes[trace] !== hash || !this.#isOf(this.#first[trace]!, bytes, at)) continue;
      this.#next[this.#last[trace]!] = record;
      this.#last[trace] = record;
      return;
    }
    this.#table[slot] = this.#hashes.push(hash) - 1;
    this.#first.push(record);
    this.#last.push(record);
    if (this.#hashes.length * 2 > this.#table.length) this.#grow();
  }

  #isOf(record: number, bytes: Buffer, at: number): boolean {
    const other = this.#buffers[this.#bufferOf[record]!]!;
    const from = this.#at[record]! + TRACE_AT;
    for (let i = 0; i < TRACE_BYTES; i++) if (other[from + i] !== bytes[at + i]) return false;
    return true;
  }

  #grow(): void {
    this.#table = new Int32Array(this.#table.length * 2).fill(NONE);
    const mask = this.#table.length - 1;
    for (const [trace, hash] of this.#hashes.entries()) {
      let slot = hash & mask;
      while (this.#table[slot] !== NONE) slot = (slot + 1) & mask;
      this.#table[slot] = trace;
    }
  }
}
