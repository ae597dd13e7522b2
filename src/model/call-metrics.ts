import type { Millis } from './time.ts';

/**
 * A point of a metric that counts calls of models: something to hold against the calls that were seen as spans, never added
 * to them. `S` is a text at the doors, a code of the dictionary in the store.
 */
export interface CallPoint<S = string> {
  /** The service as telemetry names it (`serviceKey`). */
  readonly service: S;
  /** The library and the metric that say so: two that see the same calls are not two times the calls. */
  readonly source: S;
  /** Sixteen bytes; of the points of one id the highest count stands, so that none counts twice. */
  readonly id: Uint8Array;
  readonly calls: number;
  readonly hasFailed: boolean;
  /** What is counted lies between these; `from` is 0 when it is not said. */
  readonly from: Millis;
  readonly to: Millis;
}

/** How long it is remembered what was counted: older points are not used, they might be counted again. */
export const CALL_POINTS_KEPT: Millis = 172_800_000;

/** Calls that metrics know of and calls that came as spans, of one service over the same time. */
export interface CallCoverage {
  readonly from: Millis;
  readonly to: Millis;
  readonly inMetrics: number;
  /** Of those. */
  readonly failedInMetrics: number;
  /** Of sampled traces the calls that they stand for. */
  readonly asSpans: number;
  /** How many calls one that was seen stands for, on average; 1 where nothing is sampled. */
  readonly weight: number;
}

/** The share of the calls in metrics that came as spans, 1 at most; null where there were none. */
export const coverageRatio = ({ inMetrics, asSpans }: Pick<CallCoverage, 'inMetrics' | 'asSpans'>): number | null =>
  inMetrics === 0 ? null : Math.min(1, asSpans / inMetrics);
