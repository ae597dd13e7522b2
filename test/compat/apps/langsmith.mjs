import { traceable } from 'langsmith/traceable';
import { wrapOpenAI } from 'langsmith/wrappers';
import OpenAI from 'openai';
import { answer, answerWithTool, fail, stream } from './openai-requests.mjs';
import { serve } from './requests.mjs';

const openai = wrapOpenAI(new OpenAI());
const support = traceable(() => answerWithTool(openai), {
  name: 'support',
  metadata: { session_id: 'conversation-1' },
});
await serve({
  chat: () => answer(openai),
  stream: () => stream(openai),
  tool: () => support(),
  fail: () => fail(openai),
});
