import { describe, expect, it } from 'vitest';
import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { TraceDecoder } from '../../../collectors/otlp/decode.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { GUARDRAIL } from '../../../src/model/span.ts';
import { requestOf, type SpanSketch, secondsAgo } from '../otlp/requests.ts';
import { spansOf, WINDOW } from '../otlp/samples.ts';

type Attributes = NonNullable<SpanSketch['attributes']>;

function read(sketch: SpanSketch, service = 'bot') {
  const dictionary = new Dictionary();
  const decoder = new TraceDecoder({ dialects, dictionary, declared: NOTHING_DECLARED });
  const [span] = spansOf(decoder.decode(requestOf([sketch], { 'service.name': service }), WINDOW));
  return { span: span!, text: (code: number) => dictionary.textOrNull(code) };
}

const EXCEPTION = { name: 'exception', attributes: { 'exception.type': 'Timeout' } };

describe('a span failed', () => {
  it.each([
    [
      'Langfuse by its level',
      { attributes: { 'langfuse.observation.type': 'tool', 'langfuse.observation.level': 'ERROR' } },
      '_OTHER',
    ],
    [
      'Langfuse by its level, named by its exception',
      {
        attributes: { 'langfuse.observation.type': 'tool', 'langfuse.observation.level': 'ERROR' },
        events: [EXCEPTION],
      },
      'Timeout',
    ],
    ['Genkit by its state', { attributes: { 'genkit:type': 'action', 'genkit:state': 'error' } }, '_OTHER'],
    [
      'Mastra by its finish reason',
      {
        attributes: { 'mastra.span.type': 'model_inference', 'gen_ai.response.finish_reasons': '["error"]' },
        status: { code: 1 },
      },
      '_OTHER',
    ],
    [
      'Cohere by its finish reason, as it writes it',
      { attributes: { 'llm.request.type': 'chat', 'gen_ai.completion.0.finish_reason': 'ERROR' } },
      '_OTHER',
    ],
    [
      'LangSmith by an exception',
      { scope: 'langsmith', attributes: { 'langsmith.span.kind': 'llm' }, events: [EXCEPTION], status: { code: 1 } },
      'Timeout',
    ],
    [
      'LangSmith by an exception without type',
      { scope: 'langsmith', attributes: { 'langsmith.span.kind': 'llm' }, events: [{ name: 'exception' }] },
      '_OTHER',
    ],
    [
      'MCP by its error type',
      { attributes: { 'mcp.method.name': 'tools/call', 'error.type': 'tool_error' } },
      'tool_error',
    ],
  ] as [string, SpanSketch, string][])('%s', (_, sketch, errorType) => {
    const { span, text } = read(sketch);
    expect([span.isError, text(span.errorType)]).toEqual([true, errorType]);
  });

  it.each([
    ['a warning', { attributes: { 'langfuse.observation.type': 'tool', 'langfuse.observation.level': 'WARNING' } }],
    ['success', { attributes: { 'genkit:type': 'action', 'genkit:state': 'success' } }],
    [
      'an exception that another scope has handled',
      { attributes: { 'langsmith.span.kind': 'llm' }, events: [EXCEPTION] },
    ],
    [
      'an answer that was filtered',
      { attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.response.finish_reasons': ['content_filter'] } },
    ],
    ['a level on a span of no AI', { attributes: { 'langfuse.observation.level': 'ERROR' } }],
  ] as [string, SpanSketch][])('not by %s', (_, sketch) => {
    const { span } = read(sketch);
    expect([span.isError, span.errorType]).toEqual([false, 0]);
  });
});

/** What the AI SDK keeps of an answer of Anthropic's, in the words of its API. */
const anthropicMetadata = (input: number, read: number, written: number): string =>
  JSON.stringify({
    anthropic: {
      usage: {
        input_tokens: input,
        cache_creation_input_tokens: written,
        cache_read_input_tokens: read,
        output_tokens: 42,
        service_tier: 'standard',
      },
      cacheCreationInputTokens: written,
    },
  });

describe('counts', () => {
  const generation = (usage: unknown): Attributes => ({
    'langfuse.observation.type': 'generation',
    'langfuse.observation.usage_details': typeof usage === 'string' ? usage : JSON.stringify(usage),
  });
  it.each([
    [
      'parts are added up where they make the total',
      generation({ input: 5, input_cached_tokens: 16, output: 8, output_reasoning_tokens: 64, total: 93 }),
      [21, 72, 16, null, 64],
    ],
    [
      'a written cache is a part of the input',
      generation({ input: 24, cache_read_input_tokens: 128, cache_creation_input_tokens: 32, output: 8, total: 192 }),
      [184, 8, 128, 32, null],
    ],
    [
      'what makes no total stands for itself',
      generation({ input: 50, input_cached_tokens: 16, output: 8, total: 58 }),
      [50, 8, 16, null, null],
    ],
    ['without a total, too', generation({ input: 50, output: 8 }), [50, 8, null, null, null]],
    [
      'a text that is cut off is read as far as it goes',
      generation('{"input":50,"output":8,"tot'),
      [50, 8, null, null, null],
    ],
    ['no usage is no count, and not 0', generation({}), [null, null, null, null, null]],
    [
      'LangSmith has details in JSON',
      {
        'langsmith.span.kind': 'llm',
        'gen_ai.usage.prompt_tokens': 20,
        'gen_ai.usage.input_token_details': '{"cache_read":16}',
        'gen_ai.usage.output_token_details': '{"reasoning":4}',
      },
      [20, null, 16, null, 4],
    ],
    [
      'Genkit has usage in its output',
      {
        'genkit:metadata:subtype': 'model',
        'genkit:output':
          '{"message":{"usage":{"inputTokens":1}},"usage":{"inputTokens":20,"outputTokens":7,"thoughtsTokens":3}}',
      },
      [20, 7, null, null, 3],
    ],
    [
      'what was read from a cache, too; and where the model thought more than it wrote, its thoughts are not in what it wrote',
      {
        'genkit:metadata:subtype': 'model',
        'genkit:output': '{"usage":{"inputTokens":20,"outputTokens":7,"thoughtsTokens":30,"cachedContentTokens":16}}',
      },
      [20, 37, 16, null, 30],
    ],
    [
      'OpenLIT has details under names of its own',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 20,
        'gen_ai.usage.output_tokens': 70,
        'gen_ai.usage.prompt_tokens_details.cache_read': 16,
        'gen_ai.usage.prompt_tokens_details.cache_write': 2,
        'gen_ai.usage.completion_tokens_details.reasoning': 64,
      },
      [20, 70, 16, 2, 64],
    ],
    [
      "the AI SDK 5 leaves out what Anthropic's cache held, and says so by the provider's own count",
      {
        'ai.operationId': 'ai.streamText.doStream',
        'ai.model.provider': 'anthropic.messages',
        'ai.usage.inputTokens': 337,
        'ai.usage.outputTokens': 42,
        'ai.usage.cachedInputTokens': 100,
        'ai.response.providerMetadata': anthropicMetadata(337, 100, 50),
      },
      [487, 42, 100, 50, null],
    ],
    [
      'so it does where its span has no word for the cache',
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.usage.promptTokens': 337,
        'gen_ai.usage.input_tokens': 337,
        'gen_ai.usage.output_tokens': 42,
        'ai.response.providerMetadata': anthropicMetadata(337, 100, 50),
      },
      [487, 42, 100, 50, null],
    ],
    [
      'the AI SDK 6 has it in',
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.usage.inputTokens': 487,
        'ai.usage.outputTokens': 42,
        'ai.usage.inputTokenDetails.noCacheTokens': 337,
        'ai.usage.inputTokenDetails.cacheReadTokens': 100,
        'ai.usage.inputTokenDetails.cacheWriteTokens': 50,
        'ai.response.providerMetadata': anthropicMetadata(337, 100, 50),
      },
      [487, 42, 100, 50, null],
    ],
    [
      'Strands has its own word for what was written to a cache',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 24,
        'gen_ai.usage.cache_read_input_tokens': 128,
        'gen_ai.usage.cache_write_input_tokens': 32,
      },
      [184, null, 128, 32, null],
    ],
    [
      'Microsoft.Extensions.AI counted in responses at first',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.response.input_tokens': 20,
        'gen_ai.response.output_tokens': 7,
      },
      [20, 7, null, null, null],
    ],
    [
      'Google ADK had one for reasoning',
      {
        'gen_ai.system': 'gcp.vertex.agent',
        'gen_ai.usage.input_tokens': 20,
        'gen_ai.usage.output_tokens': 7,
        'gen_ai.usage.experimental.reasoning_tokens': 30,
      },
      [20, 37, null, null, 30],
    ],
    [
      'Google ADK before 1.4 had them in the answer alone',
      {
        'gen_ai.system': 'gcp.vertex.agent',
        'gcp.vertex.agent.llm_response':
          '{"usage_metadata":{"cached_content_token_count":5,"candidates_token_count":7,"prompt_token_count":20,"thoughts_token_count":30}}',
      },
      [20, 37, 5, null, 30],
    ],
    [
      'embeddings of the AI SDK',
      { 'ai.operationId': 'ai.embed.doEmbed', 'ai.usage.tokens': 8 },
      [8, null, null, null, null],
    ],
  ] as [string, Attributes, (number | null)[]][])('%s', (_, attributes, wanted) => {
    const { span } = read({ attributes });
    expect([
      span.inputTokens,
      span.outputTokens,
      span.cachedInputTokens,
      span.cacheWriteTokens,
      span.reasoningTokens,
    ]).toEqual(wanted);
  });

  it('one scope leaves out what was cached even where that is less than the rest', () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 900,
      'gen_ai.usage.cache_read.input_tokens': 100,
    };
    expect(read({ attributes, scope: '@traceloop/instrumentation-anthropic' }).span.inputTokens).toBe(1000);
    expect(read({ attributes, scope: 'com.anthropic.sdk.typescript' }).span.inputTokens).toBe(900);
  });
});

