import { describe, expect, it } from 'vitest';
import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { TraceDecoder } from '../../../collectors/otlp/decode.ts';
import { judgeTrace } from '../../../src/interactions/judge.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import type { TraceId } from '../../../src/model/ids.ts';
import { requestOf, type SpanSketch, secondsAgo } from '../otlp/requests.ts';
import { spansOf, WINDOW } from '../otlp/samples.ts';

const SERVER = 2;
const CLIENT = 3;
const id = (n: number): string => n.toString(16).padStart(16, '0');
const under = (n: number): { parentSpanId: string } => ({ parentSpanId: id(n) });

/** What traces amount to, in short. Spans have the ids 1, 2 ... in their order. */
function judged(sketches: readonly SpanSketch[]) {
  const dictionary = new Dictionary();
  const decoder = new TraceDecoder({ dialects, dictionary, declared: NOTHING_DECLARED });
  const spans = spansOf(decoder.decode(requestOf(sketches), WINDOW));
  const text = (code: number) => dictionary.textOrNull(code);
  const traces = [...Map.groupBy(spans, (span): TraceId => span.traceId).values()].map((all) => judgeTrace(all));
  return {
    interactions: traces.flatMap(({ interactions }) =>
      interactions.map((one) => ({
        operation: text(one.operation),
        agent: text(one.agent),
        provider: text(one.provider),
        model: text(one.responseModel) ?? text(one.requestModel),
        finish: text(one.finishReason),
        tokens: [one.inputTokens, one.outputTokens, one.cachedInputTokens, one.reasoningTokens],
        firstToken: one.timeToFirstTokenMs,
        conversation: one.conversationId,
        isError: one.isError,
        seconds: one.durationNanos / 1e9,
      })),
    ),
    calls: traces.flatMap(({ calls }) =>
      calls.map((call) => [call.kind, text(call.name) ?? text(call.model), call.isError ? 'failed' : 'ok']),
    ),
    seconds: traces.flatMap(({ calls }) => calls.map((call) => call.durationNanos / 1e9)),
  };
}

describe('Logfire', () => {
  const request = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    request_data: '{"model":"gpt-4o","stream":true}',
  };
  const streamed: SpanSketch = {
    name: 'Chat Completion',
    start: secondsAgo(5),
    end: secondsAgo(4),
    attributes: { ...request, 'logfire.span_type': 'span' },
  };
  const log = {
    name: 'streaming response',
    start: secondsAgo(2),
    end: secondsAgo(2),
    attributes: {
      ...request,
      'logfire.span_type': 'log',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 9,
      duration: 2.5,
    },
  };

  it('a streamed answer is one call: the log at its end is none, and says how long it took', () => {
    const root = { name: 'ask', start: secondsAgo(6), end: secondsAgo(1), attributes: { 'logfire.span_type': 'span' } };
    // Its context was carried there as a remote one's is.
    const end = { ...log, ...under(1), flags: 0x300 };
    const { interactions, calls } = judged([root, { ...streamed, ...under(1) }, end]);
    expect(calls).toEqual([['model', 'gpt-4o', 'ok']]);
    expect(interactions).toMatchObject([{ operation: 'chat', tokens: [12, 9, null, null], seconds: 3 }]);
  });

  it('a log in a trace of its own is no interaction', () => {
    const { interactions } = judged([streamed, { ...log, traceId: 'f'.repeat(32) }]);
    expect(interactions).toHaveLength(1);
  });

  it('a sign that a span has begun is not its call', () => {
    const sign = { ...streamed, end: secondsAgo(5), attributes: { ...request, 'logfire.span_type': 'pending_span' } };
    const { interactions, calls, seconds } = judged([streamed, { ...sign, ...under(1) }]);
    expect(interactions).toHaveLength(1);
    expect(calls).toEqual([['model', 'gpt-4o', 'ok']]);
    expect(seconds).toEqual([1]);
  });

  it('a log that is not about a call is nothing', () => {
    const plain = { attributes: { 'logfire.span_type': 'log', 'logfire.msg': 'asked' }, status: { code: 2 } };
    expect(judged([plain])).toEqual({ interactions: [], calls: [], seconds: [] });
  });
});

describe('pydantic-ai', () => {
  const chat = (usage: NonNullable<SpanSketch['attributes']>): SpanSketch => ({
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': 'google-gla',
      'gen_ai.request.model': 'gemini-2.5-flash',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 200,
      ...usage,
    },
  });

  it.each([
    ['of its own', { cache_read_tokens: 20, reasoning_tokens: 30 }, [100, 200, 20, 30]],
    ["of OpenAI's", { cached_tokens: 16, reasoning_tokens: 64 }, [100, 200, 16, 64]],
    ["of Anthropic's", { cache_read_input_tokens: 7, cache_creation_input_tokens: 3 }, [100, 200, 7, null]],
    ["of Google's", { cached_content_tokens: 5, thoughts_tokens: 11 }, [100, 200, 5, 11]],
  ])('details %s', (_, details, tokens) => {
    const usage = Object.fromEntries(Object.entries(details).map(([key, n]) => [`gen_ai.usage.details.${key}`, n]));
    expect(judged([chat(usage)]).interactions).toMatchObject([{ provider: 'gcp.gemini', tokens }]);
  });
});

