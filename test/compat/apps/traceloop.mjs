import * as traceloop from '@traceloop/node-server-sdk';
import OpenAI from 'openai';
import { answer, answerWithTool, embed, fail, stream } from './openai-requests.mjs';
import { serve } from './requests.mjs';

const openai = new OpenAI();
const conversation = { associationProperties: { user_id: 'user-1', session_id: 'conversation-1' }, name: 'support' };
await serve({
  chat: () => traceloop.withWorkflow(conversation, () => answer(openai)),
  stream: () => stream(openai),
  tool: () => traceloop.withWorkflow({ name: 'support' }, () => answerWithTool(openai)),
  embed: () => embed(openai),
  fail: () => fail(openai),
});
