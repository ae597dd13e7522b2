import type { LimitName } from '../../src/model/config/limits.ts';
import type { RejectReason } from './rejects.ts';

/** What a door tells about itself; whoever keeps metrics implements it. */
export interface OtlpCounters {
  /** An answer was given, with that HTTP status. */
  answered(httpStatus: number): void;
  /** A body was read: its size on the wire, and unpacked. */
  received(wireBytes: number, bodyBytes: number): void;
  /** Spans of AI, and others, that were handed on; how many of them the store had already. */
  taken(aiSpans: number, links: number, duplicates: number): void;
  rejected(reason: RejectReason, spans: number): void;
  /** What became of other things that came in: how many by result. */
  signals(signal: 'evaluation' | 'log' | 'metric_point', results: Readonly<Record<string, number>>): void;
  /** A sender went away before its request was complete. */
  abandoned(): void;
  /** A limit bit, `times` times. */
  limited(limit: LimitName, times?: number): void;
}
