import { describe, expect, it } from 'vitest';
import { judgeTrace } from '../../../src/interactions/judge.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { GUARDRAIL, type Span } from '../../../src/model/span.ts';
import { requestOf, type SpanSketch, secondsAgo } from '../otlp/requests.ts';
import { decoderWith, described, spansOf, WINDOW } from '../otlp/samples.ts';

type Attributes = NonNullable<SpanSketch['attributes']>;

/** Spans as instrumentations other than the recorded ones write them, and what becomes of them. */
function read(sketches: readonly SpanSketch[]) {
  const dictionary = new Dictionary();
  const spans = spansOf(decoderWith(dictionary).decode(requestOf(sketches), WINDOW));
  return { spans, dictionary, ...described([judgeTrace(spans)], dictionary) };
}

/** The span's fields that are asked for, names in words. */
function fields(attributes: Attributes, ...names: (keyof Span)[]): unknown[] {
  const { spans, dictionary } = read([{ attributes }]);
  const TEXTS: readonly string[] = ['provider', 'requestModel', 'responseModel', 'finishReason', 'name', 'agent'];
  return names.map((name) => {
    const value = spans[0]![name];
    return TEXTS.includes(name) || name.startsWith('prompt') ? dictionary.textOrNull(value as number) : value;
  });
}

const idOf = (n: number): string => n.toString(16).padStart(16, '0');
/** Spans in each other: each but the first below the one of that number. */
const nested = (...sketches: readonly (SpanSketch & { readonly below?: number })[]): SpanSketch[] =>
  sketches.map(({ below, ...sketch }, i) => ({
    start: secondsAgo(9 - i * 0.1),
    end: secondsAgo(1 + i * 0.1),
    ...sketch,
    spanId: idOf(i + 1),
    ...(below !== undefined && { parentSpanId: idOf(below + 1) }),
  }));
