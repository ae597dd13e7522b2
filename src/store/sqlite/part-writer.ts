import { ByteWriter } from '../../model/bytes.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import type { Tenths } from '../../model/time.ts';
import type { Judged } from '../judged.ts';
import type { Hash } from './hash-table.ts';
import { NumberList } from './number-list.ts';
import { finishSpan, lastTenthOf, type NewParts, type Second, secondOf, startPart, startSpan } from './parts.ts';

/** Number of a part in the order in which a group packs them. */
export type PackedPart = number;

/** Pointers to packed parts, in lists side by side: there are two for every span. */
export class PackedPointers {
  readonly #hashes = new NumberList();
  readonly #parts = new NumberList();
  readonly #ends = new NumberList();

  get length(): number {
    return this.#hashes.length;
  }

  add(hash: Hash, part: PackedPart, end: Tenths): void {
    this.#hashes.push(hash);
    this.#parts.push(part);
    this.#ends.push(end);
  }

  hashAt(i: number): Hash {
    return this.#hashes.at(i);
  }

  partAt(i: number): PackedPart {
    return this.#parts.at(i);
  }

  /** Of the span that has the name; of a trace: no span of the part ended later. */
  endAt(i: number): Tenths {
    return this.#ends.at(i);
  }

  clear(): void {
    this.#hashes.clear();
    this.#parts.clear();
    this.#ends.clear();
  }
}

interface Shelf extends NewParts {
  parts: number;
}

const keyOf = (second: Second, isLinks: boolean): number => second * 2 + (isLinks ? 1 : 0);

/**
 * Packs the parts of a group one behind the other. When all are packed they are numbered by second, so that few ranges say
 * where a time lies.
 */
export class PartWriter {
  readonly #out = new ByteWriter(1 << 16);
  readonly traces = new PackedPointers();
  readonly names = new PackedPointers();
  /** By part: where it begins, and its shelf. */
  readonly #starts = new NumberList();
  readonly #shelfOf = new NumberList();
  readonly #shelves: Shelf[] = [];
  readonly #shelfByKey = new Map<number, number>();
  /** Trace and shelf of the part being packed. */
  #open: TraceId | null = null;
  #shelf = -1;
  #end: Tenths = 0;

  /** Forgets what it packed; what was taken out of it is valid until then. */
  clear(): void {
    this.#out.at = 0;
    this.traces.clear();
    this.names.clear();
    this.#starts.clear();
    this.#shelfOf.clear();
    this.#shelves.length = 0;
    this.#shelfByKey.clear();
    this.#open = null;
    this.#shelf = -1;
  }

  /** Adds a span behind those of its trace; its packed form is `from` to `to` of the bytes. @returns the part it is in */
  add(
    trace: Hash,
    span: Span,
    judged: Judged,
    commitDelay: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): PackedPart {
    this.#openFor(trace, span);
    this.#end = span.endTenths;
    startSpan(this.#out, span.spanId, span.endTenths);
    this.#out.bytesFrom(bytes, from, to - from);
    finishSpan(this.#out, span, judged, commitDelay);
    return this.#starts.length - 1;
  }

  /** The span that was added last is found by this, too. */
  name(hash: Hash): void {
    this.names.add(hash, this.#starts.length - 1, this.#end);
  }

  #openFor(hash: Hash, { traceId, endTenths, kind }: Span): void {
    const second = secondOf(endTenths);
    const shelf = this.#shelfFor(second, kind === 'none');
    if (shelf === this.#shelf && this.#open === traceId) return;
    this.#open = traceId;
    this.#shelf = shelf;
    this.#shelves[shelf]!.parts++;
    this.#shelfOf.push(shelf);
    this.traces.add(hash, this.#starts.push(this.#out.at), lastTenthOf(second));
    startPart(this.#out, traceId, endTenths);
  }

  #shelfFor(second: Second, isLinks: boolean): number {
    // Nearly always that of the part before.
    const last = this.#shelves[this.#shelf];
    if (last !== undefined && last.second === second && last.isLinks === isLinks) return this.#shelf;
    const key = keyOf(second, isLinks);
    const known = this.#shelfByKey.get(key);
    if (known !== undefined) return known;
    const shelf = this.#shelves.push({ second, isLinks, parts: 0 }) - 1;
    this.#shelfByKey.set(key, shelf);
    return shelf;
  }

  /** How many parts there are. */
  get count(): number {
    return this.#starts.length;
  }

  /** The order in which they will be numbered: their shelves, and the place of each packed part. */
  order(): { shelves: readonly NewParts[]; placeOf: Uint32Array } {
    const order = [...this.#shelves.entries()].sort(([, a], [, b]) => byPlace(a, b));
    const next: number[] = [];
    let place = 0;
    for (const [shelf, { parts }] of order) {
      next[shelf] = place;
      place += parts;
    }
    const placeOf = new Uint32Array(this.count);
    for (let packed = 0; packed < placeOf.length; packed++) placeOf[packed] = next[this.#shelfOf.at(packed)]!++;
    return { shelves: order.map(([, shelf]) => shelf), placeOf };
  }

  /** The bytes of a part, not copied: valid until the next one is packed. */
  dataOf(packed: PackedPart): Uint8Array {
    const end = packed + 1 < this.count ? this.#starts.at(packed + 1) : this.#out.at;
    return this.#out.buffer.subarray(this.#starts.at(packed), end);
  }
}

function byPlace(a: Shelf, b: Shelf): number {
  if (a.isLinks !== b.isLinks) return a.isLinks ? 1 : -1;
  return a.second - b.second;
}
