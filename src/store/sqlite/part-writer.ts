import { ByteWriter } from '../../model/bytes.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import type { Tenths } from '../../model/time.ts';
import type { Judged } from '../judged.ts';
import type { Hash } from './hash-table.ts';
import { finishSpan, type NewPart, type Second, secondOf, startPart, startSpan } from './parts.ts';

/** Number of a part in the order in which a group packs them. */
export type PackedPart = number;

/** A pointer to a packed part. */
export interface PackedPointer {
  readonly isTrace: boolean;
  readonly hash: Hash;
  readonly part: PackedPart;
  /** Of a span of the part. */
  readonly end: Tenths;
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
  #pointers: PackedPointer[] = [];
  /** The part being packed. */
  #open: { trace: TraceId; second: Second; isLinks: boolean } | null = null;
  #end: Tenths = 0;

  /** Forgets what it packed; what was taken out of it is valid until then. */
  clear(): void {
    this.#out.at = 0;
    this.#starts = [];
    this.#seconds = [];
    this.#isLinks = [];
    this.#pointers = [];
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
    this.#pointers.push({ isTrace: false, hash, part: this.#starts.length - 1, end: this.#end });
  }

  #openFor(hash: Hash, { traceId, endTenths, kind }: Span): void {
    const second = secondOf(endTenths);
    const isLinks = kind === 'none';
    const open = this.#open;
    if (open?.trace === traceId && open.second === second && open.isLinks === isLinks) return;
    this.#open = { trace: traceId, second, isLinks };
    this.#pointers.push({ isTrace: true, hash, part: this.#starts.length, end: endTenths });
    this.#starts.push(this.#out.at);
    this.#seconds.push(second);
    this.#isLinks.push(isLinks);
    startPart(this.#out, traceId, endTenths);
  }

  /** The parts in the order of their numbers, the place of each packed part in that order, and what points at them. */
  finish(): { parts: NewPart[]; placeOf: Uint32Array; pointers: readonly PackedPointer[] } {
    const order = Uint32Array.from(this.#starts, (_, i) => i).sort((a, b) => this.#compare(a, b));
    const placeOf = new Uint32Array(order.length);
    const parts: NewPart[] = [];
    for (const [place, packed] of order.entries()) {
      placeOf[packed] = place;
      const data = this.#out.buffer.subarray(this.#starts[packed], this.#starts[packed + 1] ?? this.#out.at);
      parts.push({ second: this.#seconds[packed]!, isLinks: this.#isLinks[packed]!, data });
    }
    return { parts, placeOf, pointers: this.#pointers };
  }

  #compare(a: PackedPart, b: PackedPart): number {
    if (this.#isLinks[a] !== this.#isLinks[b]) return this.#isLinks[a] ? 1 : -1;
    return this.#seconds[a]! - this.#seconds[b]! || a - b;
  }
}
