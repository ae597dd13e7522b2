import { expect, it } from 'vitest';
import { findingsOf } from '../../src/catalog/findings.ts';
import { BLIND_INSTRUMENTATIONS, blindnessOf } from '../../src/model/blind-instrumentations.ts';
import { service } from '../server/world.ts';

const seen = (scope: string, version = '') => ({ scope, version, lastSeen: 0 });
const owned = service('bot', { owner: { name: 'Dana', email: 'dana@example.com' } });

it('a library that hides failures is a finding that names it and what to do, once however many of its scopes were seen', () => {
  const found = findingsOf(owned, {
    resources: [],
    unjudged: [],
    unmatched: null,
    failedRequests: { n: 3, traces: ['4bf92f3577b34da6a3ce929d0e0e4736'] },
    instrumentations: [
      seen('@traceloop/instrumentation-openai', '0.27.0'),
      seen('ai'),
      seen('@traceloop/node-server-sdk'),
    ],
    callCoverage: null,
    configuredAt: 0,
    firstSeen: null,
  });
  expect(found).toMatchObject([
    {
      kind: 'failures_invisible',
      evidence: {
        instrumentations: [
          { scope: '@traceloop/instrumentation-openai', version: '0.27.0' },
          { scope: '@traceloop/node-server-sdk', version: null },
        ],
        failedRequests: 3,
        traces: ['4bf92f3577b34da6a3ce929d0e0e4736'],
      },
    },
  ]);
  expect(found[0]!.detail).toMatch(
    /OpenLLMetry.*0\.27.*never sent.*3 failed without any AI span.*What to do: instrument/,
  );
});

it('requests that fail without a trace of AI are a finding, even when nothing else has come for a day', () => {
  const quiet = {
    resources: [],
    unjudged: [],
    unmatched: null,
    instrumentations: [],
    callCoverage: null,
    configuredAt: 0,
    firstSeen: null,
  };
  expect(findingsOf(owned, { ...quiet, failedRequests: { n: 0, traces: [] } })).toEqual([]);
  expect(findingsOf(owned, { ...quiet, failedRequests: { n: 2, traces: ['a'] } })).toMatchObject([
    { kind: 'failures_invisible', evidence: { package: null, failedRequests: 2, traces: ['a'] } },
  ]);
});

it.each([
  ['gcp.vertex.agent', 1],
  ['@opentelemetry/instrumentation-openai', 1],
  ['@opentelemetry/instrumentation-openai-agents', 0],
  ['@arizeai/openinference-instrumentation-openai', 1],
  ['@arizeai/openinference-instrumentation-langchain', 0],
  ['opentelemetry.instrumentation.genai.openai_agents', 1],
  ['opentelemetry.instrumentation.openai_agents', 1],
  ['openinference.instrumentation.openai_agents', 1],
  ['openinference.instrumentation.openai', 0],
  ['traceloop', 0],
  ['', 0],
])('%s is known to hide something: %i', (scope, count) => {
  expect(blindnessOf([seen(scope)])).toHaveLength(count);
});

it('each library is listed once', () => {
  const scopes = BLIND_INSTRUMENTATIONS.map(({ scope }) => scope);
  expect(new Set(scopes).size).toBe(scopes.length);
});
