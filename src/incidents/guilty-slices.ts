import { benjaminiHochberg } from '../measures/multiplicity.ts';
import type { Minute } from '../model/time.ts';
import { type SliceScore, type SliceTally, scoreSlice, type Totals, worsening } from './slices.ts';

/** A dimension's values; traffic that has none of them is listed nowhere or under a value of its own. */
export interface Dimension {
  readonly dimension: string;
  readonly values: readonly DimensionValue[];
}

export interface DimensionValue extends SliceTally {
  /** When this value was seen for the first time ever; null when it is not known. */
  readonly firstSeen: Minute | null;
}

/** One value of one dimension. */
export interface SlicePart {
  readonly dimension: string;
  readonly value: string;
}

/** Traffic that shares two values of different dimensions. */
export interface PairTally extends Totals {
  readonly parts: readonly [SlicePart, SlicePart];
}

/** A slice that the rise of the bad share is associated with; never called its cause. */
export interface GuiltySlice extends Totals {
  /** One part, or the two of a pair that says it more narrowly. */
  readonly parts: readonly SlicePart[];
  readonly explanatoryPower: number;
  readonly g2: number;
  readonly p: number;
  /** Some part was seen for the first time within the hour before the onset, or after it. */
  readonly isNew: boolean;
}

/** What went wrong is no explanation of why: dimensions that are outcomes are left out. */
const OUTCOMES: readonly string[] = ['error_class', 'error_type', 'finish_class', 'finish_reason'];
/** Fewer events are no part that stands out. */
export const SLICE_MIN = 20;
const SLICE_SHARE_MIN = 0.005;
const ALPHA = 0.05;
const POWER_MIN = 0.1;
const CHILD_POWER_MIN = 0.8;
const PAIRED_MAX = 8;
const RETURNED_MAX = 5;
const NEW_MINUTES = 60;
/** Equal up to rounding. */
const TIE = 1e-9;

interface Candidate {
  readonly parts: readonly SlicePart[];
  readonly score: SliceScore;
  readonly isNew: boolean;
}

/** A dimension with one and the same single value before and after tells nothing. */
const tells = ({ dimension, values }: Dimension, whole: Totals): boolean =>
  !OUTCOMES.includes(dimension) && !values.some(({ n, baselineN }) => n === whole.n && baselineN === whole.baselineN);

/** Without traffic on both sides, and without a rise between them, there is nothing to explain. */
const isExplicable = ({ baselineN, baselineBad, n, bad }: Totals): boolean =>
  n > 0 && baselineN > 0 && bad / n > baselineBad / baselineN;

const isLarge = ({ n }: Totals, whole: Totals): boolean => n >= Math.max(SLICE_MIN, SLICE_SHARE_MIN * whole.n);

function singles(dimensions: readonly Dimension[], whole: Totals, onset: Minute): Candidate[] {
  return dimensions
    .filter((dimension) => tells(dimension, whole))
    .flatMap(({ dimension, values }) =>
      values
        .filter((value) => isLarge(value, whole))
        .map((value) => ({
          parts: [{ dimension, value: value.value }],
          score: scoreSlice(value, whole),
          isNew: value.firstSeen !== null && value.firstSeen >= onset - NEW_MINUTES,
        })),
    );
}

/** Largest explanatory power first; in a tie what is new, then the larger test statistic. */
function byGuilt(a: Candidate, b: Candidate): number {
  const power = b.score.explanatoryPower! - a.score.explanatoryPower!;
  if (Math.abs(power) > TIE) return power;
  if (a.isNew !== b.isNew) return a.isNew ? -1 : 1;
  return b.score.g2 - a.score.g2;
}

/**
 * The pairs whose tallies `guiltySlices` should be given: all of different dimensions among the eight slices with most power.
 * @param onset  minute in which the rise began
 * @param whole, dimensions  as for `guiltySlices`
 */
