import type { MeasureConfig } from '../model/config/measure.ts';
import { accuracyMeasure } from './accuracy.ts';
import { availabilityMeasure } from './availability.ts';
import { compositeMeasure } from './composite.ts';
import { costMeasure } from './cost.ts';
import type { MeasureDefinition } from './definition.ts';
import { driftMeasure } from './drift.ts';
import { escalationMeasure } from './escalation.ts';
import { firstTokenMeasure } from './first-token.ts';
import { guardrailMeasure } from './guardrail.ts';
import { latencyMeasure } from './latency.ts';
import { parityMeasure } from './parity.ts';
import { relevanceMeasure } from './relevance.ts';
import { satisfactionMeasure } from './satisfaction.ts';
import { trustMeasure } from './trust.ts';

/** All measures: what the file of an objective names, and how that is read. */
export const MEASURE_DEFINITIONS: { readonly [T in MeasureConfig['type']]: MeasureDefinition<T> } = {
  availability: availabilityMeasure,
  latency: latencyMeasure,
  time_to_first_token: firstTokenMeasure,
  accuracy: accuracyMeasure,
  relevance: relevanceMeasure,
  trust: trustMeasure,
  satisfaction: satisfactionMeasure,
  drift: driftMeasure,
  cost: costMeasure,
  escalation: escalationMeasure,
  guardrail: guardrailMeasure,
  parity: parityMeasure,
  composite: compositeMeasure,
};

/** That of a measure, whichever it is. */
export const definitionOf = ({ type }: MeasureConfig): MeasureDefinition<MeasureConfig['type']> =>
  MEASURE_DEFINITIONS[type] as unknown as MeasureDefinition<MeasureConfig['type']>;
