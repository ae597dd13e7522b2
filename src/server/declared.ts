import type { DeclaredAttributes } from '../../collectors/dialects/declared.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Dictionary } from '../model/dictionary.ts';

/** The attributes that service files declare: slices, and where the application's own id of an interaction is. */
export function declaredAttributes(catalog: Catalog, dictionary: Dictionary): DeclaredAttributes {
  const keys = new Set<string>();
  const byService = new Map(
    catalog.services.map((service) => {
      const slices = new Map<string, number>();
      for (const { name, attribute } of service.slices)
        if (attribute !== null) {
          keys.add(attribute);
          slices.set(attribute, dictionary.code(name));
        }
      const interactionId = service.interactionId?.attribute;
      if (interactionId === undefined) return [service, { slices }] as const;
      keys.add(interactionId);
      return [service, { slices, interactionId }] as const;
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