describe('LiteLLM', () => {
  const call = (type: string, more: NonNullable<SpanSketch['attributes']> = {}): SpanSketch => ({
    name: 'litellm_request',
    ...under(1),
    attributes: {
      'llm.request.type': type,
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 9,
      ...more,
    },
  });
  const proxy: SpanSketch = { name: 'Received Proxy Server Request', kind: SERVER };

  it.each([
    ['acompletion', {}, 'model'],
    ['acompletion', { 'gen_ai.operation.name': 'acompletion' }, 'model'],
    ['aresponses', { 'gen_ai.operation.name': 'aresponses' }, 'model'],
    ['anthropic_messages', { 'gen_ai.operation.name': 'anthropic_messages' }, 'model'],
    ['atext_completion', {}, 'model'],
    ['aembedding', { 'gen_ai.operation.name': 'aembedding' }, 'embedding'],
    ['arerank', {}, 'rerank'],
  ])('what its proxy calls %s, with %o, is a call of kind %s', (type, more, kind) => {
    const { interactions, calls } = judged([proxy, call(type, more)]);
    expect(calls).toEqual([[kind, 'gpt-4o', 'ok']]);
    expect(interactions).toMatchObject([{ provider: 'openai', tokens: [12, 9, null, null] }]);
  });

  it('a guardrail has the name that it is given, and an unknown provider is none', () => {
    const guardrail = { 'openinference.span.kind': 'GUARDRAIL', guardrail_name: 'pii' };
    const { interactions, calls } = judged([
      proxy,
      call('acompletion', { 'gen_ai.system': 'Unknown' }),
      { name: 'guardrail', ...under(2), attributes: guardrail },
    ]);
    expect(calls).toContainEqual(['guardrail', 'pii', 'ok']);
    expect(interactions).toMatchObject([{ provider: null }]);
  });

  /** What its second version writes on every span once it knows who asks, from baggage. */
  const asked = {
    'gen_ai.request.model': 'gpt-4o',
    'litellm.api_key.hash': '88dc28d0',
    'litellm.provider.model': 'gpt-4o',
  };
  const service = (name: string): NonNullable<SpanSketch['attributes']> => ({
    ...asked,
    'litellm.service.name': name,
    'db.system.name': name,
  });

  it('second version: only the call of the model is one, though other spans name the model, too', () => {
    const { interactions, calls } = judged([
      { name: 'POST /v1/chat/completions', kind: SERVER, start: secondsAgo(9) },
      { name: 'redis get', kind: CLIENT, ...under(1), start: secondsAgo(8), attributes: service('redis') },
      {
        name: 'execute_guardrail pii',
        ...under(1),
        start: secondsAgo(7),
        attributes: { ...asked, 'litellm.guardrail.name': 'pii', 'litellm.guardrail.status': 'success' },
      },
      {
        name: 'chat gpt-4o',
        kind: CLIENT,
        ...under(1),
        start: secondsAgo(6),
        attributes: {
          ...asked,
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.usage.input_tokens': 12,
          'gen_ai.usage.output_tokens': 9,
          'gen_ai.response.time_to_first_chunk': 0.25,
        },
      },
      { name: 'POST', kind: CLIENT, ...under(4), attributes: { ...asked, 'http.request.method': 'POST' } },
      { name: 'batch_write_to_db', kind: CLIENT, ...under(1), end: secondsAgo(0.5), attributes: service('postgresql') },
    ]);
    expect(calls).toEqual([
      ['guardrail', 'pii', 'ok'],
      ['model', 'gpt-4o', 'ok'],
    ]);
    expect(interactions).toMatchObject([{ provider: 'openai', tokens: [12, 9, null, null] }]);
  });

  it('second version: what its own work names as a model is no interaction, also where it fails', () => {
    const write = { name: 'batch_write_to_db', kind: CLIENT, attributes: service('postgresql'), status: { code: 2 } };
    expect(judged([write]).interactions).toEqual([]);
  });
});

describe('Mastra', () => {
  it('before 1.0: the call of a model is an `llm_generation`, agents are servers', () => {
    const { interactions, calls } = judged([
      {
        name: 'agent.weather',
        kind: SERVER,
        start: secondsAgo(5),
        attributes: {
          'mastra.span.type': 'agent_run',
          'gen_ai.operation.name': 'agent.run',
          'agent.id': 'weather',
          sessionId: 'talk-1',
          userId: 'ada',
        },
      },
      {
        name: 'chat gpt-4o-mini',
        kind: CLIENT,
        ...under(1),
        attributes: {
          'mastra.span.type': 'llm_generation',
          'gen_ai.operation.name': 'chat',
          'gen_ai.system': 'openai.responses',
          'gen_ai.request.model': 'gpt-4o-mini',
          'gen_ai.usage.input_tokens': 64,
          'gen_ai.usage.output_tokens': 17,
          'gen_ai.usage.cached_input_tokens': 16,
          'gen_ai.usage.reasoning_tokens': 4,
          'gen_ai.response.finish_reasons': 'stop',
        },
      },
      { name: 'chunk', ...under(2), attributes: { 'mastra.span.type': 'llm_chunk' } },
      {
        name: 'tool.execute get_weather',
        ...under(1),
        attributes: { 'mastra.span.type': 'tool_call', 'gen_ai.tool.name': 'get_weather' },
      },
    ]);
    expect(interactions).toMatchObject([
      { operation: 'invoke_agent', agent: 'weather', provider: 'openai', finish: 'stop', tokens: [64, 17, 16, 4] },
    ]);
    expect(interactions[0]!.conversation).not.toBe('');
    expect(calls).toEqual([
      ['model', 'gpt-4o-mini', 'ok'],
      ['tool', 'get_weather', 'ok'],
    ]);
  });

  it.each([
    ['rag_embedding', 'embedding'],
    ['provider_tool_call', 'tool'],
  ])('a %s is a call of kind %s', (type, kind) => {
    expect(judged([{ attributes: { 'mastra.span.type': type } }]).calls).toMatchObject([[kind, null, 'ok']]);
  });
});

describe('Spring AI', () => {
  const chat = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': 'none',
    'gen_ai.usage.input_tokens': '12',
    'gen_ai.response.finish_reasons': '["STOP"]',
  };
  const framework = { 'gen_ai.operation.name': 'framework', 'gen_ai.system': 'spring_ai' };

  it.each([['framework'], ['execute_tool']])('a tool is one, its operation being %s', (operation) => {
    const tool = {
      'gen_ai.operation.name': operation,
      'gen_ai.system': 'spring_ai',
      'spring.ai.kind': 'tool_call',
      'spring.ai.tool.definition.name': 'search',
    };
    const { interactions, calls } = judged([
      { attributes: { ...framework, 'spring.ai.kind': 'chat_client' }, start: secondsAgo(3) },
      { attributes: chat, ...under(1) },
      { attributes: tool, ...under(2), start: secondsAgo(1.5) },
    ]);
    expect(interactions).toMatchObject([{ provider: 'openai', model: 'gpt-4o', tokens: [12, null, null, null] }]);
    expect(calls).toEqual([
      ['model', 'gpt-4o', 'ok'],
      ['tool', 'search', 'ok'],
    ]);
  });

  it('the conversation is that of the chat memory', () => {
    const client = { ...framework, 'spring.ai.kind': 'chat_client', 'spring.ai.chat.client.conversation.id': 'talk-1' };
    const { interactions } = judged([
      { attributes: client, start: secondsAgo(3) },
      { attributes: chat, ...under(1) },
    ]);
    expect(interactions).toMatchObject([{ conversation: 'talk-1' }]);
  });

  it('a framework is no provider, also where it failed before it asked one', () => {
    const { interactions } = judged([{ attributes: framework, status: { code: 2 } }]);
    expect(interactions).toMatchObject([{ provider: null, isError: true }]);
  });
});

