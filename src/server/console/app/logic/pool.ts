import { wilson } from '../../../../measures/wilson.ts';
import type { EstimateJson } from '../../../../model/estimate.ts';

export interface Point {
  readonly at: string;
  readonly estimate: Pick<EstimateJson, 'value' | 'low' | 'high' | 'n'>;
}

/** Events a drawn point should rest on: fewer, and the line jumps about while the band says nothing. */
const EVENTS_WANTED = 25;
/** Points below which a line is no line. */
const POINTS_LEAST = 12;
const MINUTES = [1, 2, 5, 10, 15, 20, 30];

/** How many minutes of sparse traffic are drawn as one point. */
export function minutesPooled(points: readonly Point[]): number {
  const counted = points.reduce((sum, { estimate }) => sum + estimate.n, 0);
  const mean = counted / Math.max(1, points.length);
  const fits = MINUTES.filter((minutes) => points.length / minutes >= POINTS_LEAST);
  return fits.find((minutes) => mean * minutes >= EVENTS_WANTED) ?? fits.at(-1) ?? 1;
}

/** Shares of single minutes, counted together over so many. Counts are whole, so that nothing is lost by adding. */
export function pooled(points: readonly Point[], minutes: number): Point[] {
  if (minutes === 1) return [...points];
  const length = minutes * 60_000;
  const bins = Map.groupBy(points, ({ at }) => Math.floor(Date.parse(at) / length) * length);
  return [...bins].map(([at, list]) => {
    const n = list.reduce((sum, { estimate }) => sum + estimate.n, 0);
    const good = list.reduce((sum, { estimate }) => sum + Math.round((estimate.value ?? 0) * estimate.n), 0);
    const interval = wilson(good, n);
    return {
      at: new Date(at).toISOString(),
      estimate: {
        n,
        value: n === 0 ? null : good / n,
        low: n === 0 ? null : interval.low,
        high: n === 0 ? null : interval.high,
      },
    };
  });
}
