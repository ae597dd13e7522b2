import { asymptoticSequence } from '../../../src/measures/asymptotic-sequence.ts';
import type { Interval } from '../../../src/measures/interval.ts';
import { meanSequence } from '../../../src/measures/mean-sequence.ts';
import { shareSequence } from '../../../src/measures/share-sequence.ts';
import { wilson } from '../../../src/measures/wilson.ts';
import { bernoulliDivergence } from '../../../src/objectives/detectability.ts';
import type { Experiment, Sample } from '../experiment.ts';
import { column, exceedsShare, shownShare, sum } from '../judge.ts';
import type { Random } from '../random.ts';
import { bernoulli, betaSampler, type Sampler } from '../samplers.ts';

/** Observations so far. */
interface Seen {
  n: number;
  sum: number;
  squares: number;
}

interface Cell {
  readonly sequence: 'beta-binomial' | 'Wilson (comparator)' | 'bounded' | 'asymptotic';
  readonly distribution: string;
  readonly mean: number;
  /** Share of runs that ever miss, in the goal's table. */
  readonly goal: number;
}

const LOOKS = 10_000;
const ALPHA = 0.05;
const ASYMPTOTIC_FROM = 100;
const PASSED_OVER = { 'beta-binomial': 0.25, bounded: 0.7 } as const;

const DISTRIBUTIONS: Readonly<Record<string, Sampler>> = {
  'Bernoulli(0.5)': bernoulli(0.5),
  'Bernoulli(0.9)': bernoulli(0.9),
  'Bernoulli(0.99)': bernoulli(0.99),
  'Bernoulli(0.999)': bernoulli(0.999),
  'Beta(12,3)': betaSampler(12, 3),
  'U(0,1)': (random) => random(),
  'Beta(.3,.1)': betaSampler(0.3, 0.1),
};
const SHARES = [0.5, 0.9, 0.99, 0.999] as const;
const SCORES = [
  ['Beta(12,3)', 0.8],
  ['Bernoulli(0.9)', 0.9],
  ['U(0,1)', 0.5],
  ['Beta(.3,.1)', 0.75],
] as const;
const GOALS = {
  'beta-binomial': [0.041, 0.029, 0.017, 0.007],
  'Wilson (comparator)': [0.56, 0.57, 0.46, 0.37],
  bounded: [0, 0.015, 0.013, 0.005],
  asymptotic: [0.048, 0.06, 0.033, 0.045],
} as const;

const leaves = ({ low, high }: Interval, mean: number): boolean => mean < low || mean > high;

/**
 * Whether the interval leaves the mean out. Most looks are passed over: the wealth of any mixture of bets is at most that of the
 * best one, n KL(observed || mean), or (sum - n mean)^2 / (2 sum of squared deviations) for empirical Bernstein bets; below ln(1/alpha) nothing
 * can be refuted. Looks are passed over from well below that on, so that a sequence that is too narrow would show.
 */
function misses(sequence: Cell['sequence'], { n, sum, squares }: Seen, mean: number): boolean {
  if (sequence === 'Wilson (comparator)') return leaves(wilson(sum, n), mean);
  if (sequence === 'asymptotic') {
    const variance = Math.max(0, squares / n - (sum / n) ** 2);
    return n >= ASYMPTOTIC_FROM && leaves(asymptoticSequence(sum / n, variance, n, ALPHA), mean);
  }
  const chord = n * bernoulliDivergence(Math.min(1, sum / n), mean);
  const bernstein = (sum - n * mean) ** 2 / (2 * (squares - 2 * mean * sum + n * mean * mean));
  if (Math.max(chord, sequence === 'bounded' ? bernstein : 0) < PASSED_OVER[sequence] * Math.log(1 / ALPHA))
    return false;
  return leaves(sequence === 'bounded' ? meanSequence({ n, sum, squares }, ALPHA) : shareSequence(sum, n, ALPHA), mean);
}

/** 1 when the truth is outside at one of the looks. */
function replicate({ sequence, distribution, mean }: Cell, random: Random): Sample {
  const draw = DISTRIBUTIONS[distribution]!;
  const seen: Seen = { n: 0, sum: 0, squares: 0 };
  for (let look = 0; look < LOOKS; look++) {
    const x = draw(random);
    seen.n++;
    seen.sum += x;
    seen.squares += x * x;
    if (misses(sequence, seen, mean)) return [1];
  }
  return [0];
}

export const tableH: Experiment<Cell> = {
  letter: 'H',
  title: 'Confidence sequences over 10,000 looks, alpha = 0.05',
  cells: [
    ...(['beta-binomial', 'Wilson (comparator)'] as const).flatMap((sequence) =>
      SHARES.map((mean, i) => ({
        sequence,
        distribution: `Bernoulli(${mean})`,
        mean,
        goal: GOALS[sequence][i]!,
      })),
    ),
    ...(['bounded', 'asymptotic'] as const).flatMap((sequence) =>
      SCORES.map(([distribution, mean], i) => ({ sequence, distribution, mean, goal: GOALS[sequence][i]! })),
    ),
  ],
  replicates: () => 1000,
  replicate,
  report: (measured) => ({
    sheets: [
      {
        caption: 'Share of runs in which the truth is outside of the interval at some look, with its 95 % interval.',
        columns: ['interval', 'observations', 'ever missed', 'goal'],
        rows: measured.map(({ cell, samples }) => [
          cell.sequence,
          cell.distribution,
          shownShare(sum(column(samples, 0)), samples.length),
          String(cell.goal),
        ]),
      },
    ],
    misses: measured.flatMap(({ cell, samples }) => {
      const missed = sum(column(samples, 0));
      // A theorem holds at alpha; what is asymptotic may miss as often as the goal did.
      const allowed = cell.sequence === 'asymptotic' ? Math.max(ALPHA, cell.goal) : ALPHA;
      return cell.sequence !== 'Wilson (comparator)' && exceedsShare(missed, samples.length, allowed)
        ? [`${cell.sequence}, ${cell.distribution}: ${missed} of ${samples.length} runs miss, ${allowed} is allowed`]
        : [];
    }),
  }),
};
