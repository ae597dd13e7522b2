import { expect, it } from 'vitest';
import { Dictionary } from '../../src/model/dictionary.ts';

// `slice` of a Buffer is a view of its memory. Requests are read into memory that is used again, so an entry learned from
// protobuf changed under the dictionary's hand and the next "8" was given a code of its own: one prompt version, six slices.
it('a name keeps its code after the memory it was read from holds something else', () => {
  const dictionary = new Dictionary();
  const memory = Buffer.from('prompt 8');
  const code = dictionary.codeOfBytes(memory, 7, 1);
  memory.fill('x');
  expect(dictionary.codeOfBytes(Buffer.from('8'), 0, 1)).toBe(code);
  expect(dictionary.text(code)).toBe('8');
});
