import type { MeasureConfig } from '../model/config/measure.ts';
import type { EvidenceKind } from '../model/config/service.ts';

/** What requests that somebody makes up can tell: whether, how fast and how well they are answered. */
const PROBED: readonly MeasureConfig['type'][] = [
  'availability',
  'latency',
  'time_to_first_token',
  'accuracy',
  'relevance',
  'drift',
];

/**
 * The evidence that an objective can rest on: of reports, imports and a vendor's status page nothing is counted, and of
 * probes nothing that only people or real traffic can tell. A composite rests on its members.
 */
export function supportingEvidence(measure: MeasureConfig): readonly EvidenceKind[] {
  if (measure.type === 'composite') return ['telemetry', 'probe', 'reports', 'import', 'status'];
  const isReask = measure.type === 'relevance' && measure.reask;
  return PROBED.includes(measure.type) && !isReask ? ['telemetry', 'probe'] : ['telemetry'];
}
