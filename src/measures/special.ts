/**
 * The gamma and beta functions and their regularised incomplete forms: to about 14 digits for arguments up to a million, to ten up to 1e9;
 * to seven where one is that large and the other about 1/2. Why they are our own: docs/decisions/0029-special-functions-of-our-own.md.
 * The leading factors are computed by their distance from the mode (Loader), not as differences of large logarithms, which
 * would lose a digit for every power of ten of n.
 * @see Loader (2000), Fast and accurate computation of binomial probabilities; DLMF chapters 5 and 8
 */

const HALF_LN_TWO_PI = 0.9189385332046728;

/** delta(x) = ln Gamma(x) - [(x - 1/2) ln x - x + ln(2 pi)/2], x > 0. DLMF 5.11.1; below 12 by its recurrence. */
function stirlingCorrection(x: number): number {
  let correction = 0;
  let at = x;
  for (; at < 12; at++) correction += (at + 0.5) * Math.log1p(1 / at) - 1;
  const s = 1 / (at * at);
  const series =
    1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s * (1 / 156))))));
  return correction + series / at;
}

/** Nothing that is counted or measured lies beyond. */
const SMALLEST = 1e-150;
const LARGEST = 1e150;

/** ln Gamma(x), x > 0. */
export function lnGamma(x: number): number {
  if (!(x >= SMALLEST && x <= LARGEST))
    throw new RangeError(`ln Gamma is asked for at ${x}, it is computed for x > 0, up to ${LARGEST}`);
  return (x - 0.5) * Math.log(x) - x + HALF_LN_TWO_PI + stirlingCorrection(x);
}

/** ln B(a, b), a, b > 0. */
export function lnBeta(a: number, b: number): number {
  if (!(a >= SMALLEST && b >= SMALLEST && a <= LARGEST && b <= LARGEST))
    throw new RangeError(`ln Beta is asked for at ${a} and ${b}, it is computed for numbers above 0, up to ${LARGEST}`);
  const n = a + b;
  const larger = Math.max(a, b);
  const smaller = Math.min(a, b);
  return (
    (smaller - 0.5) * Math.log(smaller / n) +
    larger * Math.log1p(-smaller / n) -
    0.5 * Math.log(larger) +
    HALF_LN_TWO_PI +
    stirlingCorrection(a) +
    stirlingCorrection(b) -
    stirlingCorrection(n)
  );
}

/** x ln(x/m) + m - x without cancellation near x = m; x >= 0, m > 0. Loader's "bd0". */
function deviance(x: number, m: number): number {
  if (x === 0) return m;
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/**
 * ln[x^a y^b / B(a, b)] with y = 1 - x given apart, so that neither end loses digits: the Beta density times x(1-x).
 * Minus infinity at the ends.
 */
export function lnBetaPower(x: number, y: number, a: number, b: number): number {
  if (x <= 0 || y <= 0) return -Infinity;
  const n = a + b;
  return (
    -deviance(a, n * x) -
    deviance(b, n * y) +
    0.5 * Math.log((a / n) * b) -
    HALF_LN_TWO_PI +
    stirlingCorrection(n) -
    stirlingCorrection(a) -
    stirlingCorrection(b)
  );
}

/** ln[x^a e^-x / Gamma(a)]: the Gamma(a) density times x. */
export function lnGammaPower(x: number, a: number): number {
  if (x <= 0) return -Infinity;
  return -deviance(a, x) + 0.5 * Math.log(a) - HALF_LN_TWO_PI - stirlingCorrection(a);
}

const TINY = 1e-300;
const TERMS_MAX = 10_000_000;

/** The continued fraction of DLMF 8.17.22 by Lentz's method; quick for x < (a+1)/(a+b+2). About sqrt(max(a, b)) terms. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < TINY ? TINY : d);
  let value = d;
  for (let m = 1; m < TERMS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    c = 1 + even / c;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    if (Math.abs(c) < TINY) c = TINY;
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    c = 1 + odd / c;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    if (Math.abs(c) < TINY) c = TINY;
    value *= d * c;
    if (Math.abs(d * c - 1) <= Number.EPSILON) return value;
  }
  throw new RangeError(`the incomplete beta function does not converge at x = ${x}, a = ${a}, b = ${b}`);
}

/**
 * The regularised incomplete beta function I_x(a, b), the distribution function of Beta(a, b).
 * @param x, y  in [0, 1], y = 1 - x
 */
export function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (!(a >= SMALLEST && b >= SMALLEST && a <= LARGEST && b <= LARGEST && x >= 0 && y >= 0))
    throw new RangeError(`incomplete beta at x = ${x}, a = ${a}, b = ${b}: x in [0, 1] and a, b > 0 are needed`);
  if (x === 0) return 0;
  if (y === 0) return 1;
  if (x * (a + b + 2) < a + 1) return asShare((Math.exp(lnBetaPower(x, y, a, b)) * betaFraction(x, a, b)) / a);
  return asShare(1 - (Math.exp(lnBetaPower(x, y, a, b)) * betaFraction(y, b, a)) / b);
}

/** A probability without the rounding that leads beyond its ends. */
const asShare = (p: number): number => Math.min(1, Math.max(0, p));

/** The power series of DLMF 8.7.1 for x < a + 1, divided by the leading factor. */
function gammaSeries(x: number, a: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; k < TERMS_MAX; k++) {
    term *= x / (a + k);
    sum += term;
    if (term <= sum * Number.EPSILON) return sum;
  }
  throw new RangeError(`the incomplete gamma function does not converge at x = ${x}, a = ${a}`);
}

/** The continued fraction of DLMF 8.9.2 for x >= a + 1, divided by the leading factor. */
function gammaFraction(x: number, a: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let k = 1; k < TERMS_MAX; k++) {
    const step = -k * (k - a);
    b += 2;
    d = step * d + b;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    c = b + step / c;
    if (Math.abs(c) < TINY) c = TINY;
    value *= d * c;
    if (Math.abs(d * c - 1) <= Number.EPSILON) return value;
  }
  throw new RangeError(`the incomplete gamma function does not converge at x = ${x}, a = ${a}`);
}

function requireGammaDomain(x: number, a: number): void {
  if (!(a >= SMALLEST && a <= LARGEST && x >= 0 && x < Infinity))
    throw new RangeError(`incomplete gamma at x = ${x}, a = ${a}: x >= 0 and a > 0 are needed`);
}

/** P(a, x), the distribution function of Gamma(a). */
export function incompleteGamma(x: number, a: number): number {
  requireGammaDomain(x, a);
  if (x === 0) return 0;
  const factor = Math.exp(lnGammaPower(x, a));
  return asShare(x < a + 1 ? factor * gammaSeries(x, a) : 1 - factor * gammaFraction(x, a));
}

/** Q(a, x) = 1 - P(a, x), precise where it is tiny. */
export function incompleteGammaUpper(x: number, a: number): number {
  requireGammaDomain(x, a);
  if (x === 0) return 1;
  const factor = Math.exp(lnGammaPower(x, a));
  return asShare(x < a + 1 ? 1 - factor * gammaSeries(x, a) : factor * gammaFraction(x, a));
}
