import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DeclaredAttributes } from '../../../collectors/dialects/declared.ts';
import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { TraceDecoder } from '../../../collectors/otlp/decode.ts';
import { MalformedBody } from '../../../collectors/otlp/wire.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { responseRefOfText } from '../../../src/model/response-ref.ts';
import { parseServiceKey, type Span } from '../../../src/model/span.ts';
import { requestOf, type SpanSketch, secondsAgo } from './requests.ts';
import { samples, spansOf, WINDOW } from './samples.ts';

interface Setting {
  readonly declared?: DeclaredAttributes;
  readonly promptKey?: Uint8Array;
  readonly resource?: Parameters<typeof requestOf>[1];
}

function decode(sketches: readonly SpanSketch[], { declared = NOTHING_DECLARED, promptKey, resource }: Setting = {}) {
  const dictionary = new Dictionary();
  const decoder = new TraceDecoder({ dialects, dictionary, declared, ...(promptKey && { promptKey }) });
  const decoded = decoder.decode(requestOf(sketches, resource), WINDOW);
  return { ...decoded, spans: spansOf(decoded), text: (code: number) => dictionary.textOrNull(code) };
}

const chat = (attributes: SpanSketch['attributes'] = {}): SpanSketch => ({
  attributes: { 'gen_ai.operation.name': 'chat', ...attributes },
});
const one = (sketch: SpanSketch, setting?: Setting) => {
  const { spans, text } = decode([sketch], setting);
  return { span: spans[0]!, text };
};

describe('fields', () => {
  it('an instrumentation that puts the service where the provider belongs names none', () => {
    const { span, text } = one(chat({ 'gen_ai.system': 'bot', 'llm.system': 'Anthropic' }));
    expect(text(span.provider)).toBe('anthropic');
  });

  it('a name that is too long to be one is (other), an id that is too long to be one is left out', () => {
    const { span, text } = one(
      chat({ 'gen_ai.request.model': 'm'.repeat(257), 'session.id': 's'.repeat(1025), 'user.id': 'u'.repeat(1024) }),
    );
    expect(text(span.requestModel)).toBe('(other)');
    expect([span.conversationId, span.userId.length]).toEqual(['', 1024]);
  });

  it('a response id is kept as a reference that feedback can be compared with', () => {
    expect(one(chat({ 'gen_ai.response.id': 'resp_1' })).span.responseRef).toBe(responseRefOfText('resp_1'));
  });

  it.each([
    ['excluded by the sender', 24, 128, 32, 184],
    ['included by the sender', 184, 128, 32, 184],
  ])('what was cached is part of the input, whether %s', (_, input, read, write, whole) => {
    const usage = {
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.cache_read.input_tokens': read,
      'gen_ai.usage.cache_creation.input_tokens': write,
    };
    expect(one(chat(usage)).span).toMatchObject({
      inputTokens: whole,
      cachedInputTokens: read,
      cacheWriteTokens: write,
    });
  });

  it('an operation that belongs to another kind of span is not taken', () => {
    const { span } = one({
      attributes: { 'openinference.span.kind': 'retriever', 'gen_ai.operation.name': 'embeddings' },
    });
    expect([span.kind, span.operation]).toEqual(['retrieval', 0]);
  });

  it.each([
    ['status', { status: { code: 2 } }, '_OTHER'],
    ['error.type', chat({ 'error.type': 'RateLimitError' }), 'RateLimitError'],
    ['finish reason', chat({ 'gen_ai.response.finish_reasons': ['error'] }), '_OTHER'],
    [
      'status, named by its exception',
      { status: { code: 2 }, events: [{ name: 'exception', attributes: { 'exception.type': 'Timeout' } }] },
      'Timeout',
    ],
    ['handled exception', { events: [{ name: 'exception', attributes: { 'exception.type': 'Timeout' } }] }, null],
  ] as [string, SpanSketch, string | null][])('error by %s', (_, sketch, errorType) => {
    const { span, text } = one({ ...chat(), ...sketch });
    expect([span.isError, text(span.errorType)]).toEqual([errorType !== null, errorType]);
  });

  it('a span of no AI is in error from HTTP 500 on, and keeps conversation, user and prompt', () => {
    const http = (status: number) =>
      one({
        kind: 2,
        attributes: { 'http.response.status_code': status, 'user.id': 'ada', 'gen_ai.prompt.version': '3' },
      });
    expect(http(499).span).toMatchObject({
      kind: 'none',
      spanKind: 'server',
      isError: false,
      httpStatus: 499,
      userId: 'ada',
    });
    expect(http(503).span).toMatchObject({ isError: true, httpStatus: 503 });
    expect(http(200).text(http(200).span.promptVersion)).toBe('3');
  });
});

