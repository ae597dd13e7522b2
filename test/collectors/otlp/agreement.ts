import assert from 'node:assert/strict';
import { dialects } from '../../../collectors/dialects/index.ts';
import type { TraceDecoder } from '../../../collectors/otlp/decode.ts';
import { nanosBetween } from '../../../collectors/otlp/nanos.ts';
import { weightOf } from '../../../collectors/otlp/weight.ts';
import type { Dictionary } from '../../../src/model/dictionary.ts';
import { hexOfId } from '../../../src/model/ids.ts';
import { parseServiceKey, type Span } from '../../../src/model/span.ts';
import { ExportRequest, oracleFields, oracleService } from './oracle.ts';
import { spansOf, WINDOW } from './samples.ts';

// biome-ignore lint/suspicious/noExplicitAny: protobufjs gives objects without types
type Message = any;

/** Every field of a span as texts and numbers, in the oracle's form. */
function plainly(span: Span, dictionary: Dictionary) {
  const text = (code: number) => dictionary.textOrNull(code);
  const link = {
    kind: span.kind,
    spanKind: span.spanKind,
    httpStatus: span.httpStatus,
    promptName: text(span.promptName),
    promptVersion: text(span.promptVersion),
    conversationId: span.conversationId || null,
    userId: span.userId || null,
    isError: span.isError,
    errorType: text(span.errorType),
  };
  if (span.kind === 'none') return link;
  return {
    ...link,
    requestModel: text(span.requestModel),
    responseModel: text(span.responseModel),
    provider: text(span.provider),
    operation: text(span.operation),
    finishReason: text(span.finishReason),
    name: text(span.name),
    agent: text(span.agent),
    inputTokens: span.inputTokens,
    outputTokens: span.outputTokens,
    cachedInputTokens: span.cachedInputTokens,
    cacheWriteTokens: span.cacheWriteTokens,
    reasoningTokens: span.reasoningTokens,
    timeToFirstTokenMs: span.timeToFirstTokenMs,
  };
}

const nanos = (long: Message): bigint => (long === undefined ? 0n : BigInt(long.toString()));
const halves = (value: bigint): [number, number] => [Number(value & 0xffffffffn), Number(value >> 32n)];
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** Whether a span can be kept, after the rules in words: ids of the right length and not zero, times that are times. */
function isKept(span: Message): boolean {
  const [start, end] = [nanos(span.startTimeUnixNano), nanos(span.endTimeUnixNano)];
  const parent = hex(span.parentSpanId);
  const noTime = [0n, 2n ** 63n, 2n ** 64n - 1n];
  return (
    /^[0-9a-f]{32}$/.test(hex(span.traceId)) &&
    !/^0+$/.test(hex(span.traceId)) &&
    /^[0-9a-f]{16}$/.test(hex(span.spanId)) &&
    !/^0+$/.test(hex(span.spanId)) &&
    (parent === '' || parent.length === 16) &&
    !noTime.includes(start) &&
    !noTime.includes(end) &&
    (end / 100_000_000n) * 100n <= BigInt(WINDOW.now + 600_000) &&
    (end / 100_000_000n) * 100n >= BigInt(WINDOW.now - WINDOW.retention) &&
    nanosBetween(...halves(start), ...halves(end)) <= Number.MAX_SAFE_INTEGER
  );
}

/**
 * Compares what the decoder reads of a body with what the plain reader does, span by span.
 * @param compare  everything, or only frames: the plain reader knows nothing of NUL and of JSON that is none
 * @returns how many spans were compared, and how many refused
 * @throws MalformedBody as the decoder does; AssertionError
 */
export function compareWithOracle(
  body: Buffer,
  decoder: TraceDecoder,
  dictionary: Dictionary,
  compare = compareSpans,
): { compared: number; refused: number } {
  const decoded = decoder.decode(body, WINDOW);
  const spans = spansOf(decoded);
  let refused = 0;
  let row = 0;
  for (const resourceSpans of (ExportRequest.decode(body) as Message).resourceSpans ?? []) {
    for (const scopeSpans of resourceSpans.scopeSpans ?? [])
      for (const wanted of scopeSpans.spans ?? []) {
        if (!isKept(wanted)) refused++;
        else compare(spans[row++]!, wanted, resourceSpans, scopeSpans, dictionary);
      }
  }
  assert.equal(spans.length, row);
  assert.equal(
    decoded.rejected.reduce((sum, { count }) => sum + count, 0),
    refused,
  );
  return { compared: row, refused };
}

type Compare = (span: Span, wanted: Message, ofResource: Message, ofScope: Message, dictionary: Dictionary) => void;

/** Ids and times. */
export const compareFrames: Compare = (span, wanted) => {
  assert.equal(hexOfId(span.traceId) + hexOfId(span.spanId), hex(wanted.traceId) + hex(wanted.spanId));
  assert.equal(hexOfId(span.parentSpanId), hex(wanted.parentSpanId).replace(/^0{16}$/, ''));
  const took = nanos(wanted.endTimeUnixNano) - nanos(wanted.startTimeUnixNano);
  assert.equal(span.durationNanos, took > 0n ? Number(took) : 0);
  assert.equal(BigInt(span.endTenths) * 100_000_000n + BigInt(span.endNanos), nanos(wanted.endTimeUnixNano));
  assert.equal(span.parentIsRemote, ((wanted.flags ?? 0) & 0x300) === 0x300);
};

/** Everything. */
const compareSpans: Compare = (span, wanted, ofResource, ofScope, dictionary) => {
  compareFrames(span, wanted, ofResource, ofScope, dictionary);
  const { name, namespace, environment, version } = oracleService(ofResource.resource, wanted);
  assert.deepEqual(parseServiceKey(dictionary.text(span.service)), { name, namespace, environment });
  assert.deepEqual(plainly(span, dictionary), oracleFields(wanted, dialects, name, ofScope.scope?.name));
  if (span.kind === 'none') return;
  assert.equal(dictionary.text(span.scope), ofScope.scope?.name ?? '');
  assert.equal(span.weight, weightOf(wanted.traceState ?? ''));
  if (version !== '') assert.equal(dictionary.text(span.serviceVersion), version);
};