describe('Claude Code', () => {
  const scope = 'com.anthropic.claude_code.tracing';
  const own = { 'session.id': 'talk-1' };
  const request = (more: NonNullable<SpanSketch['attributes']>) => ({
    ...own,
    'span.type': 'llm_request',
    'gen_ai.system': 'anthropic',
    'gen_ai.request.model': 'claude-opus-5',
    ...more,
  });
  const interaction: SpanSketch = { scope, start: secondsAgo(5), attributes: { ...own, 'span.type': 'interaction' } };

  it('one prompt is one interaction, with all that it used', () => {
    const { interactions, calls } = judged([
      interaction,
      {
        scope,
        ...under(1),
        start: secondsAgo(4),
        attributes: request({
          input_tokens: 200,
          output_tokens: 100,
          cache_read_tokens: 80,
          cache_creation_tokens: 20,
          ttft_ms: 840,
          stop_reason: 'tool_use',
          success: true,
        }),
      },
      {
        scope,
        ...under(1),
        attributes: { ...own, 'span.type': 'tool', tool_name: 'Bash', 'gen_ai.tool.call.id': 'toolu_1' },
      },
      {
        scope,
        ...under(3),
        attributes: { ...own, 'span.type': 'tool.execution', success: true, 'gen_ai.tool.call.id': 'toolu_1' },
      },
    ]);
    expect(calls).toEqual([
      ['model', 'claude-opus-5', 'ok'],
      ['tool', 'Bash', 'ok'],
    ]);
    expect(interactions).toMatchObject([
      {
        operation: 'invoke_agent',
        provider: 'anthropic',
        finish: 'tool_use',
        tokens: [300, 100, 80, null],
        firstToken: 1840,
        isError: false,
      },
    ]);
  });

  it("a tool's call is its run: that it failed, and how long it took, waiting for leave left out", () => {
    const tool = { ...own, 'span.type': 'tool', tool_name: 'Bash' };
    const wait = { ...own, 'span.type': 'tool.blocked_on_user', decision: 'accept' };
    const run = { ...own, 'span.type': 'tool.execution', success: 'false', error: 'exit 1' };
    const { interactions, calls, seconds } = judged([
      { ...interaction, start: secondsAgo(9), end: secondsAgo(1) },
      { scope, ...under(1), start: secondsAgo(8), end: secondsAgo(2), attributes: tool },
      { scope, ...under(2), start: secondsAgo(8), end: secondsAgo(4), attributes: wait },
      { scope, ...under(2), start: secondsAgo(4), end: secondsAgo(2), attributes: run },
    ]);
    expect(calls).toEqual([['tool', 'Bash', 'failed']]);
    expect(seconds).toEqual([2]);
    expect(interactions).toMatchObject([{ operation: 'invoke_agent', isError: false }]);
  });

  it('a tool that was denied has no run, and what a tool of agents asks of others are calls of their own', () => {
    const tool = (name: string) => ({ ...own, 'span.type': 'tool', tool_name: name });
    const run = { ...own, 'span.type': 'tool.execution', success: true };
    const { calls } = judged([
      interaction,
      { scope, ...under(1), start: secondsAgo(4), attributes: tool('Edit') },
      { scope, ...under(1), start: secondsAgo(3), attributes: tool('Task') },
      { scope, ...under(3), start: secondsAgo(3), attributes: run },
      { scope, ...under(4), start: secondsAgo(2), attributes: tool('Read') },
      { scope, ...under(5), start: secondsAgo(2), attributes: run },
    ]);
    expect(calls).toEqual([
      ['tool', 'Edit', 'ok'],
      ['tool', 'Task', 'ok'],
      ['tool', 'Read', 'ok'],
    ]);
  });

  it('a request that failed says so by `success` alone, and of others that says nothing', () => {
    const failed = { scope, ...under(1), attributes: request({ success: false }) };
    expect(judged([interaction, failed]).calls).toEqual([['model', 'claude-opus-5', 'failed']]);
    const other = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o', success: false };
    expect(judged([{ attributes: other }]).calls).toEqual([['model', 'gpt-4o', 'ok']]);
  });

  it('a type of span that is of somebody else hides nothing', () => {
    const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o', 'span.type': 'web' };
    expect(judged([{ attributes: chat }]).calls).toEqual([['model', 'gpt-4o', 'ok']]);
    for (const type of ['web', 'tool', 'interaction'])
      expect(judged([{ attributes: { 'span.type': type }, status: { code: 2 } }]).interactions).toEqual([]);
  });
});

it('Gemini CLI: what it calls an `llm_call` is a call of a model', () => {
  const own = { 'gen_ai.agent.name': 'gemini-cli', 'gen_ai.conversation.id': 'talk-1' };
  const { interactions, calls } = judged([
    { name: 'user_prompt', start: secondsAgo(5), attributes: { ...own, 'gen_ai.operation.name': 'user_prompt' } },
    {
      name: 'llm_call',
      ...under(1),
      attributes: {
        ...own,
        'gen_ai.operation.name': 'llm_call',
        'gen_ai.request.model': 'gemini-2.5-pro',
        'gen_ai.usage.input_tokens': 12,
        'gen_ai.usage.output_tokens': 9,
      },
    },
    { ...under(1), attributes: { ...own, 'gen_ai.operation.name': 'schedule_tool_calls' }, start: secondsAgo(1.8) },
    {
      ...under(3),
      start: secondsAgo(1.7),
      attributes: { ...own, 'gen_ai.operation.name': 'tool_call', 'gen_ai.tool.name': 'read_file' },
    },
  ]);
  expect(interactions).toMatchObject([{ operation: 'chat', agent: 'gemini-cli', tokens: [12, 9, null, null] }]);
  expect(calls).toEqual([
    ['model', 'gemini-2.5-pro', 'ok'],
    ['tool', 'read_file', 'ok'],
  ]);
});

