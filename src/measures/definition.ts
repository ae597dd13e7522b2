import type { COMPOSITE_RULES, MeasureConfig, MeasureOf } from '../model/config/measure.ts';
import type { Objective } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import type { Target } from '../model/config/target.ts';
import type { Code } from '../model/dictionary.ts';
import type { Measure } from '../model/estimate.ts';
import type { EvaluationName, LabelName } from '../model/names.ts';
import type { Tally } from '../tally/group.ts';
import type { Feature } from './drift-features.ts';
import type { Estimator } from './estimator.ts';
import type { EventMeasure } from './events.ts';

/** A measure as objectives name it: how what a file says about it becomes something that is read from tallies. */
export interface MeasureDefinition<T extends MeasureConfig['type']> {
  readonly read: (measure: MeasureOf<T>, sources: MeasureSources) => MeasureReading;
  /** It has no detectors of its own: it takes nothing of the budget of false incidents. Absent: it always has. */
  readonly isReport?: (measure: MeasureOf<T>) => boolean;
  /** What tells two objectives of one subject apart; undefined where it is measured in the usual way. */
  readonly variantOf?: (objective: ObjectiveOf<T>, method: string, service: Service) => string | undefined;
}
export type ObjectiveOf<T extends MeasureConfig['type']> = Pick<Objective, 'name'> & {
  readonly measure: MeasureOf<T>;
};

/**
 * What decides about an objective. `events`: detectors on the share of bad events. `scores`: detectors on the mean loss of scores in
 * [0, 1]. `drift`: the drift detector. `report`: nothing, it has an estimate and an attainment, and incidents are opened by what it
 * is made of.
 */
export type JudgedBy = 'events' | 'scores' | 'drift' | 'report';

/** The slices of one dimension, put together to one tally, where an objective is about those instead of the whole service. */
export interface SliceSource {
  readonly dimension: Code;
  readonly together: (slices: readonly { readonly value: Code; readonly tally: Tally }[], whole: Tally) => Tally;
}

/** How parts become one: weighted mean, product of a chain that needs every part, or the worst. */
export type CompositeRule = (typeof COMPOSITE_RULES)[number];

/** What a composite is made of: names of objectives, and what they weigh. */
export interface Composition {
  readonly rule: CompositeRule;
  readonly members: readonly { readonly objective: string; readonly weight: number }[];
}

/** A measure of one service, ready to be read from its tallies. */
export interface MeasureReading {
  /** What it is shown as, where that is not what its file calls it. */
  readonly measure?: Measure;
  readonly events: EventMeasure;
  /** What it is of (an evaluation, a limit); null when it is of nothing else. */
  readonly subject: string | null;
  readonly method: string;
  /** Codes that it is read by. */
  readonly codes: readonly Code[];
  /** Absent: by its events. */
  readonly judgedBy?: JudgedBy;
  /** Of reports, in words: whose detectors open incidents. */
  readonly incidentsBy?: string;
  readonly estimator?: Estimator;
  readonly slices?: SliceSource;
  readonly composition?: Composition;
  readonly feature?: Feature;
  /** What is promised where that is a most, instead of a target. */
  readonly limit?: number;
  /** What is promised where the file names no target. */
  readonly usualTarget?: Target;
  /** It is of whole days of the calendar, whatever the window. */
  readonly isOfADay?: true;
  /** Absent: as the method says. */
  readonly proxy?: boolean;
  /** What a target of 1 is in the unit of the estimate. */
  readonly unit?: number;
}

/** An evaluator version that has scored something. */
export interface KnownEvaluation extends EvaluationName {
  readonly code: Code;
}

/** No name has it: what is read by it has not been seen yet. */
export const UNSEEN: Code = 0;

/** What telemetry and people have brought so far of one service, and the codes that it is counted under. */
export interface RatingSources {
  /** The code of a name of the house. */
  readonly codeOf: (name: string) => Code;
  /** Codes of the labels of a name seen so far, whoever set them. */
  readonly labelsNamed: (name: string, sampling: LabelName['sampling']) => readonly Code[];
  /**
   * Those of them that count: of one kind of sampling alone. Where none is asked for, those of interactions chosen at random as soon
   * as the service has one, until then those of volunteers.
   */
  readonly labelsOf: (name: string, asked: LabelName['sampling'] | null) => CountedLabels;
  /** The newest version of an evaluator that has scored the service, or the one that is pinned: scores of two are never put together. */
  readonly newest: (evaluation: string, pinned: string | null) => KnownEvaluation | null;
  /** The newest that judges documents. */
  readonly newestJudge: () => KnownEvaluation | null;
  /** Codes of the parts of an evaluation's scale, the worst first. */
  readonly scoreBins: (evaluation: EvaluationName) => readonly Code[];
  /** Codes of the bins of a stated confidence, the lowest first. */
  readonly confidenceBins: (label: string, sampling: LabelName['sampling'], stated: EvaluationName) => readonly Code[];
}

export interface CountedLabels {
  readonly sampling: LabelName['sampling'];
  readonly codes: readonly Code[];
}

/** What a measure is read from. */
export interface MeasureSources extends RatingSources {
  readonly service: Service;
  /** What its prices are in. */
  readonly currency: string;
  readonly textOf: (code: Code) => string;
  /** Another objective, of those that a measure may be made of. */
  readonly objectiveNamed: (name: string) => Objective | undefined;
  /** Whether an objective has no detectors of its own. */
  readonly isReport: (objective: Objective) => boolean;
  /** What another objective measures, of this service. */
  readonly read: (measure: MeasureConfig) => MeasureReading;
}
