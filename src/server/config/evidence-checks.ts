import { supportingEvidence } from '../../catalog/evidence-support.ts';
import { belongsTo } from '../../catalog/plan-book.ts';
import type { Objective } from '../../model/config/objective.ts';
import type { EvidenceKind, Service } from '../../model/config/service.ts';
import type { CrossProblem } from './cross-checks.ts';

/** What each would be, for whoever is told that it is missing. */
const WHAT: Readonly<Record<EvidenceKind, string>> = {
  telemetry: 'telemetry (its own spans)',
  probe: 'probe (requests that somebody sends to try it, with their spans)',
  reports: 'reports',
  import: 'import',
  status: 'status',
};

/** An objective that nothing is ever counted for would look as if it were watched. */
export function checkEvidence(objective: Objective, services: readonly Service[]): CrossProblem[] {
  const service = services.find((one) => belongsTo(objective, one));
  if (service === undefined) return [];
  const needed = supportingEvidence(objective.measure);
  if (needed.some((kind) => service.evidence.includes(kind))) return [];
  return [
    {
      path: ['spec', 'measure'],
      message: `${objective.measure.type} can't be measured: the evidence of ${service.name} is ${service.evidence.join(', ')}, of which it is not counted`,
      hint: `it would take ${needed.map((kind) => WHAT[kind]).join(' or ')}: add that to spec.evidence of the service once there is some, or remove the objective`,
      code: 'PLIM_CONFIG_NO_EVIDENCE',
    },
  ];
}
