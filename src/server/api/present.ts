import type { Catalog } from '../../catalog/catalog.ts';
import type { Code, Dictionary } from '../../model/dictionary.ts';
import { errorClassOf, finishClassOf } from '../../model/error-class.ts';
import { hexOfId } from '../../model/ids.ts';
import type { Call, Interaction } from '../../model/interaction.ts';
import {
  isDirectionKey,
  parseEvaluationKey,
  parseJudgedKey,
  parseLabelKey,
  parseServiceKey,
} from '../../model/names.ts';
import { GUARDRAIL, type ServiceIdentity } from '../../model/span.ts';
import { iso } from '../../model/time.ts';
import type { StoredRating } from '../../store/rating.ts';

/** Turns what is stored into what the API shows: ids as hex, codes as text, absent as null, times as RFC 3339. */
export class Presenter {
  readonly #dictionary: Dictionary;
  readonly #catalog: Catalog;

  constructor(dictionary: Dictionary, catalog: Catalog) {
    this.#dictionary = dictionary;
    this.#catalog = catalog;
  }

  identityOf(resource: Code): ServiceIdentity {
    return parseServiceKey(this.#dictionary.text(resource)) ?? { name: '', namespace: '', environment: '' };
  }

  /** `metadata.name` of the declared service, else the name that telemetry gives. */
  serviceNameOf(resource: Code): string {
    const identity = this.identityOf(resource);
    return this.#catalog.declaredFor(identity)?.name ?? identity.name;
  }

  /** That name, and the one it is counted under where there are too many to be told apart. */
  namesOf(resource: Code): string[] {
    return [this.serviceNameOf(resource), this.#catalog.countedFor(this.identityOf(resource)).name];
  }

  interaction(one: Interaction): Record<string, unknown> {
    const text = (code: Code): string | null => this.#dictionary.textOrNull(code);
    const identity = this.identityOf(one.service);
    return {
      traceId: hexOfId(one.traceId),
      spanId: hexOfId(one.spanId),
      service: this.serviceNameOf(one.service),
      namespace: identity.namespace || null,
      environment: identity.environment || null,
      start: startOf(one),
      durationMs: durationMs(one.durationNanos),
      status: one.isError ? 'error' : 'ok',
      errorType: text(one.errorType),
      errorClass: one.isError ? errorClassOf(text(one.errorType) ?? '', one.httpStatus) : null,
      operation: text(one.operation),
      provider: text(one.provider),
      requestModel: text(one.requestModel),
      responseModel: text(one.responseModel),
      inputTokens: one.inputTokens,
      outputTokens: one.outputTokens,
      cachedInputTokens: one.cachedInputTokens,
      reasoningTokens: one.reasoningTokens,
      conversationId: one.conversationId || null,
      userId: one.userId || null,
      promptName: text(one.promptName),
      promptVersion: text(one.promptVersion),
      timeToFirstTokenMs: one.timeToFirstTokenMs,
      guardrail: GUARDRAIL_NAMES[one.guardrail],
      finishReason: text(one.finishReason),
      finishClass: finishClassOf(text(one.finishReason)),
      agent: text(one.agent),
      serviceVersion: text(one.serviceVersion),
      weight: one.weight,
      slices: Object.fromEntries(
        one.attributes
          .map(([dimension, value]) => [text(dimension), text(value)] as const)
          .filter(([dimension]) => !isDirectionKey(dimension ?? '')),
      ),
      headSpanIds: one.headSpanIds.map(hexOfId),
      entrySpanId: hexOfId(one.entrySpanId),
    };
  }

  call(one: Call): Record<string, unknown> {
    const text = (code: Code): string | null => this.#dictionary.textOrNull(code);
    return {
      traceId: hexOfId(one.traceId),
      spanId: hexOfId(one.spanId),
      interactionSpanId: hexOfId(one.interactionSpanId),
      kind: one.kind,
      name: text(one.name),
      provider: text(one.provider),
      model: text(one.model),
      start: startOf(one),
      durationMs: durationMs(one.durationNanos),
      status: one.isError ? 'error' : 'ok',
      errorType: text(one.errorType),
      inputTokens: one.inputTokens,
      outputTokens: one.outputTokens,
    };
  }

  rating(one: StoredRating): Record<string, unknown> {
    const trace = one.target.trace || (one.owner?.trace ?? '');
    const base = {
      traceId: trace === '' ? null : hexOfId(trace),
      spanId: one.target.span === '' ? null : hexOfId(one.target.span),
      at: iso(one.at),
      joined: one.owner !== null,
    };
    const { rating } = one;
    if (rating.type === 'feedback') return { ...base, kind: rating.kind, value: rating.value };
    if (rating.type === 'label') {
      const label = parseLabelKey(this.#dictionary.text(rating.label));
      return { ...base, ...label, value: rating.value };
    }
    if (rating.type === 'ranking') {
      const judged = parseJudgedKey(this.#dictionary.text(rating.evaluation));
      return {
        ...base,
        name: judged?.name,
        evaluator: judged?.evaluator,
        evaluatorVersion: judged?.version || null,
        relevance: rating.relevance,
        ...(rating.judged !== null && { judged: rating.judged }),
      };
    }
    const evaluation = parseEvaluationKey(this.#dictionary.text(rating.evaluation));
    return {
      ...base,
      name: evaluation?.name,
      evaluator: evaluation?.evaluator,
      evaluatorVersion: evaluation?.version || null,
      score: rating.score,
      ...one.detail,
    };
  }
}

const GUARDRAIL_NAMES = { [GUARDRAIL.unknown]: null, [GUARDRAIL.passed]: 'passed', [GUARDRAIL.blocked]: 'blocked' };

const durationMs = (nanos: number): number => Math.round(nanos / 1000) / 1000;

const startOf = (one: { endTenths: number; endNanos: number; durationNanos: number }): string =>
  iso(one.endTenths * 100 + Math.floor((one.endNanos - one.durationNanos) / 1e6));
