import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Random } from '../random.ts';
import { logNormal } from './draws.ts';
import { figuresIn } from './shop.ts';

const Completion = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
});

/** How often the model makes a figure up when it is told to keep to the passages, and when it is not. */
const SLIPS = 0.015;
const INVENTS = 0.7;
const SERVED_MODEL = 'gpt-4o-mini-2024-07-18';

/**
 * Stands in for a model provider, with the wire format of OpenAI's chat completions. It reads the instructions: told to use
 * only the passages it quotes them, not told so it mostly makes the figures up. That is all it can do.
 */
export async function startModelServer(random: Random): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void answer(request, random).then(async ({ status, body, delayMs }) => {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server };
}

async function answer(
  request: IncomingMessage,
  random: Random,
): Promise<{ status: number; body: object; delayMs: number }> {
  const refused = (message: string) => ({ status: 400, body: { error: { message } }, delayMs: 0 });
  let text = '';
  for await (const chunk of request) text += chunk;
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return refused(`only POST /v1/chat/completions is there, not ${request.method} ${request.url}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused('the body is not JSON');
  }
  const completion = Completion.safeParse(json);
  if (!completion.success) return refused(completion.error.message);
  const { model, messages } = completion.data;
  const contentOf = (role: string): string =>
    messages
      .filter((message) => message.role === role)
      .map((message) => message.content)
      .join('\n');
  const passage = /Passage: (.*)/.exec(contentOf('user'))?.[1] ?? '';
  const isBound = /only what the passages say/i.test(contentOf('system'));
  const content = random() < (isBound ? SLIPS : INVENTS) ? invented(passage, random) : passage;
  const tokens = (of: string): number => Math.ceil(of.length / 4);
  const input = messages.reduce((sum, message) => sum + tokens(message.content), 0);
  return {
    status: 200,
    delayMs: Math.min(2500, logNormal(random, 350, 0.4)),
    body: {
      id: `chatcmpl-${Math.floor(random() * 2 ** 48).toString(36)}`,
      object: 'chat.completion',
      created: Math.floor(Date.now() / 1000),
      model: model.startsWith('gpt-4o-mini') ? SERVED_MODEL : model,
      choices: [
        { index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop', logprobs: null },
      ],
      usage: { prompt_tokens: input, completion_tokens: tokens(content), total_tokens: input + tokens(content) },
    },
  };
}

/** The passage with every figure in it replaced by another one. */
const invented = (passage: string, random: Random): string => {
  const known = new Set(figuresIn(passage));
  return passage.replaceAll(/\d+(?:\.\d+)?/g, () => {
    for (;;) {
      const figure = String(2 + Math.floor(random() * 97));
      if (!known.has(figure)) return figure;
    }
  });
};
