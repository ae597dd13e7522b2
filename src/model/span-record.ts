import type { ByteReader, ByteWriter } from './bytes.ts';
import { KINDS, type Kind, SPAN_KINDS, type Span, type SpanKind } from './span.ts';

/**
 * The packed form of a span: what the ingest thread hands to the writer, and what the store keeps.
 * The key (trace id, span id, tenths of the end) lies outside; the body is
 *
 *   byte    kind | span kind << 4 | has parent << 7
 *   byte    flags (below)
 *   varint  which of the optional codes and numbers follow, bit by bit in their order
 *   varint  service, scope, end nanos, duration nanos
 *   8 bytes parent, when there is one; then the optional codes and numbers; then what the flags name, in their order.
 */
const REMOTE_PARENT = 1;
const ERROR = 2;
const FIRST_TOKEN = 4;
const WEIGHT = 8;
const RESPONSE_REF = 16;
const CONVERSATION = 32;
const USER = 64;
const ATTRIBUTES = 128;

const KIND_CODE = Object.fromEntries(KINDS.map((kind, i) => [kind, i])) as Record<Kind, number>;
const SPAN_KIND_CODE = Object.fromEntries(SPAN_KINDS.map((kind, i) => [kind, i])) as Record<SpanKind, number>;

export function writeSpanBody(out: ByteWriter, span: Span): void {
  const flags =
    (span.parentIsRemote ? REMOTE_PARENT : 0) |
    (span.isError ? ERROR : 0) |
    (span.timeToFirstTokenMs !== null ? FIRST_TOKEN : 0) |
    (span.weight !== 1 ? WEIGHT : 0) |
    (span.responseRef !== '' ? RESPONSE_REF : 0) |
    (span.conversationId !== '' ? CONVERSATION : 0) |
    (span.userId !== '' ? USER : 0) |
    (span.attributes.length > 0 ? ATTRIBUTES : 0);
  out.byte(KIND_CODE[span.kind] | (SPAN_KIND_CODE[span.spanKind] << 4) | (span.parentSpanId === '' ? 0 : 128));
  out.byte(flags);
  out.varint(
    (span.errorType && 1) |
      (span.httpStatus && 2) |
      (span.provider && 4) |
      (span.requestModel && 8) |
      (span.responseModel && 16) |
      (span.operation && 32) |
      (span.finishReason && 64) |
      (span.agent && 128) |
      (span.name && 256) |
      (span.promptName && 512) |
      (span.promptVersion && 1024) |
      (span.serviceVersion && 2048) |
      (span.inputTokens === null ? 0 : 4096) |
      (span.outputTokens === null ? 0 : 8192) |
      (span.cachedInputTokens === null ? 0 : 16384) |
      (span.cacheWriteTokens === null ? 0 : 32768) |
      (span.reasoningTokens === null ? 0 : 65536),
  );
  out.varint(span.service);
  out.varint(span.scope);
  out.varint(span.endNanos);
  out.varint(span.durationNanos);
  if (span.parentSpanId !== '') out.latin1(span.parentSpanId);
  if (span.errorType) out.varint(span.errorType);
  if (span.httpStatus) out.varint(span.httpStatus);
  if (span.provider) out.varint(span.provider);
  if (span.requestModel) out.varint(span.requestModel);
  if (span.responseModel) out.varint(span.responseModel);
  if (span.operation) out.varint(span.operation);
  if (span.finishReason) out.varint(span.finishReason);
  if (span.agent) out.varint(span.agent);
  if (span.name) out.varint(span.name);
  if (span.promptName) out.varint(span.promptName);
  if (span.promptVersion) out.varint(span.promptVersion);
  if (span.serviceVersion) out.varint(span.serviceVersion);
  if (span.inputTokens !== null) out.varint(span.inputTokens);
  if (span.outputTokens !== null) out.varint(span.outputTokens);
  if (span.cachedInputTokens !== null) out.varint(span.cachedInputTokens);
  if (span.cacheWriteTokens !== null) out.varint(span.cacheWriteTokens);
  if (span.reasoningTokens !== null) out.varint(span.reasoningTokens);
  if (span.timeToFirstTokenMs !== null) out.double(span.timeToFirstTokenMs);
  if (span.weight !== 1) out.double(span.weight);
  if (span.responseRef !== '') out.latin1(span.responseRef);
  if (span.conversationId !== '') out.text(span.conversationId);
  if (span.userId !== '') out.text(span.userId);
  if (span.attributes.length > 0) {
    out.varint(span.attributes.length);
    for (const [dimension, value] of span.attributes) {
      out.varint(dimension);
      out.varint(value);
    }
  }
}

