import type { Code } from '../model/dictionary.ts';
import { ranked, rankedMicros, rankedMicrosSquared, rankedUndefined } from '../tally/counters.ts';
import type { Estimator } from './estimator.ts';
import type { EventMeasure } from './events.ts';
import { lossesOf, meanOf, type ScoreCounters } from './scores.ts';

/**
 * The mean of a ranking measure over queries whose documents were judged: values in [0, 1], judged as scores are. Queries without an
 * ideal order (no judged document was worth anything) have no value, neither 0 nor 1: they are counted apart, and coverage is the
 * share of the others. @param ranking  the code of the measure of one evaluator version
 */
export function rankedScores(ranking: Code): { readonly events: EventMeasure; readonly estimator: Estimator } {
  const read: ScoreCounters = {
    n: ranked(ranking),
    micros: rankedMicros(ranking),
    microsSquared: rankedMicrosSquared(ranking),
    eligible: [ranked(ranking), rankedUndefined(ranking)],
  };
  return { events: lossesOf(read), estimator: meanOf(read) };
}
