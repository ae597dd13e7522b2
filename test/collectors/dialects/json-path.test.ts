import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findJson, firstOfJsonArray, type JsonSpan } from '../../../collectors/dialects/json-path.ts';

const find = (text: string, ...path: string[]): string | null => {
  const source = Buffer.from(`##${text}`);
  return cut(
    source,
    findJson(
      source,
      2,
      source.length,
      path.map((key) => Buffer.from(key)),
    ),
  );
};
const first = (text: string): string | null => {
  const source = Buffer.from(text);
  return cut(source, firstOfJsonArray(source, 0, source.length));
};
const cut = (source: Buffer, span: JsonSpan | null): string | null =>
  span === null ? null : source.toString('utf8', span.at, span.end);

const keys = fc.constantFrom('a', 'b', 'é', 'model', 'x y', '');
/** JSON knows no -0. */
const values = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const objects = fc.dictionary(keys, fc.oneof(values, fc.dictionary(keys, values)));

it('finds what JSON.parse finds, however the text is spaced', () => {
  fc.assert(
    fc.property(objects, keys, keys, fc.constantFrom('', ' ', '\t', 3), (object, key, inner, space) => {
      const text = JSON.stringify(object, null, space);
      const value = Object.hasOwn(object, key) ? object[key] : undefined;
      const found = find(text, key);
      expect(found === null ? undefined : JSON.parse(found)).toEqual(value);
      const nested =
        value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
      const foundInside = find(text, key, inner);
      expect(foundInside === null ? undefined : JSON.parse(foundInside)).toEqual(
        Object.hasOwn(nested, inner) ? nested[inner] : undefined,
      );
    }),
  );
});

it('finds the first element of an array', () => {
  fc.assert(
    fc.property(fc.array(values), (list) => {
      const found = first(JSON.stringify(list));
      expect(found === null ? [] : [JSON.parse(found)]).toEqual(list.slice(0, 1));
    }),
  );
});

it('reads a text that was cut off as far as it goes, and never beyond', () => {
  const text = JSON.stringify({ model: 'gpt-4o', messages: ['}', '"', { model: 'other' }], last: 1 });
  expect(find(text.slice(0, 40), 'model')).toBe('"gpt-4o"');
  for (let end = 0; end < text.length; end++) expect([null, '"gpt-4o"']).toContain(find(text.slice(0, end), 'model'));
  expect(find(text.slice(0, -1), 'last')).toBe('1');
});

it.each(['', 'plain', '[1]', '{', '{"model"', '{"model":', '{model:1}', '{"a":1 "model":2}', '"model"'])(
  'finds nothing in %s',
  (text) => {
    expect(find(text, 'model')).toBeNull();
  },
);

it('never throws and never looks outside, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', ' ') }), (text) => {
      for (const found of [find(text, 'a'), find(text, 'a', 'a'), first(text)])
        expect(found === null || text.includes(found)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
