import { describe, expect, it } from 'vitest';
import type { AnyExperiment, Report } from '../../scripts/simulate/experiment.ts';
import { reportText } from '../../scripts/simulate/print.ts';
import { measure } from '../../scripts/simulate/run.ts';
import { experimentOf } from '../../scripts/simulate/tables/index.ts';

/** A few settings of a table, with few replicates. */
function short(letter: string, replicates: (cell: never) => number): AnyExperiment {
  const experiment = experimentOf(letter)!;
  const count = (cell: unknown): number => replicates(cell as never);
  return { ...experiment, cells: experiment.cells.filter((cell) => count(cell) > 0), replicates: count };
}
const run = (experiment: AnyExperiment): Promise<Report> => measure(experiment, { seed: 1, size: 'full', workers: 0 });

/** Of each table some settings, and how many replicates of each: enough for a broken detector to show (0: left out). */
const SHORT: readonly (readonly [letter: string, what: string, replicates: (cell: never) => number])[] = [
  [
    'A',
    'a service on its budget raises no more false alarms than allowed',
    ({ threshold, q0, rate }: { q0: number; rate: number; threshold: number }) =>
      threshold === 1e3 && q0 === 0.05 && rate === 10 ? 1 : 0,
  ],
  [
    'B',
    'a service that keeps its promise opens no more incidents than allowed, also when failures come together',
    ([objective, rate, , ofBudget]: readonly [number, number, number, number]) =>
      objective === 0.95 && rate === 10 && ofBudget === 1 ? 30 : 0,
  ],
  [
    'C',
    'burns are found as fast as promised',
    ({ kind, rate, burn }: { kind: string; rate: number; burn: number }) => {
      const isShort = kind === 'delay' ? [1.5, 5, 14.4, Infinity].includes(burn) : kind === 'page' && burn === 6;
      return rate === 100 && isShort ? 25 : 0;
    },
  ],
  [
    'D',
    'mean scores that fall are found',
    ({ rate, mean }: { rate: number; mean: number }) => (rate === 1 && [0.7, 0.6].includes(mean) ? 25 : 0),
  ],
  [
    'E',
    'labels that come late make no healthy version bad, and a bad one is found',
    ({ rate, bad }: { rate: number; bad: number }) => (rate === 5 && bad !== 0.08 ? 40 : 0),
  ],
  [
    'F',
    'what is well again resolves in time, what goes on does not',
    ({ kind, objective, burn, rate }: { kind: string; objective: number; burn: number; rate: number }) => {
      if (kind === 'goes on') return objective === 0.999 && burn === 5 && rate === 10 ? 60 : 0;
      return objective === 0.95 && burn === 2 && rate <= 10 ? 20 : 0;
    },
  ],
  [
    'G',
    'a drift to be tolerated is, one that is not is found',
    ({ rate, psi, reference }: { rate: number; psi: number; reference: number }) => {
      if (rate !== 10 || reference !== 20_000) return 0;
      return psi === 0.25 ? 80 : psi === 0.03 ? 3 : 0;
    },
  ],
  [
    'H',
    'confidence sequences hold the truth at every look',
    ({ sequence, mean }: { sequence: string; mean: number }) =>
      sequence !== 'Wilson (comparator)' && [0.5, 0.8, 0.9].includes(mean) ? 60 : 0,
  ],
  ['I', 'intervals of accuracy cover', ({ accuracy }: { accuracy: number }) => (accuracy === 0.9 ? 1500 : 0)],
  ['J', 'changes are reviewed as promised', () => 60],
];

describe.each(SHORT)('table %s, a short version: %s', (letter, _, replicates) => {
  it('no cell misses its goal', async () => {
    const experiment = short(letter, replicates);
    expect(experiment.cells.length).toBeGreaterThan(0);
    const report = await run(experiment);
    expect(report.misses, reportText(letter, experiment.title, report)).toEqual([]);
  });
});

it('the same seed gives the same table, with any number of workers', async () => {
  const experiment = { ...experimentOf('J')!, replicates: () => 3 };
  const settings = { seed: 5, size: 'full', workers: 0 } as const;
  const report = await measure(experiment, settings);
  expect(await measure(experiment, { ...settings, workers: 2 })).toEqual(report);
  expect(await measure(experiment, { ...settings, seed: 6 })).not.toEqual(report);
});
