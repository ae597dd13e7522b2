import type { TraceId } from '../../model/ids.ts';
import type { Slowest } from '../arrivals.ts';

/** Durations sorted into buckets. */
export class Durations {
  readonly boundsMs: readonly number[];
  readonly counts: number[];
  sumMs = 0;
  slowest: Slowest | null = null;

  constructor(boundsMs: readonly number[]) {
    this.boundsMs = boundsMs;
    this.counts = new Array<number>(boundsMs.length + 1).fill(0);
  }

  /** @param traceId  of where it can be looked at */
  add(ms: number, traceId?: TraceId): void {
    let bucket = 0;
    while (bucket < this.boundsMs.length && ms > this.boundsMs[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sumMs += ms;
    if (traceId !== undefined && (this.slowest === null || ms > this.slowest.ms)) this.slowest = { traceId, ms };
  }
}
