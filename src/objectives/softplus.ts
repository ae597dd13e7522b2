/** From here on ln(1 + e^-t) is less than what is left of 1 by rounding. */
const FARTHEST = 40;
const STEPS_PER_UNIT = 8;
const TERMS = 8;

/**
 * Taylor series of ln(1 + e^-t) around the middles of steps of 1/8, with eight terms. Its singularities lie at distance pi, so what is left
 * out is (1/16 / pi)^8 / 4, 6e-15. Derivatives of s = -1 / (1 + e^t), the first of it, follow from s' = -s (1 + s).
 */
const TABLE = new Float64Array(TERMS * STEPS_PER_UNIT * FARTHEST);

for (let step = 0; step < STEPS_PER_UNIT * FARTHEST; step++) {
  const middle = (step + 0.5) / STEPS_PER_UNIT;
  const s = [-1 / (1 + Math.exp(middle))];
  TABLE[TERMS * step] = Math.log1p(Math.exp(-middle));
  for (let k = 0; k < TERMS - 1; k++) {
    TABLE[TERMS * step + k + 1] = s[k]! / (k + 1);
    const square = s.reduce((sum, one, i) => sum + one * s[k - i]!, 0);
    s.push(-(s[k]! + square) / (k + 1));
  }
}

/**
 * ln(1 + e^x) to 1e-14, without overflow: a tick takes it half a million times, and by an exponential and a logarithm it would be most of
 * what the detectors cost.
 */
export function lnOnePlusExp(x: number): number {
  const t = Math.abs(x);
  if (t >= FARTHEST) return Math.max(x, 0);
  const step = Math.floor(t * STEPS_PER_UNIT);
  const d = t - (step + 0.5) / STEPS_PER_UNIT;
  const at = TERMS * step;
  let sum = TABLE[at + 7]!;
  sum = TABLE[at + 6]! + d * sum;
  sum = TABLE[at + 5]! + d * sum;
  sum = TABLE[at + 4]! + d * sum;
  sum = TABLE[at + 3]! + d * sum;
  sum = TABLE[at + 2]! + d * sum;
  sum = TABLE[at + 1]! + d * sum;
  sum = TABLE[at]! + d * sum;
  return Math.max(x, 0) + sum;
}
