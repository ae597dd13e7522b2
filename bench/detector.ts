// `node bench/detector.ts [minutes]`: nanoseconds a minute costs in a ticket and a page detector together.
import { alternatives } from '../src/objectives/alternatives.ts';
import {
  alarmThreshold,
  detectorParams,
  initialState,
  lnStatistic,
  pageNull,
  step,
} from '../src/objectives/e-detector.ts';
import { quickest } from './quickest.ts';

const minutes = Number(process.argv[2] ?? 300_000);

const ROUNDS = 50;
/** Budgets that have 6 to 15 alternatives. */
const BUDGETS = [0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0005, 0.0001, 0.00001];

function nanosecondsAMinute(q0: number, phi: number | null): number {
  const detectors = [q0, pageNull(q0)].map((budget) => {
    const params = detectorParams({ q0: budget, threshold: alarmThreshold(1, 0.001) });
    return { params, state: initialState(params, phi) };
  });
  const perMinute = Math.ceil(2 / q0);
  let seed = 1;
  const run = (from: number, to: number): void => {
    for (let minute = from; minute < to; minute++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const bad = seed >>> 31;
      for (const { params, state } of detectors) step(params, state, minute, perMinute, bad);
    }
  };
  run(0, minutes / 3);
  const each = Math.ceil(minutes / ROUNDS);
  const taken = quickest(ROUNDS, (i) => run(minutes + i * each, minutes + (i + 1) * each));
  // Read, so that nothing can be left out.
  if (detectors.some(({ state }) => Number.isNaN(lnStatistic(state)))) throw new Error('the statistic is not a number');
  return taken / each;
}

console.log('J   q0        hybrid   robust only   (ns a minute, ticket and page)');
for (const q0 of BUDGETS) {
  const both = nanosecondsAMinute(q0, 1);
  const robust = nanosecondsAMinute(q0, null);
  console.log(
    `${String(alternatives(q0).length).padEnd(3)} ${String(q0).padEnd(9)} ${both.toFixed(0).padStart(6)}   ${robust.toFixed(0).padStart(11)}`,
  );
}
