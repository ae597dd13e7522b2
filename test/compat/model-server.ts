import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request to the stand-in costs: every test knows it, so every token count can be compared. */
export const USAGE = {
  chat: { inputTokens: 30, outputTokens: 12 },
  /** The question that is answered with the wish to call a tool, and the one that brings its result. */
  toolWish: { inputTokens: 70, outputTokens: 17 },
  toolResult: { inputTokens: 80, outputTokens: 9 },
  embedding: { inputTokens: 8 },
  /** Of Anthropic's: `inputTokens` as counted here, with what was read from and written to the cache. */
  message: { inputTokens: 184, outputTokens: 15, cachedInputTokens: 128 },
} as const;

/** Asked for this model, the stand-in answers 429. */
export const BROKEN_MODEL = 'gpt-broken';

type Json = Record<string, unknown>;
/** An answer whole, or as the events of a stream. */
type Answer = { readonly status: number; readonly body: Json } | { readonly events: readonly (Json | '[DONE]')[] };

/** Stands in for OpenAI (chat completions, responses, embeddings) and Anthropic (messages), on a free port of loopback. */
export async function startModelServer(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const DOORS: Record<string, (request: Json) => Answer> = {
  '/v1/chat/completions': chat,
  '/v1/responses': responses,
  '/v1/embeddings': embeddings,
  '/v1/messages': messages,
};

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const door = DOORS[request.url ?? ''];
  const body = door === undefined ? {} : (JSON.parse(text) as Json);
  const answer = door === undefined ? failed(404, `no ${request.url} here`) : broken(body) ? tooMany() : door(body);
  if ('events' in answer) return stream(answer.events, response);
  // Clients are not to ask again by themselves: one call is one answer.
  response.writeHead(answer.status, { 'content-type': 'application/json', 'x-should-retry': 'false' });
  response.end(JSON.stringify(answer.body));
}

function stream(events: readonly (Json | '[DONE]')[], response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    if (event === '[DONE]') response.write('data: [DONE]\n\n');
    else response.write(`${event['type'] ? `event: ${event['type']}\n` : ''}data: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}

const broken = (body: Json): boolean => body['model'] === BROKEN_MODEL;
const failed = (status: number, message: string, more: Json = {}): Answer => ({
  status,
  body: { type: 'error', error: { message, ...more } },
});
const tooMany = (): Answer => failed(429, 'Rate limit reached', { type: 'requests', code: 'rate_limit_exceeded' });
const served = (model: unknown): string => (model === 'gpt-4o-mini' ? 'gpt-4o-mini-2024-07-18' : String(model));
let answers = 0;
const nextId = (prefix: string): string => `${prefix}${++answers}`;

const openaiUsage = ({ inputTokens: input, outputTokens: output }: { inputTokens: number; outputTokens: number }) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
});

function chat(request: Json): Answer {
  const asked = request['messages'] as { role: string }[];
  const tool = (request['tools'] as { function: { name: string } }[] | undefined)?.[0]?.function.name;
  const isResult = asked.at(-1)?.role === 'tool';
  const wish = tool !== undefined && !isResult ? [toolCall(tool)] : undefined;
  const usage = openaiUsage(isResult ? USAGE.toolResult : wish ? USAGE.toolWish : USAGE.chat);
  const finish_reason = wish ? 'tool_calls' : 'stop';
  const message = { role: 'assistant', content: wish ? null : 'Within 14 days.', ...(wish && { tool_calls: wish }) };
  const frame = { id: nextId('chatcmpl-'), created: 1_760_000_000, model: served(request['model']) };
  if (request['stream'] !== true) {
    const choices = [{ index: 0, message, finish_reason, logprobs: null }];
    return { status: 200, body: { ...frame, object: 'chat.completion', choices, usage } };
  }
  const chunk = (delta: Json, reason: string | null = null): Json => ({
    ...frame,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  const asksForUsage = (request['stream_options'] as Json | undefined)?.['include_usage'] === true;
  return {
    events: [
      chunk(wish ? { ...message, tool_calls: [{ index: 0, ...wish[0] }] } : { role: 'assistant', content: 'Within ' }),
      ...(wish ? [] : [chunk({ content: '14 days.' })]),
      chunk({}, finish_reason),
      ...(asksForUsage ? [{ ...frame, object: 'chat.completion.chunk', choices: [], usage }] : []),
      '[DONE]',
    ],
  };
}

const toolCall = (name: string): Json => ({
  id: 'call_1',
  type: 'function',
  function: { name, arguments: '{"id":"4711"}' },
});

function responses(request: Json): Answer {
  const { inputTokens, outputTokens } = USAGE.chat;
  const content = [{ type: 'output_text', text: 'Within 14 days.', annotations: [] }];
  const body = {
    id: nextId('resp_'),
    object: 'response',
    created_at: 1_760_000_000,
    status: 'completed',
    model: served(request['model']),
    output: [{ type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content }],
    usage: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  };
  return { status: 200, body };
}

function embeddings(request: Json): Answer {
  const { inputTokens } = USAGE.embedding;
  const inputs = [request['input']].flat();
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: [0.1, 0.2, 0.3] }));
  const usage = { prompt_tokens: inputTokens, total_tokens: inputTokens };
  return { status: 200, body: { object: 'list', data, model: request['model'], usage } };
}

function messages(request: Json): Answer {
  const usage = {
    input_tokens: 24,
    cache_read_input_tokens: USAGE.message.cachedInputTokens,
    cache_creation_input_tokens: 32,
    output_tokens: USAGE.message.outputTokens,
  };
  const frame = { id: nextId('msg_'), type: 'message', role: 'assistant', model: request['model'] };
  const text = { type: 'text', text: 'Within 14 days.' };
  if (request['stream'] !== true)
    return { status: 200, body: { ...frame, content: [text], stop_reason: 'end_turn', stop_sequence: null, usage } };
  const message = { ...frame, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  return {
    events: [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: text.text } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
      { type: 'message_stop' },
    ],
  };
}
