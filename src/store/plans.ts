import { ABSENT, type Code } from '../model/dictionary.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Dimension, ServicePlan, SliceValues } from '../tally/plan.ts';
import type { DimensionSource, PlanData } from './items.ts';

const FIELDS: Readonly<Record<Exclude<DimensionSource, 'attribute'>, (interaction: Interaction) => Code>> = {
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

/** @param valuesOf  the values a dimension of a service has been seen with, shared by all plans of that service */
export function planOf(data: PlanData, valuesOf: (service: Code, dimension: Code) => SliceValues): ServicePlan {
  return {
    service: data.service,
    thresholdsMs: data.thresholdsMs,
    evaluations: new Map(data.evaluations.map(({ evaluation, ...plan }) => [evaluation, plan])),
    dimensions: data.dimensions.map(
      ({ code, source }): Dimension => ({
        code,
        valueOf: source === 'attribute' ? attributeOf(code) : FIELDS[source],
        values: valuesOf(data.service, code),
      }),
    ),
  };
}
