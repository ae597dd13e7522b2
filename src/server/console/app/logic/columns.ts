import type { EstimateJson } from '../../../../model/estimate.ts';

/** Seconds, value, low, high: as the chart takes them. A gap is null, never zero. */
export type Columns = readonly [number[], (number | null)[], (number | null)[], (number | null)[]];

export function measureColumns(
  points: readonly { readonly at: string; readonly estimate: Pick<EstimateJson, 'value' | 'low' | 'high'> }[],
): Columns {
  return [
    points.map(({ at }) => Date.parse(at) / 1000),
    points.map(({ estimate }) => estimate.value),
    points.map(({ estimate }) => estimate.low),
    points.map(({ estimate }) => estimate.high),
  ];
}

/** Latency as a band between the median and the 95th percentile. */
export function latencyColumns(
  points: readonly { readonly at: string; readonly p50Ms: number | null; readonly p95Ms: number | null }[],
): Columns {
  return [
    points.map(({ at }) => Date.parse(at) / 1000),
    points.map(({ p50Ms }) => p50Ms),
    points.map(({ p50Ms }) => p50Ms),
    points.map(({ p95Ms }) => p95Ms),
  ];
}

/**
 * The range that holds the values, the target and most of the band, with a little air; whole shares are not exceeded. A
 * few points that rest on next to nothing have bands that would flatten all others.
 */
export function extentOf(columns: Columns, target: number | null, isShare: boolean): [number, number] {
  const [, values, lows, highs] = columns;
  const all = [...values, quantile(lows, 0.1), quantile(highs, 0.9), target].filter((value) => value !== null);
  if (all.length === 0) return [0, 1];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const air = (high - low || Math.abs(high) || 1) * 0.08;
  return isShare ? [Math.max(0, low - air), Math.min(1 + air / 4, high + air)] : [Math.max(0, low - air), high + air];
}

function quantile(values: readonly (number | null)[], share: number): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
