import { pageNull } from '../../../src/objectives/e-detector.ts';
import { BurnRules } from '../burn-rules.ts';
import { budgetOf, burnText, detector, FLEET, MINUTES_PER_DAY, objectiveText, SOLO, watch } from '../detectors.ts';
import type { Experiment, Measured, Sample, Sheet } from '../experiment.ts';
import { GOALS_C, GOALS_C_PAGE } from '../goals/c.ts';
import { column, fallsShortOfRuns, finite, isSlower, quantile, shown, shownDelay, sum } from '../judge.ts';
import type { Random } from '../random.ts';
import { Traffic } from '../traffic.ts';

/** Goals in the order of the columns; for the page detector the only one. */
interface Cell {
  readonly kind: 'delay' | 'page' | 'steady';
  readonly objective: number;
  readonly rate: number;
  readonly burn: number;
  readonly goals: readonly (readonly [minutes: number, found: number])[];
}

const HEALTHY = 3 * MINUTES_PER_DAY;
const HORIZON = 14 * MINUTES_PER_DAY;
/** So little traffic is simulated fast, and its delays vary most: more runs. */
const SPARSE_RATE = 0.1;
/** Replicates behind a goal's share found. */
const GOAL_RUNS = 200;
const COLUMNS = [
  'e-SR fleet',
  'e-SR solo',
  'robust only, fleet',
  'burn rates',
  'burn rates, guard',
  'as served',
] as const;
const [FLEET_AT, SOLO_AT, ROBUST_AT, BURN_AT, GUARD_AT, SERVED_AT, ONSET_AT] = [0, 1, 2, 3, 4, 5, 6];

/** Traffic at half the budget for three days, then burning; `see` gets each minute until it says that it has seen enough. */
function burning(cell: Cell, random: Random, see: (traffic: Traffic, isBurning: boolean) => boolean): void {
  const q0 = budgetOf(cell.objective);
  const traffic = new Traffic(random, { rate: cell.rate, share: q0 / 2 });
  while (traffic.next(HEALTHY)) see(traffic, false);
  traffic.share = Math.min(1, cell.burn * q0);
  while (traffic.next(HEALTHY + HORIZON)) if (see(traffic, true)) return;
}

function delays(cell: Cell, random: Random): Sample {
  const q0 = budgetOf(cell.objective);
  const found: number[] = COLUMNS.map(() => Infinity);
  const detectors = [detector(q0, FLEET), detector(q0, SOLO), detector(q0, FLEET, 'robust')];
  const served = watch(q0, FLEET);
  const rules = new BurnRules(q0, HEALTHY + HORIZON, HEALTHY);
  let onset = Infinity;
  const at = (k: number, minute: number): void => {
    found[k] = Math.min(found[k]!, minute - HEALTHY + 1);
  };
  burning(cell, random, ({ minute, n, bad }, isBurning) => {
    for (const [k, { step }] of detectors.entries()) {
      if (found[k]! < Infinity) continue;
      const alarm = step(minute, n, bad);
      if (alarm === null || !isBurning) continue;
      at(k, minute);
      if (k === FLEET_AT) onset = Math.abs(alarm.onset - HEALTHY);
    }
    if (found[SERVED_AT] === Infinity)
      for (const event of served(minute, n, bad)) if (event.type === 'alarm' && isBurning) at(SERVED_AT, minute);
    rules.judge(minute, n, bad);
    at(BURN_AT, rules.all.first);
    at(GUARD_AT, rules.guarded.first);
    return found.every((delay) => delay < Infinity);
  });
  return [...found, onset];
}

/** Minutes until the page detector fires; in a steady twofold burn, which wakes nobody, how often it does in 14 days. */
function pages(cell: Cell, random: Random): Sample {
  const page = detector(pageNull(budgetOf(cell.objective)), FLEET);
  let first = Infinity;
  let count = 0;
  burning(cell, random, ({ minute, n, bad }, isBurning) => {
    if (page.step(minute, n, bad) === null || !isBurning) return false;
    first = Math.min(first, minute - HEALTHY + 1);
    count++;
    return cell.kind === 'page';
  });
  return [first, count];
}

