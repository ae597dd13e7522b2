import { describe } from 'vitest';
import { hasPython, PYTHON } from '../python.ts';
import { type Application, itReads } from './application.ts';
import { chat, embedding, failed, result, SOME_MS, tool, toolLoop, wish } from './expected.ts';

const python = (app: string) => ({ folder: 'apps-python', command: PYTHON, args: [`${app}.py`] });
const rateLimited = { ...failed, errorClass: 'rate_limit' };

/** What each application's requests have become, in their order: `apps-python/<name>.py` says what they were. */
const APPLICATIONS: readonly Application[] = [
  {
    packages: 'opentelemetry-instrumentation-openai-v2 2.4b0',
    ...python('openai_v2'),
    interactions: [chat, { ...chat, finishReason: null }, embedding, rateLimited],
  },
  {
    packages: 'openinference-instrumentation-openai 0.1.66, over gRPC',
    ...python('openinference_openai'),
    protocol: 'grpc',
    interactions: [chat, { ...chat, timeToFirstTokenMs: SOME_MS }, embedding, rateLimited],
  },
  {
    packages: 'opentelemetry-instrumentation-openai 0.62.4',
    ...python('traceloop_openai'),
    interactions: [chat, chat, embedding, rateLimited],
  },
  {
    packages: 'pydantic-ai-slim 2.68.0',
    ...python('pydantic_agent'),
    interactions: [
      { ...chat, operation: 'invoke_agent', agent: 'support' },
      { ...toolLoop, operation: 'invoke_agent', agent: 'orders', calls: [wish, result, tool] },
      { ...rateLimited, operation: 'invoke_agent', agent: 'broken' },
    ],
  },
];

if (!hasPython)
  console.warn('SKIPPING the tests of Python instrumentations: npm run test:setup could not install them');

describe.skipIf(!hasPython)('an unmodified Python application with', () => itReads(APPLICATIONS));
