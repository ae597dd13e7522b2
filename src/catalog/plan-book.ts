import { nanosOfAmount } from '../measures/cost.ts';
import type { KnownEvaluation } from '../measures/definition.ts';
import { DEFAULT_DIMENSIONS, PROMPT_VERSION, type SliceDimension } from '../model/config/dimension.ts';
import { embeddingModelOf, type MeasureConfig, type MeasureOf, type RANKING_METRICS } from '../model/config/measure.ts';
import type { Objective } from '../model/config/objective.ts';
import type { PassMark } from '../model/config/pass-mark.ts';
import { isHighRiskClass, type Service } from '../model/config/service.ts';
import type { Code, Dictionary } from '../model/dictionary.ts';
import { EMBEDDING_DIMENSIONS } from '../model/embedding-dimensions.ts';
import { ERROR_CLASSES, FINISH_CLASSES } from '../model/error-class.ts';
import {
  costLimitKey,
  countedKey,
  type EvaluationName,
  evaluationKey,
  type LabelName,
  markKey,
  parseEvaluationKey,
  parseJudgedKey,
  parseLabelKey,
  parseServiceKey,
  rankingKey,
  scoreBinKey,
} from '../model/names.ts';
import { DEFAULT_CURRENCY, type Price, type Prices } from '../model/prices/price.ts';
import { PUBLISHED_VERSION } from '../model/prices/published.ts';
import type { ServiceIdentity } from '../model/span.ts';
import { DAY_MS, type Millis } from '../model/time.ts';
import { SCORE_KEYS } from '../tally/feature-bins.ts';
import type { JointPlan } from '../tally/plan.ts';
import type { Catalog } from './catalog.ts';
import { directionCodes } from './direction-codes.ts';
import { jointsOf } from './joints.ts';

/** Features of drift that are counted by powers of two, and those that are dimensions. */
const TOKENS: readonly string[] = ['input_tokens', 'output_tokens'];
const CATEGORIES: readonly string[] = ['finish_class', 'response_model', 'operation'];

/** How the resources of telemetry are counted; plain data, because it travels between threads. */
export interface PlanData {
  /** The resource identity that is counted so. */
  readonly resource: Code;
  readonly service: Code;
  readonly dimensions: readonly { readonly code: Code; readonly source: DimensionSource }[];
  readonly thresholdsMs: readonly number[];
  readonly evaluations: readonly EvaluationPlanData[];
  readonly firstTokenThresholdsMs: readonly number[];
  readonly prices: PricesData;
  /** Limits of the cost of one interaction, in billionths of the currency of the prices. */
  readonly costLimits: readonly { readonly code: Code; readonly nanos: number }[];
  readonly countsGuardrails: boolean;
  readonly rankings: readonly RankingPlanData[];
  readonly exchange: 'entry' | 'head';
  /** Absent when nothing is counted of several ratings together. */
  readonly joints?: JointPlanData;
  /** Absent where no objective looks for drift of tokens. */
  readonly tokenBins?: true;
  /** Features, and confidences, of sampled traces are counted at their weight; absent where nobody looks at them. */
  readonly weighsFeatures?: true;
  /** How long calls of sampled traces took, and how many say their tokens, at their weight; plans of before do not have it. */
  readonly weighsCalls?: true;
  /** Of the embeddings that objectives look for drift of; absent where there are none. */
  readonly directions?: readonly Code[];
  /** For how many days its rows are kept, where that is not as long as those of all; it counts nothing. */
  readonly keptDays?: number;
}

export interface PricesData {
  readonly currency: string;
  /** Own prices, the first list that has a model wins. */
  readonly layers: readonly (readonly Price[])[];
  /** Which table of published prices stands behind them. */
  readonly published: string;
}

export interface RankingPlanData {
  /** The code of those that judge documents. */
  readonly evaluation: Code;
  readonly code: Code;
  readonly metric: (typeof RANKING_METRICS)[number];
  readonly k: number;
}

/** What is counted of several ratings of one interaction together (src/tally/plan.ts). */
export type JointPlanData = Omit<JointPlan, 'models'>;

export interface EvaluationPlanData {
  readonly evaluation: Code;
  readonly low: number;
  readonly high: number;
  readonly good: 'high' | 'low';
  readonly marks: readonly (PassMark & { readonly code: Code })[];
  /** Absent where no objective looks for drift of it. */
  readonly bins?: readonly Code[];
}

