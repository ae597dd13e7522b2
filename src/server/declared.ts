import type { DeclaredAttributes } from '../../collectors/dialects/declared.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { PROMPT_VERSION } from '../model/config/dimension.ts';
import type { Dictionary } from '../model/dictionary.ts';

/** The attributes that service files declare: slices, the version of the prompt, the application's own id of an interaction. */
export function declaredAttributes(catalog: Catalog, dictionary: Dictionary): DeclaredAttributes {
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
      const declared = {
        slices,
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
