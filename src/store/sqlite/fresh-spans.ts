import { ByteReader } from '../../model/bytes.ts';
import type { Span } from '../../model/span.ts';
import { RECORD_HEADER_BYTES, readSpanBody } from '../../model/span-record.ts';
import type { IncomingRecord } from './incoming.ts';
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

export function unpack({ bytes, at, item }: IncomingRecord): FreshSpan {
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
  const seen = new Set(known.map((stored) => stored.span.spanId));
  const fresh = came.filter(({ span, item }) => {
    if (seen.has(span.spanId)) {
      duplicates[item]!++;
      return false;
    }
    seen.add(span.spanId);
    return true;
  });
  return fresh.sort((a, b) => sortKey(a.span) - sortKey(b.span));
}

const sortKey = ({ kind, endTenths }: Span): number => secondOf(endTenths) * 2 + (kind === 'none' ? 1 : 0);