export type DimensionSource =
  | 'response_model'
  | 'request_model'
  | 'prompt_name'
  | 'prompt_version'
  | 'agent'
  | 'operation'
  | 'provider'
  | 'service_version'
  | 'finish_class'
  | 'error_class'
  | 'attribute';

/** Makes the plans of resources from the configuration, and knows which resources and evaluator versions there are. */
export class PlanBook {
  readonly #dictionary: Dictionary;
  readonly #catalog: Catalog;
  #objectives: readonly Objective[];
  readonly #resources = new Map<Code, ServiceIdentity>();
  #prices: Prices | null;
  #regulatedMs: Millis | null;
  readonly #evaluations: KnownEvaluation[] = [];
  /** Those that judge documents. */
  readonly #judges: KnownEvaluation[] = [];
  readonly #labels: (LabelName & { readonly code: Code })[] = [];
  readonly #counted = new Map<Code, Code>();

  /**
   * @param prices       of the deployment
   * @param regulatedMs  how long rows of services in a high risk class are kept; null: as long as all
   */
  constructor(
    dictionary: Dictionary,
    catalog: Catalog,
    objectives: readonly Objective[],
    prices: Prices | null = null,
    regulatedMs: Millis | null = null,
  ) {
    this.#dictionary = dictionary;
    this.#prices = prices;
    this.#regulatedMs = regulatedMs;
    this.#catalog = catalog;
    this.#objectives = objectives;
    for (const name of [...ERROR_CLASSES, ...FINISH_CLASSES]) dictionary.code(name);
    for (let code = 0; code < dictionary.size; code++) this.#learn(code);
  }

  /** The configuration as it is from now on, after the catalog has been told: plans that were made before may differ. */
  replace(objectives: readonly Objective[], prices: Prices | null, regulatedMs: Millis | null): void {
    this.#objectives = objectives;
    this.#prices = prices;
    this.#regulatedMs = regulatedMs;
    this.#counted.clear();
  }

  get resources(): ReadonlyMap<Code, ServiceIdentity> {
    return this.#resources;
  }

  /** Of one name, whichever services they have scored. */
  evaluationsNamed(name: string): KnownEvaluation[] {
    return this.#evaluations.filter((evaluation) => evaluation.name === name);
  }

  /** Evaluator versions that judge documents. */
  get judges(): readonly KnownEvaluation[] {
    return this.#judges;
  }

