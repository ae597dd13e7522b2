import { expect, it } from 'vitest';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import { labelsText } from '../../../src/server/metrics/label-values.ts';
import { SeriesTable } from '../../../src/server/metrics/series-table.ts';
import { hasPromtool, promtool } from '../../standins/promtool.ts';
import { parseExposition, sampleValue } from './exposition.ts';

const small = FAMILIES.map((family) => ({ ...family, cap: 2 }));
const table = (families: typeof small | typeof FAMILIES = FAMILIES): { table: SeriesTable; refused: string[] } => {
  const refused: string[] = [];
  return { table: new SeriesTable(families, (family) => refused.push(family)), refused };
};
const S = { service: 'bot', environment: '' };

it('label values with commas, colons and quotes never make one series of two', () => {
  expect(labelsText(['a', 'b'], { a: '1,b:2', b: '3' })).not.toBe(labelsText(['a', 'b'], { a: '1', b: '2,b:3' }));
  const { table: one } = table();
  one.add('plimsoll_changes_total', { service: 'x",environment="y', environment: '', change_type: 'z' }, 1);
  one.add('plimsoll_changes_total', { service: 'x', environment: 'y', change_type: 'z' }, 2);
  const { samples } = parseExposition(one.render());
  expect(samples.map(({ labels, value }) => [labels['service'], labels['environment'], value])).toEqual([
    ['x",environment="y', '', 1],
    ['x', 'y', 2],
  ]);
});

it('a value is one line of at most 128 characters', () => {
  const { table: one } = table();
  one.add('plimsoll_changes_total', { ...S, change_type: `a\nb\u0000c\\${'x'.repeat(500)}` }, 1);
  const [sample] = parseExposition(one.render()).samples;
  expect(sample!.labels['change_type']).toBe(`a b c\\${'x'.repeat(122)}`);
});

it('counts beyond the cap of a family are folded into one series, and said', () => {
  const { table: one, refused } = table(small);
  for (const type of ['a', 'b', 'c', 'd', 'a']) one.add('plimsoll_changes_total', { ...S, change_type: type }, 1);
  const page = one.render();
  expect(sampleValue(page, 'plimsoll_changes_total', { change_type: 'a' })).toBe(2);
  expect(sampleValue(page, 'plimsoll_changes_total', { change_type: '__overflow__', service: '__overflow__' })).toBe(2);
  expect(refused).toEqual(['plimsoll_changes_total', 'plimsoll_changes_total']);
});

it('gauges beyond the cap are left out: one value can not stand for many', () => {
  const { table: one, refused } = table(small);
  for (const objective of ['a', 'b', 'c']) one.set('plimsoll_objective_target_ratio', { ...S, objective }, 0.9);
  expect(parseExposition(one.render()).samples.map(({ labels }) => labels['objective'])).toEqual(['a', 'b']);
  expect(refused).toEqual(['plimsoll_objective_target_ratio']);
});

it('what is no number has no series', () => {
  const { table: one } = table();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, null])
    one.set('plimsoll_objective_target_ratio', { ...S, objective: String(value) }, value);
  expect(parseExposition(one.render()).samples).toEqual([]);
});

it('histograms add up; those with other buckets are folded into the ones that the overflow series has', () => {
  const { table: one } = table(small);
  const of = (operation: string): { service: string; environment: string; operation: string } => ({ ...S, operation });
  one.observe('plimsoll_interaction_duration_seconds', of('a'), [1, 2], [1, 2, 3], 12);
  one.observe('plimsoll_interaction_duration_seconds', of('a'), [1, 2], [1, 0, 0], 0.5);
  one.observe('plimsoll_interaction_duration_seconds', of('b'), [1, 2], [0, 0, 0], 0);
  one.observe('plimsoll_interaction_duration_seconds', of('c'), [1, 4], [1, 1, 1], 10);
  one.observe('plimsoll_interaction_duration_seconds', of('d'), [1, 2, 4], [1, 1, 1, 1], 12);
  const page = one.render();
  const bucket = 'plimsoll_interaction_duration_seconds_bucket';
  expect(['1', '2', '+Inf'].map((le) => sampleValue(page, bucket, { operation: 'a', le }))).toEqual([2, 4, 7]);
  expect(sampleValue(page, 'plimsoll_interaction_duration_seconds_sum', { operation: 'a' })).toBe(12.5);
  expect(['1', '4', '+Inf'].map((le) => sampleValue(page, bucket, { operation: '__overflow__', le }))).toEqual([
    2, 5, 7,
  ]);
});

it('every help is one sentence, every name ends as its type and unit ask', () => {
  for (const { name, type, help } of FAMILIES) {
    expect(help).toMatch(/^[A-Z].*[a-z0-9_]\.$/);
    expect(help.slice(0, -1)).not.toMatch(/\.\s/);
    expect(`${name} ${name.endsWith('_total')}`).toBe(`${name} ${type === 'counter'}`);
  }
  expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(FAMILIES.length);
});

it.skipIf(!hasPromtool)('promtool reads a page with the strangest names as we do', () => {
  const { table: one } = table();
  one.add('plimsoll_changes_total', { ...S, change_type: 'ü "quoted" \\ {a="b"} \ud800 ,:' }, 1);
  expect(promtool(['check', 'metrics'], one.render())).toEqual({ status: 0, output: '' });
});