const kindsOf = (calls: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
  calls.map(({ kind, provider, model, name }) => [kind, provider ?? name, model]);

describe('OpenLLMetry', () => {
  it('LlamaIndex: calls of models are tasks, too', () => {
    const { interactions, calls } = read(
      nested(
        { name: 'RetrieverQueryEngine.workflow', attributes: { 'traceloop.span.kind': 'workflow' } },
        {
          name: 'Cohere.task',
          below: 0,
          attributes: {
            'traceloop.span.kind': 'task',
            'traceloop.entity.name': 'Cohere.task',
            'llm.request.type': 'chat',
            'gen_ai.request.model': 'command-r-plus',
            'gen_ai.usage.input_tokens': 30,
            'gen_ai.usage.output_tokens': 12,
            'llm.usage.total_tokens': 42,
            'llm.response.finish_reason': 'COMPLETE',
          },
        },
      ),
    );
    expect(kindsOf(calls)).toEqual([['model', null, 'command-r-plus']]);
    expect(interactions).toMatchObject([
      { operation: 'invoke_workflow', requestModel: 'command-r-plus', inputTokens: 30, outputTokens: 12 },
    ]);
    expect(interactions[0]).toMatchObject({ finishReason: 'COMPLETE' });
  });

  it('LlamaIndex, newer: a task or workflow that names an operation is that call', () => {
    const { interactions, calls } = read(
      nested(
        { attributes: { 'traceloop.span.kind': 'workflow', 'traceloop.entity.name': 'RetrieverQueryEngine.workflow' } },
        {
          below: 0,
          attributes: { 'traceloop.span.kind': 'task', 'traceloop.entity.name': 'VectorIndexRetriever.task' },
        },
        {
          below: 1,
          attributes: {
            'traceloop.span.kind': 'task',
            'gen_ai.operation.name': 'embeddings',
            'gen_ai.request.model': 'text-embedding-3-small',
          },
        },
        {
          below: 0,
          attributes: {
            'traceloop.span.kind': 'task',
            'gen_ai.operation.name': 'chat',
            'gen_ai.provider.name': 'mistral_ai',
            'gen_ai.request.model': 'mistral-large',
            'gen_ai.usage.input_tokens': 30,
          },
        },
      ),
    );
    expect(kindsOf(calls)).toEqual([
      ['embedding', null, 'text-embedding-3-small'],
      ['model', 'mistral_ai', 'mistral-large'],
    ]);
    expect(interactions).toMatchObject([{ operation: 'invoke_workflow', inputTokens: 30 }]);
  });

  it('LangChain: a task or workflow that names another operation is none', () => {
    const around = (kind: string, operation: string) => ({
      'traceloop.span.kind': kind,
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'langchain',
    });
    const { interactions, calls } = read(
      nested(
        { attributes: around('workflow', 'invoke_agent') },
        { below: 0, attributes: around('task', 'execute_task') },
        { below: 1, attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' } },
      ),
    );
    expect(kindsOf(calls)).toEqual([['model', null, 'gpt-4o']]);
    expect(interactions).toMatchObject([{ operation: 'invoke_workflow' }]);
  });

  it('LlamaIndex: a call that nothing is around is a workflow, and an interaction', () => {
    const attributes = { 'traceloop.span.kind': 'workflow', 'llm.request.type': 'chat', 'gen_ai.request.model': 'm' };
    expect(read([{ attributes }]).interactions).toMatchObject([{ operation: 'chat', requestModel: 'm' }]);
  });

  it('before it wrote gen_ai.*', () => {
    const attributes = {
      'llm.vendor': 'OpenAI',
      'llm.request.type': 'chat',
      'llm.request.model': 'gpt-4',
      'llm.response.model': 'gpt-4-0613',
      'llm.usage.prompt_tokens': 15,
      'llm.usage.completion_tokens': 19,
      'llm.completions.0.finish_reason': 'stop',
      'llm.user': 'u-1',
    };
    expect(
      fields(attributes, 'provider', 'requestModel', 'responseModel', 'inputTokens', 'outputTokens', 'finishReason'),
    ).toEqual(['openai', 'gpt-4', 'gpt-4-0613', 15, 19, 'stop']);
    expect(fields(attributes, 'kind', 'userId')).toEqual(['model', 'u-1']);
  });

  it('CrewAI: the crew is no model', () => {
    const { interactions, calls } = read(
      nested(
        { name: 'crewai.workflow', attributes: { 'gen_ai.system': 'crewai', 'crewai.crew.process': 'sequential' } },
        {
          name: 'Writer.agent',
          below: 0,
          attributes: {
            'traceloop.span.kind': 'agent',
            'gen_ai.request.model': 'gpt-4o',
            'gen_ai.response.model': 'gpt-4o',
          },
        },
        {
          name: 'openai.chat',
          below: 1,
          attributes: {
            'gen_ai.system': 'OpenAI',
            'llm.request.type': 'chat',
            'gen_ai.request.model': 'gpt-4o',
            'gen_ai.response.model': 'gpt-4o-2024-08-06',
          },
        },
      ),
    );
    expect(calls).toMatchObject([{ kind: 'agent' }, { kind: 'model', model: 'gpt-4o-2024-08-06' }]);
    expect(interactions).toMatchObject([{ provider: 'openai', responseModel: 'gpt-4o-2024-08-06' }]);
  });

  it.each([
    ['PASSED', GUARDRAIL.passed],
    ['FAILED', GUARDRAIL.blocked],
    ['ERROR', GUARDRAIL.unknown],
  ])('a guard that %s', (status, outcome) => {
    const attributes = {
      'gen_ai.operation.name': 'guard',
      'gen_ai.guardrail.name': 'pii',
      'gen_ai.guardrail.status': status,
    };
    expect(fields(attributes, 'kind', 'name', 'guardrail')).toEqual(['guardrail', 'pii', outcome]);
  });
});

describe('OpenInference', () => {
  it('a decision is a call of a model', () => {
    const attributes = {
      'openinference.span.kind': 'DECISION',
      'decision.system': 'typesafe',
      'decision.request.model_name': 'jev-latest',
      'decision.response.model_name': 'jev-1.13.0',
      'decision.model_name': 'jev-1.13.0',
      'decision.token_count.input': 412,
      'decision.token_count.output': 2,
    };
    expect(
      fields(attributes, 'kind', 'provider', 'requestModel', 'responseModel', 'inputTokens', 'outputTokens'),
    ).toEqual(['model', 'typesafe', 'jev-latest', 'jev-1.13.0', 412, 2]);
  });

  it.each([
    [
      'a reranker',
      { 'openinference.span.kind': 'RERANKER', 'reranker.model_name': 'rerank-v3.5' },
      'rerank-v3.5',
      null,
    ],
    [
      'LangChain: parameters by another name',
      {
        'openinference.span.kind': 'LLM',
        'llm.invocation_parameters': '{"model_name":"gemini-2.5-flash","stop":null}',
        'llm.model_name': 'gemini-2.5-flash-001',
      },
      'gemini-2.5-flash',
      'gemini-2.5-flash-001',
    ],
    [
      'Azure: no model among the parameters',
      {
        'openinference.span.kind': 'LLM',
        'llm.invocation_parameters': '{"model":null,"model_name":null}',
        'llm.model_name': 'gpt-4o-2024-08-06',
      },
      'gpt-4o-2024-08-06',
      null,
    ],
  ] as [string, Attributes, string, string | null][])('%s', (_, attributes, request, response) => {
    expect(fields(attributes, 'requestModel', 'responseModel')).toEqual([request, response]);
  });

  it('what was cached, under its other name', () => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.token_count.prompt': 1200,
      'llm.token_count.prompt_details.cache_input': 1024,
    };
    expect(fields(attributes, 'inputTokens', 'cachedInputTokens')).toEqual([1200, 1024]);
  });

  it('Bedrock: input without what was cached, and its own name for why it ended', () => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.provider': 'aws',
      'llm.token_count.prompt': 900,
      'llm.token_count.prompt_details.cache_read': 100,
      'llm.stop_reason': 'end_turn',
    };
    const usage = (scope: string) => read([{ scope, attributes }]).interactions;
    expect(usage('@arizeai/openinference-instrumentation-bedrock')).toMatchObject([
      { provider: 'aws.bedrock', inputTokens: 1000, cachedInputTokens: 100, finishReason: 'end_turn' },
    ]);
    expect(fields(attributes, 'inputTokens')).toEqual([900]);
  });

  it.each(['bedrock', 'claude_agent_sdk'])(
    'of Python (%s): what was cached is in the input, if it fits in',
    (library) => {
      const attributes = {
        'openinference.span.kind': 'LLM',
        'llm.token_count.prompt': 900,
        'llm.token_count.prompt_details.cache_read': 100,
      };
      const scope = `openinference.instrumentation.${library}`;
      expect(read([{ scope, attributes }]).interactions).toMatchObject([{ inputTokens: 900, cachedInputTokens: 100 }]);
    },
  );

  it('the thread of LangGraph is a conversation; an agent has a name of its own', () => {
    const attributes = {
      'openinference.span.kind': 'AGENT',
      metadata: '{"langgraph_step":1,"thread_id":"t-7"}',
      'agent.name': 'researcher',
      'graph.node.id': 'node-3',
    };
    expect(fields(attributes, 'conversationId', 'agent')).toEqual(['t-7', 'researcher']);
  });
});

