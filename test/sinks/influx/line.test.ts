import fc from 'fast-check';
import { expect, it } from 'vitest';
import { headOf, lineOf, RefusedPoint } from '../../../src/sinks/influx/line.ts';

const tags = { service: 'bot', environment: 'production', measure: 'latency:4s', slice: 'prompt_version=7' };
const fields = { good: 9, valid: 10, eligible: 12, revision: 3 };

it('writes tags and fields in the order of the schema, integers as such', () => {
  expect(lineOf('tally', headOf('tally', tags), fields, 1_795_000_020)).toBe(
    'tally,service=bot,environment=production,measure=latency:4s,slice=prompt_version\\=7 good=9i,valid=10i,eligible=12i,revision=3i 1795000020',
  );
});

it('leaves out a tag that is empty and a field that is not there', () => {
  const head = headOf('verdict', { service: 'a b,c=d', environment: '', objective: 'up' });
  expect(head).toBe('verdict,service=a\\ b\\,c\\=d,objective=up');
  const unknown = { verdict: 4, lower: null, value: null, upper: null, n: 0, coverage: 0.5, revision: 1 };
  expect(lineOf('verdict', head, unknown, 60)).toBe(`${head} verdict=4i,n=0i,coverage=0.5,revision=1i 60`);
});

it('puts texts into quotes, on one line', () => {
  const head = headOf('incident', { service: 'bot', environment: '', severity: 'P1', id: 'INC-1' });
  const text = {
    number: 'INC-1',
    text: 'a "b" \\ c\nd',
    until: 5,
    open: true,
    detect_s: 1,
    ack_s: null,
    resolve_s: null,
    revision: 1,
  };
  expect(lineOf('incident', head, text, 60)).toBe(
    `${head} number="INC-1",text="a \\"b\\" \\\\ c d",until=5i,open=true,detect_s=1i,revision=1i 60`,
  );
});

it('refuses what would be another line, another tag, or no number', () => {
  for (const slice of ['a\nb', 'a\rb', 'a\0b', 'a\\', 'x'.repeat(70_000)])
    expect(() => headOf('tally', { ...tags, slice })).toThrow(RefusedPoint);
  const head = headOf('tally', tags);
  for (const good of [Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 60])
    expect(() => lineOf('tally', head, { ...fields, good }, 60)).toThrow(RefusedPoint);
  const real = { lower: 1, value: Number.NaN, upper: 2, n: 1, revision: 1 };
  expect(() => lineOf('latency', 'latency', real, 60)).toThrow(RefusedPoint);
  expect(() => lineOf('tally', head, fields, 0.5)).toThrow(RefusedPoint);
  const none = { good: null, valid: null, eligible: null, revision: null };
  expect(() => lineOf('tally', head, none, 60)).toThrow(RefusedPoint);
});

it('never names a value when it refuses', () => {
  const value = 'MARK1234\n';
  expect(() => headOf('tally', { ...tags, slice: value })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('MARK') }),
  );
});

it('is one line whatever the names are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (service, slice) => {
      try {
        const line = lineOf('tally', headOf('tally', { ...tags, service, slice }), fields, 60);
        expect(line.split('\n')).toHaveLength(1);
        // Blanks that are not escaped: behind the tags, and before the time.
        expect(line.match(/(?<!\\) /g)).toHaveLength(2);
      } catch (error) {
        expect(error).toBeInstanceOf(RefusedPoint);
      }
    }),
  );
});
