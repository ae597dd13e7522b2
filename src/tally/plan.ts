import { type Code, OTHER } from '../model/dictionary.ts';
import type { ErrorClass } from '../model/error-class.ts';
import type { Interaction } from '../model/interaction.ts';

/** What is counted of one service: the part of the configuration that the tallies depend on. */
export interface ServicePlan {
  /** The name it is tallied under; several resource identities may share one. */
  readonly service: Code;
  readonly dimensions: readonly Dimension[];
  /** Latency limits (ms, whole) that objectives name: counted exactly. */
  readonly thresholdsMs: readonly number[];
  /** By code of the evaluation (name, evaluator, version). */
  readonly evaluations: ReadonlyMap<Code, EvaluationPlan>;
  /** Whether an objective looks for drift of tokens: they are counted by powers of two then. */
  readonly tokenBins?: boolean | undefined;
}

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

/** Foreign error names are folded to classes by a table over strings; codes are looked up here. */
export type ErrorClassIndex = (errorType: Code, httpStatus: number) => number;
export type { ErrorClass };