describe('the AI SDK', () => {
  it('3: spans that name no operation but in words', () => {
    const model = { 'ai.model.id': 'gpt-4o', 'ai.model.provider': 'openai.chat', 'ai.telemetry.functionId': 'support' };
    const usage = { 'ai.usage.promptTokens': 10, 'ai.usage.completionTokens': 5, 'ai.finishReason': 'stop' };
    const call = { ...model, ...usage, 'gen_ai.system': 'openai.chat', 'gen_ai.request.model': 'gpt-4o' };
    const operation = (name: string) => ({ 'operation.name': `${name} support` });
    const { interactions, calls } = read(
      nested(
        { attributes: { ...operation('ai.generateText'), ...model, ...usage } },
        { below: 0, attributes: { ...operation('ai.generateText.doGenerate'), ...call } },
        { below: 0, attributes: { ...operation('ai.toolCall'), 'ai.toolCall.name': 'search' } },
        { below: 0, attributes: { ...operation('ai.generateText.doGenerate'), ...call } },
      ),
    );
    expect(kindsOf(calls)).toEqual([
      ['model', 'openai', 'gpt-4o'],
      ['tool', 'search', null],
      ['model', 'openai', 'gpt-4o'],
    ]);
    expect(interactions).toMatchObject([{ operation: 'invoke_agent', inputTokens: 20, finishReason: 'stop' }]);
  });

  it('3: embeddings are one call, within and without', () => {
    const attributes = { 'ai.model.id': 'e-3', 'ai.model.provider': 'openai.embedding', 'ai.usage.tokens': 9 };
    const { interactions, calls } = read(nested({ attributes }, { attributes, below: 0 }));
    expect(kindsOf(calls)).toEqual([['embedding', 'openai', 'e-3']]);
    expect(interactions).toMatchObject([{ inputTokens: 9 }]);
  });

  it('7: reranking and deciding are described twice, and are one call', () => {
    for (const [operation, kind] of [
      ['rerank', 'rerank'],
      ['decide', 'model'],
    ]) {
      const attributes = {
        'gen_ai.operation.name': operation!,
        'gen_ai.provider.name': 'cohere',
        'gen_ai.request.model': 'r',
      };
      const inner = { ...attributes, 'gen_ai.response.model': 'r-1', 'gen_ai.usage.input_tokens': 9 };
      const { interactions, calls } = read(nested({ attributes }, { attributes: inner, below: 0 }));
      expect(kindsOf(calls)).toEqual([[kind, 'cohere', 'r-1']]);
      expect(interactions).toMatchObject([{ inputTokens: 9 }]);
    }
  });

  it('7: who asked stands in the context of the call', () => {
    const attributes = {
      'ai.operationId': 'ai.generateText',
      'ai.settings.context.userId': 'u-1',
      'ai.settings.context.sessionId': 's-1',
    };
    expect(fields(attributes, 'userId', 'conversationId')).toEqual(['u-1', 's-1']);
  });

  it('objects have the time to the first chunk under another name', () => {
    const attributes = { 'ai.operationId': 'ai.streamObject.doStream', 'ai.stream.msToFirstChunk': 84.5 };
    expect(fields(attributes, 'timeToFirstTokenMs')).toEqual([84.5]);
  });

  it('as OpenLLMetry sends it on', () => {
    const { interactions, calls } = read(
      nested(
        {
          name: 'support.agent',
          scope: 'ai',
          attributes: {
            'ai.operationId': 'ai.generateText',
            'gen_ai.operation.name': 'chat',
            'traceloop.span.kind': 'agent',
            'traceloop.entity.name': 'support',
            'gen_ai.agent.name': 'support',
            'gen_ai.usage.input_tokens': 150,
            'gen_ai.usage.output_tokens': 26,
          },
        },
        {
          name: 'text.generate',
          scope: 'ai',
          below: 0,
          attributes: {
            'ai.operationId': 'ai.generateText.doGenerate',
            'gen_ai.system': 'Google',
            'gen_ai.provider.name': 'google',
            'gen_ai.request.model': 'gemini-2.5-flash',
            'gen_ai.usage.input_tokens': 150,
            'gen_ai.usage.output_tokens': 26,
          },
        },
        {
          name: 'search.tool',
          scope: 'ai',
          below: 1,
          attributes: {
            'ai.operationId': 'ai.toolCall',
            'traceloop.span.kind': 'tool',
            'traceloop.entity.name': 'search',
            'gen_ai.tool.name': 'search',
          },
        },
      ),
    );
    expect(kindsOf(calls)).toEqual([
      ['model', 'gcp.gemini', 'gemini-2.5-flash'],
      ['tool', 'search', null],
    ]);
    expect(interactions).toMatchObject([{ operation: 'invoke_agent', inputTokens: 150, outputTokens: 26 }]);
  });
});

