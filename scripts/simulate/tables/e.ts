import { delayedNull } from '../../../src/measures/completeness.ts';
import { wilson } from '../../../src/measures/wilson.ts';
import { delayedBets } from '../../../src/objectives/delayed-bets.ts';
import { exposure, stepDelayed } from '../../../src/objectives/delayed-step.ts';
import { detectorParams, initialState } from '../../../src/objectives/e-detector.ts';
import { DELAY_BUCKETS, delayOf, delayValue } from '../../../src/tally/delay.ts';
import { detector, MINUTES_PER_DAY, SOLO } from '../detectors.ts';
import type { Experiment, Measured, Sample } from '../experiment.ts';
import { column, exceedsCount, fallsShortOfRuns, finite, isSlower, quantile, shown } from '../judge.ts';
import { completeness, estimatedCurve, type Label, lateLabels } from '../late-labels.ts';
import type { Random } from '../random.ts';

type Goal = readonly [fired: number, median: number | null];
interface Cell {
  readonly rate: number;
  readonly bad: number;
  readonly goals: readonly Goal[];
}

const Q0 = 0.08;
/** Bad share of the versions before. */
const HEALTHY = 0.05;
const DAYS = 3;
const MINUTES = DAYS * MINUTES_PER_DAY;
const MATURE = MINUTES_PER_DAY;
const GOAL_RUNS = 150;
const COLUMNS = ['naive e-SR at arrival', 'naive hourly Wilson', 'equal maturity 24 h', 'delay-adjusted null'] as const;
/** labels a minute, true bad share, and for each column the share of runs that fired and the median minute. */
const GOALS = [
  [0.5, 0.05, [0.02, null], [0.57, 570], [0, null], [0, null]],
  [0.5, 0.08, [0.29, null], [0.99, 240], [0.01, null], [0.01, null]],
  [0.5, 0.16, [1, 202], [1, 240], [1, 1914], [1, 696]],
  [0.5, 0.32, [1, 100], [1, 180], [1, 1525], [1, 205]],
  [5, 0.05, [0.57, 218], [1, 120], [0, null], [0, null]],
  [5, 0.08, [1, 74], [1, 120], [0.01, null], [0.06, null]],
  [5, 0.16, [1, 40], [1, 120], [1, 1494], [1, 140]],
  [5, 0.32, [1, 26], [1, 60], [1, 1450], [1, 58]],
] as const;
/** What production does, from this column on; those before are comparators. */
const FIRST_OWN = 2;

const count = (labels: readonly Label[]) => ({
  n: labels.length,
  bad: labels.reduce((sum, { isBad }) => sum + Number(isBad), 0),
});

/** Comparator: every label against the plain budget in the minute in which it comes. */
function naive(byMinute: readonly (readonly Label[])[]): number {
  const { step } = detector(Q0, SOLO);
  for (const [minute, labels] of byMinute.entries()) {
    const { n, bad } = count(labels);
    if (step(minute, n, bad) !== null) return minute + 1;
  }
  return Infinity;
}

/** Comparator: each hour the 95 % interval of all labels so far, bad when it lies above the budget. */
function hourlyDashboard(byMinute: readonly (readonly Label[])[]): number {
  let all = 0;
  let allBad = 0;
  for (const [minute, labels] of byMinute.entries()) {
    const { n, bad } = count(labels);
    all += n;
    allBad += bad;
    if ((minute + 1) % 60 === 0 && all > 0 && wilson(allBad, all).low > Q0) return minute + 1;
  }
  return Infinity;
}

/** Interactions enter once, a day old, with the labels that they have by then, against what the budget implies of these. */
function equalMaturity(byMinute: readonly (readonly Label[])[]): number {
  const { step } = detector(delayedNull(Q0, completeness('bad', MATURE), completeness('good', MATURE)), SOLO);
  const cohorts = Array.from({ length: MINUTES }, () => ({ n: 0, bad: 0 }));
  for (const { asked, at, isBad } of byMinute.flat()) {
    if (at >= asked + MATURE) continue;
    cohorts[asked]!.n++;
    if (isBad) cohorts[asked]!.bad++;
  }
  for (let minute = MATURE; minute < MINUTES; minute++) {
    const { n, bad } = cohorts[minute - MATURE]!;
    if (step(minute, n, bad) !== null) return minute + 1;
  }
  return Infinity;
}

