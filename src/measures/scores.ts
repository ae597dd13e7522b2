import type { Code } from '../model/dictionary.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import type { EstimateParts, Estimator, Looks } from './estimator.ts';
import type { EventCounts, EventMeasure } from './events.ts';
import { holding, LEVEL } from './interval.ts';
import { meanInterval } from './mean-interval.ts';
import { asCounts, meanSequence, type ScoreSums } from './mean-sequence.ts';
import { effective, represented } from './sampling.ts';
import { shown } from './share.ts';

const MICRO = 1e6;

/** The counters that sum scores in [0, 1], and how many there could have been. */
export interface ScoreCounters {
  readonly n: counters.Counter;
  readonly micros: counters.Counter;
  readonly microsSquared: counters.Counter;
  /** Counted beside them, or instead of them: what is eligible is the sum of these. */
  readonly eligible: readonly counters.Counter[];
}

const ofEvaluation = (evaluation: Code): ScoreCounters => ({
  n: counters.scores(evaluation),
  micros: counters.scoreMicros(evaluation),
  microsSquared: counters.scoreMicrosSquared(evaluation),
  eligible: [counters.COUNT],
});

const sumsOf = (tally: Tally, { n, micros, microsSquared }: ScoreCounters): ScoreSums => ({
  n: count(tally, n),
  sum: count(tally, micros) / MICRO,
  squares: count(tally, microsSquared) / MICRO,
});

/**
 * Scores of one evaluator version as losses, 1 - score: `bad` is their sum, as if so many events had been bad. What it is compared with is
 * the loss that a mean score allows. Scores of two evaluator versions are never put together.
 */
export const scored = (evaluation: Code): EventMeasure => lossesOf(ofEvaluation(evaluation));

/** The mean score of one evaluator version: of sampled traces weighted by what they stand for. */
export const meanScore = (evaluation: Code): Estimator => meanOf(ofEvaluation(evaluation));

export function lossesOf(read: ScoreCounters): EventMeasure {
  return {
    detectorClock: LABEL_CLOCK,
    eventsOf: (tally): EventCounts => {
      const { n, sum, squares } = sumsOf(tally, read);
      const bad = Math.min(n, Math.max(0, (n * MICRO - count(tally, read.micros)) / MICRO));
      const lossSquares = Math.min(bad, Math.max(0, n - 2 * sum + squares));
      const eligible = read.eligible.reduce((all, name) => all + count(tally, name), 0);
      const counts = { n, bad, squares: lossSquares, eligible, hidden: 0 };
      const extra = counters.extraWeight(tally, read.n);
      if (extra === 0) return counts;
      const loss = Math.min(extra, Math.max(0, extra - counters.extraWeight(tally, read.micros)));
      return { ...counts, extra: { n: extra, bad: loss, squares: counters.extraSquares(tally, read.n) } };
    },
  };
}

export function meanOf(read: ScoreCounters): Estimator {
  const { eventsOf } = lossesOf(read);
  const names = new Set([read.n, read.micros, read.microsSquared, ...read.eligible]);
  return {
    reads: (name) => names.has(counters.counterOf(name)),
    estimate: (tally, looks) => estimateMean(eventsOf(tally), sumsOf(tally, read), looks),
  };
}

function estimateMean(counts: EventCounts, sums: ScoreSums, { anyTime }: Looks): EstimateParts {
  const { n, eligible, extra } = counts;
  const known = { level: LEVEL, n, coverage: eligible > 0 ? Math.min(1, n / eligible) : null, maturity: null };
  if (n === 0) return { ...known, value: null, low: null, high: null, status: 'undefined' };
  if (extra === undefined) {
    const value = Math.min(1, sums.sum / n);
    const interval = anyTime ? meanSequence(sums, 1 - LEVEL) : meanInterval(sums);
    return { ...known, value, ...holding(value, interval), status: 'ok' };
  }
  const all = represented(counts);
  const worth = effective(counts).n;
  const value = 1 - all.bad / all.n;
  const like = { n: worth, sum: worth * value, squares: (worth * sums.squares) / n };
  const interval = anyTime ? meanSequence(asCounts(like), 1 - LEVEL) : meanInterval(sums, LEVEL, worth, value);
  const sampled = { represents: shown(all.n), effective: shown(worth) };
  return { ...known, sampled, value, ...holding(value, interval), status: 'ok' };
}
