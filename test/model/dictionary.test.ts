import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ABSENT, codeOfKnown, Dictionary, OTHER, WELL_KNOWN } from '../../src/model/dictionary.ts';

const codeOf = (dictionary: Dictionary, bytes: Uint8Array): number => dictionary.codeOfBytes(bytes, 0, bytes.length);

it('a string has one code for ever, however it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
      const dictionary = new Dictionary();
      for (const text of texts) {
        const code = dictionary.code(text);
        expect(dictionary.text(code)).toBe(text);
        expect(codeOf(dictionary, Buffer.from(`..${text}`).subarray(2))).toBe(code);
      }
      expect(new Dictionary(Array.from({ length: dictionary.size }, (_, i) => dictionary.text(i))).size).toBe(
        dictionary.size,
      );
    }),
  );
});

it('bytes that are not UTF-8 have the code of the text they are shown as, also in the next life', () => {
  const dictionary = new Dictionary();
  const broken = codeOf(dictionary, Buffer.from([0x61, 0xff, 0x62]));
  expect(dictionary.text(broken)).toBe('a\uFFFDb');
  expect(dictionary.code('a\uFFFDb')).toBe(broken);
  expect(codeOf(dictionary, Buffer.from([0x61, 0xfe, 0x62]))).toBe(broken);
});

it('a byte order mark is part of a string, not dropped from it', () => {
  const dictionary = new Dictionary();
  expect(dictionary.code('\uFEFFgpt')).not.toBe(dictionary.code('gpt'));
  expect(dictionary.text(dictionary.code('\uFEFFgpt'))).toBe('\uFEFFgpt');
});

it('a full dictionary folds what comes new from outside into "other" and says how often', () => {
  const dictionary = new Dictionary(WELL_KNOWN, WELL_KNOWN.length + 1);
  const kept = dictionary.codeOfForeign('kept');
  expect(['new', 'kept', ''].map((text) => dictionary.codeOfForeign(text))).toEqual([OTHER, kept, ABSENT]);
  expect(dictionary.refused).toBe(1);
});

// A thousand thousand names of tools left no room for the next service: its spans were refused for ever.
it('a dictionary that is full of strings from outside has room for names of the house', () => {
  const dictionary = new Dictionary(WELL_KNOWN, WELL_KNOWN.length);
  expect(dictionary.codeOfForeign('a tool')).toBe(OTHER);
  const service = dictionary.code('service\u0000bot\u0000');
  expect(service).toBeGreaterThan(OTHER);
  expect(dictionary.text(service)).toBe('service\u0000bot\u0000');
});

it('another thread that absorbs what is fresh gives the same codes', () => {
  const one = new Dictionary();
  const other = new Dictionary();
  one.code('a');
  one.code('b');
  const { first, texts } = one.takeFresh();
  other.absorb(first, texts);
  expect(other.code('b')).toBe(one.code('b'));
  expect(one.takeFresh().texts).toEqual([]);
  expect(() => new Dictionary().absorb(first + 1, ['x'])).toThrow('gap');
  expect(codeOfKnown('chat')).toBe(one.code('chat'));
});
