import type { Code } from '../model/dictionary.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import type { EstimateParts, Estimator, Looks } from './estimator.ts';
import type { EventCounts, EventMeasure } from './events.ts';
import { type Interval, LEVEL } from './interval.ts';
import { meanInterval } from './mean-interval.ts';
import { meanSequence, type ScoreSums } from './mean-sequence.ts';
import { effective, represented } from './sampling.ts';

const MICRO = 1e6;

const sumsOf = (tally: Tally, evaluation: Code): ScoreSums => ({
  n: count(tally, counters.scores(evaluation)),
  sum: count(tally, counters.scoreMicros(evaluation)) / MICRO,
  squares: count(tally, counters.scoreMicrosSquared(evaluation)) / MICRO,
});

/**
 * Scores of one evaluator version as losses, 1 - score: `bad` is their sum, as if so many events had been bad. What it is compared with is
 * the loss that a mean score allows. Scores of two evaluator versions are never put together.
 */
export function scored(evaluation: Code): EventMeasure {
  const scores = counters.scores(evaluation);
  const micros = counters.scoreMicros(evaluation);
  return {
    detectorClock: LABEL_CLOCK,
    eventsOf: (tally): EventCounts => {
      const { n, sum, squares } = sumsOf(tally, evaluation);
      const bad = Math.min(n, Math.max(0, (n * MICRO - count(tally, micros)) / MICRO));
      const lossSquares = Math.min(bad, Math.max(0, n - 2 * sum + squares));
      const counts = { n, bad, squares: lossSquares, eligible: count(tally, counters.COUNT), hidden: 0 };
      const extra = counters.extraWeight(tally, scores);
      if (extra === 0) return counts;
      const loss = Math.min(extra, Math.max(0, extra - counters.extraWeight(tally, micros)));
      return { ...counts, extra: { n: extra, bad: loss, squares: counters.extraSquares(tally, scores) } };
    },
  };
}

/** The mean score of one evaluator version: of sampled traces weighted by what they stand for. */
export function meanScore(evaluation: Code): Estimator {
  const { eventsOf } = scored(evaluation);
  const read = new Set(
    [counters.scores, counters.scoreMicros, counters.scoreMicrosSquared].map((counter) => counter(evaluation)),
  );
  return {
    reads: (name) => name === counters.COUNT || read.has(counters.counterOf(name)),
    estimate: (tally, looks) => estimateMean(eventsOf(tally), sumsOf(tally, evaluation), looks),
  };
}

function estimateMean(counts: EventCounts, sums: ScoreSums, { anyTime }: Looks): EstimateParts {
  const { n, eligible, extra } = counts;
  const known = { level: LEVEL, n, coverage: eligible > 0 ? Math.min(1, n / eligible) : null, maturity: null };
  if (n === 0) return { ...known, value: null, low: null, high: null, status: 'undefined' };
  if (extra === undefined) {
    const value = Math.min(1, sums.sum / n);
    const interval = anyTime ? meanSequence(sums, 1 - LEVEL) : meanInterval(sums);
    return { ...known, value, ...around(value, interval), status: 'ok' };
  }
  const all = represented(counts);
  const worth = effective(counts).n;
  const value = 1 - all.bad / all.n;
  const like = { n: worth, sum: worth * value, squares: (worth * sums.squares) / n };
  const interval = anyTime ? meanSequence(asCounts(like), 1 - LEVEL) : meanInterval(sums, LEVEL, worth, value);
  const sampled = { represents: all.n, effective: worth };
  return { ...known, sampled, value, ...around(value, interval), status: 'ok' };
}

/** Sums of about as many values: a confidence sequence wants a whole number of them. */
function asCounts({ n, sum, squares }: ScoreSums): ScoreSums {
  const whole = Math.max(1, Math.floor(n));
  const mean = sum / n;
  return { n: whole, sum: whole * mean, squares: whole * Math.min(mean, Math.max(mean * mean, squares / n)) };
}

const around = (value: number, { low, high }: Interval): Interval => ({
  low: Math.min(low, value),
  high: Math.max(high, value),
});
