import { createOpenAI } from '@ai-sdk/openai';
import { OpenTelemetry } from '@ai-sdk/otel';
import { trace } from '@opentelemetry/api';
import { embed, generateText, registerTelemetry, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { serve } from './requests.mjs';

registerTelemetry(new OpenTelemetry());
const openai = createOpenAI();
const model = openai.chat('gpt-4o-mini');
const prompt = 'When does it come?';
const telemetry = { functionId: 'support' };
const order = tool({
  description: 'Where an order is',
  inputSchema: z.object({ id: z.string() }),
  execute: () => 'sent',
});
await serve({
  chat: async () => {
    trace.getActiveSpan()?.setAttributes({ 'user.id': 'user-1', 'session.id': 'conversation-1' });
    return (await generateText({ model, prompt, telemetry })).text;
  },
  stream: async () => (await Array.fromAsync(streamText({ model, prompt, telemetry }).textStream)).join(''),
  tool: async () => (await generateText({ model, prompt, tools: { order }, stopWhen: stepCountIs(3), telemetry })).text,
  embed: () => embed({ model: openai.textEmbeddingModel('text-embedding-3-small'), value: 'Returns', telemetry }),
  fail: () => generateText({ model: openai.chat('gpt-broken'), prompt, maxRetries: 0, telemetry }),
});
