import { Catalog } from '../../catalog/catalog.ts';
import { PlanBook } from '../../catalog/plan-book.ts';
import { ABSENT, type Code, Dictionary } from '../../model/dictionary.ts';
import { ERROR_CLASSES, errorClassOf } from '../../model/error-class.ts';
import type { Interaction } from '../../model/interaction.ts';
import { countedKey, evaluationKey, labelKey, serviceKey } from '../../model/names.ts';
import type { Rating } from '../../model/rating.ts';
import { MINUTE_MS, type Minute, millisOfMinute, TENTHS_PER_MINUTE } from '../../model/time.ts';
import { planOf } from '../../store/plans.ts';
import type { Reader } from '../../store/sqlite/reader.ts';
import { type Clock, TallyBook } from '../../tally/book.ts';
import type { Counter } from '../../tally/counters.ts';
import { foldInteraction, foldRatingByEvent, foldRatingByLabel } from '../../tally/fold.ts';
import { bump, type Tally } from '../../tally/group.ts';
import { type ServicePlan, SliceValues } from '../../tally/plan.ts';
import type { TallySource } from '../judge/feeds.ts';
import type { Item, Scenario, Traffic } from './scenario.ts';

/** Who scores and labels in a scenario. */
const EVALUATOR = { evaluator: 'judge', version: '' };
const LABELLER = { source: 'human', sampling: 'random' } as const;
/** Names of errors that are of each class. */
const ERROR_NAMES = {
  rate_limit: 'rate_limit',
  timeout: 'timeout',
  auth: 'auth',
  server: 'server_error',
  content: 'content_filter',
  client: 'invalid_request',
  other: '_OTHER',
} as const;
const NANOS_PER_MS = 1e6;

/** A minute of which more is known now. */
export interface Touched {
  readonly clock: Clock;
  readonly minute: Minute;
  readonly service: Code;
}

/** What one of an item adds to a tally, so long after its minute. */
interface Folded {
  readonly clock: Clock;
  readonly offset: number;
  readonly service: Code;
  readonly tally: Tally;
}

const ANY_MINUTE: Minute = 1_000_000;

type Series = Map<string, Map<number, Map<Counter, number>>>;

/** The tallies of a scenario as they are known so far, counted from its traffic as a store counts them. */
export class ScenarioTallies implements TallySource {
  readonly dictionary = new Dictionary();
  readonly plans: PlanBook;
  /** The one evaluator version of each service. */
  readonly evaluators = new Map<Code, Code[]>();
  readonly #resources = new Map<string, Code>();
  readonly #servicePlans = new Map<Code, ServicePlan>();
  /** By clock and service, minutes and hours. */
  readonly #minutes: Series = new Map();
  readonly #hours: Series = new Map();
  readonly #services = new Set<Code>();
  readonly #folded = new Map<Item, Folded[]>();

  constructor({ services, objectives }: Scenario) {
    const { dictionary } = this;
    for (const { name, match, environment } of services) {
      const identity = { name: match.serviceNames[0]!, namespace: match.serviceNamespace ?? '', environment };
      this.#resources.set(`${name} ${environment}`, dictionary.code(serviceKey(identity)));
      const counted = dictionary.code(countedKey({ name, environment }));
      this.#services.add(counted);
      const names = objectives.flatMap(({ measure }) => ('evaluation' in measure ? [measure.evaluation] : []));
      this.evaluators.set(
        counted,
        names.flatMap((one) => (one === null ? [] : [this.#evaluation(one)])),
      );
    }
    for (const { measure } of objectives) if ('label' in measure && measure.label !== null) this.#label(measure.label);
    this.plans = new PlanBook(dictionary, new Catalog(services), objectives);
    const classes = { finish: () => 0, error: () => 0 };
    for (const plan of this.plans.allPlans())
      this.#servicePlans.set(
        plan.resource,
        planOf({ ...plan, dimensions: [] }, () => new SliceValues(), classes),
      );
  }

  #evaluation(name: string): Code {
    return this.dictionary.code(evaluationKey({ name, ...EVALUATOR }));
  }

  #label(name: string): Code {
    return this.dictionary.code(labelKey({ name, ...LABELLER }));
  }

  /** Counts what one item of one minute brings. @returns the minutes of which more is known */
  count(traffic: Traffic, item: Item, minute: Minute): Touched[] {
    const rows = this.#folded.get(item) ?? this.#fold(traffic, item);
    this.#folded.set(item, rows);
    return rows.map(({ clock, offset, service, tally }) => {
      const at = minute + offset;
      this.#add(this.#minutes, clock, service, at, tally, item.count);
      this.#add(this.#hours, clock, service, Math.floor(at / 60), tally, item.count);
      return { clock, minute: at, service };
    });
  }

