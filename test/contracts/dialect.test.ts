import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING_DECLARED } from '../../collectors/dialects/declared.ts';
import { dialects } from '../../collectors/dialects/index.ts';
import { SpanReader } from '../../collectors/dialects/reader.ts';
import { TraceDecoder } from '../../collectors/otlp/decode.ts';
import { judgeTrace } from '../../src/interactions/judge.ts';
import { Dictionary } from '../../src/model/dictionary.ts';
import type { Span } from '../../src/model/span.ts';
import { requestOf, type SpanSketch, secondsAgo, type Value } from '../collectors/otlp/requests.ts';
import { spansOf, WINDOW } from '../collectors/otlp/samples.ts';
import { type Harness, harnesses } from './dialect-harness.ts';

type Attributes = NonNullable<SpanSketch['attributes']>;

/** What one decoder reads: its dictionary holds every text that it took from a request. */
class Door {
  readonly dictionary = new Dictionary();
  readonly #decoder = new TraceDecoder({
    dialects,
    dictionary: this.dictionary,
    declared: NOTHING_DECLARED,
    promptKey: Buffer.from('key'),
  });

  read(body: Buffer) {
    const decoded = this.#decoder.decode(body, WINDOW);
    return { ...decoded, spans: spansOf(decoded) };
  }
}
const door = new Door();
const read = (sketches: readonly SpanSketch[]) => door.read(requestOf(sketches));

function readOne(attributes: Attributes, rest: SpanSketch = {}) {
  const { spans } = read([{ ...rest, attributes }]);
  return { span: spans[0]!, text: (code: number) => door.dictionary.textOrNull(code) };
}

const idOf = (n: number): string => n.toString(16).padStart(16, '0');

const own = dialects.filter(({ markers }) => markers.length > 0).map(({ name }) => name);
const ofModels = Object.keys(harnesses).filter((name) => harnesses[name]!.callIs === 'model');
const tokens = ({ inputTokens, outputTokens }: Span | { inputTokens: number | null; outputTokens: number | null }) => [
  inputTokens,
  outputTokens,
];
const USED = [31, 8];

it('each dialect is tried out', () => {
  expect(Object.keys(harnesses).sort()).toEqual(dialects.map(({ name }) => name).sort());
});

