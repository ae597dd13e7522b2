// What a confidence sequence costs: `node bench/sequences.ts [calls]`. Microseconds a call, the median and the dearest of the
// settings: few and many events, rare and common failures, scores of several shapes.
import { meanSequence, type ScoreSums } from '../src/measures/mean-sequence.ts';
import { shareSequence } from '../src/measures/share-sequence.ts';
import { quickest } from './quickest.ts';

const calls = Number(process.argv[2] ?? 2000);
const ROUNDS = 20;
const NUMBERS = [10, 300, 10_000, 1_000_000, 100_000_000];
const SHARES = [0, 0.3, 0.9, 0.99, 0.9999, 1];
/** Mean and variance of scores: Beta(12, 3), Bernoulli(0.9), uniform, Beta(0.3, 0.1), nearly constant, all of them good. */
const SCORES = [
  [0.8, 0.01],
  [0.9, 0.09],
  [0.5, 1 / 12],
  [0.75, 0.134],
  [0.95, 0.0004],
  [1, 0],
] as const;

/** Microseconds of one call. */
function microseconds(call: () => { readonly low: number; readonly high: number }): number {
  const run = (times: number): number => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += call().low;
    return sum;
  };
  // Read, so that nothing can be left out.
  if (Number.isNaN(run(calls))) throw new Error('a limit is not a number');
  const each = Math.ceil(calls / ROUNDS);
  return quickest(ROUNDS, () => run(each)) / each / 1000;
}

function report(name: string, costs: readonly number[]): void {
  const sorted = costs.toSorted((a, b) => a - b);
  console.log(
    `${name.padEnd(14)} median ${sorted[sorted.length >> 1]!.toFixed(1)} us, dearest ${sorted.at(-1)!.toFixed(1)} us, of ${costs.length} settings`,
  );
}

report(
  'shareSequence',
  NUMBERS.flatMap((n) => SHARES.map((share) => microseconds(() => shareSequence(Math.round(n * share), n)))),
);
report(
  'meanSequence',
  NUMBERS.flatMap((n) =>
    SCORES.map(([mean, variance]) => {
      const sums: ScoreSums = { n, sum: n * mean, squares: n * (variance + mean * mean) };
      return microseconds(() => meanSequence(sums));
    }),
  ),
);
