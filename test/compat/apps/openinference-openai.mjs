import OpenAI from 'openai';
import { answer, answerWithTool, embed, fail, stream } from './openai-requests.mjs';
import { serve } from './requests.mjs';

const openai = new OpenAI();
await serve({
  chat: () => answer(openai),
  stream: () => stream(openai),
  tool: () => answerWithTool(openai),
  embed: () => embed(openai),
  fail: () => fail(openai),
});