  /** One of the item, as a store counts it: the same in every minute. */
  #fold({ service, environment, weight }: Traffic, item: Item): Folded[] {
    const resource = this.#resources.get(`${service} ${environment}`)!;
    const plan = this.#servicePlans.get(resource)!;
    const book = new TallyBook();
    if (item.type === 'answers')
      foldInteraction(book, plan, this.#errorClass, this.#interaction(resource, weight, item), 1);
    else {
      const interaction = this.#interaction(resource, weight, { durationMs: 0, failure: null });
      const at = millisOfMinute(ANY_MINUTE + item.afterMinutes) + MINUTE_MS - 1;
      foldRatingByEvent(book, plan, interaction, this.#rating(item.rating), 1);
      foldRatingByLabel(book, plan, interaction, this.#rating(item.rating), at, 1);
    }
    return Array.from({ length: book.rows }, (_, row) => ({ key: book.keyOf(row), tally: book.tallyOf(row) }))
      .filter(({ key }) => key.dimension === ABSENT)
      .map(({ key, tally }) => ({
        clock: key.clock,
        offset: key.minute - ANY_MINUTE,
        service: key.service,
        tally,
      }));
  }

  #add(into: Series, clock: Clock, service: Code, at: number, tally: Tally, times: number): void {
    const key = `${clock} ${service}`;
    const series = into.get(key) ?? new Map<number, Map<Counter, number>>();
    into.set(key, series);
    const total = series.get(at) ?? new Map<Counter, number>();
    series.set(at, total);
    for (const [name, count] of tally) bump(total, name, count * times);
  }

  *series(...[step, clock, service, from, to]: Parameters<Reader['series']>): ReturnType<Reader['series']> {
    const series = (step === 'hour' ? this.#hours : this.#minutes).get(`${clock} ${service}`);
    if (series === undefined) return;
    for (let at = from; at <= to; at++) {
      const tally = series.get(at);
      if (tally !== undefined && tally.size > 0) yield { at, tally };
    }
  }

  /** A scenario has no slices. */
  *slicesOf(): ReturnType<Reader['slicesOf']> {}

  approvedChanges(): ReturnType<Reader['approvedChanges']> {
    return [];
  }

  seriesOfAll(clock: Clock, from: Minute, to: Minute): ReturnType<Reader['seriesOfAll']> {
    return new Map(
      [...this.#services].map((service) => [service, [...this.series('minute', clock, service, from, to)]]),
    );
  }

  readonly #errorClass = (errorType: Code, httpStatus: number): number =>
    ERROR_CLASSES.indexOf(errorClassOf(this.dictionary.text(errorType), httpStatus));

  #rating(rating: Extract<Item, { type: 'ratings' }>['rating']): Rating {
    switch (rating.type) {
      case 'evaluation':
        return { type: 'evaluation', evaluation: this.#evaluation(rating.name), score: rating.score };
      case 'label':
        return { type: 'label', label: this.#label(rating.name), value: rating.value };
      case 'feedback':
        return rating;
    }
  }

  #interaction(
    service: Code,
    weight: number,
    { durationMs, failure }: Pick<Extract<Item, { type: 'answers' }>, 'durationMs' | 'failure'>,
  ): Interaction {
    return {
      traceId: '' as Interaction['traceId'],
      spanId: '' as Interaction['spanId'],
      service,
      entrySpanId: '' as Interaction['spanId'],
      headSpanIds: [],
      anchorSpanId: '' as Interaction['spanId'],
      endTenths: ANY_MINUTE * TENTHS_PER_MINUTE,
      endNanos: 0,
      durationNanos: durationMs * NANOS_PER_MS,
      isError: failure !== null,
      errorType: failure === null ? 0 : this.dictionary.code(ERROR_NAMES[failure]),
      httpStatus: 0,
      hidesFailure: false,
      operation: 0,
      provider: 0,
      requestModel: 0,
      responseModel: 0,
      finishReason: 0,
      agent: 0,
      promptName: 0,
      promptVersion: 0,
      serviceVersion: 0,
      inputTokens: null,
      outputTokens: null,
      cachedInputTokens: null,
      reasoningTokens: null,
      timeToFirstTokenMs: null,
      weight,
      interactionRef: '',
      conversationId: '',
      userId: '',
      attributes: [],
    };
  }
}