describe.each(Object.entries(harnesses))('%s keeps the contract of dialects', (name, harness) => {
  const { scope } = harness;

  it.each(harness.kinds)('%o is of kind %s', (attributes, kind) => {
    expect(readOne(attributes, { scope }).span.kind).toBe(kind);
  });

  it('a call is read, with counts that are integers, doubles or text', () => {
    for (const [input, output] of [
      [31, 8],
      [31n, 8n],
      [31.25, 7.75],
      ['31', '8'],
      [' 31.0 ', '8e0'],
    ] as const) {
      const { span, text } = readOne(harness.call(input, output), { scope });
      expect(span.kind).toBe(harness.callIs);
      expect(tokens(span)).toEqual(harness.callIs === 'model' ? USED : [null, null]);
      for (const [field, wanted] of Object.entries(harness.reads)) {
        const found = span[field as keyof Span];
        expect(typeof found === 'number' ? text(found) : found, field).toBe(wanted);
      }
    }
  });

  it('attributes that nobody knows are harmless, also where their names are nearly known', () => {
    const call = harness.call(31, 8);
    const near = Object.keys(call).flatMap((key) => [`${key}.`, key.toUpperCase(), key.slice(1), `x${key}`, `${key}_`]);
    const unknown = Object.fromEntries(
      near.filter((key) => !asked.has(key)).map((key, i) => [key, i % 2 === 0 ? 'error' : 999]),
    );
    expect(Object.keys(unknown).length).toBeGreaterThan(4);
    expect(readOne({ ...unknown, ...call }, { scope }).span).toEqual(readOne(call, { scope }).span);
  });

  it('content never leaves the door', () => {
    const secret = 'my password is tr0ub4dor';
    const written = Object.entries(harness.content).map(([key, put]) => [key, put === true ? secret : put(secret)]);
    const attributes = { ...harness.call(31, 8), ...Object.fromEntries(written), 'exception.message': secret };
    const fresh = new Door();
    const body = requestOf([
      {
        name: 'chat',
        scope,
        attributes,
        status: { code: 2, message: secret },
        events: [
          { name: 'exception', attributes: { 'exception.message': secret, 'exception.stacktrace': secret } },
          { name: 'gen_ai.user.message', attributes: { content: secret } },
          { name: 'gen_ai.choice', attributes: { message: secret } },
        ],
      },
    ]);
    const { records, spans } = fresh.read(body);
    expect(spans[0]!.isError).toBe(true);
    expect(Buffer.from(records).includes('tr0ub4dor')).toBe(false);
    const texts = Array.from({ length: fresh.dictionary.size }, (_, code) => fresh.dictionary.text(code));
    expect(texts.filter((text) => text.includes('tr0ub4dor'))).toEqual([]);
  });

  it.each(own.filter((other) => other !== name))('a span that is also one of %s is counted once', (other) => {
    const merged = { ...harness.call(31, 8), ...harnesses[other]!.call(31, 8), ...marking(name, other) };
    const { span } = readOne(merged, { scope });
    const { interactions, calls } = judgeTrace([span]);
    expect(calls.length).toBeLessThanOrEqual(1);
    expect(interactions.length).toBe(span.kind === 'chain' || span.kind === 'step' ? 0 : 1);
    for (const one of [span, ...interactions]) if (one.inputTokens !== null) expect(tokens(one)).toEqual(USED);
  });

  if (harness.callIs === 'model')
    it.each(ofModels)('a call that %s saw too, around it or beside it, is one call', (other) => {
      const mine = { scope, attributes: harness.call(31, 8) };
      const same = harnesses[other]!.scope === scope;
      const theirs = {
        scope: same ? `${scope} of theirs` : harnesses[other]!.scope,
        attributes: harnesses[other]!.call(31, 8),
      };
      const outer: SpanSketch = { ...mine, spanId: idOf(1), start: secondsAgo(3), end: secondsAgo(1) };
      const inner: SpanSketch = { ...theirs, spanId: idOf(2), start: secondsAgo(2.9), end: secondsAgo(1.1) };
      for (const parentSpanId of [idOf(1), idOf(7)]) {
        const { spans } = read([
          { ...outer, parentSpanId: idOf(7) },
          { ...inner, parentSpanId },
        ]);
        const { interactions, calls } = judgeTrace(spans);
        expect([interactions.length, calls.length]).toEqual([1, 1]);
        expect(tokens(interactions[0]!)).toEqual(USED);
        expect(tokens(calls[0]!)).toEqual(USED);
      }
    });

  if (harness.parent !== undefined)
    it.each([
      ['the sum of its children', 150, 26],
      ['the last of them only', 80, 9],
      ['nothing', Number.NaN, Number.NaN],
    ])('a parent that says %s never doubles the count', (_, input, output) => {
      const call = harness.callIs === 'model' ? harness.call : harnesses['OpenTelemetry GenAI']!.call;
      const { spans } = read([
        { scope, spanId: idOf(1), attributes: harness.parent!(input, output), start: secondsAgo(9) },
        {
          scope,
          spanId: idOf(2),
          parentSpanId: idOf(1),
          attributes: call(70, 17),
          start: secondsAgo(8),
          end: secondsAgo(7),
        },
        {
          scope,
          spanId: idOf(3),
          parentSpanId: idOf(1),
          attributes: call(80, 9),
          start: secondsAgo(6),
          end: secondsAgo(5),
        },
      ]);
      const { interactions, calls } = judgeTrace(spans);
      expect(interactions.map(tokens)).toEqual([[150, 26]]);
      expect(calls.map(tokens)).toEqual([
        [70, 17],
        [80, 9],
      ]);
    });
});

/** Where two dialects write the same marker, the one in front in the list has its say. */
function marking(name: string, other: string): Attributes {
  const first = dialects.find((dialect) => dialect.name === name || dialect.name === other)!;
  const call = harnesses[first.name]!.call(31, 8);
  return Object.fromEntries(first.markers.filter((key) => key in call).map((key) => [key, call[key]!]));
}

