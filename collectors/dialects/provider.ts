/** Frameworks and scopes that some instrumentations write where the provider belongs. */
const NOT_A_PROVIDER = new Set([
  'ag2',
  'agno',
  'autogen',
  'browser_use',
  'claude_agent_sdk',
  'crewai',
  'dspy',
  'google_adk',
  'haystack',
  'langchain',
  'langgraph',
  'llama_index',
  'llamaindex',
  'mastra',
  'mcp',
  'microsoft.agent_framework',
  'microsoft.agents.ai',
  'microsoft.semantic_kernel',
  'openai_agents',
  'pydantic-ai',
  'pydantic_ai',
  'semantic_kernel',
  'smolagents',
  'spring_ai',
  'strands-agents',
  'strands_agents',
  'vercel_ai',
  // What LiteLLM writes where it does not know.
  'unknown',
]);

/** @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/ values of `gen_ai.provider.name` */
const WELL_KNOWN = new Set([
  'anthropic',
  'aws.bedrock',
  'azure.ai.inference',
  'azure.ai.openai',
  'cohere',
  'deepseek',
  'gcp.gemini',
  'gcp.gen_ai',
  'gcp.vertex_ai',
  'groq',
  'ibm.watsonx.ai',
  'mistral_ai',
  'moonshot_ai',
  'openai',
  'perplexity',
  'x_ai',
]);

/**
 * What LangChain (`ls_provider`), LiteLLM, OpenInference, OpenLLMetry and the AI SDK call them, without what follows a dot; what
 * LiveKit calls them, by name or by host, whole.
 * @see https://github.com/Arize-ai/openinference/blob/main/python/openinference-instrumentation/src/openinference/instrumentation/_genai_conversion.py
 * @see https://github.com/traceloop/openllmetry/blob/main/packages/opentelemetry-semantic-conventions-ai/MIGRATION.md
 * @see https://github.com/livekit/agents livekit-agents/livekit/agents/telemetry/trace_types.py
 */
const CANONICAL: ReadonlyMap<string, string> = new Map([
  ['amazon', 'aws.bedrock'],
  ['api.anthropic.com', 'anthropic'],
  ['api.deepseek.com', 'deepseek'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.openai.com', 'openai'],
  ['api.x.ai', 'x_ai'],
  ['aws', 'aws.bedrock'],
  ['aws bedrock', 'aws.bedrock'],
  ['azure', 'azure.ai.openai'],
  ['azure_ai', 'azure.ai.inference'],
  ['azure_openai', 'azure.ai.openai'],
  ['gemini', 'gcp.gemini'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['google', 'gcp.gemini'],
  ['google_genai', 'gcp.gemini'],
  ['googleai', 'gcp.gemini'],
  ['googlevertex', 'gcp.vertex_ai'],
  ['ibm', 'ibm.watsonx.ai'],
  ['moonshot', 'moonshot_ai'],
  ['moonshotai', 'moonshot_ai'],
  ['vertex', 'gcp.vertex_ai'],
  ['vertex ai', 'gcp.vertex_ai'],
  ['vertexai', 'gcp.vertex_ai'],
  ['watsonx', 'ibm.watsonx.ai'],
  ['google-gla', 'gcp.gemini'],
  ['grok', 'x_ai'],
]);

/** By beginning; the longer ones first. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['amazon-bedrock', 'aws.bedrock'],
  ['amazon_bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['az.ai.inference', 'azure.ai.inference'],
  ['azure-openai', 'azure.ai.openai'],
  ['gcp.vertex.agent', 'gcp.gen_ai'],
  ['google.generative-ai', 'gcp.gemini'],
  ['google.vertex', 'gcp.vertex_ai'],
  ['google-vertex', 'gcp.vertex_ai'],
  ['google_vertex', 'gcp.vertex_ai'],
  ['google_anthropic_vertex', 'gcp.vertex_ai'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['mistral', 'mistral_ai'],
  ['xai', 'x_ai'],
];

/** Dify names a provider by the plugin that brings it: `langgenius/openai/openai`. */
const PLUGIN = /^[^/]+\/[^/]+\/([^/]+)$/;

/** What the AI SDK writes behind the name of a provider: which of its interfaces was called. */
const INTERFACES = new Set([
  'chat',
  'completion',
  'embedding',
  'embeddings',
  'image',
  'messages',
  'reranking',
  'responses',
  'speech',
  'textembedding',
  'transcription',
]);

/**
 * The provider under the name that OpenTelemetry's conventions give it, so that one provider is one dependency, whoever
 * reports it; null for what is no provider.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 */
export function canonicalProvider(text: string): string | null {
  const name = text.trim().toLowerCase().replace(PLUGIN, '$1');
  if (name === '' || NOT_A_PROVIDER.has(name)) return null;
  if (WELL_KNOWN.has(name)) return name;
  const beginning = BEGINNINGS.find(([start]) => name.startsWith(start));
  if (beginning !== undefined) return beginning[1];
  const dot = name.indexOf('.');
  const vendor = dot < 0 ? name : name.slice(0, dot);
  const known = CANONICAL.get(name) ?? CANONICAL.get(vendor);
  if (known !== undefined) return known;
  return WELL_KNOWN.has(vendor) || INTERFACES.has(name.slice(dot + 1)) ? vendor : name;
}

/** Whether a canonical name is one of the conventions, and so a provider even where the service is called the same. */
export const isWellKnown = (provider: string): boolean => WELL_KNOWN.has(provider);
