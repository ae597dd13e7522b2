import { type Code, OTHER } from '../model/dictionary.ts';
import type { ErrorClass } from '../model/error-class.ts';
import type { Interaction, ModelUse } from '../model/interaction.ts';
import type { Millis } from '../model/time.ts';
import { type Counter, cost } from './counters.ts';

/** What is counted of one service: the part of the configuration that the tallies depend on. */
export interface ServicePlan {
  /** The name it is tallied under; several resource identities may share one. */
  readonly service: Code;
  readonly dimensions: readonly Dimension[];
  /** Latency limits (ms, whole) that objectives name: counted exactly. */
  readonly thresholdsMs: readonly number[];
  /** The same of times to first token. */
  readonly firstTokenThresholdsMs: readonly number[];
  readonly costs: CostPlan;
  /** Whether what guardrails did is counted: only where an objective asks for it. */
  readonly countsGuardrails: boolean;
  /** Whether a filter stopped the answer; null when nothing says how it ended. */
  readonly isFiltered: (interaction: Interaction) => boolean | null;
  /** By code of the evaluation (name, evaluator, version). */
  readonly evaluations: ReadonlyMap<Code, EvaluationPlan>;
  /** By code of those that judge documents. */
  readonly rankings: ReadonlyMap<Code, readonly RankingPlan[]>;
  /** Whether an objective looks for drift of tokens: they are counted by powers of two then. */
  readonly tokenBins?: boolean | undefined;
  /** Whether features of sampled traces are counted at their weight: where drift, or calibration, is looked at. */
  readonly weighsFeatures?: boolean | undefined;
  /** Whether how long calls of sampled traces took, and how many of them say their tokens, is counted at their weight. */
  readonly weighsCalls?: boolean | undefined;
  /** Directions of embeddings that objectives look for drift in: as attributes of interactions they have a part as their value. */
  readonly directions?: ReadonlySet<Code> | undefined;
  /** What is counted of several ratings of one interaction together; absent when nothing is. */
  readonly joints?: JointPlan | undefined;
}

/** How money is counted. */
export interface CostPlan {
  /** The counter of what is spent in its currency. */
  readonly sum: Counter;
  /** What was spent, in billionths of the currency, whole; null when not all of it is known. @param at  when, ms */
  readonly nanosOf: (uses: readonly ModelUse[], at: Millis) => number | null;
  /** Limits of one interaction that objectives name, in billionths; counted under their codes. */
  readonly limits: readonly { readonly code: Code; readonly nanos: number }[];
}

/** What judged documents of one evaluator version are measured by. */
export interface RankingPlan {
  readonly code: Code;
  readonly metric: 'ndcg' | 'precision' | 'reciprocal_rank';
  readonly k: number;
}

/** Which ratings of one interaction are counted together; only what objectives and services ask for. */
export interface JointPlan {
  readonly pairs: readonly PairPlan[];
  readonly confidences: readonly ConfidencePlan[];
  readonly reliances: readonly ReliancePlan[];
  /** Model versions told apart: calibration is of one of them. */
  readonly models: SliceValues;
}

/** A label drawn at random beside a judge's score. */
export interface PairPlan {
  readonly code: Code;
  /** Codes of labels of that name, drawn at random. */
  readonly labels: readonly Code[];
  readonly evaluation: Code;
}

/** Stated confidence, and whether the answer was right. */
export interface ConfidencePlan {
  /** Codes of the bins, from the lowest confidence to the highest. */
  readonly bins: readonly Code[];
  readonly labels: readonly Code[];
  readonly evaluation: Code;
}

/** Whether people relied on right answers and not on wrong ones. */
export interface ReliancePlan {
  readonly code: Code;
  readonly labels: readonly Code[];
}

/** Bins of equal width for confidences. */
export const CONFIDENCE_BINS = 20;

export interface EvaluationPlan {
  /** The scale of the raw score and the direction of good; the tally holds scores mapped to [0,1], 1 the best. */
  readonly low: number;
  readonly high: number;
  readonly good: 'high' | 'low';
  readonly marks: readonly PassMark[];
  /** Codes of the fiftieths of the scale, where an objective looks for drift of it. */
  readonly bins?: readonly Code[] | undefined;
}

/** A pass mark on the raw score, counted under its own code. */
export interface PassMark {
  readonly code: Code;
  readonly op: '>=' | '>' | '<=' | '<';
  readonly value: number;
}

export const passes = (mark: PassMark, score: number): boolean => {
  switch (mark.op) {
    case '>=':
      return score >= mark.value;
    case '>':
      return score > mark.value;
    case '<=':
      return score <= mark.value;
    case '<':
      return score < mark.value;
  }
};

/** The score on [0,1], 1 the best; `null` when it lies outside its scale: then it is stored, and judged by nobody. */
export function scaled(plan: EvaluationPlan, score: number): number | null {
  if (!(score >= plan.low && score <= plan.high)) return null;
  const share = (score - plan.low) / (plan.high - plan.low);
  return plan.good === 'high' ? share : 1 - share;
}

/** A dimension by which a service's traffic is sliced, and the values it has been seen with. */
export interface Dimension {
  readonly code: Code;
  readonly valueOf: (interaction: Interaction) => Code;
  readonly values: SliceValues;
}

/** At most so many values of a dimension are told apart; what comes later is `OTHER`, for ever. */
export const SLICE_VALUES_MAX = 100;

/** The values of one dimension of one service, in order of first sight. */
export class SliceValues {
  readonly #known: Set<Code>;
  readonly #max: number;
  readonly #onNew: (value: Code) => void;

  /** @param onNew  told of each value when it is first admitted */
  constructor(known: Iterable<Code> = [], onNew: (value: Code) => void = () => {}, max: number = SLICE_VALUES_MAX) {
    this.#known = new Set(known);
    this.#max = max;
    this.#onNew = onNew;
  }

  admit(value: Code): Code {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#max) return OTHER;
    this.#known.add(value);
    this.#onNew(value);
    return value;
  }
}

/** The same where several processes admit values: what is not known here is asked for. */
export class SharedSliceValues extends SliceValues {
  #all: Set<Code>;
  readonly #limit: number;
  readonly #ask: (value: Code) => readonly Code[];

  /** @param ask  answers the values that are known to all now; the one it is asked of is among them if there was room */
  constructor(known: Iterable<Code>, max: number, ask: (value: Code) => readonly Code[]) {
    super();
    this.#all = new Set(known);
    this.#limit = max;
    this.#ask = ask;
  }

  override admit(value: Code): Code {
    if (this.#all.has(value)) return value;
    if (this.#all.size >= this.#limit) return OTHER;
    this.#all = new Set(this.#ask(value));
    return this.#all.has(value) ? value : OTHER;
  }
}

/** Foreign error names are folded to classes by a table over strings; codes are looked up here. */
export type ErrorClassIndex = (errorType: Code, httpStatus: number) => number;
export type { ErrorClass };

/** A plan that nobody has asked anything of beyond what is counted of every service, and that knows no prices. */
export const PLAIN_PLAN: Omit<ServicePlan, 'service'> = {
  dimensions: [],
  thresholdsMs: [],
  firstTokenThresholdsMs: [],
  costs: { sum: cost('USD'), nanosOf: () => null, limits: [] },
  countsGuardrails: false,
  isFiltered: () => null,
  evaluations: new Map(),
  rankings: new Map(),
};
