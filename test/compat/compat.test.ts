import { describe } from 'vitest';
import { type Application, itReads } from './application.ts';
import {
  call,
  chat,
  embedding,
  failed,
  MODEL,
  NOT_SENT,
  result,
  SOME_MS,
  SOMEBODY,
  tool,
  toolLoop,
  toolLoopAsTwo,
  wish,
} from './expected.ts';
import { areInstalled } from './install.ts';
import { BROKEN_MODEL, USAGE } from './model-server.ts';

/** Vercel's agent with the model call, or the calls and the tool, below it. */
const vercel: readonly object[] = [
  { ...chat, operation: 'invoke_agent', agent: 'support' },
  { ...chat, operation: 'invoke_agent', agent: 'support', timeToFirstTokenMs: SOME_MS },
  { ...toolLoop, operation: 'invoke_agent', agent: 'support', calls: [wish, result, tool] },
  embedding,
  { ...failed, operation: 'invoke_agent', agent: 'support', errorType: 'AI_APICallError' },
];
const vercelWithSomebody = vercel.map((one) => ({ ...one, ...SOMEBODY }));

const CLAUDE = 'claude-sonnet-4-5';
const claude = { provider: 'anthropic', requestModel: CLAUDE, responseModel: CLAUDE, finishReason: 'end_turn' };
const message = {
  ...{ ...claude, status: 'ok', operation: 'chat', ...USAGE.message },
  calls: [call({ inputTokens: 184, outputTokens: 15 }, { provider: 'anthropic', model: CLAUDE })],
};
const anthropic = [
  { ...message, ...SOMEBODY },
  { ...message, timeToFirstTokenMs: SOME_MS },
  { ...failed, provider: 'anthropic', errorClass: 'rate_limit' },
];

const node = (app: string, setup?: string) => ({
  folder: 'apps',
  command: process.execPath,
  args: [...(setup === undefined ? [] : ['--import', `./${setup}.setup.mjs`]), `${app}.mjs`],
});
/** With the packages of this project, whose OpenTelemetry is one major newer. */
const ofRoot = (app: string, setup: string) => ({ ...node(app, setup), folder: 'apps-otel-3' });

/** What each application's requests have become, in their order: `apps/<name>.mjs` says what they were. */
const APPLICATIONS: readonly Application[] = [
  {
    packages: '@opentelemetry/instrumentation-openai 0.22.0',
    ...ofRoot('openai', 'openai'),
    interactions: [{ ...chat, ...SOMEBODY }, chat, toolLoop, embedding, { ...failed, errorClass: 'rate_limit' }],
    findings: ['failures_invisible'],
  },
  {
    packages: '@opentelemetry/instrumentation-openai 0.22.0, over gRPC',
    ...ofRoot('openai', 'openai'),
    protocol: 'grpc',
    interactions: [{ ...chat, ...SOMEBODY }, chat, toolLoop, embedding, { ...failed, errorClass: 'rate_limit' }],
    findings: ['failures_invisible'],
  },
  {
    packages: '@arizeai/openinference-instrumentation-openai 4.2.7',
    ...node('openinference-openai', 'openinference-openai'),
    // Streamed answers and embeddings have no usage, the failed request has no AI span at all.
    interactions: [
      chat,
      { ...chat, ...NOT_SENT, responseModel: null, calls: [call(NOT_SENT, { model: MODEL })] },
      toolLoop,
      { ...embedding, ...NOT_SENT, calls: [{ kind: 'embedding', ...NOT_SENT }] },
    ],
    findings: ['failures_invisible'],
  },
  {
    packages: '@anthropic-ai/sdk 1.14.0',
    ...node('anthropic', 'http'),
    interactions: anthropic,
  },
  {
    packages: '@arizeai/openinference-instrumentation-anthropic 0.2.8 around @anthropic-ai/sdk 1.14.0',
    ...node('anthropic', 'openinference-anthropic'),
    interactions: anthropic,
  },
  {
    packages: '@arizeai/openinference-instrumentation-langchain 4.1.1 with @langchain/langgraph 1.7.3',
    ...node('openinference-langchain', 'openinference-langchain'),
    interactions: langchain(),
  },
  {
    packages: 'ai 4.3.19',
    ...node('vercel-ai-v4', 'http'),
    interactions: vercelWithSomebody,
  },
  {
    packages: 'ai 5.0.277',
    ...node('vercel-ai-v5', 'http'),
    interactions: vercelWithSomebody,
  },
  {
    packages: 'ai 6.0.326',
    ...node('vercel-ai-v6', 'http'),
    interactions: vercelWithSomebody,
  },
  {
    packages: 'ai 7.0.173 with @ai-sdk/otel 1.0.173',
    ...node('vercel-ai-v7', 'http'),
    interactions: vercel.with(0, { ...vercel[0]!, ...SOMEBODY }).with(4, { ...vercel[4]!, errorClass: 'rate_limit' }),
  },
  {
    packages: 'openlit 1.15.0',
    ...node('openlit', 'openlit'),
    interactions: [chat, chat, ...toolLoopAsTwo, embedding, { ...failed, errorClass: 'rate_limit' }],
  },
  {
    packages: '@langfuse/otel and @langfuse/openai 5.11.1',
    ...node('langfuse', 'langfuse'),
    interactions: langfuse(),
  },
  {
    packages: 'langsmith 0.12.0',
    ...node('langsmith', 'langsmith'),
    // The streamed answer is not sent.
    interactions: [chat, { ...toolLoop, operation: 'invoke_workflow', conversationId: 'conversation-1' }, failed],
  },
  {
    packages: '@traceloop/node-server-sdk 0.27.0',
    ...node('traceloop', 'traceloop'),
    // Of a streamed answer the tokens are guessed; the embedding and the failed request are not sent.
    interactions: [
      { ...chat, operation: 'invoke_workflow', ...SOMEBODY },
      { ...chat, inputTokens: 5, outputTokens: 5, calls: [call({ inputTokens: 5, outputTokens: 5 })] },
      { ...toolLoop, operation: 'invoke_workflow' },
    ],
    findings: ['failures_invisible'],
  },
  {
    packages: 'genkit 1.42.0 with @genkit-ai/compat-oai 1.42.0',
    ...node('genkit', 'genkit'),
    interactions: genkit(),
  },
  {
    packages: '@mastra/core 1.71.0 with @mastra/otel-exporter 1.4.0',
    ...node('mastra'),
    interactions: mastra(),
  },
];

