import type { ServiceIdentity } from '../../src/model/span.ts';
import type { AskedAttributes } from './asked-attributes.ts';

/** The service of telemetry that names none, or only what an SDK puts there when nobody named it. */
export const UNKNOWN_SERVICE = 'unknown_service';

/** Attributes of a resource that say which service it is. */
export const IDENTITY_KEYS = [
  'service.name',
  'service.namespace',
  'deployment.environment.name',
  'deployment.environment',
] as const;

const MAX_NAME_CHARACTERS = 256;

export const nameIn = <K extends string>(attributes: AskedAttributes<K>, key: NoInfer<K>): string =>
  attributes.text(key).slice(0, MAX_NAME_CHARACTERS);

/** @param environmentKeys  attributes that name the environment where the usual ones don't */
export function identityIn<K extends string>(
  attributes: AskedAttributes<K | (typeof IDENTITY_KEYS)[number]>,
  environmentKeys: readonly K[] = [],
): ServiceIdentity {
  const name = nameIn(attributes, 'service.name');
  const isUnknown = name === '' || name === UNKNOWN_SERVICE || name.startsWith(`${UNKNOWN_SERVICE}:`);
  const environments = ['deployment.environment.name', 'deployment.environment', ...environmentKeys] as const;
  return {
    name: isUnknown ? UNKNOWN_SERVICE : name,
    namespace: nameIn(attributes, 'service.namespace'),
    environment: environments.map((key) => nameIn(attributes, key)).find(Boolean) ?? '',
  };
}