const where = ({ objective, rate, burn }: Cell): string =>
  `${objectiveText(objective)}, ${rate}/min, ${burnText(burn)}`;

function missesOf({ cell, samples }: Measured<Cell>): string[] {
  const compared = cell.kind === 'delay' ? [FLEET_AT, SOLO_AT, ROBUST_AT] : [0];
  return compared.flatMap((k) => {
    const all = column(samples, k);
    const [goal, found] = cell.goals[k]!;
    const name = `${where(cell)}, ${cell.kind === 'delay' ? COLUMNS[k] : 'page detector'}`;
    // Of the page detector only the median is known.
    if (cell.kind === 'delay' && fallsShortOfRuns(finite(all), all.length, found, GOAL_RUNS))
      return [`${name}: found in ${finite(all)} of ${all.length} runs, the goal is ${Math.round(100 * found)}%`];
    return isSlower(all, goal) ? [`${name}: ${shown(quantile(all, 0.5))} min, the goal is ${goal}`] : [];
  });
}

const goalText = ([minutes, found]: readonly [number, number]): string =>
  `${minutes === Infinity ? `>${HORIZON}` : minutes}${found < 0.99 ? `, ${Math.round(100 * found)}%` : ''}`;

const delaySheet = (measured: readonly Measured<Cell>[]): Sheet => ({
  caption:
    'Median minutes from the beginning of a burn to its alarm, with the 95 % interval of the simulation (in brackets: goal). Three healthy days before it. "As served": ticket and page detector with the dispersion that three days have shown.',
  columns: ['objective', 'events/min', 'burn', ...COLUMNS, 'p90, fleet', 'onset error, fleet'],
  rows: measured.map(({ cell, samples }) => [
    objectiveText(cell.objective),
    String(cell.rate),
    burnText(cell.burn),
    ...COLUMNS.map((_, k) => {
      const goal = cell.goals[k];
      return `${shownDelay(column(samples, k), HORIZON)}${goal === undefined ? '' : ` (${goalText(goal)})`}`;
    }),
    ...[quantile(column(samples, FLEET_AT), 0.9), quantile(column(samples, ONSET_AT), 0.5)].map(shown),
  ]),
});

export const tableC: Experiment<Cell> = {
  letter: 'C',
  title: 'Detection delay',
  cells: [
    ...GOALS_C.map(([objective, rate, burn, ...goals]) => ({ kind: 'delay', objective, rate, burn, goals }) as const),
    ...GOALS_C_PAGE.map(([objective, rate, burn, minutes]) => ({
      kind: 'page' as const,
      objective,
      rate,
      burn,
      goals: [[minutes, 1] as const],
    })),
    ...[0.999, 0.95].flatMap((objective) =>
      [1, 10, 100].map((rate) => ({ kind: 'steady' as const, objective, rate, burn: 2, goals: [] })),
    ),
  ],
  replicates: ({ kind, rate }) => (kind === 'steady' ? 20 : rate <= SPARSE_RATE ? 800 : 200),
  replicate: (cell, random) => (cell.kind === 'delay' ? delays(cell, random) : pages(cell, random)),
  report(measured) {
    const of = (kind: Cell['kind']) => measured.filter(({ cell }) => cell.kind === kind);
    const steady = sum(of('steady').flatMap(({ samples }) => column(samples, 1)));
    const misses = [...of('delay'), ...of('page')].flatMap(missesOf);
    if (steady > 0) misses.push(`${steady} pages during a steady twofold burn, the goal is none`);
    return {
      sheets: [
        delaySheet(of('delay')),
        {
          caption: `Median minutes until the page detector fires, fleet (in brackets: goal). Pages during a steady twofold burn: ${steady}.`,
          columns: ['objective', 'events/min', 'burn', 'page'],
          rows: of('page').map(({ cell, samples }) => [
            objectiveText(cell.objective),
            String(cell.rate),
            burnText(cell.burn),
            `${shownDelay(column(samples, 0), HORIZON)} (${cell.goals[0]![0]})`,
          ]),
        },
      ],
      misses,
    };
  },
};
