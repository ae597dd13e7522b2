import { z } from 'zod';
import {
  byName,
  environment,
  list,
  numberOrNull,
  paging,
  type Route,
  range,
  spanId,
  textOrNull,
  time,
  traceId,
} from './parts.ts';

const Interaction = z
  .object({
    traceId,
    spanId,
    service: z.string(),
    namespace: textOrNull,
    environment: textOrNull,
    start: time,
    durationMs: z.number(),
    status: z.enum(['ok', 'error']),
    errorType: textOrNull,
    errorClass: textOrNull,
    operation: textOrNull,
    provider: textOrNull,
    requestModel: textOrNull,
    responseModel: textOrNull,
    inputTokens: numberOrNull,
    outputTokens: numberOrNull,
    cachedInputTokens: numberOrNull,
    reasoningTokens: numberOrNull,
    conversationId: textOrNull,
    userId: textOrNull,
    promptName: textOrNull,
    promptVersion: textOrNull,
    timeToFirstTokenMs: numberOrNull,
    guardrail: z.enum(['passed', 'blocked']).nullable(),
    finishReason: textOrNull,
    finishClass: textOrNull,
    agent: textOrNull,
    serviceVersion: textOrNull,
    weight: z.number(),
    slices: z.record(z.string(), z.string()),
    headSpanIds: z.array(spanId),
    entrySpanId: spanId,
  })
  .openapi('Interaction');
const Call = z
  .object({
    traceId,
    spanId,
    interactionSpanId: spanId,
    kind: z.string(),
    name: textOrNull,
    provider: textOrNull,
    model: textOrNull,
    start: time,
    durationMs: z.number(),
    status: z.enum(['ok', 'error']),
    errorType: textOrNull,
    inputTokens: numberOrNull,
    outputTokens: numberOrNull,
  })
  .openapi('Call');
export type InteractionJson = z.output<typeof Interaction>;

export const INTERACTION_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/services/{name}/interactions',
    summary: 'Interactions of a service, newest first, without content.',
    params: byName,
    query: z.object({ ...range, ...paging, environment }),
    answer: list('interactions', Interaction),
  },
  {
    method: 'get',
    path: '/interactions/{traceId}',
    summary: 'All that is known of one trace.',
    params: z.object({ traceId }),
    answer: z.object({
      interactions: z.array(Interaction),
      calls: z.array(Call),
      feedback: z.array(z.record(z.string(), z.unknown())),
      evaluations: z.array(z.record(z.string(), z.unknown())),
      labels: z.array(z.record(z.string(), z.unknown())),
    }),
  },
];
