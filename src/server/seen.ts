import type { ObjectiveSources } from '../catalog/objectives.ts';
import type { Reader } from '../store/reader.ts';

/** What telemetry and people have brought, as it is stored when somebody first asks for it. */
export function seenBy(reader: Reader): Pick<ObjectiveSources, 'evaluatorsOf' | 'labelsAtRandomOf'> {
  let evaluators: ReturnType<Reader['evaluators']> | null = null;
  let labels: ReturnType<Reader['labelsAtRandom']> | null = null;
  return {
    evaluatorsOf: (counted) => {
      evaluators ??= reader.evaluators();
      return evaluators.get(counted) ?? [];
    },
    labelsAtRandomOf: (counted) => {
      labels ??= reader.labelsAtRandom();
      return labels.get(counted) ?? [];
    },
  };
}