it("Azure's agents: a run that is streamed is one interaction, with what it used", () => {
  const run = { 'gen_ai.system': 'az.ai.agents', 'gen_ai.thread.id': 'thread_1' };
  const { interactions, calls } = judged([
    {
      name: 'process_thread_run',
      start: secondsAgo(9),
      attributes: {
        ...run,
        'gen_ai.operation.name': 'process_thread_run',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
      },
    },
    {
      ...under(1),
      name: 'submit_tool_outputs',
      start: secondsAgo(8),
      end: secondsAgo(7),
      attributes: { ...run, 'gen_ai.operation.name': 'submit_tool_outputs' },
    },
    {
      ...under(2),
      name: 'execute_tool search',
      start: secondsAgo(8),
      end: secondsAgo(7),
      attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },
    },
  ]);
  expect(interactions).toMatchObject([{ operation: 'invoke_agent', model: 'gpt-4o', tokens: [100, 20, null, null] }]);
  expect(calls).toEqual([['tool', 'search', 'ok']]);
});

it('vLLM: a request is a call of a model, also where nothing names one', () => {
  const { interactions, calls } = judged([
    {
      name: 'llm_request',
      kind: SERVER,
      attributes: {
        'gen_ai.request.id': 'cmpl-1',
        'gen_ai.usage.prompt_tokens': 17,
        'gen_ai.usage.completion_tokens': 64,
        'gen_ai.latency.time_to_first_token': 0.125,
        'gen_ai.latency.e2e': 1,
      },
    },
  ]);
  expect(interactions).toMatchObject([{ operation: 'chat', tokens: [17, 64, null, null], firstToken: 125 }]);
  expect(calls).toHaveLength(1);
});

describe('MCP', () => {
  const call = { 'mcp.method.name': 'tools/call' };
  const named = { ...call, 'gen_ai.tool.name': 'add', 'gen_ai.operation.name': 'execute_tool' };
  const sdk: SpanSketch = { name: 'MCP send tools/call add', kind: CLIENT, attributes: call };

  it('the Python SDK names a tool by its span alone', () => {
    expect(judged([sdk]).calls).toEqual([['tool', 'add', 'ok']]);
    for (const name of ['MCP send tools/call', 'tools/call ', 'ask', ''])
      expect(judged([{ ...sdk, name }]).calls).toEqual([['tool', null, 'ok']]);
  });

  it('Logfire wrote it in the words of JSON-RPC, which mean nothing elsewhere', () => {
    const asked = {
      name: 'MCP request: tools/call add',
      attributes: { 'rpc.system': 'jsonrpc', 'rpc.method': 'tools/call' },
    };
    expect(judged([{ ...asked, scope: 'logfire.mcp' }]).calls).toEqual([['tool', 'add', 'ok']]);
    expect(judged([asked]).calls).toEqual([]);
    const listed = { name: 'MCP request: tools/list', attributes: { 'rpc.method': 'tools/list' } };
    expect(judged([{ ...listed, scope: 'logfire.mcp' }]).calls).toEqual([]);
  });

  it('FastMCP around the SDK around its server is one call', () => {
    const { calls } = judged([
      { name: 'tools/call add', kind: CLIENT, attributes: named, start: secondsAgo(3) },
      { ...sdk, ...under(1) },
      { name: 'tools/call add', kind: SERVER, attributes: named, ...under(2), start: secondsAgo(1.5) },
    ]);
    expect(calls).toEqual([['tool', 'add', 'ok']]);
  });

  it('a tool whose answer says that it failed has failed, though the SDK got an answer', () => {
    const outer = { name: 'tools/call add', kind: CLIENT, start: secondsAgo(3), status: { code: 2 } };
    const { calls } = judged([
      { ...outer, attributes: { ...named, 'error.type': 'tool_error' } },
      { ...sdk, ...under(1) },
    ]);
    expect(calls).toEqual([['tool', 'add', 'failed']]);
  });

  it('one that was asked for again, and then answered, failed once', () => {
    const run = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'add' };
    const { calls } = judged([
      { attributes: run, start: secondsAgo(3), status: { code: 2 } },
      { ...sdk, ...under(1), status: { code: 2 } },
      { ...sdk, ...under(1), start: secondsAgo(1.5) },
    ]);
    expect(calls).toEqual([
      ['tool', 'add', 'failed'],
      ['tool', 'add', 'ok'],
    ]);
  });
});

describe('Genkit', () => {
  it.each([
    ['tool.v2', 'tool'],
    ['background-model', 'model'],
  ])('a %s is a call of kind %s', (subtype, kind) => {
    const attributes = { 'genkit:type': 'action', 'genkit:metadata:subtype': subtype, 'genkit:name': 'search' };
    expect(judged([{ attributes }]).calls).toEqual([[kind, 'search', 'ok']]);
  });
});

it('Haystack: components are called by their class, and one request is one interaction', () => {
  const component = (type: string, name: string, start: number): SpanSketch => ({
    name: 'haystack.component.run',
    ...under(1),
    start: secondsAgo(start),
    attributes: { 'haystack.component.type': type, 'haystack.component.name': name },
  });
  const { interactions, calls } = judged([
    { name: 'haystack.pipeline.run', start: secondsAgo(9) },
    component('OpenAITextEmbedder', 'embedder', 8),
    component('QdrantEmbeddingRetriever', 'retriever', 7),
    component('PromptBuilder', 'builder', 6),
    component('OpenAIChatGenerator', 'llm', 5),
  ]);
  expect(interactions).toMatchObject([{ operation: 'chat' }]);
  expect(calls).toEqual([
    ['embedding', null, 'ok'],
    ['retrieval', 'retriever', 'ok'],
    ['model', null, 'ok'],
  ]);
});

it('Haystack: an agent that is a component is one, with its tools', () => {
  const { interactions, calls } = judged([
    { start: secondsAgo(9), attributes: { 'haystack.component.type': 'Agent', 'haystack.component.name': 'agent' } },
    { ...under(1), start: secondsAgo(8), attributes: { 'haystack.agent.max_steps': 100 } },
    { ...under(2), attributes: { 'haystack.tool.name': 'search' } },
  ]);
  expect(interactions).toMatchObject([{ operation: 'invoke_agent' }]);
  expect(calls).toEqual([['tool', 'search', 'ok']]);
});

