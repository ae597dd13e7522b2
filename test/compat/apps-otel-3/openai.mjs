import { trace } from '@opentelemetry/api';
import OpenAI from 'openai';
import { answer, answerWithTool, embed, fail, stream } from '../apps/openai-requests.mjs';
import { serve } from '../apps/requests.mjs';

const openai = new OpenAI();
await serve({
  chat: () => {
    trace.getActiveSpan()?.setAttributes({ 'user.id': 'user-1', 'session.id': 'conversation-1' });
    return answer(openai);
  },
  stream: () => stream(openai),
  tool: () => answerWithTool(openai),
  embed: () => embed(openai),
  fail: () => fail(openai),
});
