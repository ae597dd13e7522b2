import { ERROR_CLASSES, type ErrorClass } from '../model/error-class.ts';
import type { FeedbackKind } from '../model/signals.ts';

/**
 * A counter is named by one unsigned 32-bit integer: its family in the upper 8 bits, its place in the family in the lower 24.
 * The names are stored: a family keeps its number for ever.
 */
export type Counter = number;

const FAMILY = {
  interactions: 1,
  failed: 2,
  duration: 3,
  within: 4,
  feedback: 5,
  scores: 6,
  scoreMicros: 7,
  scoreMicrosSquared: 8,
  passed: 9,
  labels: 10,
  labelsTrue: 11,
  entriesFailed: 13,
  hidden: 14,
  pair: 22,
  judged: 23,
  confidence: 24,
  reliance: 25,
} as const;

const counter = (family: number, place = 0): Counter => ((family << 24) | place) >>> 0;
export const familyOf = (name: Counter): number => name >>> 24;
export const placeOf = (name: Counter): number => name & 0xffffff;

/** Interactions, or calls on the rows of dependencies: as many as were seen, never weighted. */
export const COUNT: Counter = counter(FAMILY.interactions);

/** Those of them that failed, by class of error. */
export const FAILED: Readonly<Record<ErrorClass, Counter>> = Object.fromEntries(
  ERROR_CLASSES.map((name, i) => [name, counter(FAMILY.failed, i)]),
) as Record<ErrorClass, Counter>;
export const FAILED_BY_INDEX: readonly Counter[] = ERROR_CLASSES.map((name) => FAILED[name]);

/** Requests that failed and left no AI span, of routes whose libraries send none of failed calls. */
export const ENTRIES_FAILED: Counter = counter(FAMILY.entriesFailed);
/** Interactions that would have left nothing if they had failed. */
export const HIDDEN: Counter = counter(FAMILY.hidden);

/** Exponential histogram of scale 5 of the durations (ms) of those that did not fail. Bucket indices from -2^22 to 2^22. */
const BUCKET_ZERO = 1 << 22;
export const durationBucket = (index: number): Counter => counter(FAMILY.duration, index + BUCKET_ZERO);
/** Durations of zero. */
export const DURATION_ZERO: Counter = counter(FAMILY.duration, 0xffffff);
export const isDurationBucket = (name: Counter): boolean =>
  familyOf(name) === FAMILY.duration && name !== DURATION_ZERO;
export const bucketIndexOf = (name: Counter): number => placeOf(name) - BUCKET_ZERO;

/** Not failed and at most that many milliseconds long: exact, where the histogram is not. 0 < ms < 2^24 (4.6 hours), whole. */
export const within = (thresholdMs: number): Counter => counter(FAMILY.within, thresholdMs);
export const WITHIN_MAX_MS = 0xffffff;

const FEEDBACK_KINDS: readonly FeedbackKind[] = ['thumbs', 'stars', 'decision', 'escalation', 'reask', 'flag'];
const FEEDBACK_VALUES: Readonly<Record<FeedbackKind, readonly (string | number | boolean)[]>> = {
  thumbs: ['down', 'up'],
  stars: [1, 2, 3, 4, 5],
  decision: ['overridden', 'accepted'],
  escalation: [false, true],
  reask: [false, true],
  flag: ['unsafe', 'biased', 'hallucinated', 'wrong', 'other'],
};

/** How often people said this. @throws RangeError for a value the kind does not have */
export function feedback(kind: FeedbackKind, value: string | number | boolean): Counter {
  const place = FEEDBACK_VALUES[kind].indexOf(value);
  if (place < 0) throw new RangeError(`feedback of kind ${kind} has no value ${JSON.stringify(value)}`);
  return counter(FAMILY.feedback, FEEDBACK_KINDS.indexOf(kind) * 16 + place);
}

/** Everything that people can say. */
export const allFeedback = (): Counter[] =>
  FEEDBACK_KINDS.flatMap((kind) => FEEDBACK_VALUES[kind].map((value) => feedback(kind, value)));

/** Scores of one evaluator version on [0,1]: how many, their sum and sum of squares in millionths (rounded per score). `evaluation`: its code. */
export const scores = (evaluation: number): Counter => counter(FAMILY.scores, evaluation);
export const scoreMicros = (evaluation: number): Counter => counter(FAMILY.scoreMicros, evaluation);
export const scoreMicrosSquared = (evaluation: number): Counter => counter(FAMILY.scoreMicrosSquared, evaluation);
export const isScores = (name: Counter): boolean => familyOf(name) === FAMILY.scores;
/** Scores that reach a pass mark. `mark`: the code of (evaluation, mark). */
export const passed = (mark: number): Counter => counter(FAMILY.passed, mark);

/** What is known to be true: how many labels, and how many of them say true. `label`: the code of (name, source, sampling). */
export const labels = (label: number): Counter => counter(FAMILY.labels, label);
export const labelsTrue = (label: number): Counter => counter(FAMILY.labelsTrue, label);
export const isLabels = (name: Counter): boolean => familyOf(name) === FAMILY.labels;

