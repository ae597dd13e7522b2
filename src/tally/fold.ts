import { ABSENT, type Code, codeOfKnown } from '../model/dictionary.ts';
import type { Call, Interaction, ModelUse } from '../model/interaction.ts';
import { takeParts } from '../model/prices/cost.ts';
import type { JudgedDocuments, Rating } from '../model/rating.ts';
import { GUARDRAIL } from '../model/span.ts';
import { type Millis, type Minute, millisOfMinute, minuteOf, minuteOfTenths, type Tenths } from '../model/time.ts';
import { EVENT_CLOCK, LABEL_CLOCK, type TallyBook } from './book.ts';
import * as counters from './counters.ts';
import { delayValue, TOO_LATE } from './delay.ts';
import { durationCounter, firstTokenCounter } from './duration.ts';
import { powerKey, scoreKey } from './feature-bins.ts';
import { type ErrorClassIndex, passes, type RankingPlan, type ServicePlan, scaled } from './plan.ts';
import { rankingValue } from './ranking.ts';

/** +1 counts, -1 takes back what was counted. */
export type Sign = 1 | -1;

const MICRO = 1e6;
const NANOS_PER_MS = 1e6;
/** The dimension under which calls are counted. */
export const DEPENDENCY: Code = codeOfKnown('dependency');
const DELAY: Code = codeOfKnown('delay');

/** An interaction counts in the minute of its end, for its service and for the slice of each dimension it has a value in. */
export function foldInteraction(
  book: TallyBook,
  plan: ServicePlan,
  errorClass: ErrorClassIndex,
  interaction: Interaction,
  sign: Sign,
): void {
  const minute = minuteOfTenths(interaction.endTenths);
  const bucket = interaction.isError ? 0 : durationCounter(interaction.durationNanos / NANOS_PER_MS);
  const failed = interaction.isError
    ? counters.FAILED_BY_INDEX[errorClass(interaction.errorType, interaction.httpStatus)]!
    : 0;
  const cost = plan.costs.nanosOf(interaction.uses, millisOfMinute(minute));
  const all = book.row(EVENT_CLOCK, minute, plan.service, ABSENT, ABSENT);
  countInto(book, all, plan, interaction, bucket, failed, cost, sign);
  countUsed(book, all, plan, interaction, cost, sign);
  if (plan.tokenBins && !interaction.isError) countTokenBins(book, all, interaction, sign);
  if (plan.weighsFeatures && !interaction.isError && interaction.weight !== 1)
    addExtraWeight(book, all, bucket, interaction.weight, sign);
  if (plan.directions !== undefined) countDirections(book, all, plan.directions, interaction, sign);
  for (const dimension of plan.dimensions) {
    const value = dimension.valueOf(interaction);
    if (value === ABSENT) continue;
    const row = book.row(EVENT_CLOCK, minute, plan.service, dimension.code, dimension.values.admit(value));
    countInto(book, row, plan, interaction, bucket, failed, cost, sign);
  }
}

function countInto(
  book: TallyBook,
  row: number,
  plan: ServicePlan,
  interaction: Interaction,
  bucket: counters.Counter,
  failed: counters.Counter,
  cost: number | null,
  sign: Sign,
): void {
  const { weight } = interaction;
  countCommon(book, row, counters.COMMON.count, weight, sign);
  if (interaction.hidesFailure) book.add(row, counters.HIDDEN, sign);
  if (interaction.isError) countOne(book, row, failed, weight, sign);
  else {
    book.add(row, bucket, sign);
    const ms = interaction.durationNanos / NANOS_PER_MS;
    for (const threshold of plan.thresholdsMs)
      if (ms <= threshold) countOne(book, row, counters.within(threshold), weight, sign);
  }
  countAsked(book, row, plan, interaction, cost, weight, sign);
}

/** What only objectives ask for. */
function countAsked(
  book: TallyBook,
  row: number,
  plan: ServicePlan,
  interaction: Interaction,
  cost: number | null,
  weight: number,
  sign: Sign,
): void {
  if (plan.firstTokenThresholdsMs.length > 0 && !interaction.isError)
    countFirstToken(book, row, plan, interaction.timeToFirstTokenMs, weight, sign);
  if (plan.costs.limits.length > 0) countCost(book, row, plan, interaction.uses, cost, weight, sign);
  if (plan.countsGuardrails) countGuardrail(book, row, plan, interaction, weight, sign);
}

/**
 * The same for its service alone, in no minute and as many as were seen: for what moves when something arrives.
 * @param cost  what it cost, in billionths; null: it is not known
 */
