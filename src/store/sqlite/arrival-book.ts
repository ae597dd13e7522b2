import { ABSENT, type Code, OTHER } from '../../model/dictionary.ts';
import { ERROR_CLASSES } from '../../model/error-class.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Call, Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import { type Millis, millisOfMinute, minuteOfTenths } from '../../model/time.ts';
import { LABEL_CLOCK, TallyBook } from '../../tally/book.ts';
import { ENTRIES_FAILED } from '../../tally/counters.ts';
import { foldAskedAlone, foldRatingAlone } from '../../tally/fold.ts';
import type { ErrorClassIndex, ServicePlan } from '../../tally/plan.ts';
import { type Arrivals, type Signal, TOKEN_TYPES } from '../arrivals.ts';
import { noRatings } from '../rating.ts';
import { type Depended, dependedOn } from './dependencies.ts';
import { Durations } from './durations.ts';
import { IngestBook } from './ingest-book.ts';

/** Upper bounds of the buckets of durations, ms, beside the limits of a service's objectives. */
const BOUNDS_MS = [50, 100, 250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 120_000] as const;
const FIRST_TOKEN_BOUNDS_MS = [50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000] as const;
const PER_TOKEN_BOUNDS_MS = [5, 10, 20, 30, 50, 75, 100, 150, 250, 500] as const;
const NANOS_PER_MS = 1e6;
/** Dependencies beyond those that are told apart. */
const UNTOLD: Depended = { kind: 'other', provider: ABSENT, name: ABSENT };
/** More codes than a dictionary gives. */
const CODES = 2 ** 21;

interface Interactions {
  readonly service: Code;
  readonly operation: Code;
  readonly failed: number[];
  readonly durations: Durations;
  failedTrace: TraceId | null;
}

interface Models {
  readonly service: Code;
  readonly requestModel: Code;
  readonly responseModel: Code;
  readonly counts: number[];
  costNanos: number;
  readonly firstToken: Durations;
  readonly perOutputToken: Durations;
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
  readonly #ingest = new IngestBook();
  #joined = noRatings();
  #isEmpty = true;
  readonly #bounds = new WeakMap<ServicePlan, readonly number[]>();

  /** A group begins. @param now  the clock at its commit */
  begin(now: Millis): void {
    this.#ingest.now = now;
  }

  /** What was counted of an interaction, or with it, is counted anew. */
  corrected(signal: Signal): void {
    this.#isEmpty = false;
    this.#ingest.corrected(signal);
  }

  interaction(plan: ServicePlan, errorClass: ErrorClassIndex, one: Interaction): void {
    this.#isEmpty = false;
    this.#ingest.arrived('interaction', one);
    this.#ingest.ran(plan.service, one);
    const row = this.#rowOf(plan, one.operation);
    if (one.isError) {
      row.failed[errorClass(one.errorType, one.httpStatus)]!++;
      row.failedTrace = one.traceId;
    } else row.durations.add(one.durationNanos / NANOS_PER_MS, one.traceId);
    const cost = plan.costs.nanosOf(one.uses, millisOfMinute(minuteOfTenths(one.endTenths)));
    foldAskedAlone(this.#counts, plan, one, cost);
    if (one.uses.length > 0 || one.inputTokens !== null || one.outputTokens !== null) this.#used(plan, one, cost);
  }

  /** @param dependency  the code that the call is counted under */
  call({ service }: ServicePlan, errorClass: ErrorClassIndex, dependency: Code, call: Call): void {
    this.#isEmpty = false;
    const key = service * CODES + dependency;
    let row = this.#calls.get(key);
    if (row === undefined) {
      const failed = new Array<number>(ERROR_CLASSES.length).fill(0);
      const of = dependency === OTHER ? UNTOLD : dependedOn(call);
      row = { service, ...of, failed, durations: new Durations(BOUNDS_MS) };
      this.#calls.set(key, row);
    }
    if (call.isError) row.failed[errorClass(call.errorType, 0)]!++;
    else row.durations.add(call.durationNanos / NANOS_PER_MS);
  }

  rating(plan: ServicePlan, interaction: Interaction, rating: Rating): void {
    this.#isEmpty = false;
    this.#ingest.arrived(rating.type, interaction);
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
      at: this.#ingest.now,
      interactions: [...this.#interactions.values()],
      models: [...this.#models.values()].flatMap((byModel) => [...byModel.values()]),
      calls: [...this.#calls.values()],
      counts,
      joined: this.#joined,
      ...this.#ingest.take(),
    };
    this.clear();
    return arrivals;
  }

  clear(): void {
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    this.#joined = noRatings();
    this.#ingest.clear();
    this.#interactions.clear();
    this.#models.clear();
    this.#calls.clear();
    if (this.#counts.rows > 0) this.#counts.clear();
  }

  #rowOf(plan: ServicePlan, operation: Code): Interactions {
    const key = plan.service * CODES + operation;
    let row = this.#interactions.get(key);
    if (row === undefined) {
      row = {
        service: plan.service,
        operation,
        failed: new Array<number>(ERROR_CLASSES.length).fill(0),
        durations: new Durations(this.#boundsOf(plan)),
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

  #used({ service }: ServicePlan, one: Interaction, costNanos: number | null): void {
    const row = this.#modelOf(service, one);
    const input = one.inputTokens ?? 0;
    const output = one.outputTokens ?? 0;
    const cached = Math.min(input, one.cachedInputTokens ?? 0);
    const reasoning = Math.min(output, one.reasoningTokens ?? 0);
    row.counts[0]! += input - cached;
    row.counts[1]! += cached;
    row.counts[2]! += output - reasoning;
    row.counts[3]! += reasoning;
    row.costNanos += costNanos ?? 0;
    if (one.isError || one.timeToFirstTokenMs === null) return;
    row.firstToken.add(one.timeToFirstTokenMs, one.traceId);
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
        perOutputToken: new Durations(PER_TOKEN_BOUNDS_MS),
      };
      byModel.set(responseModel, row);
    }
    return row;
  }
}
