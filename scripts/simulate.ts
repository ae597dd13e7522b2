// npm run simulate -- [--table A]... [--seed N] [--quick] [--workers N]: operating characteristics of the detectors that run in production, beside
// the goals; all tables when none is named. Ends with status 1 when a cell misses its goal.
// npm run simulate -- --deliveries N [--seed N]: a day of N incidents told through bad weather instead; status 1 when a promise is broken.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { progressLine } from '../src/server/cli/progress.ts';
import { simulateDeliveries } from './simulate/deliveries.ts';
import { reportText } from './simulate/print.ts';
import { measure } from './simulate/run.ts';
import { EXPERIMENTS, experimentOf } from './simulate/tables/index.ts';

const LETTERS = EXPERIMENTS.map(({ letter }) => letter).join('|');
const USAGE = `usage: npm run simulate -- [--table ${LETTERS}]... [--seed N] [--quick] [--workers N] | --deliveries N [--seed N]`;

const { values } = parseArgs({
  options: {
    table: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '1' },
    deliveries: { type: 'string' },
    quick: { type: 'boolean', default: false },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});
const seed = Number(values.seed);
const workers = Number(values.workers);
const letters = values.table.map((letter) => letter.toUpperCase());
const wanted = letters.length === 0 ? EXPERIMENTS : EXPERIMENTS.filter(({ letter }) => letters.includes(letter));
const isKnown = letters.every((letter) => experimentOf(letter) !== undefined);
if (
  !Number.isSafeInteger(seed) ||
  !(Number.isSafeInteger(workers) && workers >= 1) ||
  !isKnown ||
  Number.isNaN(Number(values.deliveries ?? 1))
) {
  console.error(USAGE);
  process.exit(2);
}
if (values.deliveries !== undefined) process.exit(await simulateDeliveries(seed, Number(values.deliveries)));
let missed = 0;
for (const experiment of wanted) {
  const began = performance.now();
  const line = progressLine(`table ${experiment.letter}`, true);
  const size = values.quick ? 'quick' : 'full';
  const report = await measure(experiment, { seed, size, workers, onDone: line.show });
  line.end();
  missed += report.misses.length;
  console.log(reportText(experiment.letter, experiment.title, report));
  console.log(
    `\n(${size} run, seed ${seed}, ${((performance.now() - began) / 1000).toFixed(0)} s, ${workers} workers)\n`,
  );
}
process.exitCode = missed === 0 ? 0 : 1;
