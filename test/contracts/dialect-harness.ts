import type { Kind } from '../../src/model/span.ts';
import type { SpanSketch, Value } from '../collectors/otlp/requests.ts';

type Attributes = NonNullable<SpanSketch['attributes']>;

/** What the contract has to know about a dialect to try it out, written down from its specification and not from its code. */
export interface Harness {
  readonly scope: string;
  /** Spans and the kind that each is. */
  readonly kinds: readonly (readonly [Attributes, Kind])[];
  /** One call in the dialect's own words, with these counts where it has any. */
  readonly call: (input: Value, output: Value) => Attributes;
  readonly callIs: Kind;
  /** What is read of it, beside the counts. */
  readonly reads: Readonly<Record<string, string>>;
  /** An orchestrating span that says of itself that it used so many tokens. */
  readonly parent?: (input: Value, output: Value) => Attributes;
  /** Where this dialect writes content. A text goes there whole; a function puts it where it stands inside of something. */
  readonly content: Readonly<Record<string, true | ((secret: string) => Value)>>;
}

const kindsOf = (marker: string, kinds: Readonly<Record<string, Kind>>): [Attributes, Kind][] =>
  Object.entries({ ...kinds, 'something new': 'step' as const }).map(([value, kind]) => [{ [marker]: value }, kind]);
const everywhere = (...keys: string[]): Record<string, true> => Object.fromEntries(keys.map((key) => [key, true]));
const messages = (secret: string): Value =>
  JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: secret }] }]);

const genAiCounts = (input: Value, output: Value): Attributes => ({
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
});
const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o' };
const OPENAI = { provider: 'openai', requestModel: 'gpt-4o' };

const genAiContent: Harness['content'] = {
  'gen_ai.input.messages': messages,
  'gen_ai.output.messages': (secret) => [{ role: 'assistant', parts: [{ type: 'text', content: secret }] }],
  'gen_ai.system_instructions': messages,
  ...everywhere(
    'gen_ai.tool.definitions',
    'gen_ai.tool.call.arguments',
    'gen_ai.tool.call.result',
    'gen_ai.retrieval.query.text',
    'gen_ai.retrieval.documents',
    'gen_ai.memory.records',
    'gen_ai.evaluation.explanation',
    'gen_ai.prompt',
    'gen_ai.completion',
    'anthropic.request.body',
  ),
};

