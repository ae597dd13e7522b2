import type { SeenInstrumentation } from './instrumentation.ts';

/** A library that does not send, or not as such, some of what failed. */
export interface BlindInstrumentation {
  /** The scope, or with a `*` at its end how it begins. */
  readonly scope: string;
  readonly package: string;
  /** Versions in which that was found. */
  readonly versions: string;
  readonly hides: string;
  /** What it hides is every failed call: one that comes says that it did not fail. */
  readonly hidesAll: boolean;
  readonly remedy: string;
}

const BY_THE_ENTRY =
  'have the HTTP server instrumented too (@opentelemetry/instrumentation-http), and watch the route from outside';
const BY_THE_ENTRY_IN_PYTHON =
  'have the HTTP server instrumented too (opentelemetry-instrumentation-fastapi, -flask ...)';

/** Whatever fails below it, the span around a run of the OpenAI Agents SDK for Python ends well. */
const RUNS_END_WELL = {
  hides: 'the workflow around a run that failed is sent with no error: its interaction counts as a good one',
  hidesAll: true,
  remedy: `answer a request whose run failed with an error (HTTP 5xx): the entry span then says so; ${BY_THE_ENTRY_IN_PYTHON}`,
};

/** Found by recording failures of each: what was sent, and what was not. */
export const BLIND_INSTRUMENTATIONS: readonly BlindInstrumentation[] = [
  {
    scope: '@traceloop/*',
    package: 'OpenLLMetry for JavaScript (@traceloop/node-server-sdk)',
    versions: '0.14, 0.27',
    hides: 'the span of a failed call is never ended, and so never sent; nor are the workflow spans around it',
    hidesAll: true,
    remedy: `instrument the model calls with another package; ${BY_THE_ENTRY}`,
  },
  {
    scope: '@arizeai/openinference-instrumentation-openai',
    package: '@arizeai/openinference-instrumentation-openai',
    versions: '4.2.7 with openai 6',
    hides: 'the span of a failed call is never sent',
    hidesAll: true,
    remedy: `instrument the openai package with @opentelemetry/instrumentation-openai; ${BY_THE_ENTRY}`,
  },
  {
    scope: '@opentelemetry/instrumentation-openai',
    package: '@opentelemetry/instrumentation-openai',
    versions: '0.22',
    hides: 'the span of an answer that breaks off while it is streamed is never sent',
    hidesAll: false,
    remedy: `where answers are streamed: ${BY_THE_ENTRY}`,
  },
  {
    scope: 'gcp.vertex.agent',
    package: 'Google ADK for JavaScript (@google/adk)',
    versions: '2.0',
    hides: 'a failed model call is sent without attributes and with no error: its interaction counts as a good one',
    hidesAll: true,
    remedy:
      'answer a request with an error (HTTP 5xx) when the agent yields an event with an errorCode: the entry span then says so',
  },
  {
    scope: 'opentelemetry.instrumentation.genai.openai_agents',
    package: 'opentelemetry-instrumentation-genai-openai-agents',
    versions: '1.3b0',
    ...RUNS_END_WELL,
  },
  {
    scope: 'opentelemetry.instrumentation.openai_agents',
    package: "OpenTelemetry's or OpenLLMetry's instrumentation of the OpenAI Agents SDK for Python",
    versions:
      'opentelemetry-instrumentation-openai-agents-v2 0.1.0, opentelemetry-instrumentation-openai-agents 0.62.4',
    ...RUNS_END_WELL,
  },
  {
    scope: 'openinference.instrumentation.openai_agents',
    package: 'openinference-instrumentation-openai-agents (Python)',
    versions: '2.6.0',
    ...RUNS_END_WELL,
  },
];

/** What the libraries that were seen can't show. */
export function blindnessOf(
  seen: readonly SeenInstrumentation[],
): { readonly blind: BlindInstrumentation; readonly seen: readonly SeenInstrumentation[] }[] {
  return BLIND_INSTRUMENTATIONS.flatMap((blind) => {
    const matching = seen.filter(({ scope }) => isOf(blind, scope));
    return matching.length === 0 ? [] : [{ blind, seen: matching }];
  });
}

const isOf = (blind: BlindInstrumentation, scope: string): boolean =>
  blind.scope.endsWith('*') ? scope.startsWith(blind.scope.slice(0, -1)) : scope === blind.scope;

/** Whether a library, by its scope, shows no failed call at all. */
export const hidesFailures = (scope: string): boolean =>
  BLIND_INSTRUMENTATIONS.some((blind) => blind.hidesAll && isOf(blind, scope));
