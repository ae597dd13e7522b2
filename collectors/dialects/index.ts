import { claudeCode } from './claude-code.ts';
import type { Dialect } from './dialect.ts';
import { genkit, genkitHelpers } from './genkit.ts';
import { googleAdk, googleAdkToolAnswers, googleAdkTools } from './google-adk.ts';
import { guardrails } from './guardrails.ts';
import { haystack, haystackAgents, haystackTools } from './haystack.ts';
import { langfuse } from './langfuse.ts';
import { langsmith } from './langsmith.ts';
import { litellm, litellmGuardrails } from './litellm.ts';
import { logfire } from './logfire.ts';
import { mastra } from './mastra.ts';
import { logfireMcp, mcp } from './mcp.ts';
import { openinference } from './openinference.ts';
import { openlit, openlitCalls } from './openlit.ts';
import { openllmetry, openllmetryCalls } from './openllmetry.ts';
import { bareGenAi, otel } from './otel.ts';
import { pydanticAi, pydanticAiTools } from './pydantic-ai.ts';
import { quarkus } from './quarkus.ts';
import { semanticKernel } from './semantic-kernel.ts';
import { springAi } from './spring-ai.ts';
import { strands } from './strands.ts';
import { vercelAi, vercelAi3 } from './vercel-ai.ts';
import { vllm } from './vllm.ts';

/** In order of recognition: a span's kind comes from the first dialect of which it carries a marker. */
export const dialects: readonly Dialect[] = [
  openinference,
  langsmith,
  langfuse,
  mastra,
  openllmetry,
  vercelAi,
  genkit,
  genkitHelpers,
  claudeCode,
  springAi,
  otel,
  openllmetryCalls,
  openlitCalls,
  mcp,
  logfireMcp,
  pydanticAi,
  vllm,
  haystack,
  haystackTools,
  haystackAgents,
  litellmGuardrails,
  googleAdkTools,
  googleAdkToolAnswers,
  strands,
  bareGenAi,
  pydanticAiTools,
  ...vercelAi3,
  openlit,
  semanticKernel,
  guardrails,
  googleAdk,
  litellm,
  quarkus,
  logfire,
];
