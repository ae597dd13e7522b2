import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from '../server/world.ts';
import { type Application, run } from './application.ts';
import { areInstalled } from './install.ts';
import { BROKEN_MODEL, startModelServer, USAGE } from './model-server.ts';

const MODEL = 'gpt-4o-mini';
const SERVED = 'gpt-4o-mini-2024-07-18';
const CLAUDE = 'claude-sonnet-4-5';
const SOME_MS = expect.any(Number);

/** What all of OpenAI's calls have; a call is an interaction of its own where nothing is around it. */
const openai = { status: 'ok', provider: 'openai', requestModel: MODEL, responseModel: SERVED, finishReason: 'stop' };
const call = (usage: object, more: object = {}) => ({
  ...{ kind: 'model', status: 'ok', provider: 'openai', model: SERVED, ...usage },
  ...more,
});
const NOT_SENT = { inputTokens: null, outputTokens: null };
const chat = { ...openai, operation: 'chat', ...USAGE.chat, timeToFirstTokenMs: null, calls: [call(USAGE.chat)] };
const wish = call(USAGE.toolWish);
const result = call(USAGE.toolResult);
const tool = { kind: 'tool', name: 'order', status: 'ok' };
/** Both calls are one interaction, whose tokens are their sum. */
const toolLoop = { ...openai, operation: 'chat', inputTokens: 150, outputTokens: 26, calls: [wish, result] };
const toolLoopAsTwo = [
  { ...chat, ...USAGE.toolWish, finishReason: 'tool_calls', calls: [wish] },
  { ...chat, ...USAGE.toolResult, calls: [result] },
];
const embedding = {
  ...{ status: 'ok', operation: 'embeddings', provider: 'openai', requestModel: 'text-embedding-3-small' },
  ...{ ...USAGE.embedding, calls: [{ kind: 'embedding', ...USAGE.embedding, model: 'text-embedding-3-small' }] },
};
const failed = {
  ...{ status: 'error', operation: 'chat', provider: 'openai', requestModel: BROKEN_MODEL, ...NOT_SENT },
  calls: [{ kind: 'model', status: 'error', model: BROKEN_MODEL }],
};
const SOMEBODY = { conversationId: 'conversation-1', userId: 'user-1' };

/** Vercel's agent with the model call, or the calls and the tool, below it. */
const vercel: readonly object[] = [
  { ...chat, operation: 'invoke_agent', agent: 'support' },
  { ...chat, operation: 'invoke_agent', agent: 'support', timeToFirstTokenMs: SOME_MS },
  { ...toolLoop, operation: 'invoke_agent', agent: 'support', calls: [wish, result, tool] },
  embedding,
  { ...failed, operation: 'invoke_agent', agent: 'support', errorType: 'AI_APICallError' },
];
const vercelWithSomebody = vercel.map((one) => ({ ...one, ...SOMEBODY }));

const claude = { provider: 'anthropic', requestModel: CLAUDE, responseModel: CLAUDE, finishReason: 'end_turn' };
const message = {
  ...{ ...claude, status: 'ok', operation: 'chat', ...USAGE.message },
  calls: [call({ inputTokens: 184, outputTokens: 15 }, { provider: 'anthropic', model: CLAUDE })],
};
const anthropic = [
  message,
  { ...message, timeToFirstTokenMs: SOME_MS },
  { ...failed, provider: 'anthropic', errorClass: 'rate_limit' },
];