describe('the time to the first token', () => {
  const start = secondsAgo(2);
  const at = (offset: number): string => new Date(Number(start / 1_000_000n) + offset).toISOString();
  it.each([
    [
      'Langfuse: quoted once more',
      { 'langfuse.observation.type': 'generation', 'langfuse.observation.completion_start_time': `"${at(84)}"` },
      84,
    ],
    ['Mastra', { 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': at(243) }, 243],
    [
      'in another zone',
      { 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': at(84).replace('Z', '+00:00') },
      84,
    ],
    [
      'without a zone it is UTC',
      { 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': at(84).replace('Z', '') },
      84,
    ],
    [
      'before the start it is none',
      { 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': at(-1) },
      null,
    ],
    [
      'what is no time is none',
      { 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': 'soon' },
      null,
    ],
    [
      'the AI SDK: milliseconds',
      { 'ai.operationId': 'ai.streamText.doStream', 'ai.response.msToFirstChunk': 93.5 },
      93.5,
    ],
    ['seconds', { 'gen_ai.operation.name': 'chat', 'gen_ai.response.time_to_first_chunk': 0.25 }, 250],
    [
      'a clock that starts when the response arrives is not used',
      { 'gen_ai.operation.name': 'chat', 'gen_ai.server.time_to_first_token': 0.003 },
      null,
    ],
  ] as [string, Attributes, number | null][])('%s', (_, attributes, ms) => {
    expect(read({ attributes, start }).span.timeToFirstTokenMs).toBe(ms);
  });
});

describe('names', () => {
  it.each([
    [
      'maker and model',
      { 'genkit:metadata:subtype': 'model', 'genkit:name': 'googleai/gemini-2.5-flash' },
      'gcp.gemini',
      'gemini-2.5-flash',
      null,
    ],
    [
      'a model with slashes',
      { 'genkit:metadata:subtype': 'embedder', 'genkit:name': 'openrouter/meta/llama' },
      'openrouter',
      'meta/llama',
      null,
    ],
    ['a model without maker', { 'genkit:metadata:subtype': 'model', 'genkit:name': 'echo' }, null, 'echo', null],
    [
      'a tool is no model',
      { 'genkit:metadata:subtype': 'tool', 'genkit:name': 'shop/search' },
      null,
      null,
      'shop/search',
    ],
    ['LangSmith names tools by span', { 'langsmith.span.kind': 'tool' }, null, null, 'the span'],
    ['Langfuse names agents by span', { 'langfuse.observation.type': 'agent' }, null, null, 'the span'],
    ['a framework is no provider', { 'langsmith.span.kind': 'chain', 'gen_ai.system': 'langchain' }, null, null, null],
  ] as [string, Attributes, ...(string | null)[]][])('%s', (_, attributes, ...wanted) => {
    const { span, text } = read({ attributes, name: 'the span' });
    expect([text(span.provider), text(span.requestModel), text(span.name)]).toEqual(wanted);
  });

  it("a service's own name is no provider, unless the conventions have one of that name", () => {
    const providerOf = (service: string): string | null => {
      const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': service };
      const { span, text } = read({ attributes }, service);
      return text(span.provider);
    };
    expect(['support-bot', 'anthropic', 'openai', 'aws.bedrock'].map(providerOf)).toEqual([
      null,
      'anthropic',
      'openai',
      'aws.bedrock',
    ]);
  });

  it('of prompt versions Langfuse goes first, then OpenInference, then OpenTelemetry, then OpenLLMetry', () => {
    const all: [string, string | number][] = [
      ['langfuse.observation.prompt.version', 3],
      ['llm.prompt_template.version', 'oi'],
      ['gen_ai.prompt.version', 'otel'],
      ['traceloop.prompt.version', 'tl'],
    ];
    for (let i = 0; i < all.length; i++) {
      const { span, text } = read({
        attributes: { 'gen_ai.operation.name': 'chat', ...Object.fromEntries(all.slice(i)) },
      });
      expect(text(span.promptVersion)).toBe(String(all[i]![1]));
    }
  });
});

describe('cost and guardrails', () => {
  const chat = { 'gen_ai.operation.name': 'chat' };

  it.each([
    ['OpenLIT', { ...chat, 'gen_ai.usage.cost': 0.0125 }, 12_500_000],
    ['OpenInference', { 'openinference.span.kind': 'LLM', 'llm.cost.total': '0.5' }, 500_000_000],
    [
      'Langfuse',
      { 'langfuse.observation.type': 'generation', 'langfuse.observation.cost_details': '{"input":0.25,"total":0.75}' },
      750_000_000,
    ],
    ['pydantic-ai', { ...chat, 'operation.cost': 0.0125 }, 12_500_000],
    ['LiteLLM', { ...chat, 'gen_ai.cost.total_cost': 0.0125 }, 12_500_000],
    ['LiteLLM, second version', { ...chat, 'litellm.cost.total': 0.0125 }, 12_500_000],
    ['a cost of 0 says nothing', { ...chat, 'gen_ai.usage.cost': 0, 'llm.cost.total': 1 }, 1_000_000_000],
    ['less than nothing', { ...chat, 'gen_ai.usage.cost': -1 }, null],
    ['no number', { ...chat, 'gen_ai.usage.cost': 'much' }, null],
    ['a mistake', { ...chat, 'gen_ai.usage.cost': 1e12 }, null],
  ])('what it cost: %s', (_name, attributes, nanos) => {
    expect(read({ attributes }).span.costNanos).toBe(nanos);
  });

  it.each([
    ['deny', GUARDRAIL.blocked],
    ['Block', GUARDRAIL.blocked],
    ['allow', GUARDRAIL.passed],
    ['modify', GUARDRAIL.passed],
    ['constructor', GUARDRAIL.unknown],
    ['', GUARDRAIL.unknown],
  ])('a decision of %o', (decision, outcome) => {
    const attributes = { 'gen_ai.operation.name': 'apply_guardrail', 'microsoft.security.decision.type': decision };
    expect(read({ attributes }).span.guardrail).toBe(outcome);
  });

  it('a guardrail of OpenAI Agents', () => {
    const attributes = { 'openinference.span.kind': 'GUARDRAIL', 'guardrail.triggered': true };
    expect(read({ attributes }).span).toMatchObject({ kind: 'guardrail', guardrail: GUARDRAIL.blocked });
  });
});
