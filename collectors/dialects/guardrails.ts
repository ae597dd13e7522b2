import { type Dialect, value } from './dialect.ts';

/**
 * What guardrails say that they decided: the `apply_guardrail` spans of Microsoft's OpenTelemetry distributions, and guardrail
 * spans of OpenAI Agents. Whether a guardrail stepped in is read; on what grounds never is.
 * @see https://learn.microsoft.com/en-us/javascript/api/@microsoft/opentelemetry/applyguardrailscope
 * @see https://github.com/AgentOps-AI/agentops/pull/1273
 */
export const guardrails: Dialect = {
  name: 'guardrails',
  markers: [],
  kinds: 'none',
  column: 4,
  fields: { guardrail: [value('microsoft.security.decision.type'), value('guardrail.triggered')] },
  names: { guardrail: [value('microsoft.guardian.name'), value('guardrail.name')] },
};
