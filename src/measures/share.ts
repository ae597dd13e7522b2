import type { Estimate } from '../model/estimate.ts';
import { requireAmount, requireCount, requireWithin } from '../model/numbers.ts';
import type { EventCounts } from './events.ts';
import { holding, type Interval, LEVEL } from './interval.ts';
import { effective, represented } from './sampling.ts';
import { shareSequence } from './share-sequence.ts';
import { wilson } from './wilson.ts';

/** What counts say about a share of good events: an estimate without its name and its window. */
export type ShareEstimate = Pick<
  Estimate,
  'value' | 'low' | 'high' | 'level' | 'n' | 'sampled' | 'coverage' | 'maturity' | 'status'
>;

/** Of good events among n: one that may be looked at at any time, or once. */
export const shareInterval = (anyTime: boolean): ((good: number, n: number) => Interval) =>
  anyTime ? (good, n) => shareSequence(good, n, 1 - LEVEL) : wilson;

/**
 * What the counts say as they are. Its maturity is that of spans: all that is to be expected has come; `matured` has that of labels.
 * @param intervalOf  of good events among n; sampled ones are given as many as they are worth
 */
export function estimateShare(
  counts: EventCounts,
  intervalOf: (good: number, n: number) => Interval = wilson,
): ShareEstimate {
  const { n, bad, eligible, hidden, extra } = counts;
  requireCount('n', n);
  requireWithin('bad', bad, 'n', n);
  requireAmount('eligible', eligible);
  requireAmount('hidden', hidden);
  const visible = Math.max(0, n - hidden);
  const coverage = eligible > 0 ? Math.min(1, visible / eligible) : null;
  const known = { level: LEVEL, n, coverage, maturity: eligible > 0 ? 1 : null };
  if (n === 0) return { ...known, value: null, low: null, high: null, status: 'undefined' };
  if (visible === 0) return { ...known, value: null, low: null, high: null, status: 'insufficient' };
  const worth = effective(counts);
  const good = worth.n - worth.bad;
  const value = good / worth.n;
  const estimate = { ...known, value, ...holding(value, intervalOf(good, worth.n)), status: 'ok' } as const;
  if (extra === undefined) return estimate;
  return { ...estimate, sampled: { represents: shown(represented(counts).n), effective: shown(worth.n) } };
}

/** Weights are kept in millionths: the noise of those is not shown. */
export const shown = (n: number): number => Math.round(n * 1000) / 1000;
