import { requireCount, requireFinite, requireOpenShare } from '../model/numbers.ts';
import { ANY_SHARE, type Interval } from './interval.ts';

/** Sums over n values in [0, 1]; they add like every tally. */
export interface ScoreSums {
  readonly n: number;
  readonly sum: number;
  /** Sum of squares. */
  readonly squares: number;
}

const BETS = Float64Array.from({ length: 16 }, (_, j) => 0.95 * 2 ** -j);
const LN_LOSS = BETS.map((bet) => Math.log1p(-bet));
/** psi(l) = -ln(1-l) - l, Fan, Grama, Liu (2015), Exponential inequalities for martingales, EJP 20. */
const PSI = BETS.map((bet) => -Math.log1p(-bet) - bet);
const GRID = 256;
/**
 * A confidence sequence of the mean of values in [0, 1] from (n, sum, sum of squares): in all of its intervals at once with
 * probability 1 - alpha, however often one looks. Sixteen bets against each candidate mean, each credited with the better of two
 * lower bounds of its wealth; a theorem at every n.
 * @returns [0, 1] when n = 0
 * @throws RangeError when the sums can't be those of n values in [0, 1]
 * @see Waudby-Smith, Ramdas (2024), JRSS-B 86:1-27, Thm 3; Howard et al. (2021), Ann. Stat. 49:1055-1080, Thm 4
 */
export function meanSequence(sums: ScoreSums, alpha = 0.05): Interval {
  requireScoreSums(sums);
  requireOpenShare('alpha', alpha);
  const { n, sum, squares } = sums;
  if (n === 0) return ANY_SHARE;
  const threshold = Math.log(2 / alpha);
  return {
    low: lowerEnd(n, sum, squares, threshold),
    high: 1 - lowerEnd(n, n - sum, n - 2 * sum + squares, threshold),
  };
}

/** Rounding of the single values may carry the sums a little over their bounds. */
const SLACK = 2e-6;

export function requireScoreSums({ n, sum, squares }: ScoreSums): void {
  requireCount('n', n);
  requireFinite('sum', sum);
  requireFinite('squares', squares);
  const slack = SLACK * (n + 1);
  if (
    sum < -slack ||
    sum > n + slack ||
    squares < -slack ||
    squares > sum + slack ||
    squares * n < sum * sum - slack * n
  )
    throw new RangeError(`sum ${sum} and squares ${squares} are not those of ${n} values in [0, 1]`);
}

const chord = (j: number, m: number, n: number, sum: number): number =>
  sum * Math.log(1 + (BETS[j]! * (1 - m)) / m) + (n - sum) * LN_LOSS[j]!;

/** Lower bound of the wealth that the sixteen bets together have won from the mean m: ln K+(m) - threshold, m refuted when >= 0. */
function excess(m: number, n: number, sum: number, squares: number, threshold: number): number {
  const first = (sum - n * m) / m;
  const second = (squares - 2 * m * sum + n * m * m) / (m * m);
  let wealth = 0;
  for (let j = 0; j < BETS.length; j++) {
    const bernstein = BETS[j]! * first - PSI[j]! * second;
    const gain = Math.max(bernstein, chord(j, m, n, sum)) - threshold;
    if (gain > -NEGLIGIBLE) wealth += Math.exp(gain);
  }
  return wealth === 0 ? -NEGLIGIBLE : Math.log(wealth / BETS.length);
}

/** e^-60 is lost in rounding beside the 16 that decide. */
const NEGLIGIBLE = 60;

/**
 * Whether no mean in [from, to] can be refuted. The chord falls with m, so it is largest at `from`; the empirical Bernstein
 * bound is bounded by its terms. The exponentials of sixteen bets sum to at most sixteen times the largest.
 */
function cannotRefute(from: number, to: number, n: number, sum: number, squares: number, threshold: number): boolean {
  const first = (sum - n * from) / from;
  const spread = squares - (sum * sum) / n;
  const second = Math.max(0, spread + n * (sum / n - to) ** 2) / (to * to);
  for (let j = 0; j < BETS.length; j++) {
    if (BETS[j]! * first - PSI[j]! * second >= threshold) return false;
    if (chord(j, from, n, sum) >= threshold) return false;
  }
  return true;
}

/** The largest refuted mean below the observed one on a grid, refined within its cell; 0 when none is refuted. */
function lowerEnd(n: number, sum: number, squares: number, threshold: number): number {
  if (sum <= 0) return 0;
  const mean = sum / n;
  const at = (m: number): number => excess(m, n, sum, squares, threshold);
  /** The largest refuted grid point in bottom..top, 0 when there is none; halves that can't hold one are not looked at. */
  const search = (bottom: number, top: number): number => {
    const from = (mean * bottom) / GRID;
    if (bottom === top) return at(from) >= 0 ? bottom : 0;
    if (cannotRefute(from, (mean * top) / GRID, n, sum, squares, threshold)) return 0;
    const middle = (bottom + top) >> 1;
    return search(middle + 1, top) || search(bottom, middle);
  };
  const refuted = search(1, GRID - 1);
  return refuted === 0 ? 0 : refine((mean * refuted) / GRID, (mean * (refuted + 1)) / GRID, at);
}

/**
 * The border between a refuted mean and one that is not, by the Illinois form of false position; halved when that is slow.
 * @see Dowell, Jarratt (1971), BIT 11:168-174
 */
function refine(refuted: number, open: number, at: (m: number) => number): number {
  let low = refuted;
  let high = open;
  let atLow = at(low);
  let atHigh = at(high);
  let lastMoved = 0;
  for (let i = 0; i < 100 && high - low > 4 * Number.EPSILON * high; i++) {
    let m = i % 4 === 3 ? (low + high) / 2 : low + ((high - low) * atLow) / (atLow - atHigh);
    if (!(m > low && m < high)) m = (low + high) / 2;
    const value = at(m);
    if (value >= 0) {
      low = m;
      atLow = value;
      if (lastMoved === 1) atHigh /= 2;
      lastMoved = 1;
    } else {
      high = m;
      atHigh = value;
      if (lastMoved === -1) atLow /= 2;
      lastMoved = -1;
    }
  }
  return low;
}

/** Sums of about as many values: a confidence sequence wants a whole number of them. */
export function asCounts({ n, sum, squares }: ScoreSums): ScoreSums {
  const whole = Math.max(1, Math.floor(n));
  const mean = sum / n;
  return { n: whole, sum: whole * mean, squares: whole * Math.min(mean, Math.max(mean * mean, squares / n)) };
}
