import { ByteReader, type ByteWriter } from './bytes.ts';
import { GUARDRAIL, KINDS, type Kind, SPAN_KINDS, type Span, type SpanKind } from './span.ts';

/**
 * The packed form of a span: what the ingest thread hands to the writer, and what the store keeps.
 * The key (trace id, span id, tenths of the end) lies outside; the body is
 *
 *   byte    kind | span kind << 4 | has parent << 7
 *   byte    flags (below)
 *   varint  which of the optional codes and numbers follow, bit by bit in their order
 *   varint  service, scope, end nanos, duration nanos
 *   the optional codes and numbers; then what the flags name, numbers first; then ids and texts: parent (8 bytes),
 *   response ref (8 bytes), interaction ref (8 bytes, when its bit is among those of the codes), conversation, user.
 */
const REMOTE_PARENT = 1;
const ERROR = 2;
const FIRST_TOKEN = 4;
const WEIGHT = 8;
const RESPONSE_REF = 16;
const CONVERSATION = 32;
const USER = 64;
const ATTRIBUTES = 128;
/** Among the bits of the optional codes: those of the flags are all taken. */
const INTERACTION_REF = 1 << 17;
const COST = 1 << 20;
const GUARDRAIL_PASSED = 1 << 21;
const GUARDRAIL_BLOCKED = 1 << 22;

const KIND_CODE = Object.fromEntries(KINDS.map((kind, i) => [kind, i])) as Record<Kind, number>;
const SPAN_KIND_CODE = Object.fromEntries(SPAN_KINDS.map((kind, i) => [kind, i])) as Record<SpanKind, number>;

/** What of a span are numbers and codes: the part of its record that is the same however ids and texts are held. */
export type SpanNumbers = Omit<
  Span,
  'traceId' | 'spanId' | 'parentSpanId' | 'responseRef' | 'interactionRef' | 'conversationId' | 'userId'
>;

/** @param texts  which of RESPONSE_REF, INTERACTION_REF, CONVERSATION and USER will follow */
function writeNumbers(out: ByteWriter, span: SpanNumbers, hasParent: boolean, texts: number): void {
  const flags =
    (texts & 255) |
    (span.parentIsRemote ? REMOTE_PARENT : 0) |
    (span.isError ? ERROR : 0) |
    (span.timeToFirstTokenMs !== null ? FIRST_TOKEN : 0) |
    (span.weight !== 1 ? WEIGHT : 0) |
    (span.attributes.length > 0 ? ATTRIBUTES : 0);
  out.byte(KIND_CODE[span.kind] | (SPAN_KIND_CODE[span.spanKind] << 4) | (hasParent ? 128 : 0));
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
      (span.reasoningTokens === null ? 0 : 65536) |
      (span.hidesFailures ? 262144 : 0) |
      (span.costNanos === null ? 0 : COST) |
      (span.guardrail === GUARDRAIL.passed ? GUARDRAIL_PASSED : 0) |
      (span.guardrail === GUARDRAIL.blocked ? GUARDRAIL_BLOCKED : 0) |
      (texts & INTERACTION_REF),
  );
  out.varint(span.service);
  out.varint(span.scope);
  out.varint(span.endNanos);
  out.varint(span.durationNanos);
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
  if (span.costNanos !== null) out.varint(span.costNanos);
  if (span.timeToFirstTokenMs !== null) out.double(span.timeToFirstTokenMs);
  if (span.weight !== 1) out.double(span.weight);
  if (span.attributes.length > 0) writePairs(out, span.attributes);
}

function writePairs(out: ByteWriter, pairs: Span['attributes']): void {
  out.varint(pairs.length);
  for (const [dimension, value] of pairs) {
    out.varint(dimension);
    out.varint(value);
  }
}

