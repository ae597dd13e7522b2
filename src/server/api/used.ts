import { spending } from '../../measures/cost.ts';
import { type Quantiles, quantiles } from '../../measures/quantiles.ts';
import { tokenSums } from '../../measures/tokens.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { ExponentialHistogram } from '../../tally/exponential.ts';
import type { Tally } from '../../tally/group.ts';

/** What was counted in one step of time. */
export interface Point {
  readonly at: Millis;
  readonly tally: Tally;
}

/** Quantiles of times, each with the interval that it lies in with 95 %; null where there are too few values for them. */
export const quantilesToJson = (histogram: ExponentialHistogram) => {
  const found: Quantiles = quantiles(histogram);
  const ms = (rank: 'p50' | 'p95' | 'p99'): number | null => found[rank]?.value ?? null;
  const between = (rank: 'p50' | 'p95' | 'p99') => {
    const estimate = found[rank];
    return estimate === null ? null : { low: estimate.low, high: estimate.high };
  };
  return {
    p50Ms: ms('p50'),
    p95Ms: ms('p95'),
    p99Ms: ms('p99'),
    intervalsMs: { p50: between('p50'), p95: between('p95'), p99: between('p99') },
  };
};

/** Tokens by step, in parts that add up; steps in which nobody said how many have none. */
export const tokensToJson = (points: readonly Point[]) =>
  points.flatMap(({ at, tally }) => {
    const sums = tokenSums(tally);
    return sums === null ? [] : [{ at: iso(at), ...sums }];
  });

/** Money by step and currency; steps of which nothing could be priced have none. */
export const costToJson = (points: readonly Point[], currencies: readonly string[]) =>
  currencies.map((currency) => ({
    currency,
    points: points.flatMap(({ at, tally }) => {
      const spent = spending(tally, currency);
      return spent === null ? [] : [{ at: iso(at), value: spent.value, n: spent.n, coverage: spent.coverage }];
    }),
  }));
