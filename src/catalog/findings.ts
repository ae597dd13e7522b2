import type { Service } from '../model/config/service.ts';
import type { SeenInstrumentation } from '../model/instrumentation.ts';
import type { ServiceIdentity } from '../model/span.ts';
import { blindnessOf } from './blind-instrumentations.ts';

/** Something about a service that should not be so, with what shows it. */
export interface Finding {
  readonly kind:
    | 'unregistered_service'
    | 'missing_owner'
    | 'mixed_environments'
    | 'failures_invisible'
    | 'other_services'
    | 'measure_not_judged';
  readonly detail: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/**
 * @param resources         identities in telemetry that are counted under the service
 * @param instrumentations  libraries that have sent its AI spans of late
 */
export function findingsOf(
  service: Service | null,
  resources: readonly ServiceIdentity[],
  instrumentations: readonly SeenInstrumentation[],
): Finding[] {
  const findings: Finding[] = [];
  const environments = [...new Set(resources.map((resource) => resource.environment))].sort();
  if (service === null)
    findings.push({
      kind: 'unregistered_service',
      detail: 'no file declares this service: it has no owner and no promises',
      evidence: { resources },
    });
  if (service !== null && service.owner === null)
    findings.push({
      kind: 'missing_owner',
      detail: `nobody is accountable: write spec.owner in the file of ${service.name}`,
      evidence: {},
    });
  if (service !== null && service.environment === '' && environments.length > 1)
    findings.push({
      kind: 'mixed_environments',
      detail: `${environments.length} environments are counted together: write a file for each, with environment: and its name`,
      evidence: { environments },
    });
  for (const { blind, seen } of blindnessOf(instrumentations))
    findings.push({
      kind: 'failures_invisible',
      detail: `availability may look better than it is: with ${blind.package} (found in ${blind.versions}) ${blind.hides}. What to do: ${blind.remedy}`,
      evidence: {
        package: blind.package,
        instrumentations: seen.map(({ scope, version }) => ({ scope, version: version || null })),
      },
    });
  return findings;
}