export function writeSpanBody(out: ByteWriter, span: Span): void {
  const texts =
    (span.responseRef === '' ? 0 : RESPONSE_REF) |
    (span.interactionRef === '' ? 0 : INTERACTION_REF) |
    (span.conversationId === '' ? 0 : CONVERSATION) |
    (span.userId === '' ? 0 : USER);
  writeNumbers(out, span, span.parentSpanId !== '', texts);
  if (span.parentSpanId !== '') out.latin1(span.parentSpanId);
  if (span.responseRef !== '') out.latin1(span.responseRef);
  if (span.interactionRef !== '') out.latin1(span.interactionRef);
  if (span.conversationId !== '') out.text(span.conversationId);
  if (span.userId !== '') out.text(span.userId);
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
    costNanos: present & COST ? from.varint() : null,
    guardrail:
      present & GUARDRAIL_BLOCKED
        ? GUARDRAIL.blocked
        : present & GUARDRAIL_PASSED
          ? GUARDRAIL.passed
          : GUARDRAIL.unknown,
    hidesFailures: (present & 262144) !== 0,
    timeToFirstTokenMs: flags & FIRST_TOKEN ? from.double() : null,
    weight: flags & WEIGHT ? from.double() : 1,
    attributes: flags & ATTRIBUTES ? readPairs(from) : NO_PAIRS,
    parentSpanId: first >= 128 ? from.latin1(8) : '',
    responseRef: flags & RESPONSE_REF ? from.latin1(8) : '',
    interactionRef: present & INTERACTION_REF ? from.latin1(8) : '',
    conversationId: flags & CONVERSATION ? from.text() : '',
    userId: flags & USER ? from.text() : '',
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
  writeSpanBody(out, span);
  finishRecord(out, start);
}

/** A UTF-8 text where it lies; a length of 0 is "absent". */
export interface TextBytes {
  source: Buffer;
  at: number;
  length: number;
}

/** Where ids and texts of a span lie: the ids in the bytes that it was read from. */
export interface SpanTexts {
  /** 16 bytes. */
  traceAt: number;
  /** 8 bytes. */
  spanAt: number;
  /** 8 bytes, or -1. */
  parentAt: number;
  /** `''` when absent. */
  responseRef: string;
  interactionRef: string;
  readonly conversation: TextBytes;
  readonly user: TextBytes;
}

/** As `appendSpanRecord`, with ids and texts copied from where they were read: no string is made of them. */
export function appendSpanRecordFrom(out: ByteWriter, span: SpanNumbers, source: Buffer, texts: SpanTexts): void {
  out.ensure(RECORD_HEADER_BYTES);
  const start = out.at;
  out.at += 4;
  out.bytesFrom(source, texts.traceAt, 16);
  out.bytesFrom(source, texts.spanAt, 8);
  out.double(span.endTenths);
  const present =
    (texts.responseRef === '' ? 0 : RESPONSE_REF) |
    (texts.interactionRef === '' ? 0 : INTERACTION_REF) |
    (texts.conversation.length === 0 ? 0 : CONVERSATION) |
    (texts.user.length === 0 ? 0 : USER);
  writeNumbers(out, span, texts.parentAt >= 0, present);
  if (texts.parentAt >= 0) out.bytesFrom(source, texts.parentAt, 8);
  if (texts.responseRef !== '') out.latin1(texts.responseRef);
  if (texts.interactionRef !== '') out.latin1(texts.interactionRef);
  if (texts.conversation.length > 0) appendText(out, texts.conversation);
  if (texts.user.length > 0) appendText(out, texts.user);
  finishRecord(out, start);
}

const appendText = (out: ByteWriter, { source, at, length }: TextBytes): void => out.textFrom(source, at, length);

function finishRecord(out: ByteWriter, start: number): void {
  const length = out.at - start - RECORD_HEADER_BYTES;
  const { buffer } = out;
  buffer[start] = length;
  buffer[start + 1] = length >>> 8;
  buffer[start + 2] = length >>> 16;
  buffer[start + 3] = length >>> 24;
}

/** The spans of a transfer buffer, in their order. @throws RangeError when it ends within a record */
export function* spansOfRecords(records: ArrayBuffer): Generator<Span> {
  const buffer = Buffer.from(records);
  for (let at = 0; at < buffer.length; ) {
    const body = at + RECORD_HEADER_BYTES;
    if (body > buffer.length) throw new RangeError(`a record header is cut short at byte ${at}`);
    const end = body + buffer.readUInt32LE(at);
    if (end > buffer.length) throw new RangeError(`a record is cut short at byte ${at}`);
    yield readSpanBody(new ByteReader(buffer, body, end), {
      traceId: buffer.toString('latin1', at + 4, at + 20),
      spanId: buffer.toString('latin1', at + 20, at + 28),
      endTenths: buffer.readDoubleLE(at + 28),
    });
    at = end;
  }
}