it('OpenLIT, older: embeddings are no chat, and what a framework does is no call', () => {
  const own = { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'text-embedding-3-small' };
  const { interactions, calls } = judged([
    { start: secondsAgo(9), attributes: { 'gen_ai.type': 'framework', 'gen_ai.system': 'langchain' } },
    { ...under(1), attributes: { ...own, 'gen_ai.type': 'embedding' } },
  ]);
  expect(interactions).toMatchObject([{ operation: 'embeddings', provider: 'openai' }]);
  expect(calls).toEqual([['embedding', 'text-embedding-3-small', 'ok']]);
});

it('the AI SDK 5 with Anthropic: what the last step says of the cache is not added to the sum of all steps', () => {
  const usage = (input: number) =>
    JSON.stringify({
      anthropic: { usage: { input_tokens: input, cache_creation_input_tokens: 0, cache_read_input_tokens: 100 } },
    });
  const step = (input: number) => ({
    ...under(1),
    attributes: {
      'ai.operationId': 'ai.streamText.doStream',
      'ai.usage.inputTokens': input,
      'ai.usage.outputTokens': 5,
      'ai.usage.cachedInputTokens': 100,
      'ai.response.providerMetadata': usage(input),
    },
  });
  const run = {
    start: secondsAgo(9),
    attributes: {
      'ai.operationId': 'ai.streamText',
      'ai.usage.inputTokens': 500,
      'ai.usage.outputTokens': 10,
      'ai.usage.cachedInputTokens': 200,
      'ai.response.providerMetadata': usage(300),
    },
  };
  const { interactions } = judged([run, step(200), step(300)]);
  expect(interactions).toMatchObject([{ tokens: [700, 10, 200, null] }]);
});

it('Strands: a tool that answers with an error has failed', () => {
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
  const tool = { attributes: { ...attributes, 'gen_ai.tool.status': 'error' }, status: { code: 1 } };
  expect(judged([tool]).calls).toEqual([['tool', 'search', 'failed']]);
});

describe('Strands by the newest conventions', () => {
  const details = (attributes: NonNullable<SpanSketch['attributes']>) => ({
    name: 'gen_ai.client.inference.operation.details',
    attributes,
  });
  const asked = details({
    'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"hi"}],"finish_reason":"none"}]',
  });
  const answered = (finish: string) =>
    details({
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [{ type: 'text', content: '[{"finish_reason":"not this"}]' }],
          finish_reason: finish,
        },
      ]),
    });
  const chat = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'strands-agents',
    'gen_ai.request.model': 'claude-sonnet-5',
  };

  it('why an answer ended stands in the messages of a second event', () => {
    const { interactions } = judged([{ attributes: chat, events: [asked, answered('end_turn')] }]);
    expect(interactions).toMatchObject([{ finish: 'end_turn' }]);
  });

  it('a question alone has no finish reason, nor have messages that are cut off', () => {
    const cut = details({ 'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"te' });
    for (const events of [[asked], [asked, cut]])
      expect(judged([{ attributes: chat, events }]).interactions).toMatchObject([{ finish: null }]);
  });
});

it('Strands before 1.0: so too by the older name', () => {
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search', 'tool.status': 'error' };
  expect(judged([{ attributes, status: { code: 1 } }]).calls).toEqual([['tool', 'search', 'failed']]);
});

it('Strands 0.1: an agent that names no operation is none of the model calls', () => {
  const named = { 'gen_ai.system': 'strands-agents', 'gen_ai.agent.name': 'helper', 'gen_ai.request.model': 'gpt-4o' };
  const { interactions, calls } = judged([
    { start: secondsAgo(5), attributes: { ...named, 'gen_ai.agent.tools': '["order"]' } },
    { ...under(1), name: 'Cycle 1', attributes: { 'event_loop.cycle_id': '1' } },
    { ...under(2), name: 'Model invoke', attributes: named },
  ]);
  expect(interactions).toMatchObject([{ operation: 'invoke_agent', agent: 'helper' }]);
  expect(calls).toEqual([['model', 'gpt-4o', 'ok']]);
});

it("Azure's agents: a thread is a conversation", () => {
  const run = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.thread.id': 'thread_1' };
  expect(judged([{ attributes: run }]).interactions[0]!.conversation).not.toBe('');
});

it('Google ADK: what merges the answers of tools that ran at once is no tool', () => {
  const tool = (name: string): SpanSketch => ({
    ...under(1),
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name, 'gen_ai.tool.call.id': name },
  });
  const agent = { start: secondsAgo(5), attributes: { 'gen_ai.operation.name': 'invoke_agent' } };
  const { calls } = judged([agent, tool('weather'), tool('news'), tool('(merged tools)')]);
  expect(calls.map(([, name]) => name)).toEqual(['weather', 'news']);
});

it('Google ADK before 1.4: tools are named by their spans, and their answers are no calls', () => {
  const own = { 'gen_ai.system': 'gcp.vertex.agent' };
  const tool = (name: string) => [
    { ...under(2), name: `tool_call [${name}]`, attributes: { ...own, 'gcp.vertex.agent.tool_call_args': '{}' } },
    { ...under(2), name: `tool_response [${name}]`, attributes: { ...own, 'gcp.vertex.agent.tool_response': '{}' } },
  ];
  const { interactions, calls } = judged([
    { start: secondsAgo(9), name: 'invocation' },
    { ...under(1), name: 'call_llm', attributes: { ...own, 'gen_ai.request.model': 'gemini-2.5-flash' } },
    ...tool('order'),
    ...tool('refund'),
    { ...under(2), name: 'tool_response', attributes: { ...own, 'gcp.vertex.agent.tool_response': '{}' } },
  ]);
  expect(interactions).toHaveLength(1);
  expect(calls).toEqual([
    ['model', 'gemini-2.5-flash', 'ok'],
    ['tool', 'order', 'ok'],
    ['tool', 'refund', 'ok'],
  ]);
});