export function foldAskedAlone(
  book: TallyBook,
  plan: ServicePlan,
  interaction: Interaction,
  cost: number | null,
): void {
  if (plan.firstTokenThresholdsMs.length === 0 && plan.costs.limits.length === 0 && !plan.countsGuardrails) return;
  const row = book.row(LABEL_CLOCK, 0, plan.service, ABSENT, ABSENT);
  countAsked(book, row, plan, interaction, cost, 1, 1);
}

function countFirstToken(
  book: TallyBook,
  row: number,
  plan: ServicePlan,
  ms: number | null,
  weight: number,
  sign: Sign,
): void {
  if (ms === null) return;
  countOne(book, row, counters.FIRST_TOKEN_KNOWN, weight, sign);
  for (const threshold of plan.firstTokenThresholdsMs)
    if (ms <= threshold) countOne(book, row, counters.firstTokenWithin(threshold), weight, sign);
}

function countCost(
  book: TallyBook,
  row: number,
  plan: ServicePlan,
  uses: readonly ModelUse[],
  cost: number | null,
  weight: number,
  sign: Sign,
): void {
  if (uses.length === 0) return;
  countCommon(book, row, counters.COMMON.usedModel, weight, sign);
  if (cost === null) return;
  countCommon(book, row, counters.COMMON.priced, weight, sign);
  for (const { code, nanos } of plan.costs.limits)
    if (cost <= nanos) countOne(book, row, counters.costWithin(code), weight, sign);
}

function countGuardrail(
  book: TallyBook,
  row: number,
  plan: ServicePlan,
  interaction: Interaction,
  weight: number,
  sign: Sign,
): void {
  const isFiltered = plan.isFiltered(interaction);
  if (isFiltered === null && interaction.guardrail === GUARDRAIL.unknown) return;
  countOne(book, row, counters.GUARDED, weight, sign);
  if (isFiltered === true || interaction.guardrail === GUARDRAIL.blocked)
    countOne(book, row, counters.BLOCKED, weight, sign);
}

/** What is counted of a service as a whole, and of no slice: sums of tokens and money, and when the first token came. */
function countUsed(
  book: TallyBook,
  row: number,
  plan: ServicePlan,
  one: Interaction,
  cost: number | null,
  sign: Sign,
): void {
  if (!one.isError && one.timeToFirstTokenMs !== null) book.add(row, firstTokenCounter(one.timeToFirstTokenMs), sign);
  if (takeParts(parts, one, cacheWritesOf(one.uses))) countTokens(book, row, one.weight, sign);
  // With limits they are counted already, for slices too.
  if (plan.costs.limits.length === 0) countCost(book, row, plan, one.uses, cost, one.weight, sign);
  if (cost !== null) addCost(book, row, plan, cost, one.weight, sign);
}

function cacheWritesOf(uses: readonly ModelUse[]): number | null {
  let sum: number | null = null;
  for (const { cacheWriteTokens } of uses) if (cacheWriteTokens !== null) sum = (sum ?? 0) + cacheWriteTokens;
  return sum;
}

/** Of what is being counted: one object for all, because so many are. */
const parts = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** Counts `parts`. */
function countTokens(book: TallyBook, row: number, weight: number, sign: Sign): void {
  book.addCommon(row, counters.COMMON.tokensKnown, sign);
  countPart(book, row, counters.COMMON.input, parts.input, weight, sign);
  countPart(book, row, counters.COMMON.cachedInput, parts.cachedInput, weight, sign);
  countPart(book, row, counters.COMMON.cacheWrite, parts.cacheWrite, weight, sign);
  countPart(book, row, counters.COMMON.output, parts.output, weight, sign);
  countPart(book, row, counters.COMMON.reasoning, parts.reasoning, weight, sign);
}

function countPart(
  book: TallyBook,
  row: number,
  place: counters.Common,
  tokens: number,
  weight: number,
  sign: Sign,
): void {
  if (tokens === 0) return;
  book.addCommon(row, place, sign * tokens);
  if (weight !== 1) addExtraSum(book, row, counters.COMMON_COUNTERS[place]!, weight, tokens, sign);
}

function addCost(book: TallyBook, row: number, plan: ServicePlan, nanos: number, weight: number, sign: Sign): void {
  const { sum } = plan.costs;
  // Nearly all: the rest is left to a function of its own, because closures cost even where none is made.
  if (weight === 1 && nanos > 0 && nanos < counters.LOW_PART) book.add(row, sum, sign * nanos);
  else addWideCost(book, row, sum, nanos, weight, sign);
}

