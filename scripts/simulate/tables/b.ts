import { BurnRules } from '../burn-rules.ts';
import { budgetOf, FLEET, MINUTES_PER_30_DAYS, objectiveText, SOLO, watch } from '../detectors.ts';
import type { Experiment, Sample } from '../experiment.ts';
import { GOAL_MONTHS_B, GOALS_B } from '../goals/b.ts';
import { type Compared, column, exceedsBound, exceedsCount, exceedTogether, shown, shownRate, sum } from '../judge.ts';
import type { Random } from '../random.ts';
import { Traffic } from '../traffic.ts';

type Cell = (typeof GOALS_B)[number];

/** False incidents that a stream may have in 30 days. */
const ALLOWED_SOLO = 1;
const ALLOWED_FLEET = SOLO / FLEET;

/**
 * One month of one stream as it is served from its first minute on, with the dispersion rule, both detectors and recovery: incidents
 * with the fleet's threshold and with a single stream's; and what burn-rate rules fire on the same minutes.
 */
function replicate([objective, rate, rho, ofBudget]: Cell, random: Random): Sample {
  const q0 = budgetOf(objective);
  const traffic = new Traffic(random, { rate, share: q0 * ofBudget, rho });
  const fleet = watch(q0, FLEET);
  const solo = watch(q0, SOLO);
  const rules = new BurnRules(q0, MINUTES_PER_30_DAYS);
  const incidents = [0, 0];
  while (traffic.next(MINUTES_PER_30_DAYS)) {
    const { minute, n, bad } = traffic;
    for (const event of fleet(minute, n, bad)) if (event.type === 'alarm') incidents[0]!++;
    for (const event of solo(minute, n, bad)) if (event.type === 'alarm') incidents[1]!++;
    rules.judge(minute, n, bad);
  }
  rules.judge(MINUTES_PER_30_DAYS - 1, 0, 0);
  return [...incidents, rules.all.count, rules.pages.count, rules.guarded.count];
}

const goalCount = ({ exposure, goalRate }: Compared): number => exposure * goalRate;

export const tableB: Experiment<Cell> = {
  letter: 'B',
  title: 'False incidents per stream and 30 days',
  cells: GOALS_B,
  replicates: () => 60,
  replicate,
  report(measured) {
    const misses: string[] = [];
    let all = 0;
    let months = 0;
    const together: Compared[] = [];
    const rows = measured.map(({ cell, samples }) => {
      const [objective, rate, rho, ofBudget, ...goals] = cell;
      const where = `${objectiveText(objective)}, ${rate}/min, rho ${rho}, ${ofBudget} q0`;
      const counts = [0, 1, 2, 3, 4].map((k) => sum(column(samples, k)));
      const [fleet, solo] = counts as [number, number];
      all += fleet;
      months += samples.length;
      together.push({ count: solo, exposure: samples.length, goalRate: goals[1], goalExposure: GOAL_MONTHS_B });
      if (exceedsBound(solo, ALLOWED_SOLO * samples.length))
        misses.push(`${where}: ${solo} false incidents in ${samples.length} stream-months, one a month is allowed`);
      if (exceedsCount(solo, samples.length, goals[1] * GOAL_MONTHS_B, GOAL_MONTHS_B))
        misses.push(`${where}: ${shownRate(solo, samples.length)} false incidents a month, the goal has ${goals[1]}`);
      return [
        objectiveText(objective),
        String(rate),
        String(rho),
        ofBudget === 1 ? 'q0' : 'q0/2',
        ...counts.map((count, k) => `${shownRate(count, samples.length)} (${goals[k]})`),
      ];
    });
    if (exceedTogether(together)) {
      const [found, goal] = [sum(together.map(({ count }) => count)), sum(together.map(goalCount))];
      misses.push(
        `a single stream's threshold, all settings: ${found} false incidents, the goals come to ${shown(goal)}`,
      );
    }
    const allowed = ALLOWED_FLEET * months;
    if (exceedsBound(all, allowed))
      misses.push(`a fleet: ${all} false incidents where ${allowed.toFixed(2)} are allowed`);
    return {
      sheets: [
        {
          caption: `Per stream and 30 days (in brackets: goal). Over all cells the fleet's threshold opened ${all} in ${months} stream-months, ${allowed.toFixed(2)} are allowed.`,
          columns: [
            'objective',
            'events/min',
            'rho',
            'true share',
            'Plimsoll, fleet',
            'Plimsoll, solo (allowed 1)',
            'burn rates',
            'burn rates, pages',
            'burn rates, guard',
          ],
          rows,
        },
      ],
      misses,
    };
  },
};
