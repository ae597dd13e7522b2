import { MAX_ID_BYTES } from '../../src/model/ids.ts';
import type { TelemetryEvaluation } from '../../src/model/ingest.ts';
import type { Millis } from '../../src/model/time.ts';
import { AskedAttributes } from './asked-attributes.ts';
import type { AttributeReader } from './attributes.ts';
import type { RejectReason } from './rejects.ts';
import type { Scope } from './walk.ts';
import type { Wire } from './wire.ts';

/** The name of a log record, or of a span's event, that says what an evaluator found. */
export const EVALUATION_EVENT = 'gen_ai.evaluation.result';

/** @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-events/#event-gen_aievaluationresult */
const KEYS = [
  'event.name',
  'gen_ai.evaluation.name',
  'gen_ai.evaluation.score.value',
  'gen_ai.evaluation.score',
  'gen_ai.evaluation.score.label',
  'error.type',
  'gen_ai.response.id',
  'gen_ai.conversation.id',
  'openlit.score.idempotency_key',
  // Not agreed upon yet, and written.
  'gen_ai.evaluation.evaluator.name',
  'gen_ai.evaluation.evaluator.id',
  'gen_ai.evaluation.evaluator',
  'gen_ai.evaluation.evaluator.version',
  'gen_ai.evaluation.confidence',
] as const;

/** Scopes of libraries that write down the scores of others: who scored, they don't know. */
const RECORDERS = /^openlit\b/;
/** Longer than this is no name. */
const MAX_CHARACTERS = 256;

/** Where an evaluation was found. */
export interface FoundAt {
  /** Hex digits; '' when it names none. */
  readonly traceId: string;
  readonly spanId: string;
  /** Null when it says none. */
  readonly at: Millis | null;
  /** Of a log record; a span's event has the scope of the application that was evaluated. */
  readonly scope: Scope | null;
}

/** Why something can't be kept, with the values that speak against it. */
export interface Fault {
  readonly fault: RejectReason;
  readonly example: string;
}

/** Reads what an evaluator found from the attributes of a log record or of a span's event. */
export class EvaluationReader {
  readonly attributes: AskedAttributes<(typeof KEYS)[number]>;

  constructor(wire: Wire, reader: AttributeReader) {
    this.attributes = new AskedAttributes(wire, reader, KEYS);
  }

  /** What the attributes read since they were cleared say. */
  evaluation(found: FoundAt): TelemetryEvaluation | Fault {
    const { attributes } = this;
    const name = attributes.text('gen_ai.evaluation.name');
    if (name === '') return { fault: 'evaluation name', example: placeOf(found) };
    const { score, label } = this.#result();
    const errorType = attributes.text('error.type');
    const evaluator = this.#evaluator(found.scope);
    const names = { name, label, errorType, ...evaluator };
    const long = Object.entries(names).find(([, text]) => text.length > MAX_CHARACTERS);
    if (long !== undefined) return { fault: 'long name', example: `${long[0]} has ${long[1].length}` };
    if (Number.isNaN(score) || Math.abs(score ?? 0) === Number.POSITIVE_INFINITY)
      return { fault: 'score', example: `${name} is ${score}` };
    const confidence = attributes.scalar('gen_ai.evaluation.confidence');
    if (confidence !== null && !isConfidence(confidence))
      return { fault: 'score', example: `${name} has the confidence ${confidence}` };
    if (score === null && label === '' && errorType === '' && confidence === null)
      return { fault: 'score', example: `${name} has neither, ${placeOf(found)}` };
    const target = this.#target(found);
    if (target === null) return { fault: 'no target', example: `${name}, ${placeOf(found)}` };
    const hasFailed = errorType !== '';
    return {
      ...target,
      ...given({ id: this.#id(target) }),
      ...given({ evaluator: evaluator.evaluator, evaluatorVersion: evaluator.version }),
      name,
      ...(hasFailed
        ? { errorType }
        : { ...(score !== null && { score }), ...given({ label }), ...(confidence !== null && { confidence }) }),
      ...(found.at !== null && { at: found.at }),
    };
  }

  /** The score, null when there is none; a truth value is 1 or 0, and a text that is no number a label. */
  #result(): { score: number | null; label: string } {
    const { attributes } = this;
    const label = attributes.text('gen_ai.evaluation.score.label');
    const value = attributes.scalar('gen_ai.evaluation.score.value') ?? attributes.scalar('gen_ai.evaluation.score');
    if (typeof value === 'boolean') return { score: value ? 1 : 0, label: label || String(value) };
    if (typeof value !== 'string') return { score: value, label };
    const isNumber = value.trim() !== '' && (value === 'NaN' || !Number.isNaN(Number(value)));
    return isNumber ? { score: Number(value), label } : { score: null, label: label || value };
  }

  #evaluator(scope: Scope | null): { evaluator: string; version: string } {
    const { attributes } = this;
    const version = attributes.text('gen_ai.evaluation.evaluator.version');
    const named =
      attributes.text('gen_ai.evaluation.evaluator.name') ||
      attributes.text('gen_ai.evaluation.evaluator.id') ||
      attributes.text('gen_ai.evaluation.evaluator');
    if (named !== '' || scope === null || RECORDERS.test(scope.name)) return { evaluator: named, version };
    return { evaluator: scope.name, version: version || scope.version };
  }

  /** A key is the application's own: another one may have the same, about something else. */
  #id({ traceId, responseId, conversationId }: Partial<TelemetryEvaluation>): string {
    const key = this.attributes.text('openlit.score.idempotency_key').slice(0, MAX_CHARACTERS);
    return key === '' ? '' : `${key} ${traceId ?? responseId ?? conversationId}`;
  }

  /** All names of what it is about; null when there is none. */
  #target({ traceId, spanId }: FoundAt): Partial<TelemetryEvaluation> | null {
    const responseId = this.#idIn('gen_ai.response.id');
    const conversationId = this.#idIn('gen_ai.conversation.id');
    if (traceId === '' && responseId === '' && conversationId === '') return null;
    return given({ traceId, spanId: traceId === '' ? '' : spanId, responseId, conversationId });
  }

  /** '' for what is too long to be one, as on a span: the begin of an id is the name of something else. */
  #idIn(key: 'gen_ai.response.id' | 'gen_ai.conversation.id'): string {
    const text = this.attributes.text(key);
    return Buffer.byteLength(text) > MAX_ID_BYTES ? '' : text;
  }
}

/** Held to interactions of a service; a key of its sender's own is none of another's. */
export const ofService = (evaluation: TelemetryEvaluation, service: string): TelemetryEvaluation => ({
  ...evaluation,
  service,
  ...(evaluation.id !== undefined && { id: `${evaluation.id} ${service}` }),
});

/** Those that are not empty. */
const given = <T extends Readonly<Record<string, string>>>(texts: T): Partial<T> =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')) as Partial<T>;

const isConfidence = (value: string | number | boolean): value is number =>
  typeof value === 'number' && value >= 0 && value <= 1;

const placeOf = ({ traceId, spanId }: FoundAt): string =>
  traceId === '' ? 'outside of any trace' : `span ${spanId || '(none)'} of trace ${traceId}`;
