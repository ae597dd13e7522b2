import type { Estimate, EstimateJson } from '../../../../model/estimate.ts';

/** An estimate of the API as the model has it, so that the console says numbers as tickets do. */
export const estimateOf = ({ window, ...estimate }: EstimateJson): Estimate => ({
  ...estimate,
  window: { from: Date.parse(window.from), to: Date.parse(window.to) },
});