describe('Google ADK: an answer without content', () => {
  const call = { 'gen_ai.system': 'gcp.vertex.agent', 'gen_ai.request.model': 'gemini-2.5-flash' };
  const answered = (response: object, more: NonNullable<SpanSketch['attributes']> = {}) => ({
    attributes: { ...call, 'gcp.vertex.agent.llm_response': JSON.stringify(response), ...more },
  });

  it.each([
    ['in Python', { error_code: 'PROHIBITED_CONTENT', usage_metadata: { prompt_token_count: 12 } }],
    ['in JavaScript', { errorCode: 'PROHIBITED_CONTENT', errorMessage: 'no', usageMetadata: {} }],
  ])('names what blocked the question where it ended, and has not failed, %s', (_, response) => {
    const { interactions } = judged([answered(response)]);
    expect(interactions).toMatchObject([{ finish: 'PROHIBITED_CONTENT', isError: false }]);
  });

  it('has failed where nothing is known of it', () => {
    const { interactions } = judged([answered({ errorCode: 'UNKNOWN_ERROR', errorMessage: 'Unknown error.' })]);
    expect(interactions).toMatchObject([{ finish: 'UNKNOWN_ERROR', isError: true }]);
  });

  it('a finish reason of its own comes first', () => {
    const ended = { 'gen_ai.response.finish_reasons': ['max_tokens'] };
    const { interactions } = judged([answered({ error_code: 'MAX_TOKENS' }, ended)]);
    expect(interactions).toMatchObject([{ finish: 'max_tokens', isError: false }]);
  });
});

it('Google ADK: a session is a conversation', () => {
  const call = { 'gen_ai.system': 'gcp.vertex.agent', 'gen_ai.request.model': 'gemini-2.5-flash' };
  const [one] = judged([{ attributes: { ...call, 'gcp.vertex.agent.session_id': 'talk-1' } }]).interactions;
  expect(one!.conversation).not.toBe('');
});

it('Microsoft Agent Framework: a run of an agent is one, and its sum of tokens is not added to its calls', () => {
  const counts = { 'gen_ai.usage.input_tokens': 12, 'gen_ai.usage.output_tokens': 9 };
  const { interactions, calls } = judged([
    {
      name: 'invoke_agent Weather',
      start: secondsAgo(9),
      attributes: {
        ...counts,
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'microsoft.agent_framework',
        'gen_ai.agent.name': 'Weather',
      },
    },
    {
      name: 'chat gpt-4o',
      kind: CLIENT,
      ...under(1),
      start: secondsAgo(8),
      attributes: {
        ...counts,
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'azure.ai.openai',
        'gen_ai.request.model': 'gpt-4o',
      },
    },
    {
      name: 'execute_tool get_weather',
      ...under(2),
      attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'get_weather' },
    },
  ]);
  expect(interactions).toMatchObject([
    { operation: 'invoke_agent', agent: 'Weather', provider: 'azure.ai.openai', tokens: [12, 9, null, null] },
  ]);
  expect(calls).toEqual([
    ['model', 'gpt-4o', 'ok'],
    ['tool', 'get_weather', 'ok'],
  ]);
});

describe('Quarkus LangChain4j', () => {
  const scope = 'io.quarkus.opentelemetry';
  const own = { 'gen_ai.conversation.id': 'talk-1' };
  const failed = { name: 'exception', attributes: { 'exception.type': 'java.net.http.HttpTimeoutException' } };
  const service: SpanSketch = { scope, name: 'langchain4j.aiservices.Poems.write', start: secondsAgo(8) };
  const completion: SpanSketch = {
    scope,
    name: 'completion gpt-4o',
    ...under(1),
    start: secondsAgo(7),
    attributes: {
      ...own,
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.prompt_tokens': 12,
      'gen_ai.usage.completion_tokens': 9,
      'gen_ai.response.finish_reasons': 'STOP',
    },
  };
  const tool: SpanSketch = {
    scope,
    name: 'langchain4j.tools.mail',
    ...under(1),
    attributes: { ...own, 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'mail' },
  };

  it('what is called a completion is a call of a model, and tools are tools', () => {
    const { interactions, calls } = judged([service, completion, tool]);
    expect(interactions).toMatchObject([{ tokens: [12, 9, null, null], conversation: 'talk-1', isError: false }]);
    expect(calls).toEqual([
      ['model', 'gpt-4o', 'ok'],
      ['tool', 'mail', 'ok'],
    ]);
  });

  it('a call that failed says so by an exception alone', () => {
    const { interactions, calls } = judged([
      service,
      { ...tool, start: secondsAgo(7.5), end: secondsAgo(7.2), events: [failed] },
      { ...completion, events: [failed] },
    ]);
    expect(interactions).toMatchObject([{ isError: true }]);
    expect(calls).toEqual([
      ['tool', 'mail', 'failed'],
      ['model', 'gpt-4o', 'failed'],
    ]);
  });
});

