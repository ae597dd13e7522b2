import { type Arm, changeReview } from '../../../src/changes/review.ts';
import { newcombe } from '../../../src/measures/difference.ts';
import type { Experiment, Measured, Sample } from '../experiment.ts';
import {
  column,
  exceedsShare,
  fallsShortOfRuns,
  finite,
  isSlower,
  quantile,
  shown,
  shownShare,
  sum,
} from '../judge.ts';
import type { Random } from '../random.ts';
import { binomial } from '../samplers.ts';

interface Cell {
  readonly canary: number;
  /** Shares approved and rolled back, median events of an arm at the decision, and of the comparator approved and rolled back. */
  readonly goals: readonly [approve: number, rollBack: number, n: number, naiveApprove: number, naiveRollBack: number];
}

const STABLE = 0.95;
const MARGIN = 0.02;
const ALPHA = 0.05;
const GOAL_RUNS = 400;
/** Events of each arm at the looks: 150 of them, evenly on the scale of logarithms, to 40,000. */
const LOOKS = [...new Set(Array.from({ length: 150 }, (_, i) => Math.round(50 * (40_000 / 50) ** (i / 149))))];
const GOALS = [
  [0.96, 1, 0, 2071, 0.97, 0.03],
  [0.95, 1, 0, 5684, 0.95, 0.05],
  [0.94, 0.845, 0, 25_540, 0.9, 0.1],
  [0.93, 0, 0.003, 807, 0.37, 0.39],
  [0.92, 0, 0.71, 27_325, 0.12, 0.89],
  [0.9, 0, 1, 3243, 0.04, 0.96],
  [0.8, 0, 1, 176, 0, 1],
] as const;

/** Comparator: the 95 % interval of the difference, looked at again and again as if each look were the only one. */
function naive(canary: Arm, stable: Arm): number {
  const { low, high } = newcombe(canary.good, canary.n, stable.good, stable.n)!;
  return low > -MARGIN ? 1 : high < -MARGIN ? -1 : 0;
}

/** 1 approved, -1 rolled back, 0 neither; events of an arm at the decision; the same of the comparator. */
function replicate({ canary: share }: Cell, random: Random): Sample {
  const canary = { n: 0, good: 0 };
  const stable = { n: 0, good: 0 };
  let decision = 0;
  let at = Infinity;
  let naively = 0;
  for (const look of LOOKS) {
    const more = look - canary.n;
    canary.n = look;
    stable.n = look;
    canary.good += binomial(random, more, share);
    stable.good += binomial(random, more, STABLE);
    if (decision === 0) {
      const review = changeReview(canary, stable, MARGIN, ALPHA).decision;
      decision = review === 'approve' ? 1 : review === 'rollback' ? -1 : 0;
      if (decision !== 0) at = look;
    }
    if (naively === 0) naively = naive(canary, stable);
    if (decision !== 0 && naively !== 0) break;
  }
  return [decision, at, naively];
}

const decided = (samples: readonly Sample[], k: number, as: number): number =>
  sum(column(samples, k).map((decision) => (decision === as ? 1 : 0)));

function missesOf({ cell, samples }: Measured<Cell>): string[] {
  const [approve, rollBack, n] = cell.goals;
  const approved = decided(samples, 0, 1);
  const rolledBack = decided(samples, 0, -1);
  const runs = samples.length;
  const isTooBad = cell.canary <= STABLE - MARGIN + 1e-9;
  const misses: string[] = [];
  if (isTooBad && exceedsShare(approved, runs, ALPHA)) misses.push(`approved in ${approved} of ${runs} runs`);
  if (cell.canary >= STABLE - MARGIN - 1e-9 && exceedsShare(rolledBack, runs, ALPHA))
    misses.push(`rolled back in ${rolledBack} of ${runs} runs`);
  if (!isTooBad && fallsShortOfRuns(approved, runs, approve, GOAL_RUNS))
    misses.push(`approved in only ${approved} of ${runs} runs, the goal is ${approve}`);
  if (cell.canary < STABLE - MARGIN - 1e-9 && fallsShortOfRuns(rolledBack, runs, rollBack, GOAL_RUNS))
    misses.push(`rolled back in only ${rolledBack} of ${runs} runs, the goal is ${rollBack}`);
  const times = column(samples, 1).filter((at) => at < Infinity);
  if (Math.max(approve, rollBack) > 0.5 && isSlower(times, n))
    misses.push(`decided after ${shown(quantile(times, 0.5))} per arm, the goal is ${n}`);
  return misses.map((miss) => `canary ${cell.canary}: ${miss}`);
}

export const tableJ: Experiment<Cell> = {
  letter: 'J',
  title: `Sequential change review (stable ${STABLE}, margin ${MARGIN}, alpha ${ALPHA}, ${LOOKS.length} looks to 40,000 per arm)`,
  cells: GOALS.map(([canary, ...goals]) => ({ canary, goals })),
  replicates: () => 1000,
  replicate,
  report: (measured) => ({
    sheets: [
      {
        caption: 'Shares of runs with their 95 % intervals (in brackets: goal).',
        columns: [
          'canary',
          'approved',
          'rolled back',
          'median n per arm at decision',
          'naive peeking: approved / rolled back',
        ],
        rows: measured.map(({ cell, samples }) => {
          const [approve, rollBack, n, naiveApprove, naiveRollBack] = cell.goals;
          const runs = samples.length;
          const at = column(samples, 1).filter((value) => value < Infinity);
          const share = (k: number, as: number): string => (decided(samples, k, as) / runs).toFixed(2);
          return [
            String(cell.canary),
            `${shownShare(decided(samples, 0, 1), runs)} (${approve})`,
            `${shownShare(decided(samples, 0, -1), runs)} (${rollBack})`,
            `${finite(at) === 0 ? 'none' : shown(quantile(at, 0.5))} (${n})`,
            `${share(2, 1)} / ${share(2, -1)} (${naiveApprove} / ${naiveRollBack})`,
          ];
        }),
      },
    ],
    misses: measured.flatMap(missesOf),
  }),
};
