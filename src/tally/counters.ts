import { ERROR_CLASSES, type ErrorClass } from '../model/error-class.ts';
import type { FeedbackKind } from '../model/signals.ts';
import { POWERS, ZERO_KEY } from './feature-bins.ts';

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
  firstToken: 15,
  firstTokenWithin: 16,
  tokens: 17,
  cost: 18,
  costWithin: 19,
  ranking: 20,
  guardrail: 21,
  pair: 22,
  judged: 23,
  confidence: 24,
  reliance: 25,
  featureBins: 26,
  scoreBins: 27,
  directionBins: 28,
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

/** As `durationBucket`, of the times to the first token (ms, from the interaction's start) of those that did not fail and have one. */
export const firstTokenBucket = (index: number): Counter => counter(FAMILY.firstToken, index + BUCKET_ZERO);
export const FIRST_TOKEN_ZERO: Counter = counter(FAMILY.firstToken, 0xffffff);
export const isFirstTokenBucket = (name: Counter): boolean =>
  familyOf(name) === FAMILY.firstToken && name !== FIRST_TOKEN_ZERO;
/** Not failed and with a time to first token; and of these, with one of at most that many milliseconds: both only where a limit is asked for. */
export const FIRST_TOKEN_KNOWN: Counter = counter(FAMILY.firstTokenWithin, 0);
export const firstTokenWithin = (thresholdMs: number): Counter => counter(FAMILY.firstTokenWithin, thresholdMs);

/** Parts of the tokens that do not overlap, so that they add up. The position is stored. */
export const TOKEN_PARTS = ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning'] as const;
export type TokenPart = (typeof TOKEN_PARTS)[number];
/** Sums of tokens. */
export const TOKENS: Readonly<Record<TokenPart, Counter>> = Object.fromEntries(
  TOKEN_PARTS.map((part, i) => [part, counter(FAMILY.tokens, i)]),
) as Record<TokenPart, Counter>;
/** Interactions, or calls, that say how many tokens they used. */
export const TOKENS_KNOWN: Counter = counter(FAMILY.tokens, 16);

/** Interactions, or calls, that used a model; and of these, those of which it is known what they cost. */
export const USED_MODEL: Counter = counter(FAMILY.cost, 0);
export const PRICED: Counter = counter(FAMILY.cost, 1);
/** Sums of what they cost in one currency, in billionths of it: the lower part, behind it the upper one. `currency`: three capital letters. */
export const cost = (currency: string): Counter => counter(FAMILY.cost, 16 + 4 * currencyIndex(currency));

/** The counters of what was spent in a currency, parts of weights aside. */
export const costCounters = (currency: string): readonly Counter[] => [cost(currency), cost(currency) + 1];

function currencyIndex(currency: string): number {
  let index = 0;
  for (let i = 0; i < 3; i++) index = index * 26 + (currency.charCodeAt(i) - 65);
  return index;
}

/** Priced and at most as dear as a limit. `limit`: the code of the limit. */
export const costWithin = (limit: number): Counter => counter(FAMILY.costWithin, limit);

/** Interactions of which it is known whether a guardrail or a filter blocked them; and of these, those that were blocked. */
export const GUARDED: Counter = counter(FAMILY.guardrail, 0);
export const BLOCKED: Counter = counter(FAMILY.guardrail, 1);

/** What is counted of nearly every interaction and call: their places in `TallyBook.addCommon`. */
export const COMMON = {
  count: 0,
  tokensKnown: 1,
  input: 2,
  cachedInput: 3,
  cacheWrite: 4,
  output: 5,
  reasoning: 6,
  usedModel: 7,
  priced: 8,
} as const;
export type Common = (typeof COMMON)[keyof typeof COMMON];
/** The counter of each place. */
export const COMMON_COUNTERS: readonly Counter[] = [
  COUNT,
  TOKENS_KNOWN,
  ...TOKEN_PARTS.map((part) => TOKENS[part]),
  USED_MODEL,
  PRICED,
];

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

/** Judged rankings: how many, their sum and sum of squares in millionths, and how many have no ideal. `ranking`: its code. */
const RANKING_PARTS = 4;
export const ranked = (ranking: number): Counter => counter(FAMILY.ranking, ranking * RANKING_PARTS);
export const rankedMicros = (ranking: number): Counter => counter(FAMILY.ranking, ranking * RANKING_PARTS + 1);
export const rankedMicrosSquared = (ranking: number): Counter => counter(FAMILY.ranking, ranking * RANKING_PARTS + 2);
export const rankedUndefined = (ranking: number): Counter => counter(FAMILY.ranking, ranking * RANKING_PARTS + 3);

/** What is known to be true: how many labels, and how many of them say true. `label`: the code of (name, source, sampling). */
export const labels = (label: number): Counter => counter(FAMILY.labels, label);
export const labelsTrue = (label: number): Counter => counter(FAMILY.labelsTrue, label);
export const isLabels = (name: Counter): boolean => familyOf(name) === FAMILY.labels;

