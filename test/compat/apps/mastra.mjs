import { createOpenAI } from '@ai-sdk/openai';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createTool } from '@mastra/core/tools';
import { Observability } from '@mastra/observability';
import { OtelExporter } from '@mastra/otel-exporter';
import { z } from 'zod';
import { serve } from './requests.mjs';

const openai = createOpenAI();
const order = createTool({
  id: 'order',
  description: 'Where an order is',
  inputSchema: z.object({ id: z.string() }),
  execute: async () => 'sent on Monday',
});
const agent = (name, model, tools = {}) =>
  new Agent({ id: name, name, instructions: 'Be kind.', model: openai.chat(model), tools, maxRetries: 0 });
const mastra = new Mastra({
  agents: {
    support: agent('support', 'gpt-4o-mini'),
    orders: agent('orders', 'gpt-4o-mini', { order }),
    broken: agent('broken', 'gpt-broken'),
  },
  observability: new Observability({
    configs: {
      otel: {
        serviceName: process.env.OTEL_SERVICE_NAME,
        exporters: [
          new OtelExporter({
            provider: {
              custom: { endpoint: `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`, protocol: 'http/protobuf' },
            },
            resourceAttributes: { 'deployment.environment.name': 'test' },
          }),
        ],
      },
    },
  }),
});
const tracingOptions = { metadata: { userId: 'user-1', sessionId: 'conversation-1' } };
const generate = async (name) => (await mastra.getAgent(name).generate('When does it come?', { tracingOptions })).text;
await serve({
  chat: () => generate('support'),
  stream: async () => (await Array.fromAsync((await mastra.getAgent('support').stream('When?')).textStream)).join(''),
  tool: () => generate('orders'),
  fail: () => generate('broken'),
});
await mastra.shutdown();
