import type { CallPoint } from './call-metrics.ts';
import type { Evaluation } from './signals.ts';

/** Spans on their way from a door to the store, packed as `span-record.ts` says. */
export interface SpanBatch {
  /** Span records, one behind the other; the receiver takes ownership (it may be moved to another thread). */
  readonly records: ArrayBuffer;
  /** How many records that are. */
  readonly count: number;
}

/** What became of a batch, said after it is durable. */
export interface SpanReceipt {
  /** Spans that were new. */
  readonly stored: number;
  /** Spans that were known already: stored once, counted once. */
  readonly duplicates: number;
}

/** The store can't take more just now: the sender should come again after `retryAfterSeconds`. Nothing was stored. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds = 1) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What an evaluator found, as telemetry says it; without a name of the evaluator where it says none. */
export type TelemetryEvaluation = Omit<Evaluation, 'evaluator'> & {
  readonly evaluator?: string;
  /** The evaluator failed: there is no score. */
  readonly errorType?: string;
};

/** What became of evaluations, said after they are durable. */
export type EvaluationReceipt = Readonly<Record<'stored' | 'duplicate' | 'failed', number>>;

/** The way into the store that a collector is given. */
export interface SignalSink {
  /** Resolves when the batch is durable and tallied. @throws Overloaded */
  submit(batch: SpanBatch): Promise<SpanReceipt>;
  /** Resolves when the evaluations are durable, and counted with their interactions where these are known. @throws Overloaded */
  evaluate(evaluations: readonly TelemetryEvaluation[]): Promise<EvaluationReceipt>;
  /** Resolves when the points are durable. @throws Overloaded */
  countCalls(points: readonly CallPoint[]): Promise<SpanReceipt>;
  /** Why any of these would refuse what it is given just now, or null: asked before a request's body is read. */
  overload?(): Overloaded | null;
}
