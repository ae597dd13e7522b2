import { expect, it } from 'vitest';
import { FIELDS } from '../../../collectors/dialects/dialect.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { sourcesOf } from '../../../collectors/dialects/plan.ts';
import { nanosBetween } from '../../../collectors/otlp/nanos.ts';
import { weightOf } from '../../../collectors/otlp/weight.ts';
import { MalformedBody } from '../../../collectors/otlp/wire.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { hexOfId } from '../../../src/model/ids.ts';
import { parseServiceKey, type Span } from '../../../src/model/span.ts';
import { ExportRequest, oracleFields, oracleService } from './oracle.ts';
import { RandomRequests } from './random-request.ts';
import { decoderWith, samples, spansOf, WINDOW } from './samples.ts';
import { vocabulary } from './vocabulary.ts';

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

it.each([1, 2, 3, 4])('what is read of random requests is what a plain reader reads: seed %i', (seed) => {
  const random = new RandomRequests(seed, vocabulary);
  const dictionary = new Dictionary();
  const decoder = decoderWith(dictionary);
  let compared = 0;
  while (compared < 1000) {
    const body = random.next();
    const decoded = decoder.decode(body, WINDOW);
    const spans = spansOf(decoded);
    let refused = 0;
    let row = 0;
    for (const resourceSpans of (ExportRequest.decode(body) as Message).resourceSpans ?? []) {
      for (const scopeSpans of resourceSpans.scopeSpans ?? [])
        for (const wanted of scopeSpans.spans ?? []) {
          if (!isKept(wanted)) {
            refused++;
            continue;
          }
          const span = spans[row++]!;
          compared++;
          expect(hexOfId(span.traceId) + hexOfId(span.spanId)).toBe(hex(wanted.traceId) + hex(wanted.spanId));
          expect(hexOfId(span.parentSpanId)).toBe(hex(wanted.parentSpanId).replace(/^0{16}$/, ''));
          const took = nanos(wanted.endTimeUnixNano) - nanos(wanted.startTimeUnixNano);
          expect(span.durationNanos).toBe(took > 0n ? Number(took) : 0);
          expect(BigInt(span.endTenths) * 100_000_000n + BigInt(span.endNanos)).toBe(nanos(wanted.endTimeUnixNano));
          expect(span.parentIsRemote).toBe(((wanted.flags ?? 0) & 0x300) === 0x300);
          const { name, namespace, environment, version } = oracleService(resourceSpans.resource, wanted);
          expect(parseServiceKey(dictionary.text(span.service))).toEqual({ name, namespace, environment });
          expect(plainly(span, dictionary)).toEqual(oracleFields(wanted, dialects, name));
          if (span.kind === 'none') continue;
          expect(dictionary.text(span.scope)).toBe(scopeSpans.scope?.name ?? '');
          expect(span.weight).toBe(weightOf(wanted.traceState ?? ''));
          if (version !== '') expect(dictionary.text(span.serviceVersion)).toBe(version);
        }
    }
    expect(spans.length).toBe(row);
    expect(decoded.rejected.reduce((sum, { count }) => sum + count, 0)).toBe(refused);
  }
});

it('a cut or changed body ends in a result or in MalformedBody, and is never taken where protobufjs refuses it', () => {
  const random = new RandomRequests(5, vocabulary);
  const decoder = decoderWith(new Dictionary());
  const bodies = [...samples.flatMap(({ protobuf }) => protobuf), ...Array.from({ length: 150 }, () => random.next())];
  let taken = 0;
  let refused = 0;
  for (const body of bodies)
    for (let i = 0; i < 20; i++) {
      const hurt = i < 8 ? Buffer.from(body.subarray(0, random.below(body.length))) : changed(body, random);
      const theirs = outcome(() => ExportRequest.decode(hurt));
      const ours = outcome(() => decoder.decode(hurt, WINDOW));
      if (ours !== null) expect(ours).toBeInstanceOf(MalformedBody);
      if (theirs !== null) expect(ours, `${theirs}: ${hurt.toString('hex')}`).not.toBeNull();
      if (ours === null) taken++;
      else refused++;
    }
  expect(taken).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(500);
});

function changed(body: Buffer, random: RandomRequests): Buffer {
  const copy = Buffer.from(body);
  for (let i = 0; i < 3 && copy.length > 0; i++) copy[random.below(copy.length)] = random.below(256);
  return copy;
}

function outcome(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}

it('the vocabulary covers every source of every field', () => {
  const keys = new Set([...vocabulary.spanKeys, ...vocabulary.eventKeys]);
  const missing = FIELDS.flatMap((field) => sourcesOf(dialects, field)).filter(
    (source) => source.take !== 'event time' && !keys.has(source.key),
  );
  expect(missing).toEqual([]);
});