describe('LangSmith', () => {
  const llm = { 'langsmith.span.kind': 'llm' };
  it('counts may stand in its metadata alone', () => {
    const usage = { input_tokens: 20, output_tokens: 9, input_token_details: { cache_read: 16, cache_creation: 2 } };
    const attributes = {
      ...llm,
      'langsmith.usage_metadata': JSON.stringify({ ...usage, output_token_details: { reasoning: 4 } }),
    };
    expect(
      fields(attributes, 'inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'),
    ).toEqual([20, 9, 16, 2, 4]);
  });

  it('Python writes details as it prints them', () => {
    const attributes = {
      ...llm,
      'gen_ai.usage.input_tokens': 20,
      'gen_ai.usage.input_token_details': "{'audio': 0, 'note': \"it's\", 'cache_read': 16}",
      'gen_ai.usage.output_token_details': "{'reasoning': 4}",
    };
    expect(fields(attributes, 'cachedInputTokens', 'reasoningTokens')).toEqual([16, 4]);
  });

  it('of several answers the first says why it ended', () => {
    expect(fields({ ...llm, 'gen_ai.response.finish_reasons': 'length, stop' }, 'finishReason')).toEqual(['length']);
  });

  it('a prompt of its hub has a name and a version', () => {
    const attributes = {
      'langsmith.span.kind': 'prompt',
      'langsmith.metadata.lc_hub_repo': 'support-answer',
      'langsmith.metadata.lc_hub_commit_hash': '8f3c2ab1',
    };
    expect(fields(attributes, 'promptName', 'promptVersion')).toEqual(['support-answer', '8f3c2ab1']);
  });
});

