import { dispersion, NO_MINUTES, withMinute } from '../../../src/objectives/dispersion.ts';
import { recoveryParams, recoveryStep, startRecovery } from '../../../src/objectives/recovery.ts';
import { budgetOf, burnText, detector, FLEET, MINUTES_PER_DAY, objectiveText, SOLO } from '../detectors.ts';
import type { Experiment, Measured, Sample, Sheet } from '../experiment.ts';
import { column, exceedsBound, isSlower, quantile, shown, shownDelay, shownRate, sum } from '../judge.ts';
import type { Random } from '../random.ts';
import { Traffic } from '../traffic.ts';

interface Cell {
  /** `returns`: to half the budget and to exactly the budget; `goes on`: wrong resolutions while nothing has changed. */
  readonly kind: 'returns' | 'goes on';
  readonly objective: number;
  readonly burn: number;
  readonly rate: number;
  readonly rho: number;
  /** Of the detector that opened the incident: the higher, the longer it has been known. */
  readonly threshold: number;
  readonly goals: readonly [half: number, whole: number];
}

const RATES = [1, 10, 100, 1000] as const;
const NONE = Infinity;
/** objective, burn, and for each rate the median minutes to resolve after a return to half the budget, and to exactly the budget. */
const GOALS = [
  [0.999, 2, [13270, NONE], [1645, 4514], [176, 446], [22, 50]],
  [0.999, 5, [3040, 5068], [430, 559], [36, 48], [15, 16]],
  [0.999, 14.4, [702, 795], [78, 78], [15, 16], [15, 15]],
  [0.999, 100, [76, 80], [15, 15], [15, 15], [15, 16]],
  [0.95, 1.5, [662, 2552], [69, 230], [15, 28], [15, 16]],
  [0.95, 2, [330, 992], [38, 94], [15, 16], [15, 17]],
  [0.95, 4, [114, 169], [15, 24], [15, 16], [15, 15]],
  [0.95, 20, [16, 17], [15, 16], [15, 15], [15, 18]],
] as const;
/** Settings whose failures come together. */
const CORRELATED = [
  [0.999, 5],
  [0.999, 14.4],
  [0.95, 2],
  [0.95, 4],
] as const;
const RHO = 0.1;
const HORIZON = 14 * MINUTES_PER_DAY;
const SEARCH = 365 * MINUTES_PER_DAY;
const DAYS = 20;
/** Up to this rate resolutions are wrong now and then: many days tell how often. */
const RARE_RATE = 10;
/** Wrong resolutions in a day of an incident: the goal. */
const WRONG_MAX = 0.01;

/** Tempering as production would know it after a week in control: that of what is not known where too few bad events were seen. */
function phiOf({ objective, rate, rho }: Cell, random: Random): number {
  const traffic = new Traffic(random, { rate, share: budgetOf(objective) / 2, rho });
  let sums = NO_MINUTES;
  while (traffic.next(7 * MINUTES_PER_DAY)) sums = withMinute(sums, traffic.n, traffic.bad);
  return dispersion(sums).recoveryPhi;
}

/** An incident as the detector opens it: its events from the onset to the alarm. */
function incident(cell: Cell, random: Random) {
  const { objective, burn, rate, rho } = cell;
  const q0 = budgetOf(objective);
  const traffic = new Traffic(random, { rate, share: Math.min(1, burn * q0), rho });
  return { traffic, ...found(cell, traffic) };
}

/** The next incident of a burn that goes on, from its onset to its alarm. */
function found({ objective, rho, threshold }: Cell, traffic: Traffic): { n: number; bad: number } {
  const { step } = detector(budgetOf(objective), threshold, rho === 0 ? 'hybrid' : 'robust');
  const end = traffic.minute + SEARCH;
  while (traffic.next(end)) {
    const alarm = step(traffic.minute, traffic.n, traffic.bad);
    if (alarm !== null) return { n: alarm.n, bad: alarm.bad };
  }
  throw new RangeError(`no alarm within ${SEARCH} minutes: this setting says nothing of recovery`);
}

/** Minutes until it resolves after a return to this share of the budget: untempered, as the goals are, and as it is served. */
function toResolve(cell: Cell, random: Random, ofBudget: number): [untempered: number, served: number] {
  const phi = phiOf(cell, random);
  const { traffic, n, bad } = incident(cell, random);
  const params = recoveryParams({ q0: budgetOf(cell.objective) });
  const from = traffic.minute;
  const states = [1, phi].map((one) => startRecovery(from, n, bad, one));
  const resolved: [number, number] = [Infinity, Infinity];
  traffic.share = budgetOf(cell.objective) * ofBudget;
  while (traffic.next(from + HORIZON)) {
    for (const [k, state] of states.entries())
      if (resolved[k] === Infinity && recoveryStep(params, state, traffic.minute, traffic.n, traffic.bad))
        resolved[k] = traffic.minute - from;
    if (resolved.every((minutes) => minutes < Infinity)) break;
  }
  return resolved;
}

/**
 * Wrong resolutions while the burn goes on, and the days of incidents in which they happened: as it is served, with the tempering that a
 * week in control has shown. After each the detector begins anew, and what it finds then is the next incident.
 */
