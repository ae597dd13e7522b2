import { requireCount } from '../model/numbers.ts';

/**
 * The base-2 exponential histogram of OpenTelemetry: bucket i of scale s covers (base^i, base^(i+1)], base = 2^(2^-s).
 * Its buckets are counts, so histograms add, subtract and merge like every tally.
 * @see OTEP 149; OpenTelemetry metrics data model, "ExponentialHistogram"
 */

/** Ours: 32 buckets an octave, quantiles right to 1.083 %; 1 ms to 1 h takes at most 697 buckets. */
export const EXPONENTIAL_SCALE = 5;

/** OpenTelemetry allows -10..20; finer than 2^20 buckets an octave no double can tell apart, coarser than 1 has no use here. */
const SCALE_MAX = 20;

/** Values <= 0 are no place on a logarithmic axis: they are counted apart, below every bucket. */
export interface ExponentialHistogram {
  readonly zeros: number;
  /** Bucket index to count, any order, no zero counts. */
  readonly buckets: ReadonlyMap<number, number>;
}

const baseOf = (scale: number): number => 2 ** (2 ** -scale);

/** Largest error of `bucketEstimate` relative to any value of the bucket: (base-1)/(base+1), 1.083 % at scale 5. */
export const relativeError = (scale = EXPONENTIAL_SCALE): number => (baseOf(scale) - 1) / (baseOf(scale) + 1);

function requireScale(scale: number): void {
  if (!Number.isInteger(scale) || scale < 0 || scale > SCALE_MAX)
    throw new RangeError(`scale is ${scale}, an integer from 0 to ${SCALE_MAX} is needed`);
}

/** base^index. Exact when it is a power of two, because only the fraction of the octave is ever rounded. */
function edge(index: number, scale: number): number {
  const perOctave = 2 ** scale;
  const octave = Math.floor(index / perOctave);
  return 2 ** octave * 2 ** ((index - octave * perOctave) / perOctave);
}

/** The open lower edge of a bucket. */
export const bucketLower = (index: number, scale = EXPONENTIAL_SCALE): number => edge(index, scale);
/** The closed upper edge of a bucket. */
export const bucketUpper = (index: number, scale = EXPONENTIAL_SCALE): number => edge(index + 1, scale);
/** The value that stands for a bucket: the one whose largest relative error is smallest, 2 base^(i+1) / (1 + base). */
export const bucketEstimate = (index: number, scale = EXPONENTIAL_SCALE): number =>
  (2 / (1 + baseOf(scale))) * edge(index + 1, scale);

/**
 * The bucket of a value > 0. Exact powers of two fall into the bucket that ends with them: 1 is in -1, 2 is in 31.
 * @throws RangeError for values that are not positive and finite: those <= 0 are counted in `zeros`
 */
export function bucketOf(value: number, scale = EXPONENTIAL_SCALE): number {
  if (!(value > 0 && value < Infinity))
    throw new RangeError(`value is ${value}: only positive, finite values have an exponential bucket`);
  if (scale === EXPONENTIAL_SCALE) return ourBucketOf(value);
  requireScale(scale);
  let index = Math.ceil(Math.log2(value) * 2 ** scale) - 1;
  // The logarithm is rounded: near an edge it may point at the neighbour.
  while (edge(index, scale) >= value) index--;
  while (edge(index + 1, scale) < value) index++;
  return index;
}

const PER_OCTAVE = 2 ** EXPONENTIAL_SCALE;
const OCTAVE_MIN = -1076;
/** `edge` in two tables, for its many uses: octaves of all doubles, and parts of an octave. */
const OCTAVES = Float64Array.from({ length: 1024 - OCTAVE_MIN + 1 }, (_, i) => 2 ** (i + OCTAVE_MIN));
const FRACTIONS = Float64Array.from({ length: PER_OCTAVE }, (_, i) => 2 ** (i / PER_OCTAVE));
const ourEdge = (index: number): number =>
  OCTAVES[(index >> EXPONENTIAL_SCALE) - OCTAVE_MIN]! * FRACTIONS[index & (PER_OCTAVE - 1)]!;

function ourBucketOf(value: number): number {
  let index = Math.ceil(Math.log2(value) * PER_OCTAVE) - 1;
  while (ourEdge(index) >= value) index--;
  while (ourEdge(index + 1) < value) index++;
  return index;
}

/** The same counts in buckets that are 2^by times as wide: index >> by. A histogram is never made finer. */
export function downscale(buckets: ReadonlyMap<number, number>, by: number): Map<number, number> {
  if (!Number.isInteger(by) || by < 0 || by > 31)
    throw new RangeError(`by is ${by}: a histogram is made coarser by 0 to 31 steps, never finer`);
  const coarse = new Map<number, number>();
  for (const [index, count] of buckets) coarse.set(index >> by, (coarse.get(index >> by) ?? 0) + count);
  return coarse;
}

/** How many values the histogram holds. */
export function countOf(histogram: ExponentialHistogram): number {
  requireCount('zeros', histogram.zeros);
  let n = histogram.zeros;
  for (const [index, count] of histogram.buckets) {
    requireCount(`count of bucket ${index}`, count);
    n += count;
  }
  requireCount('the sum of the counts', n);
  return n;
}

/**
 * The bucket of the value that is `rank`-th of the sorted values, counted from 0; `null` where that value is one of the zeros.
 * @param rank  0 <= rank < countOf(histogram)
 */
export function bucketAtRank(histogram: ExponentialHistogram, rank: number): number | null {
  let seen = histogram.zeros;
  if (rank < seen) return null;
  for (const [index, count] of [...histogram.buckets].sort((a, b) => a[0] - b[0])) {
    seen += count;
    if (rank < seen) return index;
  }
  throw new RangeError(`rank is ${rank}, the histogram holds ${seen} values`);
}

/**
 * The q-quantile, sorted[floor(q (n-1))], to a relative error of at most `relativeError(scale)`; zeros are 0.
 * @returns null for an empty histogram
 */
export function exponentialQuantile(
  histogram: ExponentialHistogram,
  q: number,
  scale = EXPONENTIAL_SCALE,
): number | null {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`q is ${q}, a quantile lies in [0, 1]`);
  requireScale(scale);
  const n = countOf(histogram);
  if (n === 0) return null;
  const bucket = bucketAtRank(histogram, Math.floor(q * (n - 1)));
  return bucket === null ? 0 : bucketEstimate(bucket, scale);
}
