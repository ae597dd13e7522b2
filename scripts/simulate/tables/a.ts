import { detector, FLEET } from '../detectors.ts';
import type { Experiment, Sample } from '../experiment.ts';
import { column, exceedsBound, quantile, shown, sum } from '../judge.ts';
import { Traffic } from '../traffic.ts';

/** A service exactly on its budget, independent failures. */
interface Cell {
  readonly q0: number;
  readonly rate: number;
  readonly threshold: number;
}

const MODES = ['hybrid', 'robust', 'event', 'cusum-event'] as const;
/** Minutes with events in one replicate. */
const MINUTES = 500_000;
const DIRECT: readonly Cell[] = [
  { q0: 0.05, rate: 10, threshold: FLEET },
  { q0: 0.001, rate: 100, threshold: FLEET },
];
/** So many replicates that every setting allows a hundred alarms or more. */
const REPLICATES: Readonly<Record<number, number>> = { 1000: 1, 10000: 2, 43200: 9, [FLEET]: 120 };

const isDirect = (cell: Cell): boolean => cell.threshold === FLEET;
const modesOf = (cell: Cell) => (isDirect(cell) ? (['hybrid'] as const) : MODES);

/** Alarms of each kind of detector in half a million minutes that have events. */
function replicate(cell: Cell, random: () => number): Sample {
  const traffic = new Traffic(random, { rate: cell.rate, share: cell.q0 });
  const detectors = modesOf(cell).map((mode) => detector(cell.q0, cell.threshold, mode));
  const alarms = detectors.map(() => 0);
  for (let counted = 0; counted < MINUTES; counted++) {
    traffic.next(Infinity);
    for (const [k, { step }] of detectors.entries())
      if (step(traffic.minute, traffic.n, traffic.bad) !== null) alarms[k]!++;
  }
  return alarms;
}

/** Extremes of the shares in the goal's table: hybrid, robust, event, e-CUSUM. */
const GOALS: readonly (readonly [min: number, median: number, max: number])[] = [
  [0.389, 0.563, 0.806],
  [0.458, 0.824, 1.024],
  [0.004, 0.328, 0.713],
  [0, 0.033, 0.144],
];
const NAMES = ['hybrid e-SR (what runs)', 'robust e-SR', 'event e-SR', 'event e-CUSUM'] as const;

export const tableA: Experiment<Cell> = {
  letter: 'A',
  title: 'The guarantee at its boundary: a service exactly on its budget',
  cells: [
    ...[0.001, 0.05, 0.2].flatMap((q0) =>
      [0.2, 1, 10, 100, 1000].flatMap((rate) => [1e3, 1e4, 43_200].map((threshold) => ({ q0, rate, threshold }))),
    ),
    ...DIRECT,
  ],
  replicates: ({ threshold }) => REPLICATES[threshold]!,
  quickLeast: 1,
  replicate,
  report(measured) {
    const misses: string[] = [];
    const shares: number[][] = MODES.map(() => []);
    const least = MODES.map(() => 0);
    const direct: string[][] = [];
    for (const { cell, samples } of measured) {
      const allowed = (samples.length * MINUTES) / cell.threshold;
      for (const [k, mode] of modesOf(cell).entries()) {
        const alarms = sum(column(samples, k));
        const where = `q0 ${cell.q0}, ${cell.rate}/min, A ${shown(cell.threshold)}`;
        if (exceedsBound(alarms, allowed))
          misses.push(`${mode}, ${where}: ${alarms} false alarms, ${shown(allowed)} are allowed`);
        if (isDirect(cell))
          direct.push([where, `${(samples.length * MINUTES) / 1e6} M`, String(alarms), shown(allowed)]);
        else {
          shares[k]!.push(alarms / allowed);
          least[k] = Math.max(least[k]!, 1 / Math.sqrt(allowed));
        }
      }
    }
    const rows = MODES.map((_, k) => [
      NAMES[k]!,
      ...[0, 0.5, 1].map((q, i) => `${quantile(shares[k]!, q === 0 ? 1e-9 : q).toFixed(3)} (${GOALS[k]![i]})`),
      `± ${least[k]!.toFixed(2)}`,
    ]);
    return {
      sheets: [
        {
          caption: `False alarms divided by the number allowed, over ${shares[0]!.length} settings (in brackets: goal column); 1 is the bound.`,
          columns: ['detector', 'min', 'median', 'max', 'error of one setting at most'],
          rows,
        },
        {
          caption: 'At the threshold of a stream among a thousand:',
          columns: ['setting', 'minutes', 'alarms', 'allowed'],
          rows: direct,
        },
      ],
      misses,
    };
  },
};
