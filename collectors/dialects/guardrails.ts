import type { Kind } from '../../src/model/span.ts';
import { type Dialect, value } from './dialect.ts';

/** What OpenLLMetry calls `apply_guardrail`. */
export const GUARD_OPERATIONS: Readonly<Record<string, Kind>> = { guard: 'guardrail' };

/**
 * What guardrails say that they decided: the `apply_guardrail` spans of Microsoft's OpenTelemetry distributions, the guards of
 * OpenLLMetry, and guardrail spans of OpenAI Agents. Whether a guardrail stepped in is read; on what grounds never is.
 * @see https://learn.microsoft.com/en-us/javascript/api/@microsoft/opentelemetry/applyguardrailscope
 * @see https://github.com/AgentOps-AI/agentops/pull/1273
 * @see https://github.com/traceloop/openllmetry-js packages/traceloop-sdk/src/lib/guardrail
 */
export const guardrails: Dialect = {
  name: 'guardrails',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: {
    guardrail: [
      value('microsoft.security.decision.type'),
      value('guardrail.triggered'),
      value('gen_ai.guardrail.status'),
    ],
  },
  names: { guardrail: [value('microsoft.guardian.name'), value('guardrail.name'), value('gen_ai.guardrail.name')] },
};
