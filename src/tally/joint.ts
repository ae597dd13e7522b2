import { ABSENT, codeOfKnown } from '../model/dictionary.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Rating } from '../model/rating.ts';
import { type Millis, type Minute, minuteOfTenths } from '../model/time.ts';
import { EVENT_CLOCK, type TallyBook } from './book.ts';
import * as counters from './counters.ts';
import { countOne, labelMinute, rowsByLabel, type Sign } from './fold.ts';
import {
  CONFIDENCE_BINS,
  type ConfidencePlan,
  type PairPlan,
  type ReliancePlan,
  type ServicePlan,
  scaled,
} from './plan.ts';

/** One thing that was said of an interaction. */
export interface Said {
  readonly rating: Rating;
  readonly at: Millis;
}

/** What one interaction adds to a row: whole events, which weigh what their trace weighs, and sums. */
interface Contribution {
  readonly events: counters.Counter[];
  readonly sums: (readonly [counters.Counter, number])[];
  /** Sums of millionths that weigh what the trace weighs. */
  readonly weighed?: (readonly [counters.Counter, number])[];
}

const MICRO = 1e6;
const BIN_MICROS = MICRO / CONFIDENCE_BINS;
const RESPONSE_MODEL = codeOfKnown('response_model');

/** Whether anything counts this rating together with others: if not, it changes nothing here. */
export function isJoint({ joints }: ServicePlan, rating: Rating): boolean {
  if (joints === undefined) return false;
  const { pairs, confidences, reliances } = joints;
  switch (rating.type) {
    case 'feedback':
      return rating.kind === 'decision' && reliances.length > 0;
    case 'ranking':
      return false;
    case 'evaluation':
      return (
        pairs.some(({ evaluation }) => evaluation === rating.evaluation) ||
        confidences.some(({ evaluation }) => evaluation === rating.evaluation)
      );
    case 'label':
      return [pairs, confidences, reliances].some((plans) => plans.some(({ labels }) => labels.includes(rating.label)));
  }
}

/**
 * All that was said of one interaction, counted together with its minute and slices. A function of the set: the order in
 * which it was said, and came, makes no difference. Confidences count for the model version too, sliced by it or not.
 */
export function foldJointByEvent(
  book: TallyBook,
  plan: ServicePlan,
  interaction: Interaction,
  said: readonly Said[],
  sign: Sign,
): void {
  if (plan.joints === undefined) return;
  const { pairs, confidences, reliances, models } = plan.joints;
  const stated = confidences.flatMap((one) => ofConfidence(one, said) ?? []);
  const all = [
    ...pairs.flatMap((one) => ofPair(plan, one, said) ?? []),
    ...stated,
    ...reliances.flatMap((one) => ofReliance(one, said) ?? []),
  ];
  if (all.length === 0) return;
  const minute = minuteOfTenths(interaction.endTenths);
  const add = (to: readonly Contribution[], dimension: number, value: number): void =>
    addTo(book, book.row(EVENT_CLOCK, minute, plan.service, dimension, value), interaction.weight, to, sign);
  add(all, ABSENT, ABSENT);
  for (const dimension of plan.dimensions) {
    const value = dimension.valueOf(interaction);
    if (value !== ABSENT) add(all, dimension.code, dimension.values.admit(value));
  }
  const { responseModel } = interaction;
  if (stated.length > 0 && responseModel !== ABSENT && plan.dimensions.every(({ code }) => code !== RESPONSE_MODEL))
    add(stated, RESPONSE_MODEL, models.admit(responseModel));
}

/** Minutes in which something counted together became known: when all parts of it had been said for the first time. */
export const jointLabelMinutes = (plan: ServicePlan, interaction: Interaction, said: readonly Said[]): Minute[] =>
  (plan.joints?.reliances ?? []).flatMap((one) => knownMinute(one, interaction, said) ?? []);

/** The same in the minute it became known, for detectors. @param only  counts what became known in that minute; null: all of it */
export function foldJointByLabel(
  book: TallyBook,
  plan: ServicePlan,
  interaction: Interaction,
  said: readonly Said[],
  only: Minute | null,
  sign: Sign,
): void {
  for (const one of plan.joints?.reliances ?? []) {
    const known = knownMinute(one, interaction, said);
    if (known === null || (only !== null && known !== only)) continue;
    const contribution = ofReliance(one, said)!;
    for (const row of rowsByLabel(book, plan, interaction, known))
      addTo(book, row, interaction.weight, [contribution], sign);
  }
}

function addTo(book: TallyBook, row: number, weight: number, contributions: readonly Contribution[], sign: Sign): void {
  for (const { events, sums, weighed = [] } of contributions) {
    for (const name of events) countOne(book, row, name, weight, sign);
    for (const [name, by] of sums) if (by !== 0) book.add(row, name, sign * by);
    for (const [name, by] of weighed) if (by !== 0) addWeighed(book, row, name, by, weight, sign);
  }
}

