import { ByteWriter } from '../../model/bytes.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import type { Tenths } from '../../model/time.ts';
import type { Judged } from '../judged.ts';
import type { Hash } from './hash-table.ts';
import { finishSpan, lastTenthOf, type NewPart, type Second, secondOf, startPart, startSpan } from './parts.ts';

/** Number of a part in the order in which a group packs them. */
export type PackedPart = number;

/** Pointers to packed parts, in arrays side by side: there are two for every span. */
export interface PackedPointers {
  readonly hashes: readonly Hash[];
  readonly parts: readonly PackedPart[];
  /** Of the span that has the name; of a trace: no span of the part ended later. */
  readonly ends: readonly Tenths[];
}

interface OpenPointers {
  readonly hashes: Hash[];
  readonly parts: PackedPart[];
  readonly ends: Tenths[];
}

const noPointers = (): OpenPointers => ({ hashes: [], parts: [], ends: [] });

function point({ hashes, parts, ends }: OpenPointers, hash: Hash, part: PackedPart, end: Tenths): void {
  hashes.push(hash);
  parts.push(part);
  ends.push(end);
}

/**
 * Packs the parts of a group one behind the other. They are taken out when all are packed, in the order in which they
 * will be numbered: by second, so that few ranges say where a time lies.
 */
export class PartWriter {
  readonly #out = new ByteWriter(1 << 16);
  #starts: number[] = [];
  #seconds: Second[] = [];
  #isLinks: boolean[] = [];
  #traces = noPointers();
  #names = noPointers();
  /** The part being packed. */
  #open: { trace: TraceId; second: Second; isLinks: boolean } | null = null;
  #end: Tenths = 0;

  /** Forgets what it packed; what was taken out of it is valid until then. */
  clear(): void {
    this.#out.at = 0;
    this.#starts = [];
    this.#seconds = [];
    this.#isLinks = [];
    this.#traces = noPointers();
    this.#names = noPointers();
    this.#open = null;
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
    point(this.#names, hash, this.#starts.length - 1, this.#end);
  }

  #openFor(hash: Hash, { traceId, endTenths, kind }: Span): void {
    const second = secondOf(endTenths);
    const isLinks = kind === 'none';
    const open = this.#open;
    if (open?.trace === traceId && open.second === second && open.isLinks === isLinks) return;
    this.#open = { trace: traceId, second, isLinks };
    point(this.#traces, hash, this.#starts.length, lastTenthOf(second));
    this.#starts.push(this.#out.at);
    this.#seconds.push(second);
    this.#isLinks.push(isLinks);
    startPart(this.#out, traceId, endTenths);
  }

  /** The parts in the order of their numbers, the place of each packed part in that order, and what points at them. */
  finish(): { parts: NewPart[]; placeOf: Uint32Array; traces: PackedPointers; names: PackedPointers } {
    const order = Uint32Array.from(this.#starts, (_, i) => i).sort((a, b) => this.#compare(a, b));
    const placeOf = new Uint32Array(order.length);
    const parts: NewPart[] = [];
    for (const [place, packed] of order.entries()) {
      placeOf[packed] = place;
      const data = this.#out.buffer.subarray(this.#starts[packed], this.#starts[packed + 1] ?? this.#out.at);
      parts.push({ second: this.#seconds[packed]!, isLinks: this.#isLinks[packed]!, data });
    }
    return { parts, placeOf, traces: this.#traces, names: this.#names };
  }

  #compare(a: PackedPart, b: PackedPart): number {
    if (this.#isLinks[a] !== this.#isLinks[b]) return this.#isLinks[a] ? 1 : -1;
    return this.#seconds[a]! - this.#seconds[b]! || a - b;
  }
}