function addWideCost(
  book: TallyBook,
  row: number,
  sum: counters.Counter,
  nanos: number,
  weight: number,
  sign: Sign,
): void {
  counters.addCost(sum, nanos, weight, (name, by) => book.add(row, name, sign * by));
}

/** By powers of two, for drift; of the whole service alone. */
function countTokenBins(
  book: TallyBook,
  row: number,
  { inputTokens, outputTokens, weight }: Interaction,
  sign: Sign,
): void {
  if (inputTokens !== null)
    countOne(book, row, counters.featureBin('input_tokens', powerKey(inputTokens)), weight, sign);
  if (outputTokens !== null)
    countOne(book, row, counters.featureBin('output_tokens', powerKey(outputTokens)), weight, sign);
}

/** Where its embedding lies, for drift; of the whole service alone. */
function countDirections(
  book: TallyBook,
  row: number,
  directions: ReadonlySet<Code>,
  { attributes, weight }: Interaction,
  sign: Sign,
): void {
  for (const [direction, bin] of attributes)
    if (directions.has(direction)) countOne(book, row, counters.directionBin(bin), weight, sign);
}

/** One event more of a counter; of a sampled trace, beside it what the event stands for. */
export function countOne(book: TallyBook, row: number, name: counters.Counter, weight: number, sign: Sign): void {
  book.add(row, name, sign);
  if (weight !== 1) addExtraWeight(book, row, name, weight, sign);
}

/** The same of a common counter. */
function countCommon(book: TallyBook, row: number, place: counters.Common, weight: number, sign: Sign): void {
  book.addCommon(row, place, sign);
  if (weight !== 1) addExtraWeight(book, row, counters.COMMON_COUNTERS[place]!, weight, sign);
}

function addExtraWeight(book: TallyBook, row: number, name: counters.Counter, weight: number, sign: Sign): void {
  counters.addExtraWeight(name, weight, (part, by) => book.add(row, part, sign * by));
}

function addExtraSum(
  book: TallyBook,
  row: number,
  name: counters.Counter,
  weight: number,
  sum: number,
  sign: Sign,
): void {
  counters.addExtraSum(name, weight, sum, (part, by) => book.add(row, part, sign * by));
}

/** A request that failed and left no AI span counts in the minute of its end, for its service. */
export function foldFailedEntry(
  book: TallyBook,
  plan: ServicePlan,
  { endTenths, weight }: { readonly endTenths: Tenths; readonly weight: number },
  sign: Sign,
): void {
  const row = book.row(EVENT_CLOCK, minuteOfTenths(endTenths), plan.service, ABSENT, ABSENT);
  countOne(book, row, counters.ENTRIES_FAILED, weight, sign);
}

/** A call counts in the minute of its own end, under the dependency it used. */
export function foldCall(
  book: TallyBook,
  plan: ServicePlan,
  errorClass: ErrorClassIndex,
  dependency: Code,
  call: Call,
  sign: Sign,
): void {
  const minute = minuteOfTenths(call.endTenths);
  const row = book.row(EVENT_CLOCK, minute, plan.service, DEPENDENCY, dependency);
  const answerWeight = plan.weighsCalls ? call.weight : 1;
  countCommon(book, row, counters.COMMON.count, call.weight, sign);
  if (call.isError) countOne(book, row, counters.FAILED_BY_INDEX[errorClass(call.errorType, 0)]!, call.weight, sign);
  else countOne(book, row, durationCounter(call.durationNanos / NANOS_PER_MS), answerWeight, sign);
  if (call.use === null) return;
  if (takeParts(parts, call.use, call.use.cacheWriteTokens)) {
    countTokens(book, row, call.weight, sign);
    // For the mean of what sampled calls stand for.
    if (answerWeight !== 1) addExtraWeight(book, row, counters.TOKENS_KNOWN, answerWeight, sign);
  }
  countCommon(book, row, counters.COMMON.usedModel, call.weight, sign);
  const cost = plan.costs.nanosOf([call.use], millisOfMinute(minute));
  if (cost === null) return;
  countCommon(book, row, counters.COMMON.priced, call.weight, sign);
  addCost(book, row, plan, cost, call.weight, sign);
}

/** The minute in which something said of an interaction is known: never before the interaction itself. */
export const labelMinute = (interaction: Interaction, at: Millis): number =>
  Math.max(minuteOf(at), minuteOfTenths(interaction.endTenths));

/**
 * A rating counts with its interaction's minute and slices: for estimates and history. @param at  when it was said, ms: after seven
 * days it counts as too late beside that; null where that is not asked
 */
