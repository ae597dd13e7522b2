import fc from 'fast-check';
import { expect, it } from 'vitest';
import { responseRefOf, responseRefOfText } from '../../src/model/response-ref.ts';

it('is eight latin-1 characters, the same for the same id wherever it lies', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, id) => {
      const bytes = Buffer.from(before + id);
      const at = Buffer.byteLength(before);
      const ref = responseRefOf(bytes, at, bytes.length - at);
      expect(ref).toBe(responseRefOfText(bytes.subarray(at).toString()));
      expect(Buffer.from(ref, 'latin1')).toHaveLength(8);
    }),
  );
});

it('does not change between releases: it is stored', () => {
  expect(Buffer.from(responseRefOfText('chatcmpl-000001Plim'), 'latin1').toString('hex')).toMatchInlineSnapshot(
    `"3f05cd672242f36a"`,
  );
});

it('tells 200,000 ids apart that differ in a counter only', () => {
  const refs = new Set<string>();
  for (let i = 0; i < 200_000; i++) refs.add(responseRefOfText(`chatcmpl-${i}`));
  expect(refs.size).toBe(200_000);
});
