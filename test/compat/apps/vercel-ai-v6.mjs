import { createOpenAI } from '@ai-sdk/openai-v3';
import { embed, generateText, stepCountIs, streamText, tool } from 'ai-v6';
import { z } from 'zod';
import { serve } from './requests.mjs';

const openai = createOpenAI();
const model = openai.chat('gpt-4o-mini');
const prompt = 'When does it come?';
const experimental_telemetry = {
  isEnabled: true,
  functionId: 'support',
  metadata: { userId: 'user-1', sessionId: 'conversation-1' },
};
const order = tool({
  description: 'Where an order is',
  inputSchema: z.object({ id: z.string() }),
  execute: () => 'sent',
});
await serve({
  chat: async () => (await generateText({ model, prompt, experimental_telemetry })).text,
  stream: async () =>
    (await Array.fromAsync(streamText({ model, prompt, experimental_telemetry }).textStream)).join(''),
  tool: async () =>
    (await generateText({ model, prompt, tools: { order }, stopWhen: stepCountIs(3), experimental_telemetry })).text,
  embed: () =>
    embed({ model: openai.textEmbeddingModel('text-embedding-3-small'), value: 'Returns', experimental_telemetry }),
  fail: () => generateText({ model: openai.chat('gpt-broken'), prompt, maxRetries: 0, experimental_telemetry }),
});
