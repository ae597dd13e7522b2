// Exact samplers. What is drawn again and again with the same parameters has a table.
import { lnGamma } from '../../src/measures/special.ts';
import type { Random } from './random.ts';

export type Sampler = (random: Random) => number;

/**
 * Draws first + i with probability weights[i] / sum: inversion with a guide table, one or two comparisons.
 * @see Chen, Asau (1974), On generating random variates from an empirical distribution, AIIE Trans. 6:163-166
 */
function tabled(weights: ArrayLike<number>, first: number): Sampler {
  const size = weights.length;
  const upTo = new Float64Array(size);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    sum += weights[i]!;
    upTo[i] = sum;
  }
  for (let i = 0; i < size; i++) upTo[i] = upTo[i]! / sum;
  upTo[size - 1] = 1;
  const guides = 4 * size;
  const guide = new Int32Array(guides);
  for (let g = 0, i = 0; g < guides; g++) {
    while (upTo[i]! <= g / guides) i++;
    guide[g] = i;
  }
  return (random) => {
    const u = random();
    let i = guide[Math.floor(u * guides)]!;
    while (upTo[i]! <= u) i++;
    return first + i;
  };
}

/** Where the probabilities beside the mode have become so small that no draw of 53 bits sees them. */
const FARTHEST_SD = 12;

/** Poisson counts of one mean; from `least` on (1: given that there are any). @param mean  > 0 */
export function poissonSampler(mean: number, least: 0 | 1 = 0): Sampler {
  const reach = FARTHEST_SD * Math.sqrt(mean) + 40;
  const first = Math.max(least, Math.floor(mean - reach));
  const size = Math.ceil(mean + reach) - first + 1;
  const lnMean = Math.log(mean);
  return tabled(
    Float64Array.from({ length: size }, (_, i) => Math.exp((first + i) * lnMean - mean - lnGamma(first + i + 1))),
    first,
  );
}

/** 1 with probability p, else 0. */
export const bernoulli =
  (p: number): Sampler =>
  (random) =>
    random() < p ? 1 : 0;

/** Below this mean, counting up from 0 is quickest. */
const INVERSION_MAX = 10;

/** @param n  an integer >= 0   @param p  in [0, 1] */
export function binomial(random: Random, n: number, p: number): number {
  if (n === 0 || p <= 0) return 0;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  return n * p < INVERSION_MAX ? byInversion(random, n, p) : byRejection(random, n, p);
}

function byInversion(random: Random, n: number, p: number): number {
  const odds = p / (1 - p);
  let mass = Math.exp(n * Math.log1p(-p));
  let u = random();
  let k = 0;
  while (u >= mass && k < n) {
    u -= mass;
    mass *= (odds * (n - k)) / (k + 1);
    k++;
  }
  return k;
}

/** ln k! less Stirling's formula for it. */
const STIRLING_SMALL = Float64Array.from(
  { length: 10 },
  (_, k) => lnGamma(k + 1) - ((k + 0.5) * Math.log(k + 1) - (k + 1) + 0.5 * Math.log(2 * Math.PI)),
);
function stirlingTail(k: number): number {
  if (k < STIRLING_SMALL.length) return STIRLING_SMALL[k]!;
  const s = (k + 1) * (k + 1);
  return (1 / 12 - (1 / 360 - 1 / 1260 / s) / s) / (k + 1);
}

/** BTRS. @see Hormann (1993), The generation of binomial random variates, J. Stat. Comput. Simul. 46:101-110 */
function byRejection(random: Random, n: number, p: number): number {
  const sd = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * sd;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  const odds = p / (1 - p);
  const alpha = (2.83 + 5.1 / b) * sd;
  const mode = Math.floor((n + 1) * p);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (us >= 0.07 && v <= squeeze) return k;
    if (!(k >= 0 && k <= n)) continue;
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(n - mode) -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

/** Counts of n events by kinds of these shares, which sum to 1. */
export function multinomial(random: Random, n: number, shares: readonly number[]): number[] {
  let left = n;
  let share = 1;
  return shares.map((p) => {
    const count = binomial(random, left, Math.min(1, p / share));
    left -= count;
    share -= p;
    return count;
  });
}

/** A standard normal number. @see Marsaglia, Bray (1964), A convenient method for generating normal variables, SIAM Rev. 6:260-264 */
function normal(random: Random): number {
  for (;;) {
    const x = 2 * random() - 1;
    const y = 2 * random() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** @see Marsaglia, Tsang (2000), A simple method for generating gamma variables, ACM Trans. Math. Softw. 26:363-372 */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random();
    if (u < 1 - 0.0331 * x ** 4 || Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** In [0, 1]. Shapes so small that both parts underflow give 0 or 1 by their odds. */
export function beta(random: Random, a: number, b: number): number {
  const x = gamma(random, a);
  const y = gamma(random, b);
  return x + y > 0 ? x / (x + y) : Number(random() < a / (a + b));
}

/** Beta for a, b > 1, by rejection: twice as quick. @see Cheng (1978), Commun. ACM 21:317-322, algorithm BB */
export function betaSampler(shape1: number, shape2: number): Sampler {
  if (!(shape1 > 1 && shape2 > 1)) return (random) => beta(random, shape1, shape2);
  const a = Math.min(shape1, shape2);
  const b = Math.max(shape1, shape2);
  const sum = a + b;
  const rate = Math.sqrt((sum - 2) / (2 * a * b - sum));
  const c = a + 1 / rate;
  return (random) => {
    for (;;) {
      const u1 = random();
      const u2 = 1 - random();
      const v = rate * Math.log(u1 / (1 - u1));
      const w = a * Math.exp(v);
      const z = u1 * u1 * u2;
      const r = c * v - Math.log(4);
      const s = a + r - w;
      if (!(s + 1 + Math.log(5) >= 5 * z) && !(r + sum * Math.log(sum / (b + w)) >= Math.log(z))) continue;
      return shape1 === a ? w / (b + w) : b / (b + w);
    }
  };
}
