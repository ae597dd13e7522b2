import { observeOpenAI } from '@langfuse/openai';
import { propagateAttributes, startActiveObservation } from '@langfuse/tracing';
import OpenAI from 'openai';
import { answer, answerWithTool, embed, fail, stream } from './openai-requests.mjs';
import { serve } from './requests.mjs';

const openai = observeOpenAI(new OpenAI());
await serve({
  chat: () => propagateAttributes({ userId: 'user-1', sessionId: 'conversation-1' }, () => answer(openai)),
  stream: () => stream(openai),
  tool: () => startActiveObservation('support', () => answerWithTool(openai), { asType: 'agent' }),
  embed: () => embed(openai),
  fail: () => fail(openai),
});