describe('MLflow, in its own words', () => {
  const text = (value: unknown): string => JSON.stringify(value);
  const usage = (input: number, output: number) => ({
    'mlflow.chat.tokenUsage': text({ input_tokens: input, output_tokens: output, total_tokens: input + output }),
  });
  const model = { 'mlflow.spanType': text('CHAT_MODEL'), 'mlflow.llm.model': text('gpt-4o-mini') };

  it('a function that is traced is an interaction, whose calls are named by their spans', () => {
    const { interactions, calls } = judged([
      {
        name: 'answer',
        start: secondsAgo(9),
        attributes: { 'mlflow.traceRequestId': text('tr-1'), 'mlflow.spanType': text('UNKNOWN') },
      },
      {
        ...under(1),
        name: 'VectorStoreRetriever',
        start: secondsAgo(8),
        attributes: { 'mlflow.spanType': text('RETRIEVER') },
      },
      {
        ...under(1),
        name: 'Completions',
        start: secondsAgo(7),
        end: secondsAgo(5),
        attributes: {
          ...model,
          'mlflow.llm.provider': text('openai'),
          'mlflow.chat.tokenUsage': text({
            input_tokens: 100,
            output_tokens: 20,
            total_tokens: 120,
            cache_read_input_tokens: 64,
          }),
          'mlflow.spanInputs': text({ messages: [] }),
        },
        events: [
          { name: 'mlflow.chunk.item.0', time: secondsAgo(6.5) },
          { name: 'mlflow.chunk.item.1', time: secondsAgo(6) },
        ],
      },
      {
        ...under(1),
        name: 'search',
        start: secondsAgo(4),
        end: secondsAgo(3),
        attributes: { 'mlflow.spanType': text('TOOL') },
        events: [{ name: 'exception', attributes: { 'exception.type': 'ValueError' } }],
        status: { code: 2 },
      },
    ]);
    expect(interactions).toMatchObject([
      { operation: 'chat', provider: 'openai', model: 'gpt-4o-mini', tokens: [100, 20, 64, null], isError: false },
    ]);
    expect(interactions[0]!.firstToken).toBe(2500);
    expect(calls).toEqual([
      ['retrieval', 'VectorStoreRetriever', 'ok'],
      ['model', 'gpt-4o-mini', 'ok'],
      ['tool', 'search', 'failed'],
    ]);
  });

  it('a call within a call of the same model is one, and an agent that says the sum adds nothing', () => {
    const { interactions, calls } = judged([
      { name: 'support', start: secondsAgo(9), attributes: { 'mlflow.spanType': text('AGENT'), ...usage(150, 26) } },
      { ...under(1), name: 'ChatOpenAI', start: secondsAgo(8), attributes: { ...model, ...usage(70, 17) } },
      { ...under(2), name: 'Completions', start: secondsAgo(8), attributes: { ...model, ...usage(70, 17) } },
      { ...under(1), name: 'ChatOpenAI', start: secondsAgo(2), attributes: { ...model, ...usage(80, 9) } },
    ]);
    expect(interactions).toMatchObject([{ agent: 'support', tokens: [150, 26, null, null] }]);
    expect(calls).toHaveLength(2);
  });
});

it("Dify: a run of an app is one interaction; its nodes are calls, and its plugins' ids are no providers", () => {
  const node = (type: string, kind: string) => ({
    'node.type': type,
    'gen_ai.framework': 'dify',
    'gen_ai.span.kind': kind,
    'input.value': '{}',
  });
  const { interactions, calls } = judged([
    {
      name: 'AppGenerateService.generate',
      start: secondsAgo(9),
      attributes: { 'dify.app_id': 'a-1', 'gen_ai.user.id': 'u-1' },
    },
    { ...under(1), name: 'Start', start: secondsAgo(9), end: secondsAgo(9), attributes: node('start', 'TASK') },
    {
      ...under(1),
      name: 'Knowledge',
      start: secondsAgo(8),
      end: secondsAgo(7),
      attributes: node('knowledge-retrieval', 'RETRIEVER'),
    },
    {
      ...under(1),
      name: 'Weather',
      start: secondsAgo(7),
      end: secondsAgo(6),
      attributes: { ...node('tool', 'TOOL'), 'gen_ai.tool.name': 'Weather', 'gen_ai.tool.type': 'builtin' },
      status: { code: 2, message: 'no such place' },
    },
    {
      ...under(1),
      name: 'Answer',
      start: secondsAgo(5),
      end: secondsAgo(2),
      attributes: {
        ...node('llm', 'LLM'),
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.provider.name': 'langgenius/openai/openai',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.usage.total_tokens': 120,
        'gen_ai.response.finish_reason': 'stop',
      },
    },
  ]);
  expect(interactions).toMatchObject([
    { operation: 'chat', provider: 'openai', model: 'gpt-4o-mini', finish: 'stop', tokens: [100, 20, null, null] },
  ]);
  expect(calls).toEqual([
    ['retrieval', 'Knowledge', 'ok'],
    ['tool', 'Weather', 'failed'],
    ['model', 'gpt-4o-mini', 'ok'],
  ]);
});

describe('LiveKit Agents', () => {
  const scope = 'livekit-agents';
  const counts = { 'gen_ai.usage.input_tokens': 120, 'gen_ai.usage.output_tokens': 14 };

  it('what hears and what speaks are no calls of language models', () => {
    const llm = { 'gen_ai.request.model': 'gpt-4o-mini', 'gen_ai.provider.name': 'api.openai.com' };
    const { interactions, calls } = judged([
      { scope, name: 'agent_session', start: secondsAgo(30), attributes: { 'lk.room_name': 'r-1' } },
      {
        scope,
        name: 'user_turn',
        ...under(1),
        start: secondsAgo(20),
        end: secondsAgo(18),
        attributes: {
          'gen_ai.request.model': 'nova-3',
          'gen_ai.provider.name': 'deepgram',
          'lk.transcript_confidence': 0.99,
        },
      },
      { scope, name: 'agent_turn', ...under(1), start: secondsAgo(18), attributes: { 'lk.generation_id': 's-1_1' } },
      {
        scope,
        name: 'llm_node',
        ...under(3),
        start: secondsAgo(18),
        end: secondsAgo(14),
        attributes: { ...llm, 'lk.function_tools': ['look_up'], 'lk.response.ttft': 0.5 },
      },
      {
        scope,
        name: 'llm_request',
        ...under(4),
        start: secondsAgo(18),
        end: secondsAgo(14),
        attributes: { 'gen_ai.request.model': 'gpt-4o-mini', 'lk.llm_metrics': '{}', ...counts },
      },
      {
        scope,
        name: 'function_tool',
        ...under(3),
        start: secondsAgo(14),
        end: secondsAgo(13),
        attributes: { 'lk.function_tool.name': 'look_up', 'lk.function_tool.is_error': true },
      },
      {
        scope,
        name: 'tts_node',
        ...under(3),
        start: secondsAgo(13),
        end: secondsAgo(10),
        attributes: { 'gen_ai.request.model': 'sonic-3', 'lk.response.ttfb': 0.25 },
      },
    ]);
    expect(calls).toEqual([
      ['model', 'gpt-4o-mini', 'ok'],
      ['tool', 'look_up', 'failed'],
    ]);
    expect(interactions).toMatchObject([
      { provider: 'openai', model: 'gpt-4o-mini', tokens: [120, 14, null, null], firstToken: 2500 },
    ]);
  });

  it('elsewhere a span that names nothing but a model is a call of it', () => {
    expect(judged([{ attributes: { 'gen_ai.request.model': 'gpt-4o' } }]).calls).toEqual([['model', 'gpt-4o', 'ok']]);
  });
});

