import { hexOfId, type TraceId } from '../../model/ids.ts';

/** One of what was counted, to look at. */
export interface Exemplar {
  /** 32 digits. */
  readonly traceId: string;
  /** What of it was observed; 1 where it was counted. */
  readonly value: number;
}

const TRACE_ID = /^[0-9a-f]{32}$/;

/** @returns undefined for what is no trace: it would make the whole page unreadable */
export function exemplarOf(trace: TraceId | null | undefined, value: number): Exemplar | undefined {
  if (trace == null || !Number.isFinite(value)) return undefined;
  const traceId = hexOfId(trace);
  return TRACE_ID.test(traceId) ? { traceId, value } : undefined;
}

/** As it stands behind a sample in OpenMetrics. Its time is that of the scrape: live counters are by the time of arrival. */
export const exemplarText = ({ traceId, value }: Exemplar): string => ` # {trace_id="${traceId}"} ${value}`;
