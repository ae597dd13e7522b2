import { ABSENT, type Code } from '../../model/dictionary.ts';
import { ERROR_CLASSES } from '../../model/error-class.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Call, Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import { millisOfMinute, minuteOfTenths } from '../../model/time.ts';
import { LABEL_CLOCK, TallyBook } from '../../tally/book.ts';
import { ENTRIES_FAILED } from '../../tally/counters.ts';
import { foldAskedAlone, foldRatingAlone } from '../../tally/fold.ts';
import type { ErrorClassIndex, ServicePlan } from '../../tally/plan.ts';
import { type Arrivals, type Slowest, TOKEN_TYPES } from '../arrivals.ts';
import { noRatings } from '../rating.ts';
import type { Depended } from './dependencies.ts';

/** Upper bounds of the buckets of durations, ms, beside the limits of a service's objectives. */
const BOUNDS_MS = [50, 100, 250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 120_000] as const;
const FIRST_TOKEN_BOUNDS_MS = [50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000] as const;
const PER_TOKEN_BOUNDS_MS = [5, 10, 20, 30, 50, 75, 100, 150, 250, 500] as const;
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
  slowest: Slowest | null;
  failedTrace: TraceId | null;
}

interface Models {
  readonly service: Code;
  readonly requestModel: Code;
  readonly responseModel: Code;
  readonly counts: number[];
  costNanos: number;
  readonly firstToken: Durations;
  slowestFirstToken: Slowest | null;
  readonly perOutputToken: Durations;
}

/** Durations sorted into buckets. */
class Durations {
  readonly boundsMs: readonly number[];
  readonly counts: number[];
  sumMs = 0;

  constructor(boundsMs: readonly number[]) {
    this.boundsMs = boundsMs;
    this.counts = new Array<number>(boundsMs.length + 1).fill(0);
  }

  add(ms: number): void {
    let bucket = 0;
    while (bucket < this.boundsMs.length && ms > this.boundsMs[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sumMs += ms;
  }
}

interface Calls {
  readonly service: Code;
  readonly kind: string;
  readonly provider: Code;
  readonly name: Code;
  readonly failed: number[];
  readonly durations: Durations;
}

/** Collects what came in with one group; a few additions an interaction. */
export class ArrivalBook {
  readonly #interactions = new Map<number, Interactions>();
  readonly #models = new Map<number, Map<Code, Models>>();
  /** By service and code of the dependency. */
  readonly #calls = new Map<number, Calls>();
  readonly #counts = new TallyBook();
  #joined = noRatings();
  #isEmpty = true;
  readonly #bounds = new WeakMap<ServicePlan, readonly number[]>();

  interaction(plan: ServicePlan, errorClass: ErrorClassIndex, one: Interaction): void {
    this.#isEmpty = false;
    const row = this.#rowOf(plan, one.operation);
    if (one.isError) {
      row.failed[errorClass(one.errorType, one.httpStatus)]!++;
      row.failedTrace = one.traceId;
    } else {
      const ms = one.durationNanos / NANOS_PER_MS;
      let bucket = 0;
      while (bucket < row.boundsMs.length && ms > row.boundsMs[bucket]!) bucket++;
      row.durations[bucket]!++;
      row.durationNanos += one.durationNanos;
      if (row.slowest === null || ms > row.slowest.ms) row.slowest = { traceId: one.traceId, ms };
    }
    foldAskedAlone(this.#counts, plan, one);
    if (one.uses.length > 0 || one.inputTokens !== null || one.outputTokens !== null) this.#used(plan, one);
  }

  /** @param dependency  the code that the call is counted under */
  call({ service }: ServicePlan, errorClass: ErrorClassIndex, dependency: Code, of: Depended, call: Call): void {
    this.#isEmpty = false;
    const key = service * CODES + dependency;
    let row = this.#calls.get(key);
    if (row === undefined) {
      const failed = new Array<number>(ERROR_CLASSES.length).fill(0);
      row = { service, ...of, failed, durations: new Durations(BOUNDS_MS) };
      this.#calls.set(key, row);
    }
    if (call.isError) row.failed[errorClass(call.errorType, 0)]!++;
    else row.durations.add(call.durationNanos / NANOS_PER_MS);
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
    const arrivals = {
      interactions: [...this.#interactions.values()],
      models: [...this.#models.values()].flatMap((byModel) => [...byModel.values()]),
      calls: [...this.#calls.values()],
      counts,
      joined: this.#joined,
    };
    this.clear();
    return arrivals;
  }

  clear(): void {
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    this.#joined = noRatings();
    this.#interactions.clear();
    this.#models.clear();
    this.#calls.clear();
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
        slowest: null,
        failedTrace: null,
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

  #used(plan: ServicePlan, one: Interaction): void {
    const row = this.#modelOf(plan.service, one);
    const input = one.inputTokens ?? 0;
    const output = one.outputTokens ?? 0;
    const cached = Math.min(input, one.cachedInputTokens ?? 0);
    const reasoning = Math.min(output, one.reasoningTokens ?? 0);
    row.counts[0]! += input - cached;
    row.counts[1]! += cached;
    row.counts[2]! += output - reasoning;
    row.counts[3]! += reasoning;
    row.costNanos += plan.costs.nanosOf(one.uses, millisOfMinute(minuteOfTenths(one.endTenths))) ?? 0;
    if (one.isError || one.timeToFirstTokenMs === null) return;
    row.firstToken.add(one.timeToFirstTokenMs);
    if (row.slowestFirstToken === null || one.timeToFirstTokenMs > row.slowestFirstToken.ms)
      row.slowestFirstToken = { traceId: one.traceId, ms: one.timeToFirstTokenMs };
    if (output > 1)
      row.perOutputToken.add(Math.max(0, one.durationNanos / NANOS_PER_MS - one.timeToFirstTokenMs) / (output - 1));
  }

  #modelOf(service: Code, { requestModel, responseModel }: Interaction): Models {
    const key = service * CODES + requestModel;
    let byModel = this.#models.get(key);
    if (byModel === undefined) {
      byModel = new Map();
      this.#models.set(key, byModel);
    }
    let row = byModel.get(responseModel);
    if (row === undefined) {
      row = {
        service,
        requestModel,
        responseModel,
        counts: new Array<number>(TOKEN_TYPES.length).fill(0),
        costNanos: 0,
        firstToken: new Durations(FIRST_TOKEN_BOUNDS_MS),
        slowestFirstToken: null,
        perOutputToken: new Durations(PER_TOKEN_BOUNDS_MS),
      };
      byModel.set(responseModel, row);
    }
    return row;
  }
}