  /** Plans of every resource known. */
  allPlans(): PlanData[] {
    return [...this.#resources.keys()].map((resource) => this.planOf(resource));
  }

  /**
   * Learns new entries of the dictionary: the plans that must be known before they are used.
   * A new evaluator version, or another who labels, changes the plans of the services that count it.
   */
  plansFor(fresh: readonly Code[]): PlanData[] {
    const resources = new Set<Code>();
    for (const code of fresh) {
      const learned = this.#learn(code);
      if (learned === 'resource') resources.add(code);
      if (learned === 'rated') for (const resource of this.#resources.keys()) resources.add(resource);
    }
    return [...resources].map((resource) => this.planOf(resource));
  }

  /** What a resource is counted under: the same for as long as the configuration is. */
  countedOf(resource: Code): Code {
    const known = this.#counted.get(resource);
    if (known !== undefined) return known;
    const code = this.#dictionary.code(countedKey(this.#catalog.countedFor(this.#identityOf(resource))));
    this.#counted.set(resource, code);
    return code;
  }

  planOf(resource: Code): PlanData {
    const declared = this.#catalog.declaredFor(this.#identityOf(resource));
    const joints = declared === null ? {} : jointsOf(this, declared, this.#objectivesOf(declared));
    return {
      resource,
      service: this.countedOf(resource),
      dimensions: this.#dimensionsOf(declared),
      thresholdsMs: this.#asked(declared, 'latency', ({ thresholdMs }) => [thresholdMs]),
      evaluations: declared === null ? [] : this.#evaluationsOf(declared),
      firstTokenThresholdsMs: this.#asked(declared, 'time_to_first_token', ({ thresholdMs }) => [thresholdMs]),
      prices: this.pricesOf(declared),
      costLimits: this.#costLimitsOf(declared),
      countsGuardrails:
        declared !== null && this.#objectivesOf(declared).some(({ measure }) => measure.type === 'guardrail'),
      rankings: this.#rankingsOf(declared),
      exchange: declared?.exchange ?? 'entry',
      weighsCalls: true,
      ...(this.#driftsOf(declared).some((feature) => TOKENS.includes(feature)) ? { tokenBins: true } : {}),
      ...this.#directionsOf(declared),
      ...joints,
      ...(this.#driftsOf(declared).length > 0 || (joints.joints?.confidences.length ?? 0) > 0
        ? { weighsFeatures: true }
        : {}),
      ...(declared !== null && this.#keptDaysOf(declared)),
    };
  }

  #keptDaysOf({ logRetentionMs, euAiAct }: Service): { keptDays: number } | null {
    const ms = logRetentionMs ?? (isHighRiskClass(euAiAct.riskClass) ? this.#regulatedMs : null);
    return ms === null ? null : { keptDays: Math.ceil(ms / DAY_MS) };
  }

  /** The code of a name of the house, given when it is first asked for. */
  codeOf(name: string): Code {
    return this.#dictionary.code(name);
  }

  /** Codes of the labels of a name seen so far, whoever set them. */
  labelsNamed(name: string, sampling: LabelName['sampling']): Code[] {
    return this.#labels.filter((label) => label.name === name && label.sampling === sampling).map(({ code }) => code);
  }

  #identityOf(resource: Code): ServiceIdentity {
    const identity = this.#resources.get(resource);
    if (identity === undefined) throw new RangeError(`code ${resource} is no resource`);
    return identity;
  }

  #learn(code: Code): 'resource' | 'rated' | null {
    const text = this.#dictionary.text(code);
    const identity = parseServiceKey(text);
    if (identity !== null) {
      this.#resources.set(code, identity);
      return 'resource';
    }
    const judge = parseJudgedKey(text);
    if (judge !== null) return learnInto(this.#judges, { ...judge, code });
    const label = parseLabelKey(text);
    if (label !== null) return learnInto(this.#labels, { ...label, code });
    const evaluation = parseEvaluationKey(text);
    return evaluation === null ? null : learnInto(this.#evaluations, { ...evaluation, code });
  }

  #dimensionsOf(declared: Service | null): PlanData['dimensions'] {
    const slices: SliceDimension[] = [
      ...(declared?.slices ?? DEFAULT_DIMENSIONS.map((name) => ({ name, attribute: null }))),
    ];
    // Drift of a category is seen in the slices of its dimension.
    for (const name of this.#driftsOf(declared))
      if (CATEGORIES.includes(name) && !slices.some((slice) => slice.name === name))
        slices.push({ name, attribute: null });
    if (!slices.some(({ name }) => name === EMBEDDING_DIMENSIONS))
      slices.push({ name: EMBEDDING_DIMENSIONS, attribute: EMBEDDING_DIMENSIONS });
    return slices.map(({ name, attribute }) => ({
      code: this.#dictionary.code(name),
      source: attribute === null || name === PROMPT_VERSION ? (name as DimensionSource) : 'attribute',
    }));
  }

  #objectivesOf(service: Service): Objective[] {
    return this.#objectives.filter((objective) => belongsTo(objective, service));
  }

  /** Features that objectives look for drift in. */
  #driftsOf(declared: Service | null): string[] {
    if (declared === null) return [];
    return this.#objectivesOf(declared).flatMap(({ measure }) => (measure.type === 'drift' ? [measure.feature] : []));
  }

  #directionsOf(declared: Service | null): Pick<PlanData, 'directions'> {
    const directions = this.#driftsOf(declared).flatMap((feature) => {
      const model = embeddingModelOf(feature);
      return model === null ? [] : directionCodes(this.#dictionary, model).map(({ direction }) => direction);
    });
    return directions.length === 0 ? {} : { directions };
  }

  /** Numbers that the objectives of one type ask for: each once, in order. */
  #asked<T extends MeasureConfig['type']>(
    declared: Service | null,
    type: T,
    numbersOf: (measure: MeasureOf<T>) => readonly number[],
  ): number[] {
    if (declared === null) return [];
    const asked = this.#objectivesOf(declared).flatMap(({ measure }) =>
      measure.type === type ? numbersOf(measure as MeasureOf<T>) : [],
    );
    return [...new Set(asked)].sort((a, b) => a - b);
  }

