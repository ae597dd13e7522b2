import { RECORD_HEADER_BYTES } from '../../model/span-record.ts';
import { hashBytes, OF_TRACE } from '../id-hash.ts';
import { type FreshSpan, unpack } from './fresh-spans.ts';
import type { Hash } from './hash-table.ts';
import { NumberList } from './number-list.ts';

/** Where ids lie in a record: behind its length. */
const TRACE_AT = 4;
const TRACE_BYTES = 16;
const NONE = -1;

/** The span records of a group, sorted by trace where they came: a span is made of one when its trace has its turn. */
export class Incoming {
  #buffers: Buffer[] = [];
  /** By buffer: the item that it came with. */
  readonly #items = new NumberList();
  /** By record: its buffer, its place there, the next record of its trace. */
  readonly #bufferOf = new NumberList();
  readonly #at = new NumberList();
  readonly #next = new NumberList();
  /** By trace, in the order of their first records: its hash, its first and its last record. */
  readonly #hashes = new NumberList();
  readonly #first = new NumberList();
  readonly #last = new NumberList();
  #table = new Int32Array(1 << 10).fill(NONE);

  /** Forgets the group. */
  clear(): void {
    this.#buffers = [];
    for (const list of [this.#items, this.#bufferOf, this.#at, this.#next, this.#hashes, this.#first, this.#last])
      list.clear();
    this.#table.fill(NONE);
  }

  add(item: number, records: ArrayBuffer): void {
    const bytes = Buffer.from(records);
    const buffer = this.#buffers.push(bytes) - 1;
    this.#items.push(item);
    for (let at = 0; at < bytes.length; at += RECORD_HEADER_BYTES + bytes.readUInt32LE(at)) {
      const record = this.#at.push(at);
      this.#bufferOf.push(buffer);
      this.#next.push(NONE);
      this.#chain(record, bytes, at + TRACE_AT);
    }
  }

  /** How many traces it has. */
  get traces(): number {
    return this.#hashes.length;
  }

  hashOf(trace: number): Hash {
    return this.#hashes.at(trace);
  }

  /** The spans of a trace in the order in which they came. */
  spansOf(trace: number): FreshSpan[] {
    const spans: FreshSpan[] = [];
    for (let record = this.#first.at(trace); record !== NONE; record = this.#next.at(record)) {
      const buffer = this.#bufferOf.at(record);
      spans.push(unpack(this.#buffers[buffer]!, this.#at.at(record), this.#items.at(buffer)));
    }
    return spans;
  }

  #chain(record: number, bytes: Buffer, at: number): void {
    const hash = hashBytes(bytes, at, TRACE_BYTES, OF_TRACE);
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (; this.#table[slot] !== NONE; slot = (slot + 1) & mask) {
      const trace = this.#table[slot]!;
      if (this.#hashes.at(trace) !== hash || !this.#isOf(this.#first.at(trace), bytes, at)) continue;
      this.#next.set(this.#last.at(trace), record);
      this.#last.set(trace, record);
      return;
    }
    this.#table[slot] = this.#hashes.push(hash);
    this.#first.push(record);
    this.#last.push(record);
    if (this.traces * 2 > this.#table.length) this.#grow();
  }

  #isOf(record: number, bytes: Buffer, at: number): boolean {
    const other = this.#buffers[this.#bufferOf.at(record)]!;
    const from = this.#at.at(record) + TRACE_AT;
    for (let i = 0; i < TRACE_BYTES; i++) if (other[from + i] !== bytes[at + i]) return false;
    return true;
  }

  #grow(): void {
    this.#table = new Int32Array(this.#table.length * 2).fill(NONE);
    const mask = this.#table.length - 1;
    for (let trace = 0; trace < this.traces; trace++) {
      let slot = this.#hashes.at(trace) & mask;
      while (this.#table[slot] !== NONE) slot = (slot + 1) & mask;
      this.#table[slot] = trace;
    }
  }
}
