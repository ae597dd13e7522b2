/** Frameworks and scopes that some instrumentations write where the provider belongs. */
const NOT_A_PROVIDER = new Set([
  'agno',
  'autogen',
  'browser_use',
  'claude_agent_sdk',
  'crewai',
  'google_adk',
  'haystack',
  'langchain',
  'langgraph',
  'llamaindex',
  'mastra',
  'mcp',
  'microsoft.agent_framework',
  'microsoft.agents.ai',
  'microsoft.semantic_kernel',
  'openai_agents',
  'pydantic_ai',
  'semantic_kernel',
  'spring_ai',
  'strands-agents',
  'strands_agents',
  // What LiteLLM writes where it does not know.
  'unknown',
  'vercel_ai',
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

const CANONICAL: ReadonlyMap<string, string> = new Map([
  ['gemini', 'gcp.gemini'],
  ['googleai', 'gcp.gemini'],
  ['vertexai', 'gcp.vertex_ai'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['gcp.vertex.agent', 'gcp.gen_ai'],
  ['google-gla', 'gcp.gemini'],
  ['google-vertex', 'gcp.vertex_ai'],
  ['grok', 'x_ai'],
  ['azure', 'azure.ai.openai'],
  ['azure_ai', 'azure.ai.inference'],
  ['watsonx', 'ibm.watsonx.ai'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
]);

/** By beginning. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['openai.', 'openai'],
  ['anthropic.', 'anthropic'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['az.ai.inference', 'azure.ai.inference'],
  ['azure-openai', 'azure.ai.openai'],
  ['google.generative-ai', 'gcp.gemini'],
  ['google.vertex', 'gcp.vertex_ai'],
  ['mistral', 'mistral_ai'],
  ['xai', 'x_ai'],
];

/**
 * The provider under the name that OpenTelemetry's conventions give it, so that one provider is one dependency, whoever
 * reports it; null for what is no provider.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 */
export function canonicalProvider(text: string): string | null {
  const name = text.trim().toLowerCase();
  if (name === '' || NOT_A_PROVIDER.has(name)) return null;
  const beginning = BEGINNINGS.find(([start]) => name.startsWith(start));
  return CANONICAL.get(name) ?? beginning?.[1] ?? name;
}

/** Whether a canonical name is one of the conventions, and so a provider even where the service is called the same. */
export const isWellKnown = (provider: string): boolean => WELL_KNOWN.has(provider);
