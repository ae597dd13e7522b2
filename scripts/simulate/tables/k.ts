import { binomialCdf } from '../../../src/measures/distributions.ts';
import { benjaminiHochberg, eBenjaminiHochberg } from '../../../src/measures/multiplicity.ts';
import type { Experiment, Sample } from '../experiment.ts';
import { column, sum } from '../judge.ts';
import type { Random } from '../random.ts';
import { binomial } from '../samplers.ts';

const SLICES = 300;
const BREACHES = 15;
const HOURS = 168;
const EVENTS = 20;
const Q0 = 0.05;
const BREACHED = 0.1;
const ALPHA = 0.05;
const GOALS = { once: 0.038, hourly: 0.309, e: 0.006 } as const;

/** ln of the e-value of so many bad events, a bet on the doubled share. */
const lnE = (n: number, bad: number): number =>
  bad * Math.log(BREACHED / Q0) + (n - bad) * Math.log((1 - BREACHED) / (1 - Q0));

/** Share of false ones among what was ever named, and share of the breaches named: BH once at the end, BH each hour, e-BH each hour. */
function replicate(_: null, random: Random): Sample {
  const n = new Float64Array(SLICES);
  const bad = new Float64Array(SLICES);
  const named = [new Set<number>(), new Set<number>(), new Set<number>()] as const;
  for (let hour = 1; hour <= HOURS; hour++) {
    for (let s = 0; s < SLICES; s++) {
      n[s] = n[s]! + EVENTS;
      bad[s] = bad[s]! + binomial(random, EVENTS, s < BREACHES ? BREACHED : Q0);
    }
    const p = Array.from(bad, (count, s) => (count === 0 ? 1 : Math.max(0, 1 - binomialCdf(count - 1, n[s]!, Q0))));
    const e = Array.from(bad, (count, s) => Math.exp(lnE(n[s]!, count)));
    for (const [s, isNamed] of benjaminiHochberg(p, ALPHA).entries()) {
      if (!isNamed) continue;
      named[1].add(s);
      if (hour === HOURS) named[0].add(s);
    }
    for (const [s, isNamed] of eBenjaminiHochberg(e, ALPHA).entries()) if (isNamed) named[2].add(s);
  }
  return named.flatMap((set) => {
    const found = [...set].filter((s) => s < BREACHES).length;
    return [set.size === 0 ? 0 : (set.size - found) / set.size, found / BREACHES];
  });
}

export const tableK: Experiment<null> = {
  letter: 'K',
  title: `False discoveries among ${SLICES} slices, ${BREACHES} of them in breach, over a week`,
  cells: [null],
  replicates: () => 200,
  replicate,
  report([measured]) {
    const { samples } = measured!;
    const mean = (k: number): number => sum(column(samples, k)) / samples.length;
    const error = (k: number): number =>
      Math.sqrt(sum(column(samples, k).map((value) => (value - mean(k)) ** 2))) / samples.length;
    const rows = (
      [
        ['Benjamini-Hochberg once', GOALS.once],
        ['Benjamini-Hochberg every hour (comparator)', GOALS.hourly],
        ['e-BH on running e-values', GOALS.e],
      ] as const
    ).map(([name, goal], i) => [
      name,
      `${mean(2 * i).toFixed(3)} ± ${error(2 * i).toFixed(3)} (${goal})`,
      mean(2 * i + 1).toFixed(2),
    ]);
    const misses = [0, 2].flatMap((i) =>
      mean(2 * i) > ALPHA + 3 * error(2 * i)
        ? [`${rows[i]![0]}: a false discovery rate of ${mean(2 * i).toFixed(3)}, ${ALPHA} is allowed`]
        : [],
    );
    return {
      sheets: [
        {
          caption:
            'Share of false ones among all that were named at any time (in brackets: goal), and share of the breaches that were.',
          columns: ['procedure', 'false discovery rate', 'power'],
          rows,
        },
      ],
      misses,
    };
  },
};
