import { type Dialect, value } from './dialect.ts';

const SCOPES = ['@voltagent/core'];

/**
 * VoltAgent. A run of an agent is the span that says no more of itself than whose it is; all below it say so, too, and what they are
 * besides. What a run used stands on its span, and on those of its models.
 * @see https://github.com/VoltAgent/voltagent packages/core/src/agent/open-telemetry/trace-context.ts
 */
export const voltagent: Dialect = {
  name: 'VoltAgent',
  markers: ['span.type'],
  scopes: SCOPES,
  kinds: {
    values: {
      llm: 'model',
      embedding: 'embedding',
      retriever: 'retrieval',
      tool: 'tool',
      agent: 'agent',
      guardrail: 'guardrail',
    },
    otherwise: 'step',
  },
  column: 4,
  fields: {
    requestModel: [value('llm.model')],
    finishReason: [value('ai.response.finish_reason')],
    conversationId: [value('conversation.id')],
    agent: [value('subagent.name'), value('entity.name')],
    instructions: [value('agent.instructions')],
    inputTokens: [value('usage.prompt_tokens')],
    outputTokens: [value('usage.completion_tokens')],
    cachedInputTokens: [value('llm.usage.cached_tokens'), value('usage.cached_tokens')],
    reasoningTokens: [value('llm.usage.reasoning_tokens'), value('usage.reasoning_tokens')],
    cost: [value('usage.cost')],
  },
  names: { tool: [value('tool.name')], agent: [value('subagent.name'), value('entity.name')] },
  namedBySpan: ['retrieval', 'guardrail'],
};

export const voltagentRuns: Dialect = {
  name: 'VoltAgent, runs',
  markers: ['entity.type'],
  scopes: SCOPES,
  kinds: { values: { agent: 'agent', workflow: 'chain' }, otherwise: 'step' },
  column: 4,
  fields: {},
  names: {},
};