function wrong(cell: Cell, random: Random): [resolved: number, days: number] {
  const phi = phiOf(cell, random);
  const params = recoveryParams({ q0: budgetOf(cell.objective) });
  const end = DAYS * MINUTES_PER_DAY;
  let { traffic, n, bad } = incident(cell, random);
  let resolved = 0;
  let minutes = 0;
  for (;;) {
    const from = traffic.minute;
    const state = startRecovery(from, n, bad, phi);
    let isOver = false;
    while (!isOver && traffic.next(from + end - minutes))
      isOver = recoveryStep(params, state, traffic.minute, traffic.n, traffic.bad);
    minutes += traffic.minute - from;
    if (!isOver) return [resolved, minutes / MINUTES_PER_DAY];
    resolved++;
    ({ n, bad } = found(cell, traffic));
  }
}

function replicate(cell: Cell, random: Random): Sample {
  if (cell.kind === 'goes on') return wrong(cell, random);
  const [half, whole] = [toResolve(cell, random, 0.5), toResolve(cell, random, 1)];
  return [half[0], whole[0], half[1], whole[1]];
}

const where = ({ objective, burn, rate, rho, threshold }: Cell): string => {
  const stream = threshold === SOLO ? 'solo' : 'fleet';
  return `${stream}, ${objectiveText(objective)}, ${burnText(burn)}, ${rate}/min${rho === 0 ? '' : `, rho ${rho}`}`;
};

const daysOf = ({ samples }: Measured<Cell>): number => sum(column(samples, 1));
const wrongADay = (one: Measured<Cell>): number => sum(column(one.samples, 0)) / daysOf(one);

function missesOf(one: Measured<Cell>): string[] {
  const { cell, samples } = one;
  if (cell.kind === 'goes on')
    return exceedsBound(sum(column(samples, 0)), WRONG_MAX * daysOf(one))
      ? [`${where(cell)}: ${shown(wrongADay(one))} wrong resolutions in a day of an incident, the goal is ${WRONG_MAX}`]
      : [];
  // The threshold of the goal is not known; those of a fleet lie beyond it, those of a single stream before it.
  if (cell.threshold !== SOLO) return [];
  return cell.goals.flatMap((goal, k) => {
    const minutes = column(samples, k);
    const name = `${where(cell)}, return to ${k === 0 ? 'half' : 'exactly'} the budget`;
    return isSlower(minutes, goal) ? [`${name}: ${shown(quantile(minutes, 0.5))} min, the goal is ${goal}`] : [];
  });
}

const THRESHOLDS = [SOLO, FLEET] as const;
const cells: Cell[] = THRESHOLDS.flatMap((threshold) => [
  ...GOALS.flatMap(([objective, burn, ...goals]) =>
    goals.flatMap((pair, i) =>
      (['returns', 'goes on'] as const).map((kind) => ({
        kind,
        objective,
        burn,
        rate: RATES[i]!,
        rho: 0,
        threshold,
        goals: pair,
      })),
    ),
  ),
  ...CORRELATED.flatMap(([objective, burn]) =>
    [10, 100].map((rate) => ({
      kind: 'goes on' as const,
      objective,
      burn,
      rate,
      rho: RHO,
      threshold,
      goals: [NONE, NONE] as const,
    })),
  ),
]);

/** @param from  of a sample's columns: 0 untempered, 2 as served */
function sheetOf(measured: readonly Measured<Cell>[], threshold: number, from: 0 | 2, caption: string): Sheet {
  const goal = (minutes: number): string => (minutes === NONE ? 'none' : String(minutes));
  const returns = measured.filter(({ cell }) => cell.kind === 'returns' && cell.threshold === threshold);
  return {
    caption,
    columns: ['objective', 'burn', ...RATES.map((rate) => `${rate}/min`)],
    rows: GOALS.map(([objective, burn]) => [
      objectiveText(objective),
      burnText(burn),
      ...returns
        .filter(({ cell }) => cell.objective === objective && cell.burn === burn)
        .map(({ cell, samples }) => {
          const text = [0, 1].map((k) => shownDelay(column(samples, from + k), HORIZON));
          return `${text[0]} (${goal(cell.goals[0])}); ${text[1]} (${goal(cell.goals[1])})`;
        }),
    ]),
  };
}

export const tableF: Experiment<Cell> = {
  letter: 'F',
  title: 'Recovery',
  cells,
  replicates: ({ kind, rate }) => (kind === 'returns' ? 100 : rate > RARE_RATE ? 40 : 200),
  replicate,
  report(measured) {
    const goingOn = measured.filter(({ cell }) => cell.kind === 'goes on');
    const worst = goingOn.reduce((a, b) => (wrongADay(b) > wrongADay(a) ? b : a));
    return {
      sheets: [
        sheetOf(
          measured,
          SOLO,
          0,
          `Wrong resolutions in a day of an incident that goes on, with the tempering that a week in control has shown: ${shownRate(sum(column(worst.samples, 0)), daysOf(worst))} at most over ${goingOn.length} settings (${where(worst.cell)}; ${Math.round(daysOf(worst))} incident-days), the goal is ${WRONG_MAX}. Median minutes to resolve after the return to half the budget; to exactly the budget (in brackets: goals, whose incidents are not described), untempered, of incidents that a single stream's detector has opened, from the onset to the alarm:`,
        ),
        sheetOf(
          measured,
          FLEET,
          0,
          "The same of incidents that a fleet's detector has opened, which have been known for longer (not compared with the goals):",
        ),
        sheetOf(
          measured,
          SOLO,
          2,
          'The first as it is served: tempered by three while a week in control has shown fewer than twenty bad events (at 99.9 % and one event a minute):',
        ),
      ],
      misses: measured.flatMap(missesOf),
    };
  },
};