describe('prompt versions', () => {
  const promptKey = Buffer.from('a key');
  const instructions = '[{"type":"text","content":"Be brief."}]';
  const versionOf = (attributes: SpanSketch['attributes'], setting?: Setting) => {
    const { span, text } = one(chat(attributes), setting);
    return text(span.promptVersion);
  };
  const hash = `#${createHmac('sha256', promptKey).update(instructions).digest('hex').slice(0, 8)}`;

  it('without a named one the keyed hash of the instructions stands for it', () => {
    expect(versionOf({ 'gen_ai.system_instructions': instructions }, { promptKey })).toBe(hash);
    expect(versionOf({ 'llm.prompt_template.template': instructions }, { promptKey })).toBe(hash);
    expect(versionOf({ 'gen_ai.system_instructions': instructions }, { promptKey: Buffer.from('other') })).not.toBe(
      hash,
    );
    expect(versionOf({ 'gen_ai.system_instructions': instructions })).toBeNull();
  });

  it('instructions may be a structure: another one is another version', () => {
    const structured = (content: string) =>
      versionOf({ 'gen_ai.system_instructions': [{ type: 'text', content }] }, { promptKey });
    expect(structured('Be brief.')).toMatch(/^#[0-9a-f]{8}$/);
    expect(structured('Be brief.')).not.toBe(structured('Be long.'));
  });

  it('the AI SDK has its instructions inside of the prompt, Strands under a name of its own', () => {
    const plain = (text: string) => `#${createHmac('sha256', promptKey).update(text).digest('hex').slice(0, 8)}`;
    const prompt = JSON.stringify({ system: 'Be "brief".', prompt: 'Where is Kiel?' });
    expect(versionOf({ 'ai.prompt': prompt }, { promptKey })).toBe(plain('Be "brief".'));
    expect(versionOf({ 'ai.prompt': '{"prompt":"Where is Kiel?"}' }, { promptKey })).toBeNull();
    expect(versionOf({ system_prompt: 'Be brief.' }, { promptKey })).toBe(plain('Be brief.'));
  });

  it('instructions that are other ones each time have no versions: they fill no memory', () => {
    const sketches = Array.from({ length: 1003 }, (_, i) => chat({ 'gen_ai.system_instructions': `facts ${i}` }));
    const { spans, text } = decode([...sketches, sketches[0]!], { promptKey });
    const versions = spans.map((span) => text(span.promptVersion));
    expect(new Set(versions).size).toBe(1001);
    expect(versions.slice(1000, 1003)).toEqual(['(other)', '(other)', '(other)']);
    expect(versions[1003]).toBe(versions[0]);
  });

  it('a named version goes first, then the declared attribute, then the hash', () => {
    const all = {
      'llm.prompt_template.version': 7,
      'gen_ai.prompt.version': 'g',
      'app.prompt': 'd',
      'gen_ai.system_instructions': instructions,
    };
    const declared: DeclaredAttributes = {
      keys: ['app.prompt'],
      of: () => ({ slices: new Map(), promptVersion: 'app.prompt' }),
    };
    const without = (...keys: string[]) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key)));
    const setting = { declared, promptKey };
    expect(versionOf(all, setting)).toBe('7');
    expect(versionOf(without('llm.prompt_template.version'), setting)).toBe('g');
    expect(versionOf(without('llm.prompt_template.version', 'gen_ai.prompt.version'), setting)).toBe('d');
    expect(versionOf({ 'gen_ai.system_instructions': instructions }, setting)).toBe(hash);
  });
});

