import { OPERATION_KINDS } from '../dialects/operations.ts';

/** What of a data point says which calls it counts. */
export const CALL_KEYS = ['gen_ai.operation.name', 'gen_ai.token.type', 'error.type'] as const;

type Text = (key: (typeof CALL_KEYS)[number]) => string;

/**
 * Histograms with one entry a call of a model. Tokens have one a call and type: the input is counted.
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
 */
const CALL_METRICS: Readonly<Record<string, (text: Text) => boolean>> = {
  'gen_ai.client.operation.duration': isOfModel,
  'gen_ai.client.inference.duration': isOfModel,
  'gen_ai.client.token.usage': (text) => isOfModel(text) && text('gen_ai.token.type') === 'input',
};

/** Agents and tools are measured under the same name; what is no known operation is taken for a model's. */
function isOfModel(text: Text): boolean {
  const operation = text('gen_ai.operation.name');
  const kind = Object.hasOwn(OPERATION_KINDS, operation) ? OPERATION_KINDS[operation] : 'model';
  return kind === 'model' || kind === 'embedding';
}

export const isCallMetric = (name: string): boolean => Object.hasOwn(CALL_METRICS, name);

/** Whether a data point of such a metric counts calls of models. @param text  reads its attributes */
export const countsCalls = (metric: string, text: Text): boolean => CALL_METRICS[metric]!(text);