describe('Pipecat', () => {
  const scope = 'pipecat';
  const speech = (operation: string, provider: string) => ({
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': 'm',
    'metrics.ttfb': 0.1,
  });
  const turn: readonly SpanSketch[] = [
    { scope: 'pipecat.turn', name: 'conversation', attributes: { 'conversation.id': 'talk-1' } },
    { scope: 'pipecat.turn', name: 'turn', ...under(1), attributes: { 'turn.number': 1, 'conversation.id': 'talk-1' } },
    {
      scope,
      name: 'stt',
      ...under(2),
      start: secondsAgo(9),
      end: secondsAgo(8),
      attributes: speech('stt', 'deepgram'),
    },
    {
      scope,
      name: 'llm',
      ...under(2),
      start: secondsAgo(8),
      end: secondsAgo(6),
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.usage.input_tokens': 120,
        'gen_ai.usage.output_tokens': 14,
        'gen_ai.usage.cache_read_input_tokens': 64,
        'metrics.ttfb': 0.4,
      },
    },
    {
      scope,
      name: 'function_call',
      ...under(2),
      start: secondsAgo(6),
      end: secondsAgo(5),
      attributes: { 'tool.function_name': 'get_weather', 'tool.call_id': 'c', 'tool.result_status': 'error' },
    },
    {
      scope,
      name: 'tts',
      ...under(2),
      start: secondsAgo(5),
      end: secondsAgo(4),
      attributes: speech('tts', 'cartesia'),
    },
  ];

  it('of a turn the language model and the tools are calls', () => {
    const { interactions, calls } = judged(turn);
    expect(calls).toEqual([
      ['model', 'gpt-4o-mini', 'ok'],
      ['tool', 'get_weather', 'failed'],
    ]);
    expect(interactions).toMatchObject([{ provider: 'openai', tokens: [120, 14, 64, null], firstToken: 1400 }]);
  });

  it('the conversation has its id on the turn', () => {
    expect(judged(turn).interactions[0]!.conversation).not.toBe('');
  });
});

it('VoltAgent: a run is one interaction, with its models, tools and agents; what failed says so', () => {
  const scope = '@voltagent/core';
  const common = { 'entity.id': 'support', 'entity.type': 'agent', 'entity.name': 'Support', 'operation.id': 'o-1' };
  const sub = { ...common, 'subagent.name': 'Finder', 'agent.parent.name': 'Support' };
  const llm = (input: number, output: number) => ({
    'span.type': 'llm',
    'llm.operation': 'generateText',
    'llm.model': 'gpt-4o-mini',
    'llm.usage.prompt_tokens': input,
    'llm.usage.completion_tokens': output,
    'llm.usage.reasoning_tokens': 5,
    'llm.finish_reason': 'stop',
  });
  const { interactions, calls } = judged([
    {
      scope,
      name: 'Support',
      start: secondsAgo(9),
      attributes: { ...common, 'user.id': 'u-1', 'usage.prompt_tokens': 150, 'usage.completion_tokens': 26 },
      status: { code: 1 },
    },
    { scope, ...under(1), name: 'memory.read', start: secondsAgo(9), attributes: { ...common, 'span.type': 'memory' } },
    { scope, ...under(1), name: 'llm:generateText', start: secondsAgo(8), attributes: { ...common, ...llm(100, 20) } },
    {
      scope,
      ...under(1),
      name: 'tool.execution:search',
      start: secondsAgo(7),
      end: secondsAgo(6),
      attributes: { ...common, 'span.type': 'tool', 'tool.name': 'search', 'error.type': 'TypeError' },
      status: { code: 2 },
    },
    { scope, ...under(1), name: 'subagent:Finder', start: secondsAgo(5), end: secondsAgo(2), attributes: sub },
    {
      scope,
      ...under(5),
      name: 'llm:streamText',
      start: secondsAgo(4),
      end: secondsAgo(3),
      attributes: { ...sub, ...llm(50, 6) },
    },
  ]);
  expect(interactions).toMatchObject([
    { operation: 'invoke_agent', agent: 'Support', model: 'gpt-4o-mini', tokens: [150, 26, null, 10], isError: false },
  ]);
  expect(calls).toEqual([
    ['model', 'gpt-4o-mini', 'ok'],
    ['tool', 'search', 'failed'],
    ['agent', 'Finder', 'ok'],
    ['model', 'gpt-4o-mini', 'ok'],
  ]);
});

it('Braintrust: what its SDKs write is JSON, kinds and counts alike', () => {
  const call = (type: string) => ({ 'braintrust.span_attributes': JSON.stringify({ type }), 'braintrust.parent': 'p' });
  const { interactions, calls } = judged([
    { name: 'answer', start: secondsAgo(9), attributes: call('task') },
    {
      ...under(1),
      name: 'Chat Completion',
      start: secondsAgo(8),
      end: secondsAgo(5),
      attributes: {
        ...call('llm'),
        'braintrust.metadata': '{"endpoint":"/v1/chat/completions","model":"gpt-4o-mini","provider":"openai"}',
        'braintrust.metrics':
          '{"completion_reasoning_tokens":5,"completion_tokens":20,"prompt_cached_tokens":64,"prompt_tokens":100,"tokens":120}',
      },
    },
    {
      ...under(1),
      name: 'web_search_call',
      start: secondsAgo(4),
      end: secondsAgo(3),
      attributes: call('tool'),
      status: { code: 2 },
    },
  ]);
  expect(interactions).toMatchObject([
    { operation: 'invoke_workflow', provider: 'openai', model: 'gpt-4o-mini', tokens: [100, 20, 64, 5] },
  ]);
  expect(calls).toEqual([
    ['model', 'gpt-4o-mini', 'ok'],
    ['tool', 'web_search_call', 'failed'],
  ]);
});

it("Cloudflare's AI Gateway: a request is a call, whose provider has a name of its own", () => {
  const { interactions, calls } = judged([
    {
      kind: SERVER,
      attributes: {
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.model.provider': 'openai',
        'gen_ai.usage.input_tokens': 12,
        'gen_ai.usage.output_tokens': 7,
        'gen_ai.usage.cost': 0.0012,
      },
    },
  ]);
  expect(interactions).toMatchObject([{ provider: 'openai', model: 'gpt-4o-mini', tokens: [12, 7, null, null] }]);
  expect(calls).toEqual([['model', 'gpt-4o-mini', 'ok']]);
});
