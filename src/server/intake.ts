import type { PlanBook } from '../catalog/plan-book.ts';
import type { Dictionary } from '../model/dictionary.ts';
import { Overloaded, type SpanBatch, type SpanReceipt, type SpanSink } from '../model/ingest.ts';
import { parseEvaluationKey, parseLabelKey } from '../model/names.ts';
import type { RatingOutcome } from '../store/items.ts';
import type { NewRating } from '../store/rating.ts';
import type { Writer } from '../store/writer.ts';

/** The way into the store for all doors: names and plans go before whatever uses them. */
export class Intake implements SpanSink {
  readonly #dictionary: Dictionary;
  readonly #plans: PlanBook;
  readonly #writer: Writer;
  /** Told when an evaluator version or a label was seen for the first time: objectives may rest on it. */
  readonly #onNames: () => void;

  constructor(dictionary: Dictionary, plans: PlanBook, writer: Writer, onNames: () => void) {
    this.#dictionary = dictionary;
    this.#plans = plans;
    this.#writer = writer;
    this.#onNames = onNames;
  }

  async submit(batch: SpanBatch): Promise<SpanReceipt> {
    this.flushNames();
    return this.#writer.writeSpans(batch.records, batch.count);
  }

  overload(): Overloaded | null {
    return this.#writer.isFull ? new Overloaded('the store is behind: too much waits to be written') : null;
  }

  /** @throws Overloaded */
  async rate(ratings: readonly NewRating[]): Promise<readonly RatingOutcome[]> {
    this.flushNames();
    const result = await this.#writer.write({ type: 'ratings', ratings }, ratings.length);
    if (result.type !== 'ratings') throw new Error(`ratings were answered with ${result.type}`);
    return result.outcomes;
  }

  /** Tells the writer of every name that was given a code since the last time; making plans may give new ones. */
  flushNames(): void {
    for (let fresh = this.#dictionary.takeFresh(); fresh.texts.length > 0; fresh = this.#dictionary.takeFresh()) {
      this.#writer.tell({ type: 'dictionary', ...fresh });
      const plans = this.#plans.plansFor(fresh.texts.map((_, i) => fresh.first + i));
      const derived = this.#dictionary.takeFresh();
      if (derived.texts.length > 0) this.#writer.tell({ type: 'dictionary', ...derived });
      if (plans.length > 0) this.#writer.tell({ type: 'plans', plans });
      if (fresh.texts.some(isRatingName)) this.#onNames();
    }
  }
}

const isRatingName = (text: string): boolean => parseEvaluationKey(text) !== null || parseLabelKey(text) !== null;
