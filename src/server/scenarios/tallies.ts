import { Catalog } from '../../catalog/catalog.ts';
import { PlanBook } from '../../catalog/plan-book.ts';
import { ABSENT, type Code, codeOfKnown, Dictionary } from '../../model/dictionary.ts';
import { ERROR_CLASSES, errorClassOf } from '../../model/error-class.ts';
import type { Interaction } from '../../model/interaction.ts';
import { countedKey, evaluationKey, labelKey, serviceKey } from '../../model/names.ts';
import type { Rating } from '../../model/rating.ts';
import { GUARDRAIL } from '../../model/span.ts';
import { MINUTE_MS, type Millis, type Minute, millisOfMinute, TENTHS_PER_MINUTE } from '../../model/time.ts';
import { planOf } from '../../store/plans.ts';
import type { Reader } from '../../store/reader.ts';
import { type Clock, LABEL_CLOCK, TallyBook } from '../../tally/book.ts';
import type { Counter } from '../../tally/counters.ts';
import { foldInteraction, foldRatingByEvent, foldRatingByLabel } from '../../tally/fold.ts';
import { bump, type Tally } from '../../tally/group.ts';
import { type ServicePlan, SliceValues } from '../../tally/plan.ts';
import type { TallySource } from '../judge/feeds.ts';
import { evaluationsIn, type Item, type Scenario, type Traffic } from './scenario.ts';

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
  /** How late it was, of what became known later than its minute; ABSENT: of all together. */
  readonly delay: Code;
  readonly tally: Tally;
}

const ANY_MINUTE: Minute = 1_000_000;

type Series = Map<string, Map<number, Map<Counter, number>>>;

const DELAY = codeOfKnown('delay');

/** The map at a place of a map, made when it is not there. */
function placeIn<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = map.get(key) ?? new Map<L, V>();
  map.set(key, known);
  return known;
}

function addTo(total: Map<Counter, number>, tally: Tally, times: number): void {
  for (const [name, count] of tally) bump(total, name, count * times);
}

/** The tallies of a scenario as they are known so far, counted from its traffic as a store counts them. */
export class ScenarioTallies implements TallySource {
  readonly dictionary = new Dictionary();
  readonly plans: PlanBook;
  /** The one evaluator version of each service. */
  readonly evaluators = new Map<Code, Code[]>();
  /** Labels that are given of answers drawn at random. */
  readonly labels: Code[] = [];
  readonly #resources = new Map<string, Code>();
  readonly #servicePlans = new Map<Code, ServicePlan>();
  /** By clock and service, minutes and hours. */
  readonly #minutes: Series = new Map();
  readonly #hours: Series = new Map();
  /** Of what became known in each minute, by service and by how late it was. */
  readonly #delays = new Map<Code, Map<Minute, Map<Code, Map<Counter, number>>>>();
  readonly #services = new Set<Code>();
  readonly #folded = new Map<Item, Folded[]>();

  constructor({ services, objectives }: Scenario) {
    const { dictionary } = this;
    for (const { name, match, environment } of services) {
      const identity = { name: match.serviceNames[0]!, namespace: match.serviceNamespace ?? '', environment };
      this.#resources.set(`${name} ${environment}`, dictionary.code(serviceKey(identity)));
      const counted = dictionary.code(countedKey({ name, environment }));
      this.#services.add(counted);
      this.evaluators.set(
        counted,
        evaluationsIn(objectives, services).map((one) => this.#evaluation(one)),
      );
    }
    for (const { measure } of objectives)
      if ('label' in measure && measure.label !== null) this.labels.push(this.#label(measure.label));
    this.plans = new PlanBook(dictionary, new Catalog(services), objectives);
    const classes = { finish: () => 0, error: () => 0, isFiltered: () => null };
    for (const plan of this.plans.allPlans())
      this.#servicePlans.set(
        plan.resource,
        planOf(
          { ...plan, dimensions: [] },
          () => new SliceValues(),
          classes,
          (code) => this.dictionary.text(code),
        ),
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
    return rows.flatMap(({ clock, offset, service, delay, tally }) => {
      const at = minute + offset;
      if (delay !== ABSENT) {
        addTo(placeIn(placeIn(placeIn(this.#delays, service), at), delay), tally, item.count);
        return [];
      }
      this.#add(this.#minutes, clock, service, at, tally, item.count);
      this.#add(this.#hours, clock, service, Math.floor(at / 60), tally, item.count);
      return [{ clock, minute: at, service }];
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
      foldRatingByEvent(book, plan, interaction, this.#rating(item.rating), at, 1);
      foldRatingByLabel(book, plan, interaction, this.#rating(item.rating), at, 1);
    }
    return Array.from({ length: book.rows }, (_, row) => ({ key: book.keyOf(row), tally: book.tallyOf(row) }))
      .filter(({ key: { dimension, clock } }) => dimension === ABSENT || (dimension === DELAY && clock === LABEL_CLOCK))
      .map(({ key, tally }) => ({
        clock: key.clock,
        offset: key.minute - ANY_MINUTE,
        service: key.service,
        delay: key.value,
        tally,
      }));
  }

  #add(into: Series, clock: Clock, service: Code, at: number, tally: Tally, times: number): void {
    addTo(placeIn(placeIn(into, `${clock} ${service}`), at), tally, times);
  }

  *series(...[step, clock, service, from, to]: Parameters<Reader['series']>): ReturnType<Reader['series']> {
    const series = (step === 'hour' ? this.#hours : this.#minutes).get(`${clock} ${service}`);
    if (series === undefined) return;
    for (let at = from; at <= to; at++) {
      const tally = series.get(at);
      if (tally !== undefined && tally.size > 0) yield { at, tally };
    }
  }

  seriesOfAll(clock: Clock, from: Minute, to: Minute): ReturnType<Reader['seriesOfAll']> {
    return new Map(
      [...this.#services].map((service) => [service, [...this.series('minute', clock, service, from, to)]]),
    );
  }

  delaysOfAll(from: Minute, to: Minute): ReturnType<Reader['delaysOfAll']> {
    return new Map([...this.#services].map((service) => [service, [...this.#delaysOf(service, from, to)]]));
  }

  *#delaysOf(service: Code, from: Minute, to: Minute): Generator<{ value: Code; at: Minute; tally: Tally }> {
    const minutes = this.#delays.get(service);
    if (minutes === undefined) return;
    for (let at = from; at <= to; at++)
      for (const [value, tally] of minutes.get(at) ?? []) if (tally.size > 0) yield { value, at, tally };
  }

  /** The traffic of a scenario has no slices. */
  slices(): ReturnType<Reader['slices']> {
    return ([] as never[]).values() as never;
  }

  /** None but those of how late something became known. */
  *slicesOf(
    ...[step, clock, service, dimension, from, to]: Parameters<Reader['slicesOf']>
  ): ReturnType<Reader['slicesOf']> {
    if (step === 'minute' && clock === LABEL_CLOCK && dimension === DELAY) yield* this.#delaysOf(service, from, to);
  }

  /** Nor are there changes that somebody approves. */
  approvedChanges(): Millis[] {
    return [];
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
      uses: [],
      guardrail: GUARDRAIL.unknown,
      weight,
      interactionRef: '',
      conversationId: '',
      userId: '',
      attributes: [],
    };
  }
}
