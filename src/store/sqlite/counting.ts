import type { PlanData } from '../../catalog/plan-book.ts';
import { type Code, codeOfKnown, Dictionary } from '../../model/dictionary.ts';
import { ERROR_CLASSES, errorClassOf, finishClassOf } from '../../model/error-class.ts';
import type { Call, Interaction } from '../../model/interaction.ts';
import { parseCountedKey, parseLabelKey } from '../../model/names.ts';
import type { Rating } from '../../model/rating.ts';
import { type Millis, type Minute, minuteOfTenths } from '../../model/time.ts';
import type { TallyBook } from '../../tally/book.ts';
import {
  foldCall,
  foldFailedEntry,
  foldInteraction,
  foldRatingByEvent,
  foldRatingByLabel,
  type Sign,
} from '../../tally/fold.ts';
import { foldJointByEvent, foldJointByLabel, isJoint, jointLabelMinutes, type Said } from '../../tally/joint.ts';
import { type ServicePlan, SharedSliceValues, SLICE_VALUES_MAX, SliceValues, scaled } from '../../tally/plan.ts';
import { isFilteredBy, planOf } from '../plans.ts';
import type { SharedNames } from '../shared-names.ts';
import type { SqlDatabase } from '../sql.ts';
import type { ArrivalBook } from './arrival-book.ts';
import { Dependencies } from './dependencies.ts';
import type { FailedEntry } from './failed-entries.ts';
import type { Keeping } from './keeping.ts';

/** The names under which a store counts, as they are stored. */
export const storedTexts = (db: SqlDatabase): string[] =>
  (db.prepare('select text from dictionary order by code').all() as { text: string | Uint8Array }[]).map(({ text }) =>
    typeof text === 'string' ? text : Buffer.from(text).toString(),
  );

/** Evaluator versions are told apart like the values of a slice: in the order in which they first scored the service. */
const EVALUATION: Code = codeOfKnown('evaluation');

const DEPENDENCY: Code = codeOfKnown('dependency');

/** Evaluator versions with scores that nobody judges, kept like the values of a slice: no codes of the dictionary. */
export const UNJUDGED = { unmapped: -1, out_of_scale: -2 } as const;

/** Labels of interactions that were chosen at random, by the service that has any: kept alike. */
export const LABELLED_AT_RANDOM = -3;

/** More than there are dimensions, and the lowest of what is kept like one: together they make one number of a service and a dimension. */
const DIMENSIONS = 2 ** 22;
const FIRST_DIMENSION = LABELLED_AT_RANDOM;

/**
 * What is counted of an interaction, a call, a rating, and under which names: the plans of services, the slice values
 * told apart so far, the classes of errors, the dependencies. What is new of these is stored by `store`.
 */
export class Counting {
  readonly dictionary: Dictionary;
  readonly #db: SqlDatabase;
  readonly #planData = new Map<Code, PlanData>();
  readonly #plans = new Map<Code, ServicePlan>();
  readonly #sliceValues = new Map<number, SliceValues>();
  readonly #dependencies: Dependencies;
  readonly #shared: SharedNames | null;
  readonly #errorClass: number[] = [];
  #textsStored: number;
  #freshSlices: { service: Code; dimension: Code; value: Code; minute: Minute }[] = [];
  /** The minute that a value now seen first would be of. */
  #minute: Minute = 0;

  /** @param shared  what others number beside this one; null: nobody does */
  constructor(db: SqlDatabase, shared: SharedNames | null = null) {
    this.#db = db;
    this.#shared = shared;
    const texts = storedTexts(db);
    this.dictionary = new Dictionary(texts);
    this.#textsStored = texts.length;
    this.#dependencies = new Dependencies(db, shared);
  }

  get planData(): Iterable<PlanData> {
    return this.#planData.values();
  }

  /** How resources are counted from now on. */
  setPlans(plans: Iterable<PlanData>): void {
    for (const data of plans) {
      this.#planData.set(data.resource, data);
      this.#plans.set(data.resource, planOf(data, this.#valuesOf, this.#classes, this.#textOf));
    }
  }

  readonly exchangeOf = (resource: Code): 'entry' | 'head' => this.#planData.get(resource)?.exchange ?? 'entry';

