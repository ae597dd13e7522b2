import type { Dialect } from './dialect.ts';
import { genkit, genkitHelpers } from './genkit.ts';
import { guardrails } from './guardrails.ts';
import { langfuse } from './langfuse.ts';
import { langsmith } from './langsmith.ts';
import { mastra } from './mastra.ts';
import { mcp } from './mcp.ts';
import { openinference } from './openinference.ts';
import { openlit } from './openlit.ts';
import { openllmetry, openllmetryCalls } from './openllmetry.ts';
import { bareGenAi, otel } from './otel.ts';
import { pydanticAi, pydanticAiTools } from './pydantic-ai.ts';
import { semanticKernel } from './semantic-kernel.ts';
import { strands } from './strands.ts';
import { vercelAi, vercelAi3 } from './vercel-ai.ts';

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
  otel,
  openllmetryCalls,
  mcp,
  pydanticAi,
  bareGenAi,
  pydanticAiTools,
  ...vercelAi3,
  openlit,
  semanticKernel,
  strands,
  guardrails,
];
