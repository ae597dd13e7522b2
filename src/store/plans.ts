import type { DimensionSource, PlanData } from '../catalog/plan-book.ts';
import { ABSENT, type Code } from '../model/dictionary.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Dimension, ServicePlan, SliceValues } from '../tally/plan.ts';

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
}

/** @param valuesOf  the values a dimension of a service has been seen with, shared by all plans of that service */
export function planOf(
  data: PlanData,
  valuesOf: (service: Code, dimension: Code) => SliceValues,
  classes: Classes,
): ServicePlan {
  return {
    service: data.service,
    thresholdsMs: data.thresholdsMs,
    tokenBins: data.tokenBins,
    evaluations: new Map(data.evaluations.map(({ evaluation, ...plan }) => [evaluation, plan])),
    dimensions: data.dimensions.map(
      ({ code, source }): Dimension => ({
        code,
        valueOf: readerOf(code, source, classes),
        values: valuesOf(data.service, code),
      }),
    ),
  };
}

function readerOf(code: Code, source: DimensionSource, classes: Classes): Dimension['valueOf'] {
  if (source === 'attribute') return attributeOf(code);
  if (source === 'finish_class') return classes.finish;
  return source === 'error_class' ? classes.error : FIELDS[source];
}
