import type { PlanBook, PlanData } from '../catalog/plan-book.ts';
import { CALL_POINTS_KEPT, type CallPoint } from '../model/call-metrics.ts';
import type { Dictionary } from '../model/dictionary.ts';
import {
  type EvaluationReceipt,
  Overloaded,
  type SignalSink,
  type SpanBatch,
  type SpanReceipt,
  type TelemetryEvaluation,
} from '../model/ingest.ts';
import { parseEvaluationKey, parseJudgedKey, parseLabelKey } from '../model/names.ts';
import { MINUTE_MS, type Millis } from '../model/time.ts';
import type { RatingOutcome } from '../store/items.ts';
import type { NewRating } from '../store/rating.ts';
import { HELD_SECONDS, type Writer } from '../store/writer.ts';
import { ratingOfTelemetry } from './ratings.ts';

/** So many evaluations or points are one transaction at most. */
const PART = 4096;
/** And points whose calls may lie in so many minutes: each is a row. */
const PART_MINUTES = 65_536;

/** When so many wait, others have to come again: they take more memory than the bytes that they came in. */
const WAITING_MAX = 65_536;

/** The way into the store for all doors: names and plans go before whatever uses them. */
export class Intake implements SignalSink {
  readonly #dictionary: Dictionary;
  readonly #plans: PlanBook;
  readonly #writer: Writer;
  readonly #clock: () => Millis;
  /** Told when an evaluator version or a label was seen for the first time: objectives may rest on it. */
  readonly #onNames: () => void;
  /** Evaluations and points of requests that are not stored yet. */
  #waiting = 0;

  constructor(dictionary: Dictionary, plans: PlanBook, writer: Writer, clock: () => Millis, onNames: () => void) {
    this.#dictionary = dictionary;
    this.#plans = plans;
    this.#writer = writer;
    this.#clock = clock;
    this.#onNames = onNames;
  }

  async submit(batch: SpanBatch): Promise<SpanReceipt> {
    this.flushNames();
    return this.#writer.writeSpans(batch.records, batch.count);
  }

  overload(): Overloaded | null {
    const { heldFor } = this.#writer;
    if (heldFor !== null) return new Overloaded(heldFor, HELD_SECONDS);
    return this.#writer.isFull ? new Overloaded('the store is behind: too much waits to be written') : null;
  }

  /** @throws Overloaded */
  async rate(ratings: readonly NewRating[]): Promise<readonly RatingOutcome[]> {
    this.flushNames();
    const result = await this.#writer.write({ type: 'ratings', ratings }, ratings.length);
    if (result.type !== 'ratings') throw new Error(`ratings were answered with ${result.type}`);
    return result.outcomes;
  }

  async evaluate(evaluations: readonly TelemetryEvaluation[]): Promise<EvaluationReceipt> {
    const receipt = { stored: 0, duplicate: 0, failed: 0 };
    await this.#inParts(evaluations, slices(evaluations), async (part) => {
      const now = this.#clock();
      const outcomes = await this.rate(part.map((one) => ratingOfTelemetry(one, this.#dictionary, now)));
      for (const [i, outcome] of outcomes.entries())
        if (outcome === 'duplicate') receipt.duplicate++;
        else if (part[i]!.errorType !== undefined) receipt.failed++;
        else receipt.stored++;
    });
    return receipt;
  }

  async countCalls(points: readonly CallPoint[]): Promise<SpanReceipt> {
    let stored = 0;
    await this.#inParts(points, pointsInParts(points), async (part) => {
      const coded = part.map((point) => ({
        ...point,
        service: this.#dictionary.code(point.service),
        source: this.#dictionary.codeOfForeign(point.source),
      }));
      this.flushNames();
      const result = await this.#writer.write({ type: 'calls', points: coded }, part.length);
      if (result.type !== 'calls') throw new Error(`calls in metrics were answered with ${result.type}`);
      stored += result.stored;
    });
    return { stored, duplicates: points.length - stored };
  }

  /** A part after the other: each is a short transaction, and a request larger than the queue gets through. */
  async #inParts<T>(
    all: readonly T[],
    parts: Iterable<readonly T[]>,
    store: (part: readonly T[]) => Promise<void>,
  ): Promise<void> {
    if (this.#waiting >= WAITING_MAX)
      throw new Overloaded(`${this.#waiting} evaluations and data points wait for the store`);
    this.#waiting += all.length;
    try {
      for (const part of parts) await store(part);
    } finally {
      this.#waiting -= all.length;
    }
  }

  /** The plans of all resources, after every name that they use was told: for when the configuration has changed. */
  allPlans(): PlanData[] {
    let plans = this.#plans.allPlans();
    for (let fresh = this.#dictionary.takeFresh(); fresh.texts.length > 0; fresh = this.#dictionary.takeFresh()) {
      this.#writer.tell({ type: 'dictionary', ...fresh });
      const concerned = this.#plans.plansFor(fresh.texts.map((_, i) => fresh.first + i));
      if (concerned.length > 0) plans = this.#plans.allPlans();
    }
    return plans;
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

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += PART) yield all.slice(at, at + PART);
}

/** Points of one service and source share their minutes; the first one of a stream that has run for long has those of two days. */
function* pointsInParts(points: readonly CallPoint[]): Generator<readonly CallPoint[]> {
  const minutesOf = new Map<string, number>();
  let begin = 0;
  let rows = 0;
  for (const [i, { service, source, from, to }] of points.entries()) {
    const key = JSON.stringify([service, source]);
    const minutes = from === 0 ? 1 : Math.max(1, Math.ceil(Math.min(to - from, CALL_POINTS_KEPT) / MINUTE_MS) + 1);
    let more = minutes - (minutesOf.get(key) ?? 0);
    if (i > begin && (i - begin === PART || rows + more > PART_MINUTES)) {
      yield points.slice(begin, i);
      begin = i;
      rows = 0;
      minutesOf.clear();
      more = minutes;
    }
    if (more <= 0) continue;
    rows += more;
    minutesOf.set(key, minutes);
  }
  if (begin < points.length) yield points.slice(begin);
}

const isRatingName = (text: string): boolean =>
  parseEvaluationKey(text) !== null || parseJudgedKey(text) !== null || parseLabelKey(text) !== null;
