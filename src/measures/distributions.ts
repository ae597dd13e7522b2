import { requireCount, requireFinite, requireOpenShare, requirePositive } from '../model/numbers.ts';
import { solve } from './root.ts';
import { incompleteBeta, incompleteGamma, incompleteGammaUpper, lnBetaPower, lnGammaPower } from './special.ts';

/** Horner's rule, highest power first. */
const polynomial = (x: number, coefficients: readonly number[]): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

/** Wichura (1988), Algorithm AS 241: The percentage points of the normal distribution, PPND16. Appl. Stat. 37:477-484. */
const AS_241 = {
  centreTop: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  centreBottom: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
  nearTop: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  nearBottom: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
  farTop: [
    2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  farBottom: [
    2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
} as const;

/** The p-quantile of the standard normal distribution, to 1e-15 relative. @param p  strictly between 0 and 1 */
export function normalQuantile(p: number): number {
  requireOpenShare('p', p);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(r, AS_241.centreTop)) / polynomial(r, AS_241.centreBottom);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const size =
    r <= 5
      ? polynomial(r - 1.6, AS_241.nearTop) / polynomial(r - 1.6, AS_241.nearBottom)
      : polynomial(r - 5, AS_241.farTop) / polynomial(r - 5, AS_241.farBottom);
  return q < 0 ? -size : size;
}

/** Half-width in standard errors of a two-sided normal interval: 1.96 at level 0.95. */
export const normalWidth = (level: number): number => normalQuantile(1 - (1 - level) / 2);

/** The p-quantile of Beta(a, b), by Newton's method on the logit of x (where the slope is x^a y^b / B). */
export function betaQuantile(p: number, a: number, b: number): number {
  return 1 / (1 + Math.exp(-betaLogit(p, a, b)));
}

/** The same as ln(x/(1 - x)), which is precise at both ends. */
function betaLogit(p: number, a: number, b: number): number {
  requireOpenShare('p', p);
  requirePositive('a', a);
  requirePositive('b', b);
  return solve(
    (u) => {
      const x = 1 / (1 + Math.exp(-u));
      const y = 1 / (1 + Math.exp(u));
      return [incompleteBeta(x, y, a, b) - p, Math.exp(lnBetaPower(x, y, a, b))];
    },
    true,
    -700,
    700,
    Math.log(a / b),
  );
}

/** The p-quantile of Gamma(shape) with rate 1, by Newton's method on ln x. */
export function gammaQuantile(p: number, shape: number): number {
  requireOpenShare('p', p);
  requirePositive('shape', shape);
  const lnX = solve(
    (u) => {
      const x = Math.exp(u);
      return [incompleteGamma(x, shape) - p, Math.exp(lnGammaPower(x, shape))];
    },
    true,
    -700,
    Math.log(4 * shape + 200),
    Math.log(shape),
  );
  return Math.exp(lnX);
}

/** Beyond, the tail is computed; within, the middle: each where the other is next to 1. */
const STUDENT_TAIL = 0.25;

/** The p-quantile of Student's t with `df` degrees of freedom: t^2/(df + t^2) is Beta(1/2, df/2), and df/(df + t^2) is Beta(df/2, 1/2). */
export function studentQuantile(p: number, df: number): number {
  requireOpenShare('p', p);
  requirePositive('df', df);
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const logit = tail > STUDENT_TAIL ? betaLogit(Math.abs(2 * p - 1), 0.5, df / 2) : -betaLogit(2 * tail, df / 2, 0.5);
  const size = Math.sqrt(df) * Math.exp(logit / 2);
  requireFinite('the quantile', size);
  return p < 0.5 ? -size : size;
}

/** P(X > x) for chi-square with `df` degrees of freedom. */
export function chiSquareTail(x: number, df: number): number {
  requirePositive('df', df);
  return incompleteGammaUpper(x / 2, df / 2);
}

/** P(K > x) of Kolmogorov's limit distribution; for small x by the theta transform, which converges there. */
export function kolmogorovTail(x: number): number {
  if (Number.isNaN(x)) throw new RangeError(`the Kolmogorov tail is asked for at ${x}`);
  // Below it differs from 1 by less than the smallest number.
  if (x < 0.04) return 1;
  if (x < 0.6) {
    const scale = Math.PI ** 2 / (8 * x * x);
    let sum = 0;
    for (let k = 1; k <= 7; k += 2) sum += Math.exp(-k * k * scale);
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  let sum = 0;
  for (let k = 1; k <= 10; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, sum);
}

/** P(X <= k), X binomial(n, share). */
export function binomialCdf(k: number, n: number, share: number): number {
  requireCount('n', n);
  requireOpenShare('share', share);
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBeta(1 - share, share, n - Math.floor(k), Math.floor(k) + 1);
}

/** The smallest k with P(X <= k) >= p, X binomial(n, share). */
export function binomialQuantile(p: number, n: number, share: number): number {
  requireOpenShare('p', p);
  requireCount('n', n);
  requireOpenShare('share', share);
  let low = 0;
  let high = n;
  while (low < high) {
    // The sum of both may lie beyond 2^53, and be rounded up to the higher one: it would be tried for ever.
    const middle = low + Math.floor((high - low) / 2);
    if (binomialCdf(middle, n, share) >= p) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** P(X > k), X negative binomial: failures before the `size`-th success of probability `share`; size > 0 may be a fraction. */
export function negativeBinomialTail(k: number, size: number, share: number): number {
  requireFinite('k', k);
  requirePositive('size', size);
  requireOpenShare('share', share);
  if (k < 0) return 1;
  return incompleteBeta(1 - share, share, Math.floor(k) + 1, size);
}
