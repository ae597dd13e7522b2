import { braintrust } from './braintrust.ts';
import { claudeCode } from './claude-code.ts';
import { cloudflare } from './cloudflare.ts';
import type { Dialect } from './dialect.ts';
import { genkit, genkitHelpers } from './genkit.ts';
import { googleAdk, googleAdkToolAnswers, googleAdkTools } from './google-adk.ts';
import { guardrails } from './guardrails.ts';
import { haystack, haystackAgents, haystackTools } from './haystack.ts';
import { langfuse } from './langfuse.ts';
import { langsmith } from './langsmith.ts';
import { litellm, litellmGuardrails } from './litellm.ts';
import { livekit, livekitSpeech, livekitTools } from './livekit.ts';
import { logfire } from './logfire.ts';
import { loongsuite } from './loongsuite.ts';
import { mastra } from './mastra.ts';
import { logfireMcp, mcp } from './mcp.ts';
import { mlflow } from './mlflow.ts';
import { openinference } from './openinference.ts';
import { openlit, openlitCalls } from './openlit.ts';
import { openllmetry, openllmetryCalls } from './openllmetry.ts';
import { bareGenAi, otel } from './otel.ts';
import { pipecat, pipecatTools } from './pipecat.ts';
import { pydanticAi, pydanticAiTools } from './pydantic-ai.ts';
import { quarkus } from './quarkus.ts';
import { semanticKernel } from './semantic-kernel.ts';
import { springAi } from './spring-ai.ts';
import { strands } from './strands.ts';
import { vercelAi, vercelAi3 } from './vercel-ai.ts';
import { vllm } from './vllm.ts';
import { voltagent, voltagentRuns } from './voltagent.ts';

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
  voltagent,
  voltagentRuns,
  springAi,
  loongsuite,
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
  livekit,
  livekitTools,
  livekitSpeech,
  pipecatTools,
  braintrust,
  mlflow,
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
  pipecat,
  cloudflare,
];
