import type { ServiceFacts } from '../incidents/book.ts';
import { isHighRiskClass, type Service } from '../model/config/service.ts';
import type { Objective } from '../objectives/objective.ts';

/** What of its service the incidents of an objective need to know. */
export function factsOf(services: readonly Service[], objective: Objective): ServiceFacts {
  const service = services.find(
    (one) => one.name === objective.service && one.environment === (objective.environment ?? ''),
  )!;
  const { trace, dashboard } = service.links;
  return {
    criticality: service.criticality,
    isHighRisk: isHighRiskClass(service.euAiAct.riskClass),
    supportGroup: service.supportGroup,
    links: { trace, dashboard, runbook: runbookFor(service.links, objective.category) },
  };
}

/** What to do about that category, else about its family, else about anything. */
export function runbookFor({ runbook, runbooks }: Service['links'], category: string): string | null {
  const family = category.split('.')[1] ?? '';
  return runbooks[category] ?? runbooks[`ai.${family}`] ?? runbooks[family] ?? runbook;
}
