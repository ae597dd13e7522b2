import type { ServiceFacts } from '../incidents/book.ts';
import { isHighRiskClass, type Service } from '../model/config/service.ts';
import type { Objective } from '../objectives/objective.ts';

/** What of its service the incidents of an objective need to know. */
export function factsOf(services: readonly Service[], objective: Objective): ServiceFacts {
  const service = services.find(
    (one) => one.name === objective.service && one.environment === (objective.environment ?? ''),
  )!;
  return {
    criticality: service.criticality,
    isHighRisk: isHighRiskClass(service.euAiAct.riskClass),
    supportGroup: service.supportGroup,
    links: service.links,
  };
}