function addWeighed(
  book: TallyBook,
  row: number,
  name: counters.Counter,
  micros: number,
  weight: number,
  sign: Sign,
): void {
  book.add(row, name, sign * micros);
  if (weight !== 1) counters.addExtraSum(name, weight, micros, (part, by) => book.add(row, part, sign * by));
}

/** Of several labels the majority; a tie is no proof that the answer was right. @returns null when there is none */
function isRight(labels: readonly number[], said: readonly Said[]): boolean | null {
  let balance = 0;
  let n = 0;
  for (const { rating } of said) {
    if (rating.type !== 'label' || !labels.includes(rating.label)) continue;
    n++;
    balance += rating.value ? 1 : -1;
  }
  return n === 0 ? null : balance > 0;
}

/** Whole millionths, so that the order of several makes no difference. @returns null when there is none */
function meanMicros(values: Iterable<number>): number | null {
  let sum = 0;
  let n = 0;
  for (const value of values) {
    sum += Math.round(value * MICRO);
    n++;
  }
  return n === 0 ? null : Math.round(sum / n);
}

const productMicros = (a: number, b: number): number => Math.round((a * b) / MICRO);

function ofPair(plan: ServicePlan, { code, labels, evaluation }: PairPlan, said: readonly Said[]): Contribution | null {
  const scale = plan.evaluations.get(evaluation);
  if (scale === undefined) return null;
  const f = meanMicros(
    said.flatMap(({ rating }) =>
      rating.type === 'evaluation' && rating.evaluation === evaluation && rating.score !== null
        ? (scaled(scale, rating.score) ?? [])
        : [],
    ),
  );
  if (f === null) return null;
  const y = isRight(labels, said);
  const ff = productMicros(f, f);
  if (y === null)
    return {
      events: [],
      sums: [
        [counters.judgedSum(code, 'n'), 1],
        [counters.judgedSum(code, 'f'), f],
        [counters.judgedSum(code, 'ff'), ff],
      ],
    };
  return {
    events: [],
    sums: [
      [counters.pairSum(code, 'n'), 1],
      [counters.pairSum(code, 'y'), y ? 1 : 0],
      [counters.pairSum(code, 'f'), f],
      [counters.pairSum(code, 'ff'), ff],
      [counters.pairSum(code, 'yf'), y ? f : 0],
    ],
  };
}

function ofConfidence({ bins, labels, evaluation }: ConfidencePlan, said: readonly Said[]): Contribution | null {
  const c = meanMicros(
    said.flatMap(({ rating }) =>
      rating.type === 'evaluation' && rating.evaluation === evaluation ? (rating.confidence ?? []) : [],
    ),
  );
  if (c === null) return null;
  const bin = bins[Math.min(CONFIDENCE_BINS - 1, Math.floor(c / BIN_MICROS))]!;
  const events = [counters.confidenceSum(bin, 'stated')];
  const y = isRight(labels, said);
  if (y === null) return { events, sums: [] };
  events.push(counters.confidenceSum(bin, 'n'));
  if (y) events.push(counters.confidenceSum(bin, 'y'));
  return {
    events,
    sums: [],
    weighed: [
      [counters.confidenceSum(bin, 'c'), c],
      [counters.confidenceSum(bin, 'cc'), productMicros(c, c)],
      [counters.confidenceSum(bin, 'cy'), y ? c : 0],
    ],
  };
}

function ofReliance({ code, labels }: ReliancePlan, said: readonly Said[]): Contribution | null {
  const right = isRight(labels, said);
  const accepted = isAccepted(said);
  if (right === null || accepted === null) return null;
  return { events: [counters.reliance(code, accepted, right)], sums: [] };
}

/** Of several decisions the majority; a tie is no acceptance. */
function isAccepted(said: readonly Said[]): boolean | null {
  let balance = 0;
  let n = 0;
  for (const { rating } of said) {
    if (rating.type !== 'feedback' || rating.kind !== 'decision') continue;
    n++;
    balance += rating.value === 'accepted' ? 1 : -1;
  }
  return n === 0 ? null : balance > 0;
}

function knownMinute({ labels }: ReliancePlan, interaction: Interaction, said: readonly Said[]): Minute | null {
  let decided = Number.POSITIVE_INFINITY;
  let labelled = Number.POSITIVE_INFINITY;
  for (const { rating, at } of said) {
    if (rating.type === 'feedback' && rating.kind === 'decision') decided = Math.min(decided, at);
    if (rating.type === 'label' && labels.includes(rating.label)) labelled = Math.min(labelled, at);
  }
  const known = Math.max(decided, labelled);
  return known === Number.POSITIVE_INFINITY ? null : labelMinute(interaction, known);
}
