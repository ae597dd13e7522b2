import { normalWidth } from '../../../src/measures/distributions.ts';
import { type PairSums, ppi } from '../../../src/measures/ppi.ts';
import { wilson } from '../../../src/measures/wilson.ts';
import type { Experiment, Measured, Sample } from '../experiment.ts';
import { column, exceedsShare, sum } from '../judge.ts';
import type { Random } from '../random.ts';
import { bernoulli, betaSampler, type Sampler } from '../samplers.ts';

interface Cell {
  readonly judge: keyof typeof JUDGES;
  readonly accuracy: number;
}

const UNLABELLED = 2000;
const GOLD = [10, 20, 30, 50, 100, 300] as const;
const ACCURACIES = [0.7, 0.9, 0.97] as const;
const NOMINAL = 0.95;
const GOAL_RUNS = 4000;

/** Scores of a judge, of wrong and of right answers: so telling that the widths are those of the goal's judges, which are not described. */
const JUDGES = {
  strong: [betaSampler(2, 7.7), betaSampler(7.7, 2)],
  binary: [bernoulli(0.12), bernoulli(0.88)],
  weak: [betaSampler(4, 4), betaSampler(5, 4)],
} as const satisfies Record<string, readonly [Sampler, Sampler]>;

/** gold labels, coverage of the textbook's z interval, of the recommended one and of gold labels alone (least of nine settings), widths relative to gold alone by judge. */
const GOALS = [
  [10, 0.177, 0.905, 0.919, 0.81, 0.88, 1.17],
  [20, 0.408, 0.914, 0.953, 0.67, 0.83, 1.06],
  [30, 0.576, 0.942, 0.931, 0.63, 0.82, 1.03],
  [50, 0.766, 0.946, 0.93, 0.62, 0.82, 1.01],
  [100, 0.822, 0.948, 0.933, 0.61, 0.83, 1],
  [300, 0.915, 0.945, 0.943, 0.63, 0.85, 0.99],
] as const;

const covers = (low: number, high: number, truth: number): number => Number(low <= truth && truth <= high);

/** For each number of gold labels: covered by the textbook's interval, by ours, by gold alone; widths of ours and of gold alone. */
function replicate({ judge, accuracy }: Cell, random: Random): Sample {
  const scores = JUDGES[judge];
  const rest = { unlabelled: UNLABELLED, unlabelledF: 0, unlabelledFF: 0 };
  for (let i = 0; i < UNLABELLED; i++) {
    const f = scores[random() < accuracy ? 1 : 0](random);
    rest.unlabelledF += f;
    rest.unlabelledFF += f * f;
  }
  const gold = { n: 0, sumY: 0, sumYY: 0, sumF: 0, sumFF: 0, sumYF: 0 };
  const sample: number[] = [];
  for (const size of GOLD) {
    for (; gold.n < size; gold.n++) {
      const y = random() < accuracy ? 1 : 0;
      const f = scores[y](random);
      gold.sumY += y;
      gold.sumYY += y;
      gold.sumF += f;
      gold.sumFF += f * f;
      gold.sumYF += y * f;
    }
    const sums: PairSums = { ...gold, ...rest };
    const ours = ppi(sums, true)!;
    const alone = wilson(gold.sumY, gold.n);
    const textbook = textbookInterval(sums);
    sample.push(
      covers(textbook.low, textbook.high, accuracy),
      covers(ours.low, ours.high, accuracy),
      covers(alone.low, alone.high, accuracy),
      ours.high - ours.low,
      alone.high - alone.low,
    );
  }
  return sample;
}

/** Comparator: theta +- z se with weight 1 for the judge's scores, as the first paper on prediction-powered inference has it. */
function textbookInterval(s: PairSums): { low: number; high: number } {
  const rectifier = (s.sumY - s.sumF) / s.n;
  const mean = s.unlabelledF / s.unlabelled;
  const spread = (s.sumYY - 2 * s.sumYF + s.sumFF) / s.n - rectifier ** 2;
  const variance = spread / s.n + (s.unlabelledFF / s.unlabelled - mean ** 2) / s.unlabelled;
  const half = normalWidth(NOMINAL) * Math.sqrt(Math.max(0, variance));
  return { low: mean + rectifier - half, high: mean + rectifier + half };
}

const FIELDS = 5;
const coverage = ({ samples }: Measured<Cell>, i: number, k: number): number =>
  sum(column(samples, FIELDS * i + k)) / samples.length;
const least = (measured: readonly Measured<Cell>[], i: number, k: number): number =>
  Math.min(...measured.map((one) => coverage(one, i, k)));

export const tableI: Experiment<Cell> = {
  letter: 'I',
  title: `Accuracy from few labels and ${UNLABELLED} judge scores: coverage of nominal 95 %`,
  cells: (Object.keys(JUDGES) as (keyof typeof JUDGES)[]).flatMap((judge) =>
    ACCURACIES.map((accuracy) => ({ judge, accuracy })),
  ),
  replicates: () => GOAL_RUNS,
  replicate,
  report(measured) {
    const width = (judge: string, i: number): string => {
      const one = measured.find(({ cell }) => cell.judge === judge && cell.accuracy === 0.9)!;
      return (coverage(one, i, 3) / coverage(one, i, 4)).toFixed(2);
    };
    const error = Math.sqrt((0.05 * 0.95) / measured[0]!.samples.length);
    return {
      sheets: [
        {
          caption: `Least coverage over ${measured.length} settings (3 judges, accuracy 0.7, 0.9, 0.97), one standard error ${error.toFixed(4)} (in brackets: goal). Below 30 gold labels ours is gold alone. Widths relative to gold alone at accuracy 0.9; the judges of the goal are not described: ours are beta scores that tell well (strong) or hardly (weak), and a binary judge that is right 88 % of the time, which lead to its widths.`,
          columns: ['gold n', 'textbook z (comparator)', 'ours', 'gold alone', 'width: strong / binary / weak judge'],
          rows: GOALS.map(([n, textbook, ours, gold, ...widths], i) => [
            String(n),
            ...[textbook, ours, gold].map((goal, k) => `${least(measured, i, k).toFixed(3)} (${goal})`),
            `${['strong', 'binary', 'weak'].map((judge) => width(judge, i)).join(' / ')} (${widths.join(' / ')})`,
          ]),
        },
      ],
      misses: GOALS.flatMap(([n, , goal], i) =>
        measured.flatMap((one) => {
          const runs = one.samples.length;
          const missed = runs - sum(column(one.samples, FIELDS * i + 1));
          // Gold alone covers as well as it does; from 30 labels on the goal's least coverage is asked for.
          const allowed = 1 - goal;
          return exceedsShare(missed, runs, allowed)
            ? [
                `${one.cell.judge} judge, accuracy ${one.cell.accuracy}, ${n} gold labels: ${missed} of ${runs} runs miss, the goal's worst is ${allowed.toFixed(3)}`,
              ]
            : [];
        }),
      ),
    };
  },
};
