import type { Kind } from '../../src/model/span.ts';
import { type Dialect, eventTime, json, value } from './dialect.ts';
import { conversationsUnder, usersUnder } from './metadata.ts';

const METADATA = 'ai.telemetry.metadata.';
/** What 7 has instead: the context of the call, where the application has it included. */
const CONTEXT = 'ai.settings.context.';
/** What Anthropic counted, in its own words: input is without what was cached. Until 5 that was the SDK's word, too. */
const anthropic = (count: string) => json('ai.response.providerMetadata', 'anthropic', 'usage', count);

/**
 * Vercel's AI SDK 4 to 6, and 7 with its legacy telemetry: `promptTokens` until 4, `inputTokens` since 5. The outer span repeats
 * the tokens of its steps, all of them or the last one's.
 * @see https://ai-sdk.dev/docs/ai-sdk-core/telemetry
 */
export const vercelAi: Dialect = {
  name: 'Vercel AI SDK',
  markers: ['ai.operationId'],
  kinds: {
    values: {
      'ai.generateText': 'agent',
      'ai.streamText': 'agent',
      'ai.generateObject': 'agent',
      'ai.streamObject': 'agent',
      'ai.toolCall': 'tool',
      'ai.embed': 'embedding',
      'ai.embedMany': 'embedding',
    },
    endings: {
      '.doGenerate': 'model',
      '.doStream': 'model',
      '.doEmbed': 'embedding',
      '.doRerank': 'rerank',
    },
    otherwise: 'step',
  },
  column: 3,
  fields: {
    provider: [value('ai.model.provider')],
    requestModel: [value('ai.model.id')],
    responseModel: [value('ai.response.model')],
    finishReason: [value('ai.response.finishReason'), value('ai.finishReason')],
    responseId: [value('ai.response.id')],
    conversationId: [...conversationsUnder(METADATA), ...conversationsUnder(CONTEXT)],
    userId: [...usersUnder(METADATA), ...usersUnder(CONTEXT)],
    agent: [value('ai.telemetry.functionId')],
    instructions: [json('ai.prompt', 'system')],
    inputTokens: [value('ai.usage.inputTokens'), value('ai.usage.promptTokens'), value('ai.usage.tokens')],
    outputTokens: [value('ai.usage.outputTokens'), value('ai.usage.completionTokens')],
    cachedInputTokens: [
      value('ai.usage.cachedInputTokens'),
      value('ai.usage.inputTokenDetails.cacheReadTokens'),
      anthropic('cache_read_input_tokens'),
    ],
    cacheWriteTokens: [value('ai.usage.inputTokenDetails.cacheWriteTokens'), anthropic('cache_creation_input_tokens')],
    reasoningTokens: [value('ai.usage.reasoningTokens'), value('ai.usage.outputTokenDetails.reasoningTokens')],
    // Of objects 7 writes the event at the end of the answer.
    timeToFirstTokenMs: [
      value('ai.response.msToFirstChunk'),
      value('ai.stream.msToFirstChunk'),
      eventTime('ai.stream.firstChunk'),
    ],
  },
  names: {
    tool: [value('ai.toolCall.name')],
    agent: [value('ai.telemetry.functionId')],
  },
  uncachedInput: [anthropic('input_tokens')],
};

/**
 * Its version 3, before a span named its operation in an attribute of its own: what its spans are shows by what else they have.
 * Model calls have `gen_ai.*`.
 * @see https://github.com/vercel/ai/blob/b98271866b97d9f06a0df7a27d449ebd93ea904f/packages/core/core/telemetry/assemble-operation-name.ts
 */
const older = (name: string, marker: string, kinds: Kind): Dialect => ({
  name: `Vercel AI SDK 3, ${name}`,
  markers: [marker],
  kinds,
  column: vercelAi.column,
  fields: {},
  names: {},
});

export const vercelAi3: readonly Dialect[] = [
  older('tools', 'ai.toolCall.name', 'tool'),
  older('embeddings', 'ai.usage.tokens', 'embedding'),
  older('runs', 'ai.model.id', 'agent'),
];
