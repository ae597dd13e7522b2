import type { ServiceFacts } from '../incidents/book.ts';
import type { MaintenanceWindow } from '../model/config/maintenance.ts';
import { isHighRiskClass, type Service } from '../model/config/service.ts';
import type { Objective } from '../objectives/objective.ts';

/** What the file of a service says of it; null: it has none. */
const fileOf = (services: readonly Service[], name: string, environment: string | null): Service | null =>
  services.find((one) => one.name === name && one.environment === (environment ?? '')) ?? null;

/** What a service depends on. */
export const upstreamsOf = (services: readonly Service[], name: string, environment: string | null): string[] =>
  fileOf(services, name, environment)?.dependsOn.map((one) => one.name) ?? [];

export const windowsOf = (
  services: readonly Service[],
  name: string,
  environment: string | null,
): readonly MaintenanceWindow[] => fileOf(services, name, environment)?.maintenanceWindows ?? [];

/** What of its service the incidents of an objective need to know. */
export function factsOf(services: readonly Service[], objective: Objective): ServiceFacts {
  const service = fileOf(services, objective.service, objective.environment)!;
  return {
    criticality: service.criticality,
    isHighRisk: isHighRiskClass(service.euAiAct.riskClass),
    supportGroup: service.supportGroup,
    links: service.links,
  };
}
