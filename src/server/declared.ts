import type { DeclaredAttributes } from '../../collectors/dialects/declared.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Dictionary } from '../model/dictionary.ts';

/** The attributes that service files declare as slices. */
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
      return [service, { slices }] as const;
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
