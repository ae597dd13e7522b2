import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dialects } from '../../../collectors/dialects/index.ts';
import { COMPOUND, SlotMap, SlotValues } from '../../../collectors/dialects/slots.ts';
import { vectorAt } from '../../../collectors/dialects/vectors.ts';
import { TraceDecoder } from '../../../collectors/otlp/decode.ts';
import { Catalog } from '../../../src/catalog/catalog.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { directionBinKey, directionKey } from '../../../src/model/names.ts';
import type { Span } from '../../../src/model/span.ts';
import { declaredAttributes } from '../../../src/server/declared.ts';
import { DIRECTION_SEED, sketchOf } from '../../../src/tally/embedding-sketch.ts';
import { objective, service } from '../../server/world.ts';
import { requestOf, type SpanSketch } from '../otlp/requests.ts';
import { spansOf, WINDOW } from '../otlp/samples.ts';

const MODEL = 'text-embedding-3-small';
const VECTOR = [-0.757, -0.959, -0.279, 0.657, 0.989, 0.412, -0.544, -1];

/** What spans say of where their embeddings lie, the services of all spans being declared with such an objective. */
function directionsOf(body: Buffer | Uint8Array, names: readonly string[], model = MODEL): (string | null)[][] {
  const dictionary = new Dictionary();
  const services = names.map((name) => service(name));
  const objectives = names.map((name, i) =>
    objective(`o${i}`, { service: name, measure: { type: 'drift', feature: `embedding:${model}` } }),
  );
  const declared = declaredAttributes(new Catalog(services), dictionary, objectives);
  const decoder = new TraceDecoder({ dialects, dictionary, declared });
  const spans: Span[] = spansOf(decoder.decode(Buffer.from(body), WINDOW));
  return spans
    .map(({ attributes }) => attributes.map((pair) => pair.map((code) => dictionary.text(code)).join('=')))
    .filter((pairs) => pairs.length > 0);
}
const expected = (vector: readonly number[], model = MODEL): string[] =>
  sketchOf(vector)!.map(
    (bin, k) => `${directionKey(model, DIRECTION_SEED, k)}=${directionBinKey(model, DIRECTION_SEED, k, bin)}`,
  );

const golden = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, '../../golden/otlp', `${name}.otlp.pb`));
const servicesIn = (name: string): string[] => {
  const json = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../golden/otlp', `${name}.otlp.json`), 'utf8'),
  ) as { resourceSpans: { resource: { attributes: { key: string; value: { stringValue: string } }[] } }[] };
  return [
    ...new Set(
      json.resourceSpans.map(
        ({ resource }) => resource.attributes.find(({ key }) => key === 'service.name')!.value.stringValue,
      ),
    ),
  ];
};

it.each(['openinference-openai-4.2.7__embeddings', 'vercel-ai-6.0.326__embeddings'])(
  'the first embedding of each call of %s, as it was recorded',
  (name) => {
    const found = directionsOf(golden(name), servicesIn(name));
    expect(found.length).toBeGreaterThan(0);
    expect(found).toContainEqual(expected(VECTOR));
  },
);

const span = (attributes: NonNullable<SpanSketch['attributes']>): Buffer =>
  Buffer.from(
    requestOf(
      [{ attributes: { 'openinference.span.kind': 'EMBEDDING', 'embedding.model_name': MODEL, ...attributes } }],
      { 'service.name': 'bot' },
    ),
  );

it('nothing is read of another model, of what is no embedding, nor where nobody asks', () => {
  expect(directionsOf(span({ 'ai.embedding': '[1,2,3]' }), ['bot'])).toEqual([expected([1, 2, 3])]);
  expect(directionsOf(span({ 'ai.embedding': '[1,2,3]' }), ['bot'], 'another')).toEqual([]);
  for (const value of ['[]', '[0,0]', '[1,"a"]', '[1,null]', '{"a":1}', '[1,', 'text', '[[1,2]]'])
    expect(directionsOf(span({ 'ai.embedding': value }), ['bot'])).toEqual([]);
  expect(directionsOf(span({ 'ai.embedding': '[1,2,3]' }), [])).toEqual([]);
});

const varint = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};
const field = (tag: number, body: readonly number[]): number[] => [tag, ...varint(BigInt(body.length)), ...body];
const double = (value: number): number[] => [...Buffer.from(new Float64Array([value]).buffer)];

function read(bytes: readonly number[]): Float64Array | null {
  const map = new SlotMap();
  const slot = map.attribute('vector');
  const values = new SlotValues(map);
  values.source = Buffer.from(bytes);
  values.fillNumber(slot, COMPOUND, 0, 0, bytes.length);
  return vectorAt(values, slot);
}

it('an array is read as it was written, doubles and integers', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true }).map((value) => ({ value, bytes: [0x21, ...double(value)] })),
    fc.integer().map((value) => ({ value, bytes: [0x18, ...varint(BigInt(value))] })),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 50 }), (numbers) => {
      const body = numbers.flatMap(({ bytes }) => field(0x0a, bytes));
      const found = read(field(0x2a, body));
      expect([...found!]).toEqual(numbers.map(({ value }) => value));
    }),
  );
});

it('whatever bytes there are: numbers, or nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(0x2a, 0x0a, 0x21, 0x18, 9, 2), fc.integer({ min: 0, max: 255 }))),
      (bytes) => {
        const found = read(bytes);
        if (found !== null) expect(sketchOf(found) === null || sketchOf(found)!.length === 16).toBe(true);
      },
    ),
  );
  // An element without a value, one with two of them, and more numbers than any embedding has.
  expect(read(field(0x2a, field(0x0a, [])))).toBeNull();
  expect(read(field(0x2a, field(0x0a, [0x18, 1, 0x18, 2])))).toBeNull();
  expect(read(field(0x2a, Array.from({ length: 16_385 }, () => field(0x0a, [0x18, 1])).flat()))).toBeNull();
});