describe('Langfuse', () => {
  const counts = (usage: object): unknown[] =>
    fields(
      { 'langfuse.observation.type': 'generation', 'langfuse.observation.usage_details': JSON.stringify(usage) },
      'inputTokens',
      'outputTokens',
      'cachedInputTokens',
      'cacheWriteTokens',
      'reasoningTokens',
    );

  it.each([
    [
      'LangChain: parts have shorter names',
      { input: 5, input_cache_read: 16, input_cache_creation: 3, output: 8, output_reasoning: 64, total: 96 },
      [24, 72, 16, 3, 64],
    ],
    [
      'Anthropic: parts without a total',
      { input: 900, output: 8, cache_read_input_tokens: 100 },
      [1000, 8, 100, null, null],
    ],
    [
      "OpenAI's own, of completions",
      {
        prompt_tokens: 21,
        completion_tokens: 72,
        total_tokens: 93,
        prompt_tokens_details: { cached_tokens: 16 },
        completion_tokens_details: { reasoning_tokens: 64 },
      },
      [21, 72, 16, null, 64],
    ],
    [
      "OpenAI's own, of responses",
      {
        input_tokens: 21,
        input_tokens_details: { cached_tokens: 16 },
        output_tokens: 72,
        output_tokens_details: { reasoning_tokens: 64 },
        total_tokens: 93,
      },
      [21, 72, 16, null, 64],
    ],
  ])('%s', (_, usage, wanted) => {
    expect(counts(usage)).toEqual(wanted);
  });
});
