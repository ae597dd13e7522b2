import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinearPattern } from '../../src/model/linear-pattern.ts';

/** Patterns of all that is known, over three letters. */
const { pattern } = fc.letrec<{ pattern: string; piece: string; atom: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small' },
    fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}|${b}`),
  ),
  piece: fc.tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?')).map(([atom, sign]) => atom + sign),
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '[b-c]', '\\.', '\\w', '\\d', '[\\d.-]', '[]a]'),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
}));
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '1', '-', ']'), maxLength: 8 });

describe('a pattern that takes linear time', () => {
  it('says of a whole text what a regular expression says', () => {
    fc.assert(
      fc.property(pattern, text, (written, given) => {
        fc.pre([...written].length <= 256);
        const usual = new RegExp(`^(?:${written.replaceAll('[]a]', '[\\]a]')})$`, 's');
        expect([written, new LinearPattern(written).matches(given)]).toEqual([written, usual.test(given)]);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['support-.*', 'support-bot', true],
    ['^(a|b)$', 'b', true],
    ['ai\\.availability\\..+', 'ai.availability.latency', true],
    ['bot', 'bot-2', false],
    ['', '', true],
    ['a\\$', 'a$', true],
  ])('%s against %s: %s', (written, given, expected) => {
    expect(new LinearPattern(written).matches(given)).toBe(expected);
  });

  it('is not slow where a backtracking one never ends', () => {
    expect(new LinearPattern('(a*)*b'.replace(')*', ')+')).matches('a'.repeat(10_000))).toBe(false);
    expect(new LinearPattern('(a|a|aa)+').matches(`${'a'.repeat(5000)}!`)).toBe(false);
  });

  it.each(['(', ')', '[a', 'a**', '*', '\\', 'a{2}', '(?=a)', '\\1', '[b-a]', 'a^', 'a$b', 'x'.repeat(257)])(
    '%s is refused in words',
    (written) => {
      expect(() => new LinearPattern(written)).toThrow(SyntaxError);
    },
  );
});