/** Families with several sums under one code of the dictionary: codes are below 2^21, so eight of them fit. */
const SUMS_MAX = 8;
const sumOf = (family: number, code: number, index: number): Counter => counter(family, code * SUMS_MAX + index);

const PAIR_SUMS = ['n', 'y', 'f', 'ff', 'yf'] as const;
/**
 * Interactions with both a label y (0 or 1) drawn at random and a judge's score f: how many, and sums of y, f, f^2 and y f;
 * those with f in millionths, rounded per interaction. `pair`: the code of (label, evaluator version).
 */
export const pairSum = (pair: number, sum: (typeof PAIR_SUMS)[number]): Counter =>
  sumOf(FAMILY.pair, pair, PAIR_SUMS.indexOf(sum));

const JUDGED_SUMS = ['n', 'f', 'ff'] as const;
/** Interactions with the judge's score and no such label: the same sums. */
export const judgedSum = (pair: number, sum: (typeof JUDGED_SUMS)[number]): Counter =>
  sumOf(FAMILY.judged, pair, JUDGED_SUMS.indexOf(sum));

/** All of both. */
export const pairCounters = (pair: number): Counter[] => [
  ...PAIR_SUMS.map((sum) => pairSum(pair, sum)),
  ...JUDGED_SUMS.map((sum) => judgedSum(pair, sum)),
];

const CONFIDENCE_SUMS = ['stated', 'n', 'y', 'c', 'cc', 'cy'] as const;
/**
 * Interactions with a stated confidence c in one bin: how many (`stated`); and of those with a label y how many, and sums of
 * y, c, c^2 and c y; those with c in millionths, rounded per interaction. `bin`: the code of the bin.
 */
export const confidenceSum = (bin: number, sum: (typeof CONFIDENCE_SUMS)[number]): Counter =>
  sumOf(FAMILY.confidence, bin, CONFIDENCE_SUMS.indexOf(sum));

export const confidenceCounters = (bin: number): Counter[] => CONFIDENCE_SUMS.map((sum) => confidenceSum(bin, sum));

/** Interactions whose answer was accepted or overridden, and was right or wrong. `reliance`: the code of the label. */
export const reliance = (code: number, isAccepted: boolean, isRight: boolean): Counter =>
  sumOf(FAMILY.reliance, code, (isAccepted ? 2 : 0) + (isRight ? 1 : 0));
export const relianceCounters = (code: number): Counter[] =>
  [false, true].flatMap((isAccepted) => [false, true].map((isRight) => reliance(code, isAccepted, isRight)));

/**
 * What sampled events stand for beyond the one that was seen, counter by counter: sums of (w - 1) and of (w^2 - 1) in
 * millionths, w their adjusted count. Single addends may be so large that a day of them would pass 2^53: low and high
 * part are added apart. Which part it is stands in the three uppermost bits, so no family may reach 32.
 */
const PART_SHIFT = 29;
const WEIGHT_LOW = 1;
const SQUARE_LOW = 3;
const LOW_PART = 2 ** 24;
const MICRO = 1e6;

const partOf = (name: Counter, part: number): Counter => (name | (part << PART_SHIFT)) >>> 0;

/** The counter that a part of an extra weight is of; of a plain counter itself. */
export const counterOf = (name: Counter): Counter => (name & (2 ** PART_SHIFT - 1)) >>> 0;

/** Calls `add` with each part of what an event of weight w > 1 adds to its counter, beside the 1 that was seen. */
export function addExtraWeight(name: Counter, weight: number, add: (part: Counter, by: number) => void): void {
  addWide(partOf(name, WEIGHT_LOW), partOf(name, WEIGHT_LOW + 1), (weight - 1) * MICRO, add);
  addWide(partOf(name, SQUARE_LOW), partOf(name, SQUARE_LOW + 1), (weight ** 2 - 1) * MICRO, add);
}

function addWide(low: Counter, high: Counter, micros: number, add: (part: Counter, by: number) => void): void {
  const whole = Math.round(micros);
  add(low, whole % LOW_PART);
  add(high, Math.floor(whole / LOW_PART));
}

/** Sum of (w - 1) over what a counter counted, in millionths; rounded to a double where it needs more than 53 bits. */
export const extraWeight = (tally: ReadonlyMap<Counter, number>, name: Counter): number =>
  wide(tally, name, WEIGHT_LOW);
/** Sum of (w^2 - 1), likewise. */
export const extraSquares = (tally: ReadonlyMap<Counter, number>, name: Counter): number =>
  wide(tally, name, SQUARE_LOW);

const wide = (tally: ReadonlyMap<Counter, number>, name: Counter, low: number): number =>
  (tally.get(partOf(name, low + 1)) ?? 0) * LOW_PART + (tally.get(partOf(name, low)) ?? 0);
