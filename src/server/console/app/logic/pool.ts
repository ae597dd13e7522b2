import { wilson } from '../../../../measures/wilson.ts';
import type { EstimateJson } from '../../../../model/estimate.ts';

export interface Point {
  readonly at: string;
  readonly estimate: Pick<EstimateJson, 'value' | 'low' | 'high' | 'n'>;
}

/** Methods whose estimates are shares of the events counted. */
const SHARES: ReadonlySet<string> = new Set(['spans', 'feedback', 'labels', 'evaluator']);
/** Measures that are none, and a difference of two. */
const NO_SHARES: ReadonlySet<string> = new Set(['calibration', 'drift', 'cost_per_day', 'parity', 'composite']);

/** Whether minutes of it can be counted together: an index, a mean or a correction by a judge can't. */
export const canBePooled = ({
  measure,
  subject,
  method,
}: Pick<EstimateJson, 'measure' | 'subject' | 'method'>): boolean =>
  SHARES.has(method) &&
  !NO_SHARES.has(measure) &&
  !(measure === 'relevance' && method === 'evaluator') &&
  !(measure === 'trust' && (subject === 'gap' || subject === 'calibration'));

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
