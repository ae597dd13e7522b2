import { DEFAULT_DIMENSIONS, PROMPT_VERSION } from '../model/config/dimension.ts';
import type { Objective } from '../model/config/objective.ts';
import type { PassMark } from '../model/config/pass-mark.ts';
import type { Service } from '../model/config/service.ts';
import type { Code, Dictionary } from '../model/dictionary.ts';
import { ERROR_CLASSES, FINISH_CLASSES } from '../model/error-class.ts';
import {
  countedKey,
  type EvaluationName,
  evaluationKey,
  type Labelled,
  type LabelName,
  markKey,
  parseEvaluationKey,
  parseLabelKey,
  parseServiceKey,
} from '../model/names.ts';
import type { ServiceIdentity } from '../model/span.ts';
import type { JointPlan } from '../tally/plan.ts';
import type { Catalog } from './catalog.ts';
import { jointsOf } from './joints.ts';

/** How the resources of telemetry are counted; plain data, because it travels between threads. */
export interface PlanData {
  /** The resource identity that is counted so. */
  readonly resource: Code;
  readonly service: Code;
  readonly dimensions: readonly { readonly code: Code; readonly source: DimensionSource }[];
  readonly thresholdsMs: readonly number[];
  readonly evaluations: readonly EvaluationPlanData[];
  readonly exchange: 'entry' | 'head';
  /** Absent when nothing is counted of several ratings together. */
  readonly joints?: JointPlanData;
}

/** What is counted of several ratings of one interaction together (src/tally/plan.ts). */
export type JointPlanData = Omit<JointPlan, 'models'>;

export interface EvaluationPlanData {
  readonly evaluation: Code;
  readonly low: number;
  readonly high: number;
  readonly good: 'high' | 'low';
  readonly marks: readonly (PassMark & { readonly code: Code })[];
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
  readonly #labels: (LabelName & { readonly code: Code })[] = [];
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
      ...(declared !== null && jointsOf(this, declared, this.#objectivesOf(declared))),
    };
  }

  /** The code of a name of the house, given when it is first asked for. */
  codeOf(name: string): Code {
    return this.#dictionary.code(name);
  }

  /** Codes of the labels of a name seen so far, whoever set them. */
  labelsNamed(name: string, labelled: Labelled): Code[] {
    return this.#labels
      .filter((label) => label.name === name && (labelled === 'any' || label.sampling === labelled))
      .map(({ code }) => code);
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
    const label = parseLabelKey(text);
    if (label !== null) return learnInto(this.#labels, { ...label, code });
    const evaluation = parseEvaluationKey(text);
    return evaluation === null ? null : learnInto(this.#evaluations, { ...evaluation, code });
  }

  #dimensionsOf(declared: Service | null): PlanData['dimensions'] {
    const slices = declared?.slices ?? DEFAULT_DIMENSIONS.map((name) => ({ name, attribute: null }));
    return slices.map(({ name, attribute }) => ({
      code: this.#dictionary.code(name),
      source: attribute === null || name === PROMPT_VERSION ? (name as DimensionSource) : 'attribute',
    }));
  }

  #objectivesOf(service: Service): Objective[] {
    return this.#objectives.filter((objective) => belongsTo(objective, service));
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
      return [
        {
          evaluation: known.code,
          low: scale.low,
          high: scale.high,
          good: scale.good,
          marks: [...marks.values()].map((mark) => ({ ...mark, code: this.#dictionary.code(markKey(known, mark)) })),
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

function learnInto<T extends { readonly code: Code }>(known: T[], one: T): 'rated' | null {
  if (known.some(({ code }) => code === one.code)) return null;
  known.push(one);
  return 'rated';
}

/** An objective without an environment belongs to the service file without one, or to the only one there is. */
export const belongsTo = (objective: Objective, service: Service): boolean =>
  objective.service === service.name &&
  (objective.environment === null || objective.environment === service.environment);
