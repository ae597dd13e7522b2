import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCsv, writeCsv } from '../../src/model/csv.ts';

it('what is written is read back, whatever stands in the cells', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('=1+1', "'=1", '-3', '\n=1', '＝1', 'a,b', 'x;y', '"', 'two\r\nlines', '\t'),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ a: cell, b: cell }), { maxLength: 5 }), (rows) => {
      const kept = rows.filter(({ a, b }) => `${a}${b}`.trim() !== '');
      const parsed = parseCsv(writeCsv(['a', 'b'], rows));
      expect(parsed.ok && parsed.rows.map(({ row }) => row)).toEqual(kept);
    }),
  );
});

it.each(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])(
  'a cell that a spreadsheet would run is none: %j',
  (mark) => {
    const cell = `${mark}HYPERLINK("https://evil.example")`;
    const text = writeCsv(['a'], [{ a: cell }]);
    expect(text).toBe(`a\r\n"'${cell.replaceAll('"', '""')}"\r\n`);
    expect(parseCsv(text)).toMatchObject({ rows: [{ row: { a: cell } }] });
  },
);

it.each(['a;b\r\n1;"2;3"\r\n', '\uFEFFa\tb\n1\t2;3', 'a,b\n\n1,2;3\n'])('reads %j', (text) => {
  expect(parseCsv(text)).toMatchObject({ ok: true, columns: ['a', 'b'], rows: [{ row: { a: '1', b: '2;3' } }] });
});

it.each([
  ['', 1, /nothing/],
  ['a,a\n', 1, /twice/],
  ['a\n1,2\n', 2, /2 cells/],
  ['a\nb\n"open\n', 3, /never closed/],
  ['a\n"b"c\n', 2, /behind a closing quote/],
])('%j is refused', (text, line, message) => {
  expect(parseCsv(text)).toMatchObject({ ok: false, line, message: expect.stringMatching(message) });
});