describe('declared attributes', () => {
  const declared: DeclaredAttributes = {
    keys: ['app.tenant.id', 'app.tier', 'gen_ai.request.model'],
    of: ({ name }) =>
      name === 'bot'
        ? {
            slices: new Map([
              ['app.tenant.id', 30],
              ['app.tier', 31],
              ['gen_ai.request.model', 32],
            ]),
          }
        : undefined,
  };
  const attributes = { 'app.tenant.id': 'acme', 'app.tier': 2, 'gen_ai.request.model': 'm' };

  it('are slices of the spans of the service that declares them', () => {
    const { span, text } = one(chat(attributes), { declared });
    expect(span.attributes.map(([dimension, value]) => [dimension, text(value)])).toEqual([
      [30, 'acme'],
      [31, '2'],
      [32, 'm'],
    ]);
    expect(one(chat(attributes), { declared, resource: { 'service.name': 'other' } }).span.attributes).toEqual([]);
    expect(one({ attributes }, { declared }).span.kind).toBe('model');
    expect(one({ attributes: { 'app.tier': 2 } }, { declared }).span.attributes).toEqual([]);
  });

  it('a service that declares what the list of keys lacks is a fault of the program', () => {
    expect(() => one(chat(), { declared: { ...declared, keys: ['app.tier'] } })).toThrow('app.tenant.id');
  });
});

describe("the application's own id of an interaction", () => {
  const declared: DeclaredAttributes = {
    keys: ['app.turn'],
    of: ({ name }) => (name === 'bot' ? { slices: new Map(), interactionId: 'app.turn' } : undefined),
  };
  const refOf = (attributes: SpanSketch['attributes'], setting?: Setting) =>
    one({ attributes: attributes! }, setting).span;

  it.each<[string, NonNullable<SpanSketch['attributes']>]>([
    ['app.interaction.id', { 'app.interaction.id': 'turn-7' }],
    ['a captured header, which is a list', { 'http.request.header.x-interaction-id': ['turn-7'] }],
    ['a header as older instrumentations name it', { 'http.request.header.x_interaction_id': ['turn-7'] }],
  ])('is read from %s, also of a span of no AI', (_, attributes) => {
    expect(refOf(attributes)).toMatchObject({ kind: 'none', interactionRef: responseRefOfText('turn-7') });
    expect(refOf({ ...attributes, 'gen_ai.operation.name': 'chat' })).toMatchObject({
      kind: 'model',
      interactionRef: responseRefOfText('turn-7'),
    });
  });

  it('is read from the attribute that the service declares, and then from no other', () => {
    expect(refOf({ 'app.turn': 42n, 'app.interaction.id': 'x' }, { declared }).interactionRef).toBe(
      responseRefOfText('42'),
    );
    expect(refOf({ 'app.interaction.id': 'x' }, { declared }).interactionRef).toBe('');
    expect(refOf({ 'app.turn': 'x' }, { declared, resource: { 'service.name': 'other' } }).interactionRef).toBe('');
  });

  it('is none where it is empty, too long, or a map', () => {
    for (const none of ['', 'x'.repeat(1025), { id: 'x' }, [], true])
      expect(refOf({ 'app.interaction.id': none }).interactionRef).toBe('');
  });
});

describe('services', () => {
  const serviceOf = (resource: Setting['resource']) => {
    const { span, text } = one(chat(), resource === undefined ? {} : { resource });
    return parseServiceKey(text(span.service)!);
  };

  it.each([
    [{}, { name: 'unknown_service', namespace: '', environment: '' }],
    [{ 'service.name': 'unknown_service:node' }, { name: 'unknown_service', namespace: '', environment: '' }],
    [
      {
        'service.name': 'bot',
        'service.namespace': 'shop',
        'deployment.environment': 'old',
        'deployment.environment.name': 'eu',
      },
      { name: 'bot', namespace: 'shop', environment: 'eu' },
    ],
    [
      { 'service.name': 'bot', 'deployment.environment': 'old' },
      { name: 'bot', namespace: '', environment: 'old' },
    ],
  ])('%o', (resource, identity) => {
    expect(serviceOf(resource)).toEqual(identity);
  });

  it('spans name the environment where their resource does not: each of its own', () => {
    const inEnvironment = (environment: string): SpanSketch => chat({ 'langfuse.environment': environment });
    const environmentsOf = (resource: NonNullable<Setting['resource']>, ...sketches: SpanSketch[]) => {
      const { spans, text } = decode(sketches, { resource });
      return spans.map((span) => parseServiceKey(text(span.service)!)!.environment);
    };
    const many = Array.from({ length: 70 }, (_, i) => inEnvironment(`e${i}`));
    expect(environmentsOf({ 'service.name': 'bot' }, inEnvironment('a'), chat(), inEnvironment('b'))).toEqual([
      'a',
      '',
      'b',
    ]);
    expect(environmentsOf({ 'langfuse.environment': 'c' }, inEnvironment('a'), chat())).toEqual(['c', 'c']);
    expect(environmentsOf({ 'deployment.environment.name': 'eu' }, inEnvironment('a'))).toEqual(['eu']);
    expect(environmentsOf({}, ...many)).toEqual(many.map((_, i) => `e${i}`));
  });

  it('the version of the service is that of its resource, else of its agent', () => {
    const agent = chat({ 'gen_ai.agent.version': 'a1' });
    const versionOf = ({ span, text }: { span: Span; text: (code: number) => string | null }) =>
      text(span.serviceVersion);
    expect(versionOf(one(agent, { resource: { 'service.version': '1.2' } }))).toBe('1.2');
    expect(versionOf(one(agent))).toBe('a1');
  });
});

