import { ABSENT, type Code, codeOfKnown } from '../model/dictionary.ts';
import type { Call, Interaction } from '../model/interaction.ts';
import type { Rating } from '../model/rating.ts';
import { type Millis, type Minute, minuteOf, minuteOfTenths, type Tenths } from '../model/time.ts';
import { EVENT_CLOCK, LABEL_CLOCK, type TallyBook } from './book.ts';
import * as counters from './counters.ts';
import { durationCounter } from './duration.ts';
import { powerKey, scoreKey } from './feature-bins.ts';
import { type ErrorClassIndex, passes, type ServicePlan, scaled } from './plan.ts';

/** +1 counts, -1 takes back what was counted. */
export type Sign = 1 | -1;

const MICRO = 1e6;
const NANOS_PER_MS = 1e6;
const DEPENDENCY: Code = codeOfKnown('dependency');
const DELAY: Code = codeOfKnown('delay');

/** Edges (minutes) of the time from an interaction to what is said of it. */
export const DELAY_EDGES_MINUTES = [0, 5, 15, 60, 180, 720, 1440, 4320, 10080] as const;
/** Later than this is left out of detection. */
export const DELAY_HORIZON_MINUTES = 10080;

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
  countInto(book, book.row(EVENT_CLOCK, minute, plan.service, ABSENT, ABSENT), plan, interaction, bucket, failed, sign);
  if (plan.tokenBins && !interaction.isError) countTokens(book, minute, plan.service, interaction, sign);
  for (const dimension of plan.dimensions) {
    const value = dimension.valueOf(interaction);
    if (value === ABSENT) continue;
    const row = book.row(EVENT_CLOCK, minute, plan.service, dimension.code, dimension.values.admit(value));
    countInto(book, row, plan, interaction, bucket, failed, sign);
  }
}

function countInto(
  book: TallyBook,
  row: number,
  plan: ServicePlan,
  interaction: Interaction,
  bucket: counters.Counter,
  failed: counters.Counter,
  sign: Sign,
): void {
  const { weight } = interaction;
  countOne(book, row, counters.COUNT, weight, sign);
  if (interaction.hidesFailure) book.add(row, counters.HIDDEN, sign);
  if (interaction.isError) countOne(book, row, failed, weight, sign);
  else {
    book.add(row, bucket, sign);
    const ms = interaction.durationNanos / NANOS_PER_MS;
    for (const threshold of plan.thresholdsMs)
      if (ms <= threshold) countOne(book, row, counters.within(threshold), weight, sign);
  }
}

/** By powers of two, for drift; of the whole service alone. */
function countTokens(
  book: TallyBook,
  minute: Minute,
  service: Code,
  { inputTokens, outputTokens }: Interaction,
  sign: Sign,
): void {
  const row = book.row(EVENT_CLOCK, minute, service, ABSENT, ABSENT);
  if (inputTokens !== null) book.add(row, counters.featureBin('input_tokens', powerKey(inputTokens)), sign);
  if (outputTokens !== null) book.add(row, counters.featureBin('output_tokens', powerKey(outputTokens)), sign);
}

/** One event more of a counter; of a sampled trace, beside it what the event stands for. */
function countOne(book: TallyBook, row: number, name: counters.Counter, weight: number, sign: Sign): void {
  book.add(row, name, sign);
  if (weight !== 1) counters.addExtraWeight(name, weight, (part, by) => book.add(row, part, sign * by));
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
  countOne(book, row, counters.COUNT, call.weight, sign);
  if (call.isError) countOne(book, row, counters.FAILED_BY_INDEX[errorClass(call.errorType, 0)]!, call.weight, sign);
  else book.add(row, durationCounter(call.durationNanos / NANOS_PER_MS), sign);
}

/** The minute in which something said of an interaction is known: never before the interaction itself. */
export const labelMinute = (interaction: Interaction, at: Millis): number =>
  Math.max(minuteOf(at), minuteOfTenths(interaction.endTenths));

/** A rating counts with its interaction's minute and slices: for estimates and history. */
export function foldRatingByEvent(
  book: TallyBook,
  plan: ServicePlan,
  interaction: Interaction,
  rating: Rating,
  sign: Sign,
): void {
  const minute = minuteOfTenths(interaction.endTenths);
  const { weight } = interaction;
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
  const known = labelMinute(interaction, at);
  const delay = known - minuteOfTenths(interaction.endTenths);
  if (delay >= DELAY_HORIZON_MINUTES) return;
  let bucket = 0;
  while (delay >= DELAY_EDGES_MINUTES[bucket + 1]!) bucket++;
  const { weight } = interaction;
  rate(book, book.row(LABEL_CLOCK, known, plan.service, ABSENT, ABSENT), plan, rating, weight, sign);
  rate(book, book.row(LABEL_CLOCK, known, plan.service, DELAY, bucket + 1), plan, rating, weight, sign);
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
    case 'evaluation': {
      const evaluation = plan.evaluations.get(rating.evaluation);
      if (evaluation === undefined || rating.score === null) return;
      const score = scaled(evaluation, rating.score);
      if (score === null) return;
      countOne(book, row, counters.scores(rating.evaluation), weight, sign);
      const micros = Math.round(score * MICRO);
      book.add(row, counters.scoreMicros(rating.evaluation), sign * micros);
      if (weight !== 1)
        counters.addExtraSum(counters.scoreMicros(rating.evaluation), weight, micros, (part, by) =>
          book.add(row, part, sign * by),
        );
      book.add(row, counters.scoreMicrosSquared(rating.evaluation), sign * Math.round(score * score * MICRO));
      if (evaluation.bins !== undefined) book.add(row, counters.scoreBin(evaluation.bins[scoreKey(score)]!), sign);
      for (const mark of evaluation.marks)
        if (passes(mark, rating.score)) countOne(book, row, counters.passed(mark.code), weight, sign);
    }
  }
}
