import { expect, it } from 'vitest';
import { canonicalProvider } from '../../../collectors/dialects/provider.ts';

it.each([
  ['OpenAI', 'openai'],
  ['openai.chat', 'openai'],
  ['openai.responses', 'openai'],
  ['Anthropic', 'anthropic'],
  ['anthropic.messages', 'anthropic'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['az.ai.inference', 'azure.ai.inference'],
  ['azure-openai.chat', 'azure.ai.openai'],
  ['google.generative-ai', 'gcp.gemini'],
  ['gemini', 'gcp.gemini'],
  ['googleai', 'gcp.gemini'],
  ['vertexai', 'gcp.vertex_ai'],
  ['google.vertex.chat', 'gcp.vertex_ai'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
  ['mistral.chat', 'mistral_ai'],
  ['mistral_ai', 'mistral_ai'],
  ['xai.chat', 'x_ai'],
  ['xai', 'x_ai'],
  ['xai-grok', 'x_ai'],
  ['gcp.vertex.agent', 'gcp.gen_ai'],
  ['Groq', 'groq'],
  ['openaix', 'openaix'],
  ['constructor', 'constructor'],
  ['langchain', null],
  ['strands-agents', null],
  [' ', null],
])('%s is %s', (text, provider) => {
  expect(canonicalProvider(text)).toBe(provider);
});
