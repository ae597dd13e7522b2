import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFault, parseJson } from '../../src/model/json.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

describe('JSON of strangers', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(bytes(text))).toEqual(JSON.parse(text));
        expect(parseJson(bytes(`\uFEFF ${JSON.stringify(JSON.parse(text), null, 2)}\n`))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('cut or changed is read as JSON.parse reads it, or refused', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', 'x'),
        (text, at, by) => {
          const broken = text.slice(0, at % text.length) + by + text.slice((at % text.length) + 1);
          const read = (run: () => unknown): unknown => {
            try {
              return { value: run() };
            } catch (error) {
              return error instanceof JsonFault || error instanceof SyntaxError ? 'refused' : error;
            }
          };
          const [ours, theirs] = [read(() => parseJson(bytes(broken))), read(() => JSON.parse(broken))];
          if (ours !== 'refused') expect(ours).toEqual(theirs);
          else if (theirs !== 'refused') expect(() => parseJson(bytes(broken))).toThrow('is there twice');
        },
      ),
    );
  });

  it.each([
    ['{"a":1,"a":1}', 'the key "a" is there twice in one object'],
    ['[{"x":{"b":1,"c":{},"b":2}}]', 'the key "b" is there twice'],
    [String.raw`{"a":1,"\u0061":2}`, 'the key "a" is there twice'],
    [String.raw`{"\"":1,"\"":2}`, 'is there twice'],
    ['{"__proto__":1,"__proto__":2}', 'the key "__proto__" is there twice'],
    ['{', 'JSON'],
    ['', 'JSON'],
    ['"', 'JSON'],
    ['NaN', 'JSON'],
  ])('%s: %s', (text, message) => {
    expect(() => parseJson(bytes(text))).toThrow(message);
    expect(() => parseJson(bytes(text))).toThrow(JsonFault);
  });

  it('one key in two objects, and as a value, is no double', () => {
    for (const text of ['[{"a":1},{"a":1}]', '{"a":{"a":"a"},"b":["a","a"]}', '{"b":"a","a":"b"}'])
      expect(parseJson(bytes(text))).toEqual(JSON.parse(text));
  });

  it('what would take many times the memory of its text is refused before it is built', () => {
    for (const part of ['[],', '{},'])
      expect(() => parseJson(bytes(`[${part.repeat(4_200_000)}0]`))).toThrow('more than 4194304 lists and objects');
  });

  it('what is not UTF-8, and what lies too deep, is refused before it is built', () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not UTF-8');
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = (levels: number): Buffer =>
        bytes(open.repeat(levels) + (open === '[' ? '' : '1') + close.repeat(levels));
      expect(parseJson(deep(512))).toBeTypeOf('object');
      expect(() => parseJson(deep(513))).toThrow('more than 512 lists and objects');
      expect(() => parseJson(deep(1_000_000))).toThrow('more than 512 lists and objects');
    }
  });
});