export function foldRatingByEvent(
  book: TallyBook,
  plan: ServicePlan,
  interaction: Interaction,
  rating: Rating,
  at: Millis | null,
  sign: Sign,
): void {
  const minute = minuteOfTenths(interaction.endTenths);
  const { weight } = interaction;
  if (at !== null && delayValue(minute, labelMinute(interaction, at)) === null)
    rate(book, book.row(EVENT_CLOCK, minute, plan.service, DELAY, TOO_LATE), plan, rating, weight, sign);
  rate(book, book.row(EVENT_CLOCK, minute, plan.service, ABSENT, ABSENT), plan, rating, weight, sign);
  for (const dimension of plan.dimensions) {
    const value = dimension.valueOf(interaction);
    if (value === ABSENT) continue;
    const row = book.row(EVENT_CLOCK, minute, plan.service, dimension.code, dimension.values.admit(value));
    rate(book, row, plan, rating, weight, sign);
  }
}

/**
 * A rating counts once more in the minute it became known, in all and by delay: for detectors. Later than seven days it is
 * left out. @param at  when it was said, ms
 */
export function foldRatingByLabel(
  book: TallyBook,
  plan: ServicePlan,
  interaction: Interaction,
  rating: Rating,
  at: Millis,
  sign: Sign,
): void {
  for (const row of rowsByLabel(book, plan, interaction, labelMinute(interaction, at)))
    rate(book, row, plan, rating, interaction.weight, sign);
}

/** What became known of an interaction in a minute counts for its service, in all and by delay; when it came too late, nowhere. */
export function rowsByLabel(
  book: TallyBook,
  plan: ServicePlan,
  interaction: Interaction,
  known: Minute,
): readonly number[] {
  const delay = delayValue(minuteOfTenths(interaction.endTenths), known);
  if (delay === null) return [];
  return [
    book.row(LABEL_CLOCK, known, plan.service, ABSENT, ABSENT),
    book.row(LABEL_CLOCK, known, plan.service, DELAY, delay),
  ];
}

/** A rating counts for its service alone, in no minute: for what moves when something arrives. */
export const foldRatingAlone = (book: TallyBook, plan: ServicePlan, rating: Rating): void =>
  rate(book, book.row(LABEL_CLOCK, 0, plan.service, ABSENT, ABSENT), plan, rating, 1, 1);

function rate(book: TallyBook, row: number, plan: ServicePlan, rating: Rating, weight: number, sign: Sign): void {
  switch (rating.type) {
    case 'feedback':
      countOne(book, row, counters.feedback(rating.kind, rating.value), weight, sign);
      return;
    case 'label':
      countOne(book, row, counters.labels(rating.label), weight, sign);
      if (rating.value) countOne(book, row, counters.labelsTrue(rating.label), weight, sign);
      return;
    case 'ranking':
      for (const ranking of plan.rankings.get(rating.evaluation) ?? []) rank(book, row, ranking, rating, weight, sign);
      return;
    case 'evaluation': {
      const evaluation = plan.evaluations.get(rating.evaluation);
      if (evaluation === undefined || rating.score === null) return;
      const score = scaled(evaluation, rating.score);
      if (score === null) return;
      countOne(book, row, counters.scores(rating.evaluation), weight, sign);
      const micros = Math.round(score * MICRO);
      book.add(row, counters.scoreMicros(rating.evaluation), sign * micros);
      if (weight !== 1) addExtraSum(book, row, counters.scoreMicros(rating.evaluation), weight, micros, sign);
      book.add(row, counters.scoreMicrosSquared(rating.evaluation), sign * Math.round(score * score * MICRO));
      if (evaluation.bins !== undefined)
        countOne(book, row, counters.scoreBin(evaluation.bins[scoreKey(score)]!), weight, sign);
      for (const mark of evaluation.marks)
        if (passes(mark, rating.score)) countOne(book, row, counters.passed(mark.code), weight, sign);
    }
  }
}

/** One query's ranking. Where no document was worth anything, how well they were ordered can't be said: it is counted apart. */
function rank(
  book: TallyBook,
  row: number,
  { code, metric, k }: RankingPlan,
  documents: JudgedDocuments,
  weight: number,
  sign: Sign,
): void {
  const value = rankingValue(metric, k, documents);
  if (value === null) {
    countOne(book, row, counters.rankedUndefined(code), weight, sign);
    return;
  }
  countOne(book, row, counters.ranked(code), weight, sign);
  const micros = Math.round(value * MICRO);
  book.add(row, counters.rankedMicros(code), sign * micros);
  if (weight !== 1) addExtraSum(book, row, counters.rankedMicros(code), weight, micros, sign);
  book.add(row, counters.rankedMicrosSquared(code), sign * Math.round(value * value * MICRO));
}
