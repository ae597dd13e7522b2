import type { Code } from '../../src/model/dictionary.ts';
import { GUARDRAIL, type GuardrailOutcome, type Kind, type SpanKind } from '../../src/model/span.ts';
import type { SpanNumbers, SpanTexts } from '../../src/model/span-record.ts';

export const NO_ATTRIBUTES: SpanNumbers['attributes'] = [];

/** A span being read: one object for all spans. */
export class SpanDraft implements SpanNumbers {
  parentIsRemote = false;
  service: Code = 0;
  scope: Code = 0;
  spanKind: SpanKind = 'unspecified';
  kind: Kind = 'none';
  endTenths = 0;
  endNanos = 0;
  durationNanos = 0;
  isError = false;
  errorType: Code = 0;
  httpStatus = 0;
  hidesFailures = false;
  provider: Code = 0;
  requestModel: Code = 0;
  responseModel: Code = 0;
  operation: Code = 0;
  finishReason: Code = 0;
  agent: Code = 0;
  name: Code = 0;
  promptName: Code = 0;
  promptVersion: Code = 0;
  serviceVersion: Code = 0;
  inputTokens: number | null = null;
  outputTokens: number | null = null;
  cachedInputTokens: number | null = null;
  cacheWriteTokens: number | null = null;
  reasoningTokens: number | null = null;
  timeToFirstTokenMs: number | null = null;
  costNanos: number | null = null;
  guardrail: GuardrailOutcome = GUARDRAIL.unknown;
  weight = 1;
  attributes: SpanNumbers['attributes'] = NO_ATTRIBUTES;

  readonly texts: SpanTexts = {
    traceAt: 0,
    spanAt: 0,
    parentAt: -1,
    responseRef: '',
    interactionRef: '',
    conversation: { source: Buffer.alloc(0), at: 0, length: 0 },
    user: { source: Buffer.alloc(0), at: 0, length: 0 },
  };

  /** Forgets what only spans of AI have. */
  clearAi(): void {
    this.kind = 'none';
    this.scope = 0;
    this.hidesFailures = false;
    this.provider = 0;
    this.requestModel = 0;
    this.responseModel = 0;
    this.operation = 0;
    this.finishReason = 0;
    this.agent = 0;
    this.name = 0;
    this.serviceVersion = 0;
    this.inputTokens = null;
    this.outputTokens = null;
    this.cachedInputTokens = null;
    this.cacheWriteTokens = null;
    this.reasoningTokens = null;
    this.timeToFirstTokenMs = null;
    this.costNanos = null;
    this.guardrail = GUARDRAIL.unknown;
    this.attributes = NO_ATTRIBUTES;
    this.texts.responseRef = '';
  }
}
