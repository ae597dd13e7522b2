import { openAI } from '@genkit-ai/compat-oai/openai';
import { genkit, z } from 'genkit';
import { serve } from './requests.mjs';

const ai = genkit({ plugins: [openAI({ maxRetries: 0 })] });
const order = ai.defineTool(
  {
    name: 'order',
    description: 'Where an order is',
    inputSchema: z.object({ id: z.string() }),
    outputSchema: z.string(),
  },
  async () => 'sent on Monday',
);
const prompt = 'When does it come?';
const model = openAI.model('gpt-4o-mini');
const support = ai.defineFlow('support', async () => (await ai.generate({ model, prompt, tools: [order] })).text);
await serve({
  chat: async () => (await ai.generate({ model, prompt })).text,
  stream: async () => (await Array.fromAsync(ai.generateStream({ model, prompt }).stream)).length,
  flow: () => support(),
  embed: () => ai.embed({ embedder: openAI.embedder('text-embedding-3-small'), content: 'Returns' }),
  fail: async () => (await ai.generate({ model: openAI.model('gpt-broken'), prompt })).text,
});
