/** What Plimsoll is to say of the requests that the applications of this folder make. */
import { expect } from 'vitest';
import { BROKEN_MODEL, USAGE } from './model-server.ts';

export const MODEL = 'gpt-4o-mini';
export const SERVED = 'gpt-4o-mini-2024-07-18';
export const SOME_MS = expect.any(Number);

/** What all of OpenAI's calls have; a call is an interaction of its own where nothing is around it. */
export const openai = {
  status: 'ok',
  provider: 'openai',
  requestModel: MODEL,
  responseModel: SERVED,
  finishReason: 'stop',
};
export const call = (usage: object, more: object = {}) => ({
  ...{ kind: 'model', status: 'ok', provider: 'openai', model: SERVED, ...usage },
  ...more,
});
export const NOT_SENT = { inputTokens: null, outputTokens: null };
export const chat = {
  ...openai,
  operation: 'chat',
  ...USAGE.chat,
  timeToFirstTokenMs: null,
  calls: [call(USAGE.chat)],
};
export const wish = call(USAGE.toolWish);
export const result = call(USAGE.toolResult);
export const tool = { kind: 'tool', name: 'order', status: 'ok' };
/** Both calls are one interaction, whose tokens are their sum. */
export const toolLoop = { ...openai, operation: 'chat', inputTokens: 150, outputTokens: 26, calls: [wish, result] };
export const toolLoopAsTwo = [
  { ...chat, ...USAGE.toolWish, finishReason: 'tool_calls', calls: [wish] },
  { ...chat, ...USAGE.toolResult, calls: [result] },
];
export const embedding = {
  ...{ status: 'ok', operation: 'embeddings', provider: 'openai', requestModel: 'text-embedding-3-small' },
  ...{ ...USAGE.embedding, calls: [{ kind: 'embedding', ...USAGE.embedding, model: 'text-embedding-3-small' }] },
};
export const failed = {
  ...{ status: 'error', operation: 'chat', provider: 'openai', requestModel: BROKEN_MODEL, ...NOT_SENT },
  calls: [{ kind: 'model', status: 'error', model: BROKEN_MODEL }],
};
export const SOMEBODY = { conversationId: 'conversation-1', userId: 'user-1' };