/** What each application's requests have become, in their order: `apps/<name>.mjs` says what they were. */
const APPLICATIONS: readonly Application[] = [
  {
    name: 'openai',
    packages: '@opentelemetry/instrumentation-openai 0.22.0',
    folder: 'apps-otel-3',
    setup: 'openai',
    interactions: [chat, chat, toolLoop, embedding, { ...failed, errorClass: 'rate_limit' }],
    findings: ['failures_invisible'],
  },
  {
    name: 'openai',
    packages: '@opentelemetry/instrumentation-openai 0.22.0, over gRPC',
    folder: 'apps-otel-3',
    setup: 'openai',
    protocol: 'grpc',
    interactions: [chat, chat, toolLoop, embedding, { ...failed, errorClass: 'rate_limit' }],
    findings: ['failures_invisible'],
  },
  {
    name: 'openinference-openai',
    packages: '@arizeai/openinference-instrumentation-openai 4.2.7',
    setup: 'openinference-openai',
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
    name: 'anthropic',
    packages: '@anthropic-ai/sdk 1.14.0',
    setup: 'http',
    interactions: anthropic,
  },
  {
    name: 'anthropic',
    packages: '@arizeai/openinference-instrumentation-anthropic 0.2.8 around @anthropic-ai/sdk 1.14.0',
    setup: 'openinference-anthropic',
    interactions: anthropic,
  },
  {
    name: 'openinference-langchain',
    packages: '@arizeai/openinference-instrumentation-langchain 4.1.1 with @langchain/langgraph 1.7.3',
    setup: 'openinference-langchain',
    interactions: langchain(),
  },
  {
    name: 'vercel-ai-v4',
    packages: 'ai 4.3.19',
    setup: 'http',
    interactions: vercelWithSomebody,
  },
  {
    name: 'vercel-ai-v5',
    packages: 'ai 5.0.277',
    setup: 'http',
    interactions: vercelWithSomebody,
  },
  {
    name: 'vercel-ai-v6',
    packages: 'ai 6.0.326',
    setup: 'http',
    interactions: vercelWithSomebody,
  },
  {
    name: 'vercel-ai-v7',
    packages: 'ai 7.0.173 with @ai-sdk/otel 1.0.173',
    setup: 'http',
    interactions: vercel.with(4, { ...vercel[4]!, errorClass: 'rate_limit' }),
  },
  {
    name: 'openlit',
    packages: 'openlit 1.15.0',
    setup: 'openlit',
    interactions: [chat, chat, ...toolLoopAsTwo, embedding, { ...failed, errorClass: 'rate_limit' }],
  },
  {
    name: 'langfuse',
    packages: '@langfuse/otel and @langfuse/openai 5.11.1',
    setup: 'langfuse',
    interactions: langfuse(),
  },
  {
    name: 'langsmith',
    packages: 'langsmith 0.12.0',
    setup: 'langsmith',
    // The streamed answer is not sent.
    interactions: [chat, { ...toolLoop, operation: 'invoke_workflow', conversationId: 'conversation-1' }, failed],
  },
  {
    name: 'traceloop',
    packages: '@traceloop/node-server-sdk 0.27.0',
    setup: 'traceloop',
    // Of a streamed answer the tokens are guessed; the embedding and the failed request are not sent.
    interactions: [
      { ...chat, operation: 'invoke_workflow', ...SOMEBODY },
      { ...chat, inputTokens: 5, outputTokens: 5, calls: [call({ inputTokens: 5, outputTokens: 5 })] },
      { ...toolLoop, operation: 'invoke_workflow' },
    ],
    findings: ['failures_invisible'],
  },
  {
    name: 'mastra',
    packages: '@mastra/core 1.71.0 with @mastra/otel-exporter 1.4.0',
    setup: null,
    interactions: mastra(),
  },
];

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

describe.skipIf(!areInstalled)('an unmodified application with', () => {
  let world: World;
  let models: Awaited<ReturnType<typeof startModelServer>>;
  beforeAll(async () => {
    models = await startModelServer();
    world = await World.start({ now: Date.now() });
  });
  afterAll(async () => {
    await world.end();
    await models.stop();
  });

  for (const application of APPLICATIONS)
    it(`${application.packages}: what it did is counted as what it was`, async () => {
      const seen = await run(world, models.url, application);
      expect(seen.interactions).toMatchObject(application.interactions);
      expect(new Set(seen.interactions.map((one) => one['environment']))).toEqual(new Set(['test']));
      expect(seen.findings.map(({ kind }) => kind)).toEqual(['unregistered_service', ...(application.findings ?? [])]);
    });
});