export function pairsWanted(
  whole: Totals,
  dimensions: readonly Dimension[],
  onset: Minute,
): (readonly [SlicePart, SlicePart])[] {
  if (!isExplicable(whole)) return [];
  const top = singles(dimensions, whole, onset)
    .filter(({ score }) => score.explanatoryPower! > 0)
    .sort(byGuilt)
    .slice(0, PAIRED_MAX)
    .map(({ parts }) => parts[0]!);
  return top.flatMap((one, i) =>
    top.slice(i + 1).flatMap((other) => (one.dimension === other.dimension ? [] : [[one, other] as const])),
  );
}

/**
 * Which slices the rise of the bad share is associated with, guiltiest first, at most five: those that are significant among all that were
 * scored and explain a tenth of the rise or more. A slice gives way to a pair inside it that explains nearly as much, when the rest of
 * the slice has not become worse. A pair neither part of which stands out among its own traffic is named by itself.
 * @param whole       all traffic of the service: of the window since the onset, and of the 24 hours before it
 * @param dimensions  the same, by value
 * @param pairs       tallies of `pairsWanted`; without them single slices are judged alone
 * @see Bhagwan et al. (2014), Adtributor, NSDI; Sagadeeva, Boehm (2021), SliceLine, SIGMOD
 */
export function guiltySlices(
  whole: Totals,
  dimensions: readonly Dimension[],
  pairs: readonly PairTally[],
  onset: Minute,
): GuiltySlice[] {
  if (!isExplicable(whole)) return [];
  const alone = singles(dimensions, whole, onset);
  const paired = pairs
    .filter((pair) => isLarge(pair, whole))
    .map((pair) => ({
      parts: pair.parts,
      score: scoreSlice({ value: '', ...totals(pair) }, whole),
      isNew: pair.parts.some((part) => alone.some((single) => single.isNew && samePart(single.parts[0]!, part))),
    }));
  const scored: Candidate[] = [...alone, ...paired];
  const significant = benjaminiHochberg(
    scored.map(({ score }) => score.p),
    ALPHA,
  );
  const candidates = scored.filter((one, i) => significant[i] && one.score.explanatoryPower! >= POWER_MIN);
  const parents = candidates.filter(({ parts }) => parts.length === 1);
  const children = candidates.filter(({ parts }) => parts.length === 2).sort(byGuilt);
  const named = parents.map((parent) => children.find((child) => replaces(child, parent, whole)) ?? parent);
  const orphans = children.filter((child) => !parents.some((parent) => isPartOf(child, parent)));
  return [...new Set([...named, ...orphans])].sort(byGuilt).slice(0, RETURNED_MAX).map(guiltySlice);
}

const totals = ({ baselineN, baselineBad, n, bad }: Totals): Totals => ({ baselineN, baselineBad, n, bad });

const samePart = (a: SlicePart, b: SlicePart): boolean => a.dimension === b.dimension && a.value === b.value;

const isPartOf = (child: Candidate, parent: Candidate): boolean =>
  child.parts.some((part) => samePart(part, parent.parts[0]!));

/** A pair that is all of its parent says nothing more than the parent does. */
function replaces(child: Candidate, parent: Candidate, whole: Totals): boolean {
  if (!isPartOf(child, parent)) return false;
  if (child.score.explanatoryPower! < CHILD_POWER_MIN * parent.score.explanatoryPower!) return false;
  const rest: Totals = {
    baselineN: parent.score.baselineN - child.score.baselineN,
    baselineBad: parent.score.baselineBad - child.score.baselineBad,
    n: parent.score.n - child.score.n,
    bad: parent.score.bad - child.score.bad,
  };
  return rest.n > 0 && worsening(rest, whole).p > ALPHA;
}

const guiltySlice = ({ parts, score, isNew }: Candidate): GuiltySlice => ({
  parts,
  ...totals(score),
  explanatoryPower: score.explanatoryPower!,
  g2: score.g2,
  p: score.p,
  isNew,
});