const { slots } = new SpanReader({ dialects, dictionary: new Dictionary(), declared: NOTHING_DECLARED });
const asked = new Set(slots.keys);

/** Stands for bytes that are no UTF-8. */
const BROKEN = '\u0001\u0002\u0003';
const breakText = (body: Buffer): Buffer => {
  const broken = Buffer.from(body);
  for (let at = broken.indexOf(BROKEN); at >= 0; at = broken.indexOf(BROKEN, at)) broken.set([0xff, 0xc0, 0x80], at);
  return broken;
};

const hostile: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(
    ...[-1, -0, 0, 2 ** 53, -(2 ** 53), 1e308, -1e308, Number.MIN_VALUE, Number.NaN, Infinity, -Infinity],
    ...[2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, true, false, new Uint8Array([255]), [], {}, [[]], [{}], [-5]],
    ...[
      '',
      ' ',
      '-1',
      'NaN',
      'Infinity',
      '1e999',
      '0x10',
      '１２',
      '9'.repeat(32),
      '9'.repeat(33),
      BROKEN,
      `a${BROKEN}b`,
    ],
    ...[
      '{',
      '[',
      '[]',
      '{}',
      'null',
      '[null]',
      '{"total":',
      '/',
      '//',
      'a/',
      '/b',
      '"',
      '2026-13-45T99:99:99Z',
      '-271822-04-20T00:00:00Z',
    ],
    ...[
      '{"input":-5,"output":1e400,"total":0}',
      '{"input":1e308,"more":1e308,"total":1e999}',
      '{"input":9007199254740993,"total":9007199254740993}',
    ],
    ...[
      '{"usage":{"inputTokens":-3,"outputTokens":"x"}}',
      '{"usage":[]}',
      `{"cache_read":${'9'.repeat(20)}}`,
      '['.repeat(9999),
    ],
    ...[
      '__proto__',
      'constructor',
      'toString',
      'x'.repeat(70_000),
      '2026-11-23T18:30:09.100Z',
      '"0000-01-01T00:00:00Z"',
    ],
  ),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string({ unit: 'binary' }),
  fc.json(),
);
const COUNTS = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'] as const;

it('hostile values never crash, and never give a count that is none', () => {
  const starts = Object.values(harnesses).map((harness: Harness) => harness.call(31, 8));
  const span = fc.record({
    attributes: fc
      .tuple(fc.constantFrom({}, ...starts), fc.dictionary(fc.constantFrom(...slots.keys), hostile, { maxKeys: 30 }))
      .map(([call, changed]) => ({ ...call, ...changed })),
    events: fc.array(
      fc.record({
        name: fc.constantFrom(...slots.events.map(({ name }) => name)),
        attributes: fc.dictionary(fc.constantFrom(...slots.events.flatMap(({ keys }) => keys)), hostile),
      }),
      { maxLength: 2 },
    ),
    scope: fc.constantFrom('test', 'langsmith', '@traceloop/instrumentation-anthropic'),
  });
  const counted = new Set<string>();
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 3 }), (sketches) => {
      const { spans } = door.read(breakText(requestOf(sketches)));
      expect(spans.length).toBe(sketches.length);
      const { interactions } = judgeTrace(spans);
      for (const one of spans) {
        for (const field of COUNTS) {
          const count = one[field];
          if (count === null) continue;
          counted.add(field);
          expect(Number.isSafeInteger(count) && count >= 0, `${field} ${count}`).toBe(true);
        }
        expect(one.timeToFirstTokenMs === null || Number.isFinite(one.timeToFirstTokenMs)).toBe(true);
        expect(one.timeToFirstTokenMs ?? 0).toBeGreaterThanOrEqual(0);
      }
      for (const { inputTokens, outputTokens } of interactions)
        for (const count of [inputTokens ?? 0, outputTokens ?? 0])
          expect(count >= 0 && Number.isInteger(count)).toBe(true);
    }),
    { numRuns: 1000 },
  );
  expect([...counted].sort()).toEqual([...COUNTS].sort());
});