/** By the dialect's name. */
export const harnesses: Readonly<Record<string, Harness>> = {
  OpenInference: {
    scope: '@arizeai/openinference-instrumentation-openai',
    kinds: kindsOf('openinference.span.kind', {
      LLM: 'model',
      llm: 'model',
      EMBEDDING: 'embedding',
      RETRIEVER: 'retrieval',
      RERANKER: 'rerank',
      TOOL: 'tool',
      AGENT: 'agent',
      CHAIN: 'chain',
      GUARDRAIL: 'guardrail',
      PROMPT: 'step',
      EVALUATOR: 'step',
      UNKNOWN: 'step',
    }),
    call: (input, output) => ({
      'openinference.span.kind': 'LLM',
      'llm.provider': 'openai',
      'llm.invocation_parameters': '{"model":"gpt-4o","temperature":0.2}',
      'llm.model_name': 'gpt-4o-2024-08-06',
      'llm.token_count.prompt': input,
      'llm.token_count.completion': output,
      'llm.token_count.total': 39,
    }),
    callIs: 'model',
    reads: { ...OPENAI, responseModel: 'gpt-4o-2024-08-06' },
    parent: (input, output) => ({
      'openinference.span.kind': 'AGENT',
      'llm.token_count.prompt': input,
      'llm.token_count.completion': output,
    }),
    content: {
      'llm.invocation_parameters': (secret) => JSON.stringify({ stop: [secret], model: 'gpt-4o' }),
      metadata: (secret) => JSON.stringify({ note: secret, ls_provider: 'openai', session_id: 's' }),
      ...everywhere(
        'input.value',
        'output.value',
        'llm.input_messages.0.message.content',
        'llm.output_messages.0.message.content',
        'llm.prompts.0.prompt.text',
        'llm.prompt_template.template',
        'llm.prompt_template.variables',
        'llm.tools.0.tool.json_schema',
        'retrieval.documents.0.document.content',
        'embedding.embeddings.0.embedding.text',
        'tool.parameters',
      ),
    },
  },
  LangSmith: {
    scope: 'langsmith',
    kinds: [
      ...kindsOf('langsmith.span.kind', {
        llm: 'model',
        retriever: 'retrieval',
        tool: 'tool',
        chain: 'chain',
        embedding: 'embedding',
        prompt: 'step',
        parser: 'step',
      }),
      [{ 'langsmith.span.kind': 'retriever', 'gen_ai.operation.name': 'embeddings' }, 'retrieval'],
    ],
    call: (input, output) => ({
      'langsmith.span.kind': 'llm',
      'gen_ai.system': 'langchain',
      'langsmith.metadata.ls_provider': 'openai',
      'langsmith.metadata.ls_model_name': 'gpt-4o',
      'gen_ai.usage.prompt_tokens': input,
      'gen_ai.usage.completion_tokens': output,
      'gen_ai.response.finish_reasons': 'stop',
      'langsmith.metadata.thread_id': 'talk-1',
    }),
    callIs: 'model',
    reads: { ...OPENAI, finishReason: 'stop', conversationId: 'talk-1' },
    parent: (input, output) => ({ 'langsmith.span.kind': 'chain', ...genAiCounts(input, output) }),
    content: {
      'gen_ai.prompt': (secret) => JSON.stringify({ messages: [{ content: secret }] }),
      'gen_ai.completion': (secret) => JSON.stringify({ generations: [[{ text: secret }]] }),
      ...everywhere('langsmith.metadata.note', 'langsmith.trace.name', 'langsmith.span.tags'),
    },
  },
  Langfuse: {
    scope: 'langfuse-sdk',
    kinds: kindsOf('langfuse.observation.type', {
      generation: 'model',
      embedding: 'embedding',
      retriever: 'retrieval',
      tool: 'tool',
      agent: 'agent',
      chain: 'chain',
      guardrail: 'guardrail',
      evaluator: 'step',
      span: 'step',
      event: 'step',
    }),
    call: (input, output) => ({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.model.name': 'gpt-4o-2024-08-06',
      'langfuse.observation.prompt.name': 'answer',
      'langfuse.observation.prompt.version': 3,
      'langfuse.observation.usage_details': usage(input, output),
    }),
    callIs: 'model',
    reads: { responseModel: 'gpt-4o-2024-08-06', promptName: 'answer', promptVersion: '3' },
    parent: (input, output) => ({
      'langfuse.observation.type': 'agent',
      'langfuse.observation.usage_details': usage(input, output),
    }),
    content: everywhere(
      'langfuse.observation.input',
      'langfuse.observation.output',
      'langfuse.observation.metadata',
      'langfuse.observation.metadata.note',
      'langfuse.observation.status_message',
      'langfuse.trace.input',
      'langfuse.trace.output',
      'langfuse.trace.name',
    ),
  },
  Mastra: {
    scope: '@mastra/otel-exporter',
    kinds: [
      ...kindsOf('mastra.span.type', {
        agent_run: 'agent',
        workflow_run: 'chain',
        model_inference: 'model',
        model_generation: 'model',
        tool_call: 'tool',
        mcp_tool_call: 'tool',
        provider_tool_call: 'tool',
        llm_generation: 'model',
        rag_embedding: 'embedding',
        llm_chunk: 'step',
        model_step: 'step',
        model_chunk: 'step',
      }),
      [{ 'mastra.span.type': 'model_generation', 'gen_ai.operation.name': 'model_generation' }, 'model'],
    ],
    call: (input, output) => ({
      ...chat,
      'mastra.span.type': 'model_inference',
      'gen_ai.provider.name': 'openai.chat',
      ...genAiCounts(input, output),
      'gen_ai.response.finish_reasons': '["stop"]',
      'mastra.metadata.userId': 'ada',
    }),
    callIs: 'model',
    reads: { ...OPENAI, finishReason: 'stop', userId: 'ada' },
    parent: (input, output) => ({ 'mastra.span.type': 'agent_run', ...genAiCounts(input, output) }),
    content: everywhere(
      'mastra.agent_run.input',
      'mastra.agent_run.output',
      'mastra.model_step.output',
      'mastra.metadata.headers',
      'mastra.metadata.body',
    ),
  },
  OpenLLMetry: {
    scope: '@traceloop/node-server-sdk',
    kinds: kindsOf('traceloop.span.kind', { workflow: 'chain', task: 'step', agent: 'agent', tool: 'tool' }),
    call: () => ({
      'traceloop.span.kind': 'tool',
      'traceloop.entity.name': 'search',
      'traceloop.prompt.key': 'answer',
      'traceloop.prompt.version': 3,
      'traceloop.association.properties.session_id': 'talk-1',
    }),
    callIs: 'tool',
    reads: { name: 'search', promptName: 'answer', promptVersion: '3', conversationId: 'talk-1' },
    parent: (input, output) => ({ 'traceloop.span.kind': 'workflow', ...genAiCounts(input, output) }),
    content: everywhere('traceloop.entity.input', 'traceloop.entity.output'),
  },
  'OpenLLMetry, older calls': {
    scope: '@traceloop/instrumentation-openai',
    kinds: kindsOf('llm.request.type', {
      chat: 'model',
      completion: 'model',
      embedding: 'embedding',
      rerank: 'rerank',
    }),
    call: (input, output) => ({
      'llm.request.type': 'chat',
      'gen_ai.system': 'OpenAI',
      'gen_ai.request.model': 'gpt-4o',
      'llm.usage.prompt_tokens': input,
      'llm.usage.completion_tokens': output,
      'llm.usage.total_tokens': 39,
      'gen_ai.completion.0.finish_reason': 'stop',
    }),
    callIs: 'model',
    reads: { ...OPENAI, finishReason: 'stop' },
    content: everywhere(
      'gen_ai.prompt.0.content',
      'gen_ai.completion.0.content',
      'llm.request.functions.0.parameters',
      'llm.completions.0.functions',
    ),
  },
  'Vercel AI SDK': {
    scope: 'ai',
    kinds: kindsOf('ai.operationId', {
      'ai.generateText': 'agent',
      'ai.streamText': 'agent',
      'ai.generateObject': 'agent',
      'ai.streamObject': 'agent',
      'ai.generateText.doGenerate': 'model',
      'ai.streamText.doStream': 'model',
      'ai.generateObject.doGenerate': 'model',
      'ai.streamObject.doStream': 'model',
      'ai.toolCall': 'tool',
      'ai.embed': 'embedding',
      'ai.embedMany': 'embedding',
      'ai.embed.doEmbed': 'embedding',
      'ai.embedMany.doEmbed': 'embedding',
      'ai.rerank.doRerank': 'rerank',
    }),
    call: (input, output) => ({
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.model.provider': 'openai.chat',
      'ai.model.id': 'gpt-4o',
      'ai.usage.promptTokens': input,
      'ai.usage.completionTokens': output,
      'gen_ai.usage.input_tokens': Number.NaN,
      'ai.response.finishReason': 'stop',
      'ai.telemetry.metadata.sessionId': 'talk-1',
      'ai.telemetry.functionId': 'answer',
    }),
    callIs: 'model',
    reads: { ...OPENAI, finishReason: 'stop', conversationId: 'talk-1', agent: 'answer' },
    parent: (input, output) => ({
      'ai.operationId': 'ai.generateText',
      'ai.usage.inputTokens': input,
      'ai.usage.outputTokens': output,
    }),
    content: {
      'ai.prompt': (secret) => JSON.stringify({ system: secret, prompt: secret }),
      ...everywhere(
        'ai.prompt.messages',
        'ai.response.text',
        'ai.response.object',
        'ai.response.toolCalls',
        'ai.response.reasoning',
        'ai.response.providerMetadata',
        'ai.toolCall.args',
        'ai.toolCall.result',
        'ai.value',
        'ai.values',
        'ai.embedding',
        'ai.embeddings',
      ),
    },
  },
  Genkit: {
    scope: 'genkit-tracer',
    kinds: [
      ...kindsOf('genkit:metadata:subtype', {
        flow: 'chain',
        model: 'model',
        tool: 'tool',
        embedder: 'embedding',
        retriever: 'retrieval',
        reranker: 'rerank',
        'tool.v2': 'tool',
        'background-model': 'model',
      }),
      [{ 'genkit:type': 'action', 'genkit:metadata:subtype': 'tool' }, 'tool'],
    ],
    call: (input, output) => ({
      'genkit:type': 'action',
      'genkit:metadata:subtype': 'model',
      'genkit:name': 'openai/gpt-4o',
      'genkit:output': JSON.stringify({
        message: { content: [{ text: 'Paris' }] },
        finishReason: 'stop',
        usage: { inputTokens: asJson(input), outputTokens: asJson(output) },
      }),
    }),
    callIs: 'model',
    reads: { ...OPENAI, finishReason: 'stop' },
    parent: (input, output) => ({
      'genkit:metadata:subtype': 'flow',
      'genkit:name': 'shop/answer',
      'genkit:output': JSON.stringify({ usage: { inputTokens: asJson(input), outputTokens: asJson(output) } }),
    }),
    content: {
      'genkit:input': true,
      'genkit:output': (secret) =>
        JSON.stringify({ message: { content: [{ text: secret }] }, usage: { inputTokens: 3 } }),
    },
  },
  'Genkit, without subtype': {
    scope: 'genkit-tracer',
    kinds: kindsOf('genkit:type', { flow: 'chain', util: 'step', action: 'step' }),
    call: () => ({ 'genkit:type': 'flow', 'genkit:name': 'answer' }),
    callIs: 'chain',
    reads: {},
    content: everywhere('genkit:input', 'genkit:output'),
  },
  'OpenTelemetry GenAI': {
    scope: '@opentelemetry/instrumentation-openai',
    kinds: kindsOf('gen_ai.operation.name', {
      chat: 'model',
      text_completion: 'model',
      generate_content: 'model',
      embeddings: 'embedding',
      retrieval: 'retrieval',
      search_memory: 'retrieval',
      rerank: 'rerank',
      execute_tool: 'tool',
      invoke_agent: 'agent',
      invoke_workflow: 'chain',
      plan: 'step',
      create_agent: 'step',
      update_memory: 'step',
      agent_step: 'step',
    }),
    call: (input, output) => ({
      ...chat,
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.finish_reasons': ['stop'],
      // The same numbers under their old names: aliases, never addends.
      'gen_ai.usage.prompt_tokens': input,
      'gen_ai.usage.completion_tokens': output,
      ...genAiCounts(input, output),
    }),
    callIs: 'model',
    reads: { ...OPENAI, responseModel: 'gpt-4o-2024-08-06', operation: 'chat', finishReason: 'stop' },
    parent: (input, output) => ({ 'gen_ai.operation.name': 'invoke_agent', ...genAiCounts(input, output) }),
    content: genAiContent,
  },
  MCP: {
    scope: 'mcp',
    kinds: kindsOf('mcp.method.name', { 'tools/call': 'tool', 'tools/list': 'step', initialize: 'step' }),
    call: () => ({ 'mcp.method.name': 'tools/call', 'mcp.tool.name': 'search', 'mcp.session.id': 's' }),
    callIs: 'tool',
    reads: { name: 'search' },
    content: everywhere('gen_ai.tool.call.arguments', 'gen_ai.tool.call.result', 'mcp.resource.uri'),
  },
  'pydantic-ai, older runs': {
    scope: 'pydantic-ai',
    kinds: [
      [{ 'pydantic_ai.all_messages': '[]' }, 'agent'],
      [{ all_messages_events: '[]' }, 'agent'],
      [{ 'logfire.msg': 'agent run', 'logfire.span_type': 'span' }, 'none'],
    ],
    call: () => ({ 'pydantic_ai.all_messages': '[]', agent_name: 'helper', 'logfire.msg': 'helper run' }),
    callIs: 'agent',
    reads: { name: 'helper', agent: 'helper' },
    parent: (input, output) => ({
      'pydantic_ai.all_messages': '[]',
      'gen_ai.agent.name': 'helper',
      ...genAiCounts(input, output),
    }),
    content: { 'pydantic_ai.all_messages': messages, all_messages_events: messages, final_result: true },
  },
  'pydantic-ai, older tools': {
    scope: 'pydantic-ai',
    kinds: [
      [{ 'gen_ai.tool.call.id': 'call_1', 'gen_ai.tool.name': 'search' }, 'tool'],
      [{ 'gen_ai.tool.call.id': 'call_1', ...chat }, 'model'],
      [{ 'gen_ai.tool.call.id': 'call_1', 'gen_ai.system': 'openai' }, 'model'],
    ],
    call: () => ({
      'gen_ai.tool.call.id': 'call_1',
      'gen_ai.tool.name': 'search',
      'logfire.msg': 'running tool: search',
    }),
    callIs: 'tool',
    reads: { name: 'search' },
    content: everywhere('tool_arguments', 'tool_response'),
  },
  'bare GenAI': {
    scope: 'gcp.vertex.agent',
    kinds: [
      [{ 'gen_ai.system': 'gcp.vertex.agent' }, 'model'],
      [{ 'gen_ai.provider.name': 'openai' }, 'model'],
      [{ 'gen_ai.request.model': 'gpt-4o' }, 'model'],
      [{ 'gen_ai.system': '' }, 'none'],
      [{ 'gen_ai.tool.name': 'search' }, 'none'],
    ],
    call: (input, output) => ({
      'gen_ai.system': 'gcp.vertex.agent',
      'gen_ai.request.model': 'gemini-2.5-flash',
      ...genAiCounts(input, output),
    }),
    callIs: 'model',
    reads: { provider: 'gcp.gen_ai', requestModel: 'gemini-2.5-flash' },
    content: everywhere(
      'gcp.vertex.agent.llm_request',
      'gcp.vertex.agent.llm_response',
      'gcp.vertex.agent.tool_call_args',
      'gcp.vertex.agent.tool_response',
      'system_prompt',
    ),
  },
  guardrails: {
    scope: '@microsoft/opentelemetry',
    kinds: [
      [{ 'microsoft.security.decision.type': 'deny' }, 'none'],
      [{ 'gen_ai.operation.name': 'apply_guardrail', 'microsoft.security.decision.type': 'deny' }, 'guardrail'],
    ],
    call: () => ({
      'gen_ai.operation.name': 'apply_guardrail',
      'microsoft.guardian.name': 'shield',
      'microsoft.security.decision.type': 'deny',
    }),
    callIs: 'guardrail',
    reads: { name: 'shield', operation: 'apply_guardrail' },
    content: everywhere('microsoft.security.content.input.value', 'microsoft.security.decision.reason'),
  },
  'OpenLIT, older calls': {
    scope: 'openlit',
    kinds: [
      ...kindsOf('gen_ai.type', { chat: 'model', embedding: 'embedding', framework: 'step', vectordb: 'step' }),
      [{ 'gen_ai.type': 'framework', 'gen_ai.system': 'langchain' }, 'step'],
    ],
    call: (input, output) => ({
      'gen_ai.type': 'chat',
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.finish_reason': 'stop',
      ...genAiCounts(input, output),
    }),
    callIs: 'model',
    reads: { ...OPENAI, finishReason: 'stop' },
    content: everywhere('gen_ai.content.prompt', 'gen_ai.content.completion'),
  },
  Haystack: {
    scope: 'haystack',
    kinds: kindsOf('haystack.component.type', {
      OpenAIChatGenerator: 'model',
      SentenceTransformersTextEmbedder: 'embedding',
      InMemoryEmbeddingRetriever: 'retrieval',
      TransformersSimilarityRanker: 'rerank',
      PromptBuilder: 'step',
      ToolInvoker: 'step',
      Agent: 'none',
    }),
    call: () => ({ 'haystack.component.type': 'InMemoryBM25Retriever', 'haystack.component.name': 'retriever' }),
    callIs: 'retrieval',
    reads: { name: 'retriever' },
    content: everywhere('haystack.component.input', 'haystack.component.output'),
  },
  'Haystack, tools': {
    scope: 'haystack',
    kinds: [[{ 'haystack.tool.name': 'search' }, 'tool']],
    call: () => ({ 'haystack.tool.name': 'search' }),
    callIs: 'tool',
    reads: { name: 'search' },
    content: everywhere('haystack.agent.step.tool.input', 'haystack.agent.step.tool.output'),
  },
  'Haystack, agents': {
    scope: 'haystack',
    kinds: [[{ 'haystack.agent.max_steps': 100 }, 'agent']],
    call: () => ({ 'haystack.agent.max_steps': 100 }),
    callIs: 'agent',
    reads: {},
    content: everywhere('haystack.agent.input', 'haystack.agent.output'),
  },
  'Claude Code': {
    scope: 'com.anthropic.claude_code.tracing',
    kinds: kindsOf('span.type', {
      interaction: 'agent',
      llm_request: 'model',
      tool: 'tool',
      'tool.execution': 'step',
      'tool.blocked_on_user': 'step',
      hook: 'step',
    }),
    call: (input, output) => ({
      'span.type': 'llm_request',
      'gen_ai.system': 'anthropic',
      'gen_ai.request.model': 'claude-opus-5',
      input_tokens: input,
      output_tokens: output,
      stop_reason: 'end_turn',
      success: true,
      'session.id': 'talk-1',
    }),
    callIs: 'model',
    reads: {
      provider: 'anthropic',
      requestModel: 'claude-opus-5',
      finishReason: 'end_turn',
      conversationId: 'talk-1',
    },
    parent: (input, output) => ({ 'span.type': 'interaction', ...genAiCounts(input, output) }),
    content: everywhere('user_prompt', 'new_context', 'response.model_output', 'error', 'tool_input'),
  },
  'Spring AI': {
    scope: 'org.springframework.boot',
    kinds: [
      [{ 'spring.ai.tool.definition.name': 'search', 'gen_ai.operation.name': 'framework' }, 'tool'],
      [{ 'spring.ai.tool.definition.name': 'search', 'gen_ai.operation.name': 'execute_tool' }, 'tool'],
      [{ 'spring.ai.kind': 'chat_client', 'gen_ai.operation.name': 'framework' }, 'step'],
      [{ 'spring.ai.kind': 'vector_store' }, 'none'],
    ],
    call: () => ({
      'gen_ai.operation.name': 'framework',
      'gen_ai.system': 'spring_ai',
      'spring.ai.kind': 'tool_call',
      'spring.ai.tool.definition.name': 'search',
    }),
    callIs: 'tool',
    reads: { name: 'search' },
    content: everywhere('spring.ai.tool.call.arguments', 'spring.ai.tool.call.result'),
  },
  'vLLM, SGLang': {
    scope: 'vllm.llm_engine',
    kinds: [
      [{ 'gen_ai.latency.e2e': 0.25 }, 'model'],
      [{ 'gen_ai.latency.time_in_queue': 0.25 }, 'none'],
    ],
    call: (input, output) => ({
      'gen_ai.latency.e2e': 0.25,
      'gen_ai.usage.prompt_tokens': input,
      'gen_ai.usage.completion_tokens': output,
    }),
    callIs: 'model',
    reads: {},
    content: {},
  },
  'Google ADK': {
    scope: 'gcp.vertex.agent',
    kinds: [[{ 'gcp.vertex.agent.session_id': 'talk-1' }, 'none']],
    call: (input, output) => ({
      'gen_ai.system': 'gcp.vertex.agent',
      'gen_ai.request.model': 'gemini-2.5-flash',
      'gcp.vertex.agent.session_id': 'talk-1',
      ...genAiCounts(input, output),
    }),
    callIs: 'model',
    reads: { provider: 'gcp.gen_ai', conversationId: 'talk-1' },
    content: everywhere('gcp.vertex.agent.data'),
  },
  'Google ADK tools': {
    scope: 'gcp.vertex.agent',
    kinds: [
      [{ 'gcp.vertex.agent.tool_call_args': '{}' }, 'tool'],
      [{ 'gcp.vertex.agent.event_id': 'e-1' }, 'none'],
    ],
    call: () => ({ 'gen_ai.system': 'gcp.vertex.agent', 'gcp.vertex.agent.tool_call_args': '{}' }),
    callIs: 'tool',
    reads: { provider: 'gcp.gen_ai' },
    content: everywhere('gcp.vertex.agent.tool_call_args'),
  },
  'Google ADK tool answers': {
    scope: 'gcp.vertex.agent',
    kinds: [
      [{ 'gcp.vertex.agent.tool_response': '{}' }, 'step'],
      [{ 'gcp.vertex.agent.event_id': 'e-1' }, 'none'],
    ],
    call: () => ({ 'gen_ai.system': 'gcp.vertex.agent', 'gcp.vertex.agent.tool_response': '{}' }),
    callIs: 'step',
    reads: { provider: 'gcp.gen_ai' },
    content: everywhere('gcp.vertex.agent.tool_response'),
  },
  LiteLLM: {
    scope: 'litellm',
    kinds: [
      ...kindsOf('gen_ai.operation.name', {
        completion: 'model',
        acompletion: 'model',
        aresponses: 'model',
        anthropic_messages: 'model',
        aembedding: 'embedding',
        arerank: 'rerank',
        call_mcp_tool: 'tool',
      }),
      [{ 'llm.request.type': 'acompletion' }, 'model'],
      [{ 'gen_ai.cost.total_cost': 0.5 }, 'none'],
    ],
    call: (input, output) => ({
      'llm.request.type': 'acompletion',
      'gen_ai.operation.name': 'acompletion',
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      ...genAiCounts(input, output),
    }),
    callIs: 'model',
    reads: OPENAI,
    content: everywhere('hidden_params', 'metadata.requester_metadata', 'llm.openai.messages'),
  },
  Logfire: {
    scope: 'logfire.openai',
    kinds: [
      [{ ...chat, 'logfire.span_type': 'span' }, 'model'],
      [{ ...chat, 'logfire.span_type': 'log' }, 'step'],
      [{ ...chat, 'logfire.span_type': 'pending_span' }, 'none'],
      [{ 'logfire.span_type': 'log' }, 'none'],
    ],
    call: (input, output) => ({ ...chat, 'logfire.span_type': 'span', ...genAiCounts(input, output) }),
    callIs: 'model',
    reads: OPENAI,
    content: everywhere('request_data', 'response_data', 'logfire.msg'),
  },
  OpenLIT: {
    scope: '@openlit/instrumentation-vllm',
    kinds: [[{ 'openlit.agent.version_hash': 'a1' }, 'none']],
    call: (input, output) => ({
      ...chat,
      ...genAiCounts(input, output),
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.id': 'call_1',
      'gen_ai.server.time_to_first_token': 0.003,
      'openlit.agent.version_hash': 'a1',
    }),
    callIs: 'model',
    reads: { ...OPENAI, serviceVersion: 'a1' },
    parent: (input, output) => ({ 'gen_ai.operation.name': 'invoke_agent', ...genAiCounts(input, output) }),
    content: everywhere('gen_ai.tool.args', 'gen_ai.content.prompt'),
  },
  'Strands Agents': {
    scope: 'support-assistant',
    kinds: [
      [{ system_prompt: 'Be brief.' }, 'none'],
      [{ 'gen_ai.agent.tools': '["search"]' }, 'agent'],
    ],
    call: (input, output) => ({
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': 'strands-agents',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.prompt_tokens': input,
      'gen_ai.usage.completion_tokens': output,
      ...genAiCounts(input, output),
    }),
    callIs: 'model',
    reads: { requestModel: 'gpt-4o' },
    parent: (input, output) => ({ 'gen_ai.operation.name': 'invoke_agent', ...genAiCounts(input, output) }),
    content: everywhere('system_prompt', 'gen_ai.agent.tools'),
  },
  'Semantic Kernel': {
    scope: 'Microsoft.SemanticKernel.Diagnostics',
    kinds: kindsOf('gen_ai.operation.name', {
      'chat.completions': 'model',
      'chat.streaming_completions': 'model',
      'text.completions': 'model',
      'text.streaming_completions': 'model',
    }),
    call: (input, output) => ({
      'gen_ai.operation.name': 'chat.completions',
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.prompt_tokens': input,
      'gen_ai.response.completion_tokens': output,
      'gen_ai.response.finish_reason': 'stop',
    }),
    callIs: 'model',
    reads: { ...OPENAI, finishReason: 'stop' },
    content: everywhere('sk.available_functions'),
  },
};

/** As a member of JSON text: what is text stays text. */
const asJson = (count: Value): unknown => (typeof count === 'bigint' ? Number(count) : count);

function usage(input: Value, output: Value): string {
  const counts = { input: asJson(input), output: asJson(output), input_cached_tokens: 0, output_reasoning_tokens: 0 };
  return JSON.stringify({ ...counts, total: Number(input) + Number(output) });
}
