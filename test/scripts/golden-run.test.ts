import { expect, it } from 'vitest';
import { compare, runGolden } from '../../scripts/golden-run.ts';

const tolerance = { abs: 0, rel: 1e-6 };
const file = (section: string, ...cases: object[]): string =>
  JSON.stringify({ sections: { [section]: { doc: '', tolerance, cases } } });
const wilsonOf3 = { s: 3, n: 10, conf: 0.95 };

it('a case that agrees passes, one that does not is named with what was got and what was wanted', () => {
  const result = runGolden(
    file(
      'wilson',
      { id: 'right', in: wilsonOf3, out: { p: 0.3, lo: 0.10779126 } },
      { id: 'wrong', in: wilsonOf3, out: { p: 0.3, lo: 0.2 } },
    ),
  );
  expect(result.passed).toBe(1);
  expect(result.failures.map(({ id }) => id)).toEqual(['wrong']);
  expect(result.failures[0]!.differences[0]).toMatch(/^lo: got 0\.1077.*, want 0\.2$/);
});

it('a field that is missing fails, one that nobody asked for does not', () => {
  const result = runGolden(
    file(
      'wilson',
      { id: 'less', in: wilsonOf3, out: {} },
      { id: 'more', in: wilsonOf3, out: { p: 0.3, method: 'score' } },
    ),
  );
  expect(result.failures).toEqual([{ id: 'more', differences: ['method: missing, want "score"'] }]);
});

it('a case whose input is refused fails and says why', () => {
  const result = runGolden(file('wilson', { id: 'x', in: { s: 11, n: 10, conf: 0.95 }, out: { p: 1 } }));
  expect(result.failures[0]!.differences[0]).toContain('good is 11 of n 10');
});

it('a section that nothing answers is neither passed nor failed, but named', () => {
  expect(runGolden(file('astrology', { id: 'x', in: {}, out: {} }))).toEqual({
    passed: 0,
    failures: [],
    unknown: [{ section: 'astrology', cases: 1 }],
  });
  expect(runGolden(file('toString', { id: 'x', in: {}, out: {} })).unknown).toHaveLength(1);
});

it.each([
  ['half a file', '{"sections": {', /not JSON/],
  ['a list', '[]', /not a golden file/],
  ['a section without tolerance', '{"sections": {"wilson": {"cases": []}}}', /tolerance/],
])('%s is refused with the reason', (_, text, reason) => {
  expect(() => runGolden(text)).toThrow(reason);
});

it.each([
  ['integers must be equal', 7, 8, false],
  ['numbers may differ by the tolerance', 1.0000004, 1, true],
  ['and not by more', 1.000002, 1, false],
  ['null is only null', 0, null, false],
  ['a list has its length', [1, 2, 3], [1, 2], false],
  ['a boolean is exact', true, false, false],
  ['NaN is never right', Number.NaN, 1, false],
])('%s', (_, got, want, same) => {
  expect(compare(got, want, { abs: 0, rel: 1e-6 }, '').length === 0).toBe(same);
});
