import { type Incident, isOpen } from '../model/incident.ts';
import type { Objective } from '../objectives/objective.ts';

type Promised = Pick<Objective, 'kind' | 'service' | 'environment'>;

/** Whether the service breaks a promise about itself just now: an SLO or an SLA. */
export const isBesideSlo = ({ service, environment }: Promised, incidents: readonly Incident[]): boolean =>
  incidents.some(
    (one) =>
      isOpen(one) &&
      one.service === service &&
      one.environment === environment &&
      one.breaches.some(({ kind, recoveredAt }) => kind !== 'XLA' && recoveredAt === null),
  );

/**
 * What a breach is filed under. Green outside and red inside: people wait or fail while the service keeps all that it promises about
 * itself. That is an experience that lacks, not an outage.
 */
export function felt(objective: Promised & Pick<Objective, 'category'>, incidents: readonly Incident[]): string {
  const isWatermelon =
    objective.kind === 'XLA' && objective.category.startsWith('ai.availability.') && !isBesideSlo(objective, incidents);
  return isWatermelon ? 'ai.experience.low_satisfaction' : objective.category;
}