  /** A service's own prices, then those of the deployment in the same currency. */
  pricesOf(declared: Service | null): PricesData {
    const own = declared?.prices ?? null;
    const currency = own?.currency ?? this.#prices?.currency ?? DEFAULT_CURRENCY;
    const layers = [own, this.#prices].flatMap((prices) =>
      prices !== null && prices.currency === currency && prices.models.length > 0 ? [prices.models] : [],
    );
    return { currency, layers, published: currency === DEFAULT_CURRENCY ? PUBLISHED_VERSION : '' };
  }

  #costLimitsOf(declared: Service | null): PlanData['costLimits'] {
    const { currency } = this.pricesOf(declared);
    return this.#asked(declared, 'cost', ({ perInteraction }) =>
      perInteraction === null ? [] : [nanosOfAmount(perInteraction)],
    ).map((nanos) => ({ code: this.#dictionary.code(costLimitKey(currency, nanos)), nanos }));
  }

  #rankingsOf(declared: Service | null): RankingPlanData[] {
    if (declared === null) return [];
    const asked = new Map(
      this.#objectivesOf(declared).flatMap(({ measure }) =>
        measure.type === 'relevance' && measure.ranking !== null
          ? [[`${measure.ranking.metric} ${measure.ranking.k}`, measure.ranking] as const]
          : [],
      ),
    );
    return this.#judges.flatMap((judge) =>
      [...asked.values()].map(({ metric, k }) => ({
        evaluation: judge.code,
        code: this.#dictionary.code(rankingKey(judge, metric, k)),
        metric,
        k,
      })),
    );
  }

  #evaluationsOf(declared: Service): EvaluationPlanData[] {
    return this.#evaluations.flatMap((known) => {
      const scale = declared.evaluations[known.name];
      if (scale === undefined) return [];
      const marks = new Map<string, PassMark>();
      for (const mark of this.#marksOf(declared, known.name)) marks.set(`${mark.op}${mark.value}`, mark);
      const isWatched = this.#driftsOf(declared).includes(known.name);
      return [
        {
          evaluation: known.code,
          low: scale.low,
          high: scale.high,
          good: scale.good,
          marks: [...marks.values()].map((mark) => ({ ...mark, code: this.#dictionary.code(markKey(known, mark)) })),
          ...(isWatched ? { bins: this.scoreBinCodes(known) } : {}),
        },
      ];
    });
  }

  #marksOf(service: Service, evaluation: string): PassMark[] {
    const declared = service.evaluations[evaluation]?.pass ?? null;
    const asked = this.#objectivesOf(service).flatMap(({ measure }) =>
      measure.type === 'accuracy' && measure.evaluation === evaluation && measure.pass !== null ? [measure.pass] : [],
    );
    return declared === null ? asked : [declared, ...asked];
  }

  /** Codes of the parts of an evaluation's scale, the worst first. */
  scoreBinCodes(evaluation: EvaluationName): Code[] {
    return scoreBinCodes(this.#dictionary, evaluation);
  }

  /** Codes of the parts of each direction that embeddings of a model are looked at from. */
  directionBins(model: string): Code[][] {
    return directionCodes(this.#dictionary, model).map(({ bins }) => [...bins]);
  }

  /** The code of an evaluator version, given when it is first asked for. */
  evaluationCode(name: EvaluationName): Code {
    return this.#dictionary.code(evaluationKey(name));
  }
}

/** Codes of the parts of an evaluation's scale, the worst first. */
export const scoreBinCodes = (dictionary: Dictionary, evaluation: EvaluationName): Code[] =>
  Array.from({ length: SCORE_KEYS }, (_, bin) => dictionary.code(scoreBinKey(evaluation, bin)));

function learnInto<T extends { readonly code: Code }>(known: T[], one: T): 'rated' | null {
  if (known.some(({ code }) => code === one.code)) return null;
  known.push(one);
  return 'rated';
}

/** An objective without an environment belongs to the service file without one, or to the only one there is. */
export const belongsTo = (objective: Objective, service: Service): boolean =>
  objective.service === service.name &&
  (objective.environment === null || objective.environment === service.environment);

/** What it says of counting, as text: plans that say the same are counted alike. */
export const countingOf = ({ keptDays: _, ...plan }: PlanData): string => JSON.stringify(plan);