/** It writes the model that was asked for, and no usage of embeddings. */
function genkit(): object[] {
  const asked = { ...chat, responseModel: null, calls: [call(USAGE.chat, { model: MODEL })] };
  const calls = [call(USAGE.toolWish, { model: MODEL }), call(USAGE.toolResult, { model: MODEL }), tool];
  return [
    asked,
    asked,
    { ...toolLoop, operation: 'invoke_workflow', responseModel: null, calls },
    { ...embedding, ...NOT_SENT, calls: [{ kind: 'embedding', ...NOT_SENT }] },
    { ...failed, errorType: '429', errorClass: 'rate_limit' },
  ];
}

/** It writes the model that was asked for, and of an error what it says. */
function langchain(): object[] {
  const asked = { ...chat, responseModel: null, calls: [call(USAGE.chat, { model: MODEL })] };
  const calls = [call(USAGE.toolWish, { model: MODEL }), call(USAGE.toolResult, { model: MODEL }), tool];
  return [
    { ...asked, ...SOMEBODY },
    asked,
    { ...toolLoop, operation: 'invoke_workflow', responseModel: null, calls },
    { ...failed, errorType: '_OTHER' },
  ];
}

/** It writes neither provider nor finish reason, and one name of the model. An embedding is one more generation. */
function langfuse(): object[] {
  const silent = { provider: null, requestModel: null, finishReason: null };
  const calls = (...usages: object[]) => usages.map((usage) => call(usage, { provider: null }));
  const streamed = { responseModel: MODEL, calls: [call(USAGE.chat, { provider: null, model: MODEL })] };
  return [
    { ...chat, ...silent, ...SOMEBODY, calls: calls(USAGE.chat) },
    { ...chat, ...silent, ...streamed, timeToFirstTokenMs: SOME_MS },
    {
      ...{ ...toolLoop, ...silent, operation: 'invoke_agent', agent: 'support' },
      calls: calls(USAGE.toolWish, USAGE.toolResult),
    },
    { status: 'ok', ...silent, responseModel: 'text-embedding-3-small', ...NOT_SENT },
    { ...failed, ...silent, responseModel: BROKEN_MODEL },
  ];
}

/** Its model calls are all streamed, whatever the application asked for. */
function mastra(): object[] {
  const agent = { ...chat, operation: 'invoke_agent', agent: 'support', timeToFirstTokenMs: SOME_MS };
  return [
    { ...agent, ...SOMEBODY },
    agent,
    { ...toolLoop, operation: 'invoke_agent', agent: 'orders', ...SOMEBODY, calls: [wish, result, tool] },
    { ...failed, operation: 'invoke_agent', agent: 'broken', ...SOMEBODY },
  ];
}

if (!areInstalled)
  console.warn('SKIPPING the tests of real instrumentations: npm run test:setup could not install them');

describe.skipIf(!areInstalled)('an unmodified application with', () => itReads(APPLICATIONS));
