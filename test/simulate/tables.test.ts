import { describe, expect, it } from 'vitest';
import type { AnyExperiment, Report } from '../../scripts/simulate/experiment.ts';
import { reportText } from '../../scripts/simulate/print.ts';
import { measure } from '../../scripts/simulate/run.ts';
import { experimentOf } from '../../scripts/simulate/tables/index.ts';

/** A few settings of a table, with few replicates. */
function short(letter: string, isWanted: (cell: never) => boolean, replicates: number): AnyExperiment {
  const experiment = experimentOf(letter)!;
  return {
    ...experiment,
    cells: experiment.cells.filter((cell) => isWanted(cell as never)),
    replicates: () => replicates,
  };
}
const run = (experiment: AnyExperiment): Promise<Report> => measure(experiment, { seed: 1, size: 'full', workers: 0 });

type Cells = readonly (readonly [
  letter: string,
  what: string,
  isWanted: (cell: never) => boolean,
  replicates: number,
])[];

const SHORT: Cells = [
  [
    'A',
    'a service on its budget raises no more false alarms than allowed',
    (cell: { q0: number; rate: number; threshold: number }) =>
      cell.threshold === 1e3 && cell.q0 === 0.05 && cell.rate === 10,
    1,
  ],
  [
    'B',
    'a service that keeps its promise opens no more incidents than allowed, also when failures come together',
    (cell: readonly number[]) => cell[0] === 0.95 && cell[1] === 10 && cell[3] === 1,
    6,
  ],
  [
    'C',
    'burns are found as fast as promised',
    (cell: { kind: string; objective: number; rate: number; burn: number }) =>
      cell.rate === 100 &&
      ((cell.kind === 'delay' && [1.5, 5, 14.4, Infinity].includes(cell.burn)) ||
        (cell.kind === 'page' && cell.burn === 6)),
    25,
  ],
  [
    'D',
    'mean scores that fall are found, at the boundary there are no more false alarms than allowed',
    (cell: { rate: number; mean: number }) => cell.rate === 1 && [0.7, 0.6].includes(cell.mean),
    25,
  ],
  [
    'E',
    'labels that come late make no healthy version bad',
    (cell: { rate: number; bad: number }) => cell.rate === 5 && [0.05, 0.32].includes(cell.bad),
    12,
  ],
  [
    'F',
    'what is well again resolves in time, what goes on does not',
    (cell: { objective: number; burn: number; rate: number }) =>
      cell.objective === 0.95 && cell.burn === 2 && cell.rate <= 10,
    20,
  ],
  [
    'G',
    'a drift to be tolerated is, one that is not is found',
    (cell: { rate: number; psi: number; reference: number }) =>
      cell.rate === 10 && cell.reference === 20_000 && [0.03, 0.25].includes(cell.psi),
    5,
  ],
  [
    'H',
    'confidence sequences hold the truth at every look',
    (cell: { sequence: string; mean: number }) =>
      cell.sequence !== 'Wilson (comparator)' && cell.mean >= 0.8 && cell.mean <= 0.9,
    100,
  ],
  ['I', 'intervals of accuracy cover', (cell: { judge: string; accuracy: number }) => cell.accuracy === 0.9, 400],
  ['J', 'changes are reviewed as promised', () => true, 60],
];

describe.each(SHORT)('table %s, a short version: %s', (letter, _, isWanted, replicates) => {
  it('no cell misses its goal', async () => {
    const experiment = short(letter, isWanted, replicates);
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
