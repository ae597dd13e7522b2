import { describe, expect, it } from 'vitest';
import { requestOf } from '../../collectors/otlp/requests.ts';
import { harnesses } from '../../contracts/dialect-harness.ts';
import { service } from '../world.ts';
import { explained, spanWith } from './explaining.ts';

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o' };
const field = (span: ReturnType<typeof spanWith>, name: string) => span.fields.find((one) => one.field === name);

describe('fields', () => {
  it('the first source in order gives the value, and what stood there too is named', () => {
    const span = spanWith({ ...chat, 'gen_ai.system': 'azure.ai.openai', 'ai.model.provider': 'openai.chat' });
    expect(field(span, 'provider')).toMatchObject({ value: 'openai', attribute: 'gen_ai.provider.name' });
    expect(field(span, 'provider')!.alsoThere).toEqual([
      { value: 'azure.ai.openai', from: 'gen_ai.system', attribute: 'gen_ai.system' },
      { value: 'openai', from: 'ai.model.provider', attribute: 'ai.model.provider' },
    ]);
    expect(span.absent).toContain('responseModel');
    expect(span.absent).not.toContain('provider');
  });

  it('a source that holds nothing usable is as good as absent', () => {
    const span = spanWith({ ...chat, 'gen_ai.usage.input_tokens': 'many', 'gen_ai.usage.prompt_tokens': '31' });
    expect(field(span, 'inputTokens')).toMatchObject({
      value: 31,
      attribute: 'gen_ai.usage.prompt_tokens',
      alsoThere: [],
    });
  });

  it('instructions become a hash, which is said', () => {
    const span = spanWith({ ...chat, 'gen_ai.system_instructions': 'Be brief.' });
    expect(field(span, 'promptVersion')).toMatchObject({ isHash: true, attribute: 'gen_ai.system_instructions' });
    expect(field(span, 'promptVersion')!.value).toMatch(/^#[0-9a-f]{8}$/);
  });

  it('an agent without a name of its own has that of the span, as the dialect says', () => {
    const span = spanWith({ 'openinference.span.kind': 'AGENT' }, { name: 'planner' });
    expect(field(span, 'name')).toMatchObject({ value: 'planner', from: 'the name of the span', attribute: null });
    expect(field(span, 'agent')).toMatchObject({ value: 'planner', from: 'name' });
  });
});

describe('dialects', () => {
  it('the first in the order of recognition counts, the others are named', () => {
    const { dialect, marker, kind, alsoRecognised } = spanWith({ ...chat, 'openinference.span.kind': 'AGENT' });
    expect({ dialect, marker, kind }).toEqual({
      dialect: 'OpenInference',
      marker: 'openinference.span.kind',
      kind: 'agent',
    });
    expect(alsoRecognised[0]).toEqual({
      dialect: 'OpenTelemetry GenAI',
      marker: 'gen_ai.operation.name',
      kind: 'model',
    });
  });

  it('a span without a marker is a link; attributes of AI on it are pointed out', () => {
    const { aiSpans, links } = explained([
      requestOf([
        { name: 'GET /', kind: 2, attributes: { 'http.route': '/' } },
        { name: 'call', attributes: { 'gen_ai.usage.input_tokens': 3 } },
      ]),
    ]);
    expect(aiSpans).toEqual([]);
    expect(links.map(({ spanName, spanKind, looksLikeAi }) => [spanName, spanKind, looksLikeAi])).toEqual([
      ['GET /', 'server', []],
      ['call', 'unspecified', ['gen_ai.usage.input_tokens']],
    ]);
  });
});

it.each([
  ['the status', {}, { status: { code: 2 } }],
  ['error.type', { 'error.type': 'timeout' }, {}],
  ['langfuse.observation.level', { 'langfuse.observation.level': 'ERROR' }, {}],
  ['the finish reason', { 'gen_ai.response.finish_reasons': ['error'] }, {}],
  ['an exception event', { 'langsmith.span.kind': 'llm' }, { scope: 'langsmith', events: [{ name: 'exception' }] }],
] as const)('a failure is said by %s', (cause, attributes, rest) => {
  const span = spanWith({ ...chat, ...attributes }, rest);
  expect(span.status).toBe('error');
  expect(span.failedBy).toEqual([cause]);
});

describe('services', () => {
  it.each([
    [{ 'deployment.environment.name': 'eu', 'deployment.environment': 'us' }, 'eu', 'deployment.environment.name'],
    [{ 'deployment.environment': 'us' }, 'us', 'deployment.environment'],
    [{ 'langfuse.environment': 'lf' }, 'lf', 'langfuse.environment'],
    [{}, null, null],
  ])('%o names environment %s', (resource, environment, from) => {
    const { services } = explained([requestOf([{ attributes: chat }], { 'service.name': 'bot', ...resource })]);
    expect(services).toMatchObject([{ name: 'bot', environment, from: { name: 'service.name', environment: from } }]);
  });

  it('an environment may stand on the span', () => {
    const { services } = explained([requestOf([{ attributes: { ...chat, 'langfuse.environment': 'lf' } }])]);
    expect(services).toMatchObject([{ environment: 'lf', from: { environment: 'an attribute of the span' } }]);
  });

  it('a declared service is known by its name in telemetry, with the slices of its file', () => {
    const file = service('support', {
      match: { 'service.name': 'bot' },
      slices: ['response_model', { name: 'tenant', attribute: 'app.tenant' }, { name: 'plan', attribute: 'app.plan' }],
    });
    const { services, aiSpans, needs } = explained(
      [requestOf([{ attributes: { ...chat, 'app.tenant': 'acme' } }])],
      [file],
    );
    expect(services).toMatchObject([{ name: 'bot', declaredAs: 'support' }]);
    expect(aiSpans[0]!.slices).toEqual({ tenant: 'acme', plan: null });
    expect(needs.find(({ need }) => need === 'slice plan')).toMatchObject({ status: 'missing' });
    expect(needs.find(({ need }) => need === 'slice tenant')).toMatchObject({ status: 'ok' });
  });
});

describe.each(Object.entries(harnesses))('content of %s', (_name, { content, call, scope }) => {
  it('is nowhere in an explanation but by its size', () => {
    const secret = 'correct horse battery staple';
    const written = Object.entries(content).map(([key, put]) => [key, put === true ? secret : put(secret)]);
    const { aiSpans } = explained([
      requestOf([{ scope, attributes: { ...call(31, 8), ...Object.fromEntries(written) } }]),
    ]);
    expect(aiSpans.length).toBe(1);
    expect(JSON.stringify(aiSpans)).not.toContain('horse');
  });
});
