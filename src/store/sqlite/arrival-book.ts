import { ABSENT, type Code } from '../../model/dictionary.ts';
import { ERROR_CLASSES } from '../../model/error-class.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import { LABEL_CLOCK, TallyBook } from '../../tally/book.ts';
import { ENTRIES_FAILED } from '../../tally/counters.ts';
import { foldAskedAlone, foldRatingAlone } from '../../tally/fold.ts';
import type { ErrorClassIndex, ServicePlan } from '../../tally/plan.ts';
import { type Arrivals, TOKEN_TYPES } from '../arrivals.ts';
import { noRatings } from '../rating.ts';

/** Upper bounds of the buckets of durations, ms, beside the limits of a service's objectives. */
const BOUNDS_MS = [50, 100, 250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 120_000] as const;
const NANOS_PER_MS = 1e6;
/** More codes than a dictionary gives. */
const CODES = 2 ** 21;

interface Interactions {
  readonly service: Code;
  readonly operation: Code;
  readonly failed: number[];
  readonly boundsMs: readonly number[];
  readonly durations: number[];
  durationNanos: number;
}

interface Tokens {
  readonly service: Code;
  readonly requestModel: Code;
  readonly responseModel: Code;
  readonly counts: number[];
}

/** Collects what came in with one group; a few additions an interaction. */
export class ArrivalBook {
  readonly #interactions = new Map<number, Interactions>();
  readonly #tokens = new Map<number, Map<Code, Tokens>>();
  readonly #counts = new TallyBook();
  #joined = noRatings();
  #isEmpty = true;
  readonly #bounds = new WeakMap<ServicePlan, readonly number[]>();

  interaction(plan: ServicePlan, errorClass: ErrorClassIndex, one: Interaction): void {
    this.#isEmpty = false;
    const row = this.#rowOf(plan, one.operation);
    if (one.isError) row.failed[errorClass(one.errorType, one.httpStatus)]!++;
    else {
      const ms = one.durationNanos / NANOS_PER_MS;
      let bucket = 0;
      while (bucket < row.boundsMs.length && ms > row.boundsMs[bucket]!) bucket++;
      row.durations[bucket]!++;
      row.durationNanos += one.durationNanos;
    }
    foldAskedAlone(this.#counts, plan, one);
    if (one.inputTokens !== null || one.outputTokens !== null) this.#count(plan.service, one);
  }

  rating(plan: ServicePlan, rating: Rating): void {
    this.#isEmpty = false;
    this.#joined[rating.type]++;
    foldRatingAlone(this.#counts, plan, rating);
  }

  failedEntry({ service }: ServicePlan): void {
    this.#isEmpty = false;
    this.#counts.add(this.#counts.row(LABEL_CLOCK, 0, service, ABSENT, ABSENT), ENTRIES_FAILED, 1);
  }

  /** What was collected since the last time; null when that is nothing. */
  take(): Arrivals | null {
    if (this.#isEmpty) return null;
    const counts = [];
    for (let row = 0; row < this.#counts.rows; row++)
      counts.push({ service: this.#counts.keyOf(row).service, counts: [...this.#counts.tallyOf(row)] });
    const tokens = [...this.#tokens.values()].flatMap((byModel) => [...byModel.values()]);
    const arrivals = { interactions: [...this.#interactions.values()], tokens, counts, joined: this.#joined };
    this.clear();
    return arrivals;
  }

  clear(): void {
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    this.#joined = noRatings();
    this.#interactions.clear();
    this.#tokens.clear();
    if (this.#counts.rows > 0) this.#counts.clear();
  }

  #rowOf(plan: ServicePlan, operation: Code): Interactions {
    const key = plan.service * CODES + operation;
    let row = this.#interactions.get(key);
    if (row === undefined) {
      const boundsMs = this.#boundsOf(plan);
      row = {
        service: plan.service,
        operation,
        failed: new Array<number>(ERROR_CLASSES.length).fill(0),
        boundsMs,
        durations: new Array<number>(boundsMs.length + 1).fill(0),
        durationNanos: 0,
      };
      this.#interactions.set(key, row);
    }
    return row;
  }

  #boundsOf(plan: ServicePlan): readonly number[] {
    let bounds = this.#bounds.get(plan);
    if (bounds === undefined) {
      bounds = [...new Set([...BOUNDS_MS, ...plan.thresholdsMs])].sort((a, b) => a - b);
      this.#bounds.set(plan, bounds);
    }
    return bounds;
  }

  #count(service: Code, one: Interaction): void {
    const key = service * CODES + one.requestModel;
    let byModel = this.#tokens.get(key);
    if (byModel === undefined) {
      byModel = new Map();
      this.#tokens.set(key, byModel);
    }
    let row = byModel.get(one.responseModel);
    if (row === undefined) {
      const counts = new Array<number>(TOKEN_TYPES.length).fill(0);
      row = { service, requestModel: one.requestModel, responseModel: one.responseModel, counts };
      byModel.set(one.responseModel, row);
    }
    const input = one.inputTokens ?? 0;
    const output = one.outputTokens ?? 0;
    const cached = Math.min(input, one.cachedInputTokens ?? 0);
    const reasoning = Math.min(output, one.reasoningTokens ?? 0);
    row.counts[0]! += input - cached;
    row.counts[1]! += cached;
    row.counts[2]! += output - reasoning;
    row.counts[3]! += reasoning;
  }
}
