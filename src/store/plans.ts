import type { DimensionSource, PlanData } from '../catalog/plan-book.ts';
import { ABSENT, type Code, codeOfKnown } from '../model/dictionary.ts';
import { errorClassOf, finishClassOf } from '../model/error-class.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Dimension, ServicePlan, SliceValues } from '../tally/plan.ts';
import { pricing } from './pricing.ts';

const RESPONSE_MODEL = codeOfKnown('response_model');

type Field = Exclude<DimensionSource, 'attribute' | 'finish_class' | 'error_class'>;

const FIELDS: Readonly<Record<Field, (interaction: Interaction) => Code>> = {
  response_model: (interaction) => interaction.responseModel,
  request_model: (interaction) => interaction.requestModel,
  prompt_name: (interaction) => interaction.promptName,
  prompt_version: (interaction) => interaction.promptVersion,
  agent: (interaction) => interaction.agent,
  operation: (interaction) => interaction.operation,
  provider: (interaction) => interaction.provider,
  service_version: (interaction) => interaction.serviceVersion,
};

const attributeOf =
  (dimension: Code) =>
  (interaction: Interaction): Code => {
    for (const [code, value] of interaction.attributes) if (code === dimension) return value;
    return ABSENT;
  };

/** Classes that raw reasons and errors are folded into, as codes. */
export interface Classes {
  readonly finish: (interaction: Interaction) => Code;
  readonly error: (interaction: Interaction) => Code;
  /** Whether the reason is a filter's; null when none was sent. */
  readonly isFiltered: (interaction: Interaction) => boolean | null;
}

/** Whether an answer was stopped by a filter, by its error and by its finish reason. */
export function isFilteredBy(
  { isError, errorType, httpStatus, finishReason }: Interaction,
  textOrNull: (code: Code) => string | null,
): boolean | null {
  if (isError && errorClassOf(textOrNull(errorType) ?? '', httpStatus) === 'content') return true;
  const finish = finishClassOf(textOrNull(finishReason));
  return finish === null ? null : finish === 'content_filter';
}

/** @param valuesOf  the values a dimension of a service has been seen with, shared by all plans of that service */
export function planOf(
  data: PlanData,
  valuesOf: (service: Code, dimension: Code) => SliceValues,
  classes: Classes,
  textOf: (code: Code) => string,
): ServicePlan {
  return {
    service: data.service,
    thresholdsMs: data.thresholdsMs,
    firstTokenThresholdsMs: data.firstTokenThresholdsMs,
    costs: { ...pricing(data.prices, textOf), limits: data.costLimits },
    countsGuardrails: data.countsGuardrails,
    isFiltered: classes.isFiltered,
    rankings: Map.groupBy(data.rankings, ({ evaluation }) => evaluation),
    tokenBins: data.tokenBins,
    weighsFeatures: data.weighsFeatures,
    weighsCalls: data.weighsCalls,
    directions: data.directions && new Set(data.directions),
    evaluations: new Map(data.evaluations.map(({ evaluation, ...plan }) => [evaluation, plan])),
    dimensions: data.dimensions.map(
      ({ code, source }): Dimension => ({
        code,
        valueOf: readerOf(code, source, classes),
        values: valuesOf(data.service, code),
      }),
    ),
    joints: data.joints && { ...data.joints, models: valuesOf(data.service, RESPONSE_MODEL) },
  };
}

function readerOf(code: Code, source: DimensionSource, classes: Classes): Dimension['valueOf'] {
  if (source === 'attribute') return attributeOf(code);
  if (source === 'finish_class') return classes.finish;
  return source === 'error_class' ? classes.error : FIELDS[source];
}