describe('what can not be kept', () => {
  it.each([
    ['trace id', { traceId: '0af7' }, 'span 0000000000000001 has trace id "0af7"'],
    ['trace id', { traceId: '0'.repeat(32) }, `span 0000000000000001 has trace id "${'0'.repeat(32)}"`],
    ['span id', { spanId: '' }, 'a span of trace 0af7651916cd43dd8448eb211c80319c has span id ""'],
    ['parent span id', { parentSpanId: '0102' }, 'span 0000000000000001 has parent span id "0102"'],
    ['no time', { start: 0n }, 'is from 0 ns to'],
    ['no time', { end: 2n ** 63n }, 'to 9223372036854775808 ns'],
    ['no time', { end: 2n ** 64n - 1n }, 'to 18446744073709551615 ns'],
    ['in the future', { end: secondsAgo(-601) }, 'to 2026-11-24T00:10:01.000Z'],
    ['too old', { start: secondsAgo(46 * 86_400), end: secondsAgo(45 * 86_400 + 1) }, 'to 2026-10-09T23:59:59.000Z'],
    ['too long', { start: secondsAgo(105 * 86_400) }, 'is from 2026-08-11'],
  ] as [string, SpanSketch, string][])('%s: %o', (reason, sketch, example) => {
    const { spans, rejected, count } = decode([
      { ...chat(), ...sketch },
      { ...chat(), spanId: 'ff'.repeat(8) },
    ]);
    expect(rejected).toMatchObject([{ reason, count: 1 }]);
    expect(rejected[0]!.example).toContain(example);
    expect([spans.length, count]).toEqual([1, 1]);
  });

  it('is counted by reason, with one example', () => {
    const { rejected } = decode([{ traceId: '01' }, { traceId: '02' }, { start: 0n }]);
    expect(rejected.map(({ reason, count }) => [reason, count])).toEqual([
      ['trace id', 2],
      ['no time', 1],
    ]);
  });

  it('an end ten minutes ahead, or as old as spans are kept, is still taken; an end before the start lasts 0', () => {
    const { spans, rejected } = decode([
      { end: secondsAgo(-600) },
      { start: secondsAgo(45 * 86_400), end: secondsAgo(45 * 86_400) },
      { start: secondsAgo(1), end: secondsAgo(2) },
    ]);
    expect(rejected).toEqual([]);
    expect(spans[2]!.durationNanos).toBe(0);
  });

  it('a parent of zeros is none', () => {
    expect(one({ parentSpanId: '0'.repeat(16) }).span.parentSpanId).toBe('');
  });

  it('of a body that is broken at its end nothing is kept, and the next one is read as ever', () => {
    const decoder = new TraceDecoder({ dialects, dictionary: new Dictionary(), declared: NOTHING_DECLARED });
    const body = requestOf([chat(), chat()]);
    expect(() => decoder.decode(Buffer.concat([body, Buffer.from([0x0a, 5, 1])]), WINDOW)).toThrow(MalformedBody);
    expect(decoder.decode(body, WINDOW)).toMatchObject({ count: 2, aiSpans: 2, links: 0, rejected: [] });
  });

  it('no recorded span is refused', () => {
    const decoder = new TraceDecoder({ dialects, dictionary: new Dictionary(), declared: NOTHING_DECLARED });
    for (const { name, protobuf } of samples)
      for (const body of protobuf) expect(decoder.decode(body, WINDOW).rejected, name).toEqual([]);
  });
});