/** Quantities of those that did not fail, by power of two (src/tally/feature-bins.ts): for drift. */
const QUANTITIES = ['input_tokens', 'output_tokens'] as const;
export type Quantity = (typeof QUANTITIES)[number];
const POWER_ZERO = POWERS[0] - 1;
export const featureBin = (quantity: Quantity, key: number): Counter =>
  counter(FAMILY.featureBins, (QUANTITIES.indexOf(quantity) << 16) | (key === ZERO_KEY ? 0 : key - POWER_ZERO));
/** The key of a bin of that quantity; null for every other counter. */
export function keyOfFeatureBin(quantity: Quantity, name: Counter): number | null {
  if (familyOf(name) !== FAMILY.featureBins || placeOf(name) >> 16 !== QUANTITIES.indexOf(quantity)) return null;
  const place = placeOf(name) & 0xffff;
  return place === 0 ? ZERO_KEY : place + POWER_ZERO;
}

/** Scores of one evaluator version by fiftieths: for drift. `bin`: the code of (evaluation, fiftieth). */
export const scoreBin = (bin: number): Counter => counter(FAMILY.scoreBins, bin);
/** Interactions with an embedding, by where that lies in one direction: for drift. `bin`: the code of (model, direction, part). */
export const directionBin = (bin: number): Counter => counter(FAMILY.directionBins, bin);
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
export const LOW_PART = 2 ** 24;
const MICRO = 1e6;

const partOf = (name: Counter, part: number): Counter => (name | (part << PART_SHIFT)) >>> 0;
/** The counter that a part of an extra weight is of; of a plain counter itself. */
export const counterOf = (name: Counter): Counter => (name & (2 ** PART_SHIFT - 1)) >>> 0;

/** Calls `add` with each part of what an event of weight w > 1 adds to its counter, beside the 1 that was seen. */
export function addExtraWeight(name: Counter, weight: number, add: (part: Counter, by: number) => void): void {
  addWide(partOf(name, WEIGHT_LOW), partOf(name, WEIGHT_LOW + 1), (weight - 1) * MICRO, add);
  addWide(partOf(name, SQUARE_LOW), partOf(name, SQUARE_LOW + 1), (weight ** 2 - 1) * MICRO, add);
}

/** Calls `add` with the parts of a sum of money and of what it stands for beyond what was seen.
 * @param low  the counter of its currency   @param nanos  whole, >= 0 */
export function addCost(low: Counter, nanos: number, weight: number, add: (part: Counter, by: number) => void): void {
  addWide(low, low + 1, nanos, add);
  if (weight !== 1) addExtraSum(low, weight, nanos, add);
}

/** The same of a counter that sums micros instead of counting: what an event of weight w > 1 adds beside the `micros` that were seen. */
export function addExtraSum(
  name: Counter,
  weight: number,
  micros: number,
  add: (part: Counter, by: number) => void,
): void {
  addWide(partOf(name, WEIGHT_LOW), partOf(name, WEIGHT_LOW + 1), (weight - 1) * micros, add);
}

/** What was spent in a currency, in billionths: of those seen, and what sampled ones stand for beyond. */
export const costNanos = (tally: ReadonlyMap<Counter, number>, currency: string): { seen: number; extra: number } => {
  const low = cost(currency);
  const seen = (tally.get(low + 1) ?? 0) * LOW_PART + (tally.get(low) ?? 0);
  return { seen, extra: wide(tally, low, WEIGHT_LOW) };
};

/** Tokens of those seen and of what sampled ones stand for beyond. */
export const tokensRepresented = (tally: ReadonlyMap<Counter, number>, part: TokenPart): number =>
  (tally.get(TOKENS[part]) ?? 0) + wide(tally, TOKENS[part], WEIGHT_LOW);

function addWide(low: Counter, high: Counter, micros: number, add: (part: Counter, by: number) => void): void {
  const whole = Math.round(micros);
  const lowPart = whole % LOW_PART;
  if (lowPart !== 0) add(low, lowPart);
  if (whole >= LOW_PART) add(high, Math.floor(whole / LOW_PART));
}

/** Sum of (w - 1) over what a counter counted (of one of micros: times its micros), in millionths; rounded to a double where it needs more than 53 bits. */
export const extraWeight = (tally: ReadonlyMap<Counter, number>, name: Counter): number =>
  wide(tally, name, WEIGHT_LOW);
/** Sum of (w^2 - 1), likewise. */
export const extraSquares = (tally: ReadonlyMap<Counter, number>, name: Counter): number =>
  wide(tally, name, SQUARE_LOW);

const wide = (tally: ReadonlyMap<Counter, number>, name: Counter, low: number): number =>
  (tally.get(partOf(name, low + 1)) ?? 0) * LOW_PART + (tally.get(partOf(name, low)) ?? 0);