export interface SpanKey {
  readonly traceId: string;
  readonly spanId: string;
  readonly endTenths: number;
}

export function readSpanBody(from: ByteReader, key: SpanKey): Span {
  const first = from.byte();
  const flags = from.byte();
  const present = from.varint();
  return {
    traceId: key.traceId,
    spanId: key.spanId,
    endTenths: key.endTenths,
    kind: KINDS[first & 15]!,
    spanKind: SPAN_KINDS[(first >> 4) & 7]!,
    parentIsRemote: (flags & REMOTE_PARENT) !== 0,
    isError: (flags & ERROR) !== 0,
    service: from.varint(),
    scope: from.varint(),
    endNanos: from.varint(),
    durationNanos: from.varint(),
    parentSpanId: first >= 128 ? from.latin1(8) : '',
    errorType: present & 1 ? from.varint() : 0,
    httpStatus: present & 2 ? from.varint() : 0,
    provider: present & 4 ? from.varint() : 0,
    requestModel: present & 8 ? from.varint() : 0,
    responseModel: present & 16 ? from.varint() : 0,
    operation: present & 32 ? from.varint() : 0,
    finishReason: present & 64 ? from.varint() : 0,
    agent: present & 128 ? from.varint() : 0,
    name: present & 256 ? from.varint() : 0,
    promptName: present & 512 ? from.varint() : 0,
    promptVersion: present & 1024 ? from.varint() : 0,
    serviceVersion: present & 2048 ? from.varint() : 0,
    inputTokens: present & 4096 ? from.varint() : null,
    outputTokens: present & 8192 ? from.varint() : null,
    cachedInputTokens: present & 16384 ? from.varint() : null,
    cacheWriteTokens: present & 32768 ? from.varint() : null,
    reasoningTokens: present & 65536 ? from.varint() : null,
    timeToFirstTokenMs: flags & FIRST_TOKEN ? from.double() : null,
    weight: flags & WEIGHT ? from.double() : 1,
    responseRef: flags & RESPONSE_REF ? from.latin1(8) : '',
    conversationId: flags & CONVERSATION ? from.text() : '',
    userId: flags & USER ? from.text() : '',
    attributes: flags & ATTRIBUTES ? readPairs(from) : NO_PAIRS,
  };
}

const NO_PAIRS: readonly (readonly [number, number])[] = [];

function readPairs(from: ByteReader): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let n = from.varint(); n > 0; n--) pairs.push([from.varint(), from.varint()]);
  return pairs;
}

/** Bytes in front of each body in a transfer buffer: body length (u32), trace id, span id, tenths of the end (double). */
export const RECORD_HEADER_BYTES = 36;

/** Appends one span, header and body, to a transfer buffer. Spans follow each other without gaps. */
export function appendSpanRecord(out: ByteWriter, span: Span): void {
  out.ensure(RECORD_HEADER_BYTES);
  const start = out.at;
  out.at += 4;
  out.latin1(span.traceId);
  out.latin1(span.spanId);
  out.double(span.endTenths);
  const body = out.at;
  writeSpanBody(out, span);
  out.buffer.writeUInt32LE(out.at - body, start);
}
