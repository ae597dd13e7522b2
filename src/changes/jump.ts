import { normalWidth } from '../measures/distributions.ts';
import { binned, binsOf } from '../measures/drift-bins.ts';
import { duration } from '../measures/drift-features.ts';
import { binnedDrift } from '../measures/drift-statistics.ts';
import { durationHistogram, weighedDurationHistogram } from '../measures/durations.ts';
import { LEVEL } from '../measures/interval.ts';
import { quantileInterval } from '../measures/quantile.ts';
import { jumpSide } from '../model/jump-side.ts';
import { plainText } from '../model/plain-text.ts';
import { iso, type Millis } from '../model/time.ts';
import { countOf, exponentialQuantile } from '../tally/exponential.ts';
import { sum, type Tally } from '../tally/group.ts';
import { FALSE_JUMPS_PER_30_DAYS, type FingerprintQuantity, outputTokens } from './fingerprint.ts';

/** A value with its interval of 95 %, and of how many calls that were seen; an end that is null is unbounded. */
export interface JumpFigure {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

export interface JumpFigures {
  readonly name: 'median' | 'p95' | 'mean';
  readonly unit: 'ms' | 'tokens';
  readonly before: JumpFigure;
  readonly after: JumpFigure;
}

/** What was seen of a model whose calls are not what they were. */
export interface JumpEvidence {
  readonly quantity: FingerprintQuantity;
  /** `openai/gpt-4o`. */
  readonly model: string;
  /** Where it began, and when that was known: event time. */
  readonly firstSeen: Millis;
  readonly foundAt: Millis;
  /** How long before the minutes lie that it is compared with. */
  readonly daysBefore: 7 | 1;
  readonly figures: readonly JumpFigures[];
  /** Of latencies how far the histograms are apart, adjusted for chance; null of means. */
  readonly psi: number | null;
}

/** Fewer calls in the minutes before are nothing to compare with. */
export const COMPARED_MIN = 100;
/** A major drift, and a mean that is so many times the other one, or as small a part of it. */
const PSI_MAJOR = 0.25;
const RATIO = 1.25;
const P_MAX = 0.05;

/**
 * Whether calls are other than in the same minutes of an earlier day, by effect and by significance: what comes back each day or each week is no jump.
 * @param before, after  calls minute by minute   @returns null when it is none
 */
export function jumpBetween(
  quantity: FingerprintQuantity,
  before: readonly Tally[],
  after: readonly Tally[],
): Pick<JumpEvidence, 'figures' | 'psi'> | null {
  return quantity === 'latency' ? latencyJump(sum(before), sum(after)) : tokensJump(before, after);
}

/** How many calls there are to compare, of sampled ones as many as they are worth. */
export const comparedOf = (quantity: FingerprintQuantity, tallies: readonly Tally[]): number => {
  const all = sum(tallies);
  return quantity === 'latency' ? duration.keysOf(all).worth : outputTokens(all).worth;
};

function latencyJump(before: Tally, after: Tally): Pick<JumpEvidence, 'figures' | 'psi'> | null {
  const { counts } = duration.keysOf(before);
  const bins = binsOf('quantity', counts);
  if (bins === null) return null;
  const drift = binnedDrift([...binned(bins, duration.keysOf(after).counts)], [...binned(bins, counts)]);
  if (drift === null || drift.psiAdjusted < PSI_MAJOR || drift.psiP > P_MAX) return null;
  const figures = (
    [
      ['median', 0.5],
      ['p95', 0.95],
    ] as const
  ).map(
    ([name, q]): JumpFigures => ({
      name,
      unit: 'ms',
      before: quantileFigure(before, q),
      after: quantileFigure(after, q),
    }),
  );
  return { figures, psi: drift.psiAdjusted };
}

function quantileFigure(tally: Tally, q: number): JumpFigure {
  const histogram = weighedDurationHistogram(tally);
  const n = countOf(durationHistogram(tally));
  return { value: exponentialQuantile(histogram, q) ?? 0, ...quantileInterval(histogram, q), n };
}

function tokensJump(earlier: readonly Tally[], later: readonly Tally[]): Pick<JumpEvidence, 'figures' | 'psi'> | null {
  const before = meanFigure(earlier);
  const after = meanFigure(later);
  if (before === null || after === null) return null;
  const areApart = after.low! > before.high! || after.high! < before.low!;
  const isLarge = after.value >= RATIO * before.value || before.value >= RATIO * after.value;
  return areApart && isLarge ? { figures: [{ name: 'mean', unit: 'tokens', before, after }], psi: null } : null;
}

/**
 * Mean of all calls. Calls of a minute are alike: what varies is taken from minute to minute, as of a ratio of sums.
 * @see Cochran (1977), Sampling Techniques, sec. 9A.1 (clusters of unequal sizes)
 */
function meanFigure(tallies: readonly Tally[]): JumpFigure | null {
  const minutes = tallies.map(outputTokens).filter(({ n }) => n > 0);
  if (minutes.length < 2) return null;
  const all = minutes.reduce((total, one) => total + one.represents, 0);
  const value = minutes.reduce((total, one) => total + one.sum, 0) / all;
  const squares = minutes.reduce((total, one) => total + (one.sum - value * one.represents) ** 2, 0);
  const width = (normalWidth(LEVEL) * Math.sqrt((squares * minutes.length) / (minutes.length - 1))) / all;
  const n = minutes.reduce((total, one) => total + one.n, 0);
  return { value, low: Math.max(0, value - width), high: value + width, n };
}

const QUANTITY_TEXT = { latency: 'latency', output_tokens: 'length of answers' } as const;
const MONTHS = Math.round(1 / FALSE_JUMPS_PER_30_DAYS);

const numberText = (value: number | null): string =>
  value === null ? 'unbounded' : value >= 100 ? value.toFixed(0) : value.toPrecision(3);

/** One side in a few words: what the change was from, and to. */
export function sideText({ model, figures }: JumpEvidence, side: 'before' | 'after'): string {
  const [{ name, unit, [side]: figure }] = figures as [JumpFigures];
  return jumpSide(plainText(model), name, numberText(figure.value), unit);
}

/** The evidence in one line, for people. */
export function jumpText({ quantity, model, firstSeen, foundAt, daysBefore, figures, psi }: JumpEvidence): string {
  const figure = ({ value, low, high, n }: JumpFigure, unit: string): string =>
    `${numberText(value)} ${unit} (${numberText(low)} to ${numberText(high)}, n ${n})`;
  return [
    `Nobody has declared it: the ${QUANTITY_TEXT[quantity]} of ${plainText(model)} has jumped since ${iso(firstSeen)}`,
    ...figures.map(
      ({ name, unit, before, after }) =>
        `${name} ${figure(after, unit)}, in the same minutes ${daysBefore === 7 ? 'of the week' : 'of the day'} before ${figure(before, unit)}`,
    ),
    ...(psi === null ? [] : [`PSI ${psi.toFixed(2)}`]),
    `found at ${iso(foundAt)}, where one false finding in ${MONTHS} months is to be expected at most of such calls of one service`,
  ].join('; ');
}
