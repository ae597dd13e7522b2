import { ByteReader } from '../../model/bytes.ts';
import type { SpanId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import { RECORD_HEADER_BYTES, readSpanBody } from '../../model/span-record.ts';
import { type StoredSpan, secondOf } from './parts.ts';

/** A span that came, read. */
export interface FreshSpan {
  readonly span: Span;
  /** Its packed form, as it came: from `body` to `end` of these bytes. */
  readonly bytes: Buffer;
  readonly body: number;
  readonly end: number;
  /** Number of the item that it came with. */
  readonly item: number;
}

/** Reads the record that begins at a byte. @param item  number of the one that it came with */
export function unpack(bytes: Buffer, at: number, item: number): FreshSpan {
  const body = at + RECORD_HEADER_BYTES;
  const end = body + bytes.readUInt32LE(at);
  const traceId = bytes.toString('latin1', at + 4, at + 20);
  const spanId = bytes.toString('latin1', at + 20, at + 28);
  const span = readSpanBody(new ByteReader(bytes, body, end), {
    traceId,
    spanId,
    endTenths: bytes.readDoubleLE(at + 28),
  });
  return { span, bytes, body, end, item };
}

/**
 * Those that are not stored, each once; in the order of their seconds, links apart: so they make few parts.
 * @param duplicates  by item: counts the others
 */
export function withoutKnown(
  came: readonly FreshSpan[],
  known: readonly StoredSpan[],
  duplicates: number[],
): readonly FreshSpan[] {
  if (came.length === 1 && known.length === 0) return came;
  const fresh: FreshSpan[] = [];
  // Nearly all have few: they are looked through faster than a set is made.
  const seen = came.length + known.length > FEW ? new Set<SpanId>() : null;
  if (seen !== null) for (const { span } of known) seen.add(span.spanId);
  for (const one of came) {
    const { spanId } = one.span;
    if (seen === null ? isAmong(fresh, spanId) || isAmong(known, spanId) : seen.has(spanId)) duplicates[one.item]!++;
    else {
      seen?.add(spanId);
      fresh.push(one);
    }
  }
  return fresh.sort(bySecond);
}

const FEW = 8;

function isAmong(some: readonly { readonly span: Span }[], spanId: SpanId): boolean {
  for (const { span } of some) if (span.spanId === spanId) return true;
  return false;
}

const sortKey = ({ kind, endTenths }: Span): number => secondOf(endTenths) * 2 + (kind === 'none' ? 1 : 0);
const bySecond = (a: FreshSpan, b: FreshSpan): number => sortKey(a.span) - sortKey(b.span);
