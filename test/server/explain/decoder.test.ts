import { describe, expect, it } from 'vitest';
import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { TraceDecoder } from '../../../collectors/otlp/index.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { EMBEDDING_DIMENSIONS } from '../../../src/model/embedding-dimensions.ts';
import { hexOfId } from '../../../src/model/ids.ts';
import type { Span } from '../../../src/model/span.ts';
import { PROMPT_KEY } from '../../../src/server/explain/explainer.ts';
import { samples, spansOf, WINDOW } from '../../collectors/otlp/samples.ts';
import { explained } from './explaining.ts';

const dimensionsOf = ({ attributes }: Span, dictionary: Dictionary): number =>
  attributes.find(([name]) => dictionary.text(name) === EMBEDDING_DIMENSIONS)?.[1] ?? 0;

/** What the record of a span says of the fields that are explained. */
function recorded(span: Span, dictionary: Dictionary): Record<string, unknown> {
  const text = (code: number): string | null => dictionary.textOrNull(code);
  return {
    provider: text(span.provider),
    requestModel: text(span.requestModel),
    responseModel: text(span.responseModel),
    operation: text(span.operation),
    finishReason: text(span.finishReason),
    responseId: hexOfId(span.responseRef) || null,
    conversationId: span.conversationId || null,
    userId: span.userId || null,
    agent: text(span.agent),
    promptName: text(span.promptName),
    promptVersion: text(span.promptVersion),
    serviceVersion: text(span.serviceVersion),
    inputTokens: span.inputTokens,
    outputTokens: span.outputTokens,
    cachedInputTokens: span.cachedInputTokens,
    cacheWriteTokens: span.cacheWriteTokens,
    reasoningTokens: span.reasoningTokens,
    timeToFirstTokenMs: span.timeToFirstTokenMs,
    cost: span.costNanos === null ? null : span.costNanos / 1e9,
    guardrail: [null, 'passed', 'blocked'][span.guardrail],
    name: text(span.name),
    ...(span.kind === 'embedding' && { embeddingDimensions: text(dimensionsOf(span, dictionary)) }),
  };
}

describe('what is explained is what the decoder records', () => {
  it.each(samples)('$name', ({ protobuf, expected }) => {
    const dictionary = new Dictionary();
    const decoder = new TraceDecoder({ dialects, dictionary, declared: NOTHING_DECLARED, promptKey: PROMPT_KEY });
    const spans = protobuf.flatMap((body) => spansOf(decoder.decode(body, WINDOW)));
    const explanation = explained(protobuf);
    const byId = new Map(explanation.aiSpans.map((one) => [one.spanId, one]));
    const ofAi = spans.filter(({ kind }) => kind !== 'none');
    expect(explanation.aiSpans.length).toBe(ofAi.length);
    expect(explanation.links.length).toBe(spans.length - ofAi.length);
    for (const span of ofAi) {
      const one = byId.get(hexOfId(span.spanId))!;
      const values = Object.fromEntries(one.fields.map(({ field, value }) => [field, value]));
      const absent = Object.fromEntries(one.absent.map((field) => [field, null]));
      expect({ name: null, ...absent, ...values }).toEqual(recorded(span, dictionary));
      expect(one.kind).toBe(span.kind);
      expect(one.status).toBe(span.isError ? 'error' : 'ok');
      expect(one.errorType).toBe(dictionary.textOrNull(span.errorType));
      expect(one.failedBy.length > 0).toBe(span.isError);
    }
    const ids = (rows: readonly Readonly<Record<string, unknown>>[]): string[] =>
      rows.map((row) => `${row['traceId']} ${row['spanId']}`).sort();
    expect(ids(explanation.interactions)).toEqual(ids(expected.interactions));
    expect(ids(explanation.calls)).toEqual(ids(expected.calls));
  });
});
