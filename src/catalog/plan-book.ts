import { DEFAULT_DIMENSIONS, PROMPT_VERSION, type SliceDimension } from '../model/config/dimension.ts';
import type { Objective } from '../model/config/objective.ts';
import type { PassMark } from '../model/config/pass-mark.ts';
import type { Service } from '../model/config/service.ts';
import type { Code, Dictionary } from '../model/dictionary.ts';
import { ERROR_CLASSES, FINISH_CLASSES } from '../model/error-class.ts';
import {
  countedKey,
  type EvaluationName,
  evaluationKey,
  markKey,
  parseEvaluationKey,
  parseServiceKey,
  scoreBinKey,
} from '../model/names.ts';
import type { ServiceIdentity } from '../model/span.ts';
import { SCORE_KEYS } from '../tally/feature-bins.ts';
import type { Catalog } from './catalog.ts';

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
  readonly exchange: 'entry' | 'head';
  /** Absent where no objective looks for drift of tokens. */
  readonly tokenBins?: true;
}

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

/** An evaluator version that has scored something, in order of first sight. */
export interface KnownEvaluation extends EvaluationName {
  readonly code: Code;
}

/** Makes the plans of resources from the configuration, and knows which resources and evaluator versions there are. */
export class PlanBook {
  readonly #dictionary: Dictionary;
  readonly #catalog: Catalog;
  readonly #objectives: readonly Objective[];
  readonly #resources = new Map<Code, ServiceIdentity>();
  readonly #evaluations: KnownEvaluation[] = [];
  readonly #counted = new Map<Code, Code>();

  constructor(dictionary: Dictionary, catalog: Catalog, objectives: readonly Objective[]) {
    this.#dictionary = dictionary;
    this.#catalog = catalog;
    this.#objectives = objectives;
    for (const name of [...ERROR_CLASSES, ...FINISH_CLASSES]) dictionary.code(name);
    for (let code = 0; code < dictionary.size; code++) this.#learn(code);
  }

  get resources(): ReadonlyMap<Code, ServiceIdentity> {
    return this.#resources;
  }

  /** Of one name, whichever services they have scored. */
  evaluationsNamed(name: string): KnownEvaluation[] {
    return this.#evaluations.filter((evaluation) => evaluation.name === name);
  }

  /** Plans of every resource known. */
  allPlans(): PlanData[] {
    return [...this.#resources.keys()].map((resource) => this.planOf(resource));
  }

  /**
   * Learns new entries of the dictionary: the plans that must be known before they are used.
   * A new evaluator version changes the plans of the services that declare its evaluation.
   */
  plansFor(fresh: readonly Code[]): PlanData[] {
    const resources = new Set<Code>();
    for (const code of fresh) {
      const learned = this.#learn(code);
      if (learned === 'resource') resources.add(code);
      if (learned === 'evaluation') for (const resource of this.#resources.keys()) resources.add(resource);
    }
    return [...resources].map((resource) => this.planOf(resource));
  }

  /** What a resource is counted under: the same for as long as the process lives. */
  countedOf(resource: Code): Code {
    const known = this.#counted.get(resource);
    if (known !== undefined) return known;
    const code = this.#dictionary.code(countedKey(this.#catalog.countedFor(this.#identityOf(resource))));
    this.#counted.set(resource, code);
    return code;
  }

  planOf(resource: Code): PlanData {
    const declared = this.#catalog.declaredFor(this.#identityOf(resource));
    return {
      resource,
      service: this.countedOf(resource),
      dimensions: this.#dimensionsOf(declared),
      thresholdsMs: this.#thresholdsOf(declared),
      evaluations: declared === null ? [] : this.#evaluationsOf(declared),
      exchange: declared?.exchange ?? 'entry',
      ...(this.#driftsOf(declared).some((feature) => TOKENS.includes(feature)) ? { tokenBins: true } : {}),
    };
  }

  #identityOf(resource: Code): ServiceIdentity {
    const identity = this.#resources.get(resource);
    if (identity === undefined) throw new RangeError(`code ${resource} is no resource`);
    return identity;
  }

  #learn(code: Code): 'resource' | 'evaluation' | null {
    const text = this.#dictionary.text(code);
    const identity = parseServiceKey(text);
    if (identity !== null) {
      this.#resources.set(code, identity);
      return 'resource';
    }
    const evaluation = parseEvaluationKey(text);
    if (evaluation === null || this.#evaluations.some((known) => known.code === code)) return null;
    this.#evaluations.push({ ...evaluation, code });
    return 'evaluation';
  }

  #dimensionsOf(declared: Service | null): PlanData['dimensions'] {
    const slices: SliceDimension[] = [
      ...(declared?.slices ?? DEFAULT_DIMENSIONS.map((name) => ({ name, attribute: null }))),
    ];
    // Drift of a category is seen in the slices of its dimension.
    for (const name of this.#driftsOf(declared))
      if (CATEGORIES.includes(name) && !slices.some((slice) => slice.name === name))
        slices.push({ name, attribute: null });
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

  #thresholdsOf(declared: Service | null): number[] {
    if (declared === null) return [];
    const limits = this.#objectivesOf(declared).flatMap(({ measure }) =>
      measure.type === 'latency' ? [measure.thresholdMs] : [],
    );
    return [...new Set(limits)].sort((a, b) => a - b);
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
          ...(isWatched ? { bins: scoreBinCodes(this.#dictionary, known) } : {}),
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

  /** The code of an evaluator version, given when it is first asked for. */
  evaluationCode(name: EvaluationName): Code {
    return this.#dictionary.code(evaluationKey(name));
  }
}

/** Codes of the parts of an evaluation's scale, the worst first. */
export const scoreBinCodes = (dictionary: Dictionary, evaluation: EvaluationName): Code[] =>
  Array.from({ length: SCORE_KEYS }, (_, bin) => dictionary.code(scoreBinKey(evaluation, bin)));

/** An objective without an environment belongs to the service file without one, or to the only one there is. */
export const belongsTo = (objective: Objective, service: Service): boolean =>
  objective.service === service.name &&
  (objective.environment === null || objective.environment === service.environment);
