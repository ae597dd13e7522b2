import { tool } from '@langchain/core/tools';
import { createReactAgent } from '@langchain/langgraph/prebuilt';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { serve } from './requests.mjs';

const model = new ChatOpenAI({ model: 'gpt-4o-mini' });
const broken = new ChatOpenAI({ model: 'gpt-broken', maxRetries: 0 });
const order = tool(() => 'sent on Monday', {
  name: 'order',
  description: 'Where an order is',
  schema: z.object({ id: z.string() }),
});
const agent = createReactAgent({ llm: model, tools: [order], name: 'support' });
await serve({
  chat: () => model.invoke('When does it come?', { metadata: { session_id: 'conversation-1', user_id: 'user-1' } }),
  stream: async () => (await Array.fromAsync(await model.stream('When does it come?'))).length,
  agent: () => agent.invoke({ messages: [{ role: 'user', content: 'Where is order 4711?' }] }),
  fail: () => broken.invoke('When does it come?'),
});