  /** How long rows are kept, where that is longer than those of all. */
  get keeping(): Keeping {
    const lengths = new Set<number>();
    for (const { keptDays = 0 } of this.#planData.values()) if (keptDays > 0) lengths.add(keptDays);
    return {
      lengths: [...lengths].sort((a, b) => a - b),
      daysOf: (spans) =>
        spans.reduce((days, { span }) => Math.max(days, this.#planData.get(span.service)?.keptDays ?? 0), 0),
    };
  }

  readonly serviceNameOf = (interaction: Interaction): string =>
    parseCountedKey(this.dictionary.text(this.#planOf(interaction.service).service))!.name;

  interaction(book: TallyBook, interaction: Interaction, sign: Sign): void {
    this.#minute = minuteOfTenths(interaction.endTenths);
    foldInteraction(book, this.#planOf(interaction.service), this.#errorClassIndex, interaction, sign);
  }

  failedEntry(book: TallyBook, entry: FailedEntry, sign: Sign): void {
    foldFailedEntry(book, this.#planOf(entry.service), entry, sign);
  }

  call(book: TallyBook, call: Call, sign: Sign): void {
    this.#minute = minuteOfTenths(call.endTenths);
    const plan = this.#planOf(call.service);
    const dependency = this.#valuesOf(plan.service, DEPENDENCY).admit(this.#dependencies.codeOf(call));
    foldCall(book, plan, this.#errorClassIndex, dependency, call, sign);
  }

  ratingByEvent(book: TallyBook, interaction: Interaction, rating: Rating, at: Millis, sign: Sign): void {
    this.#minute = minuteOfTenths(interaction.endTenths);
    const plan = this.#planOf(interaction.service);
    if (rating.type === 'evaluation') this.#noteEvaluation(plan, rating);
    if (rating.type === 'ranking') this.#valuesOf(plan.service, EVALUATION).admit(rating.evaluation);
    if (rating.type === 'label' && this.#isAtRandom(rating.label))
      this.#valuesOf(plan.service, LABELLED_AT_RANDOM).admit(rating.label);
    foldRatingByEvent(book, plan, interaction, rating, at, sign);
  }

  #isAtRandom(label: Code): boolean {
    return parseLabelKey(this.dictionary.text(label))?.sampling === 'random';
  }

  #noteEvaluation(plan: ServicePlan, rating: Extract<Rating, { type: 'evaluation' }>): void {
    const { service, evaluations } = plan;
    const { evaluation, score, confidence } = rating;
    const scale = evaluations.get(evaluation);
    if (confidence !== undefined && plan.joints?.confidences.some((one) => one.evaluation === evaluation)) {
      this.#valuesOf(service, EVALUATION).admit(evaluation);
      if (scale === undefined) return;
    }
    if (scale === undefined) {
      this.#valuesOf(service, UNJUDGED.unmapped).admit(evaluation);
      return;
    }
    // A label alone, or an evaluator that failed, is nothing that an objective could count.
    if (score === null) return;
    this.#valuesOf(service, EVALUATION).admit(evaluation);
    if (scaled(scale, score) === null) this.#valuesOf(service, UNJUDGED.out_of_scale).admit(evaluation);
  }

  ratingByLabel(book: TallyBook, interaction: Interaction, rating: Rating, at: Millis, sign: Sign): void {
    foldRatingByLabel(book, this.#planOf(interaction.service), interaction, rating, at, sign);
  }

  /** Whether a rating of this interaction is counted together with its others. */
  isJoint(interaction: Interaction, rating: Rating): boolean {
    return isJoint(this.#planOf(interaction.service), rating);
  }

  hasJoints({ service }: Interaction): boolean {
    return this.#planOf(service).joints !== undefined;
  }

  jointByEvent(book: TallyBook, interaction: Interaction, said: readonly Said[], sign: Sign): void {
    this.#minute = minuteOfTenths(interaction.endTenths);
    foldJointByEvent(book, this.#planOf(interaction.service), interaction, said, sign);
  }

  /** @param only  what became known in that minute; null: all of it */
  jointByLabel(
    book: TallyBook,
    interaction: Interaction,
    said: readonly Said[],
    only: Minute | null,
    sign: Sign,
  ): void {
    foldJointByLabel(book, this.#planOf(interaction.service), interaction, said, only, sign);
  }

  jointLabelMinutes(interaction: Interaction, said: readonly Said[]): Minute[] {
    return jointLabelMinutes(this.#planOf(interaction.service), interaction, said);
  }

  arrival(book: ArrivalBook, interaction: Interaction): void {
    book.interaction(this.#planOf(interaction.service), this.#errorClassIndex, interaction);
  }

  callArrival(book: ArrivalBook, call: Call): void {
    const plan = this.#planOf(call.service);
    const dependency = this.#valuesOf(plan.service, DEPENDENCY).admit(this.#dependencies.codeOf(call));
    book.call(plan, this.#errorClassIndex, dependency, call);
  }

  failedEntryArrival(book: ArrivalBook, entry: FailedEntry): void {
    book.failedEntry(this.#planOf(entry.service));
  }

  ratingArrival(book: ArrivalBook, interaction: Interaction, rating: Rating): void {
    book.rating(this.#planOf(interaction.service), interaction, rating);
  }

  /** Stores the names and values that no committed transaction holds yet; inside the caller's transaction. */
  store(): void {
    this.#storeTexts();
    for (const { service, dimension, value, minute } of this.#freshSlices) {
      const { n } = this.#db
        .prepare('select count(*) as n from slice_value where service = ? and dimension = ?')
        .get(service, dimension) as { n: number };
      this.#db
        .prepare('insert into slice_value values (?, ?, ?, ?, ?) on conflict do nothing')
        .run(service, dimension, value, n, minute);
    }
    this.#freshSlices = [];
    this.#dependencies.store();
  }

  #storeTexts(): void {
    if (this.#textsStored === this.dictionary.size) return;
    if (this.#shared !== null) {
      const codes = Array.from({ length: this.dictionary.size - this.#textsStored }, (_, i) => this.#textsStored + i);
      this.#shared.storeTexts(this.#textsStored, codes.map(this.#textOf));
      return;
    }
    const insert = this.#db.prepare('insert into dictionary values (?, ?) on conflict do nothing');
    for (let code = this.#textsStored; code < this.dictionary.size; code++)
      insert.run(code, this.dictionary.text(code));
  }

  /** The transaction of what was stored last is durable. */
  committed(): void {
    this.#textsStored = this.dictionary.size;
  }

  /** Forgets what no transaction holds: after one has failed. */
  reload(): void {
    this.#freshSlices = [];
    this.#sliceValues.clear();
    this.#dependencies.load();
    this.setPlans([...this.#planData.values()]);
  }

  #planOf(resource: Code): ServicePlan {
    const plan = this.#plans.get(resource);
    if (plan === undefined) throw new RangeError(`resource ${resource} has no plan: it must be known before its spans`);
    return plan;
  }

  readonly #valuesOf = (service: Code, dimension: Code): SliceValues => {
    const key = service * DIMENSIONS + dimension - FIRST_DIMENSION;
    let values = this.#sliceValues.get(key);
    if (values === undefined) {
      const known = this.#db
        .prepare('select value from slice_value where service = ? and dimension = ? order by ordinal')
        .all(service, dimension) as { value: Code }[];
      const max = dimension === EVALUATION ? Number.POSITIVE_INFINITY : SLICE_VALUES_MAX;
      const codes = known.map((row) => row.value);
      const shared = this.#shared;
      values =
        shared === null
          ? new SliceValues(
              codes,
              (value) => this.#freshSlices.push({ service, dimension, value, minute: this.#minute }),
              max,
            )
          : new SharedSliceValues(codes, max, (value) => shared.admit(service, dimension, value, this.#minute, max));
      this.#sliceValues.set(key, values);
    }
    return values;
  };

  readonly #textOf = (code: Code): string => this.dictionary.text(code);

  /** The names of classes are given codes before anything is counted by them. */
  readonly #classes = {
    finish: ({ finishReason }: Interaction): Code => {
      const name = finishClassOf(this.dictionary.textOrNull(finishReason));
      return name === null ? 0 : this.dictionary.code(name);
    },
    error: ({ isError, errorType, httpStatus }: Interaction): Code =>
      isError ? this.dictionary.code(ERROR_CLASSES[this.#errorClassIndex(errorType, httpStatus)]!) : 0,
    isFiltered: (one: Interaction): boolean | null => isFilteredBy(one, (code) => this.dictionary.textOrNull(code)),
  };

  readonly #errorClassIndex = (errorType: Code, httpStatus: number): number => {
    if (httpStatus !== 0) return ERROR_CLASSES.indexOf(errorClassOf(this.dictionary.text(errorType), httpStatus));
    let index = this.#errorClass[errorType];
    if (index === undefined) {
      index = ERROR_CLASSES.indexOf(errorClassOf(this.dictionary.text(errorType), 0));
      this.#errorClass[errorType] = index;
    }
    return index;
  };
}