/** Labels in the minute in which they come, each delay against its own null, by a curve estimated from four healthy weeks. */
function delayAdjusted(byMinute: readonly (readonly Label[])[], rate: number, random: Random): number {
  const params = detectorParams({ q0: Q0, threshold: SOLO });
  const state = initialState(params, 1);
  const bets = delayedBets(Q0, estimatedCurve(random, rate, HEALTHY));
  for (const [minute, labels] of byMinute.entries()) {
    if (labels.length === 0) continue;
    const delays = Array.from({ length: DELAY_BUCKETS }, (_, bucket) => ({ bucket, daysBack: 0, n: 0, bad: 0 }));
    for (const { asked, at, isBad } of labels) {
      const delay = delays[delayOf(delayValue(asked, at)!).bucket]!;
      delay.n++;
      if (isBad) delay.bad++;
    }
    const come = delays.filter(({ n }) => n > 0);
    const { bad } = count(labels);
    const worth = { n: exposure(Q0, bets, come, bad), bad };
    if (stepDelayed(params, state, bets, minute, come, worth, true) !== null) return minute + 1;
  }
  return Infinity;
}

function replicate({ rate, bad }: Cell, random: Random): Sample {
  const byMinute = lateLabels(random, MINUTES, rate, bad);
  return [
    ...[naive, hourlyDashboard, equalMaturity].map((fires) => fires(byMinute)),
    delayAdjusted(byMinute, rate, random),
  ];
}

const text = (fired: number, median: number | null): string =>
  `${fired.toFixed(2)}${median === null || fired < 0.5 ? '' : ` [${shown(median)}]`}`;

function missesOf({ cell, samples }: Measured<Cell>): string[] {
  return cell.goals.flatMap(([share, median], k) => {
    if (k < FIRST_OWN) return [];
    const minutes = column(samples, k);
    const fired = finite(minutes);
    const name = `${cell.rate} labels/min, bad ${cell.bad}, ${COLUMNS[k]}`;
    if (cell.bad <= Q0)
      return exceedsCount(fired, samples.length, share * GOAL_RUNS, GOAL_RUNS)
        ? [`${name}: fired in ${fired} of ${samples.length} runs, the goal is ${share}`]
        : [];
    if (fallsShortOfRuns(fired, samples.length, share, GOAL_RUNS)) return [`${name}: fired in only ${fired} runs`];
    return median !== null && isSlower(minutes, median)
      ? [`${name}: ${shown(quantile(minutes, 0.5))} min, the goal is ${median}`]
      : [];
  });
}

export const tableE: Experiment<Cell> = {
  letter: 'E',
  title: 'Late labels: a new version in its first three days (objective 92 %)',
  cells: GOALS.map(([rate, bad, ...goals]) => ({ rate, bad, goals })),
  replicates: () => 300,
  replicate,
  report: (measured) => ({
    sheets: [
      {
        caption:
          'Share of runs that fired, median minute of these in square brackets (in brackets: goal). Delays exponential with a median of 60 minutes for bad labels and of 360 for good ones; the first two columns are comparators.',
        columns: ['labels/min', 'true bad', ...COLUMNS],
        rows: measured.map(({ cell, samples }) => [
          String(cell.rate),
          String(cell.bad),
          ...COLUMNS.map((_, k) => {
            const minutes = column(samples, k);
            const fired = minutes.filter((minute) => minute < Infinity);
            return `${text(fired.length / minutes.length, fired.length === 0 ? null : quantile(fired, 0.5))} (${text(...cell.goals[k]!)})`;
          }),
        ]),
      },
    ],
    misses: measured.flatMap(missesOf),
  }),
};
