import type { Incident, Priority, Weight } from '../model/incident.ts';

/** ServiceNow's default rows: priority by impact, then urgency. */
const MATRIX: Readonly<Record<Weight, Readonly<Record<Weight, Priority>>>> = {
  1: { 1: 1, 2: 2, 3: 3 },
  2: { 1: 2, 2: 3, 3: 4 },
  3: { 1: 3, 2: 4, 3: 5 },
};

export const priorityOf = (impact: Weight, urgency: Weight): Priority => MATRIX[impact][urgency];

/** What holds: what somebody has said, else what rules reckon. */
export function weighed(
  reckoned: Incident['reckoned'],
  override: Incident['override'],
): Pick<Incident, 'impact' | 'urgency' | 'priority' | 'reckoned' | 'override'> {
  const impact = override?.impact ?? reckoned.impact;
  const urgency = override?.urgency ?? reckoned.urgency;
  const found = priorityOf(impact, urgency);
  const priority = override === null && reckoned.lowered === true ? (Math.min(5, found + 1) as Priority) : found;
  return { impact, urgency, priority: override?.priority ?? priority, reckoned, override };
}

/** Shares of the interactions affected from which an incident weighs more, whatever the service. */
const IMPACT_HIGH_SHARE = 0.25;
const IMPACT_MEDIUM_SHARE = 0.05;

/** How many feel it. @param affected  share of the interactions that are bad since the onset, [0, 1] */
export function impactOf(service: { criticality: number; isHighRisk: boolean }, affected: number): Weight {
  if (service.criticality === 1 || service.isHighRisk || affected >= IMPACT_HIGH_SHARE) return 1;
  if (service.criticality === 2 || affected >= IMPACT_MEDIUM_SHARE) return 2;
  return 3;
}

/** Categories in which waiting does harm. */
const URGENT = /^ai\.(privacy|security|harmful_content)\./;
export const isUrgent = (category: string): boolean => URGENT.test(category);

export interface UrgencyReasons {
  readonly category: string;
  /** Somebody may be woken: the page detector alarmed, or burn-rate tier 1 fired, and `alert.page` was not switched off. */
  readonly page: boolean;
  readonly kind: 'SLA' | 'SLO' | 'XLA';
  readonly by: 'sequential' | 'burn_rate' | 'drift';
  /** Burn-rate tiers that fired, 1 the fastest; empty for other detectors. */
  readonly tiers: readonly number[];
}

/** How long it can wait: the first rule that fits (docs/guide/incidents.md). */
export function urgencyOf({ category, page, kind, by, tiers }: UrgencyReasons): Weight {
  if (isUrgent(category) || page) return 1;
  if (tiers.includes(1) || tiers.includes(2)) return 2;
  if (kind === 'SLA' || (kind === 'SLO' && by === 'sequential')) return 2;
  return 3;
}
