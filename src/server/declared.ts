import type { DeclaredAttributes } from '../../collectors/dialects/declared.ts';
import { VECTOR_KEYS } from '../../collectors/dialects/vectors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { directionCodes } from '../catalog/direction-codes.ts';
import { belongsTo } from '../catalog/plan-book.ts';
import { PROMPT_VERSION } from '../model/config/dimension.ts';
import { embeddingModelOf } from '../model/config/measure.ts';
import type { Objective } from '../model/config/objective.ts';
import type { Dictionary } from '../model/dictionary.ts';

/**
 * The attributes that service files declare: slices, the version of the prompt, the application's own id of an interaction. And of which
 * models the embeddings are asked for by objectives.
 */
export function declaredAttributes(
  catalog: Catalog,
  dictionary: Dictionary,
  objectives: readonly Objective[] = [],
): DeclaredAttributes {
  const keys = new Set<string>();
  const byService = new Map(
    catalog.services.map((service) => {
      const slices = new Map<string, number>();
      for (const { name, attribute } of service.slices)
        if (attribute !== null) {
          keys.add(attribute);
          if (name !== PROMPT_VERSION) slices.set(attribute, dictionary.code(name));
        }
      const promptVersion = service.slices.find(({ name }) => name === PROMPT_VERSION)?.attribute;
      const interactionId = service.interactionId?.attribute;
      if (interactionId !== undefined) keys.add(interactionId);
      const embeddings = embeddingsOf(
        objectives.filter((objective) => belongsTo(objective, service)),
        dictionary,
      );
      if (embeddings.size > 0) for (const key of VECTOR_KEYS) keys.add(key);
      const declared = {
        slices,
        ...(embeddings.size > 0 && { embeddings }),
        ...(promptVersion && { promptVersion }),
        ...(interactionId !== undefined && { interactionId }),
      };
      return [service, declared] as const;
    }),
  );
  return {
    keys: [...keys],
    of: (identity) => {
      const service = catalog.declaredFor(identity);
      return service === null ? undefined : byService.get(service);
    },
  };
}

const embeddingsOf = (objectives: readonly Objective[], dictionary: Dictionary) =>
  new Map(
    objectives.flatMap(({ measure }) => {
      const model = measure.type === 'drift' ? embeddingModelOf(measure.feature) : null;
      return model === null ? [] : [[dictionary.code(model), directionCodes(dictionary, model)] as const];
    }),
  );
