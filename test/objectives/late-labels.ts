import type { DelayCounts } from '../../src/measures/label-arrivals.ts';
import type { MinuteCounts } from '../../src/objectives/objective-watch.ts';
import { delayOf, delayValue } from '../../src/tally/delay.ts';

/** One label: the minutes of its interaction and of itself. */
export interface Label {
  readonly event: number;
  readonly known: number;
  readonly bad: boolean;
}

export interface Traffic {
  readonly from: number;
  readonly minutes: number;
  readonly perMinute: number;
  readonly badShare: number;
  /** Median delays, minutes; exponential. */
  readonly badMedian?: number;
  readonly goodMedian?: number;
}

/** Labels of evenly spread interactions, bad ones sooner than good ones: the setting of statistics.md, table E. */
export function labelled(next: () => number, traffic: Traffic): Label[] {
  const { from, minutes, perMinute, badShare, badMedian = 60, goodMedian = 360 } = traffic;
  const labels: Label[] = [];
  for (let at = next() / perMinute; at < minutes; at += 1 / perMinute) {
    const bad = next() < badShare;
    const delay = (-Math.log1p(-next()) * (bad ? badMedian : goodMedian)) / Math.LN2;
    labels.push({ event: from + Math.floor(at), known: Math.floor(from + at + delay), bad });
  }
  return labels;
}

/** What a detector sees of labels: their minutes in order, those up to `until`. */
export function minutesOf(labels: readonly Label[], until = Number.POSITIVE_INFINITY): MinuteCounts[] {
  const minutes = new Map<number, Map<number, { n: number; bad: number }>>();
  for (const { event, known, bad } of labels) {
    const value = delayValue(event, known);
    if (value === null || known > until) continue;
    const delays = minutes.get(known) ?? new Map<number, { n: number; bad: number }>();
    const cell = delays.get(value) ?? { n: 0, bad: 0 };
    delays.set(value, { n: cell.n + 1, bad: cell.bad + (bad ? 1 : 0) });
    minutes.set(known, delays);
  }
  return [...minutes]
    .sort(([a], [b]) => a - b)
    .map(([minute, cells]) => {
      const delays = [...cells]
        .sort(([a], [b]) => a - b)
        .map(([value, cell]): DelayCounts => ({ ...delayOf(value), ...cell }));
      const n = delays.reduce((sum, one) => sum + one.n, 0);
      const bad = delays.reduce((sum, one) => sum + one.bad, 0);
      return { minute, n, bad, delays };
    });
}
