import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import { type Says, SeriesTable } from '../../../src/server/metrics/series-table.ts';
import { hasPromtool, promtool } from '../../standins/promtool.ts';
import { parseExposition, sampleValue } from './exposition.ts';

const small = FAMILIES.map((family) => ({ ...family, cap: 2 }));
const table = (families: typeof small | typeof FAMILIES = FAMILIES): { table: SeriesTable; refused: string[] } => {
  const refused: string[] = [];
  const onRefused = (family: string, times: number): void => void refused.push(...new Array(times).fill(family));
  return { table: new SeriesTable(families, onRefused), refused };
};
const pageOf = (one: SeriesTable): string => Buffer.concat([...one.render()]).toString();
/** One round. */
const say = (one: SeriesTable, say: () => void): void => {
  one.begin();
  say();
  for (const _ of one.finish());
};
const S = { service: 'bot', environment: '' };

it('label values with commas, colons and quotes never make one series of two', () => {
  const { table: one } = table();
  one.add('plimsoll_changes_total', { service: 'x",environment="y', environment: '', change_type: 'z' }, 1);
  one.add('plimsoll_changes_total', { service: 'x', environment: 'y', change_type: 'z' }, 2);
  const { samples } = parseExposition(pageOf(one));
  expect(samples.map(({ labels, value }) => [labels['service'], labels['environment'], value])).toEqual([
    ['x",environment="y', '', 1],
    ['x', 'y', 2],
  ]);
});

it('a value is one line of at most 128 characters', () => {
  const { table: one } = table();
  one.add('plimsoll_changes_total', { ...S, change_type: `a\nb\u0000c\\${'x'.repeat(500)}` }, 1);
  const [sample] = parseExposition(pageOf(one)).samples;
  expect(sample!.labels['change_type']).toBe(`a b c\\${'x'.repeat(122)}`);
});

it('counts beyond the cap of a family are folded into one series, and said', () => {
  const { table: one, refused } = table(small);
  for (const type of ['a', 'b', 'c', 'd', 'a']) one.add('plimsoll_changes_total', { ...S, change_type: type }, 1);
  const page = pageOf(one);
  expect(sampleValue(page, 'plimsoll_changes_total', { change_type: 'a' })).toBe(2);
  expect(sampleValue(page, 'plimsoll_changes_total', { change_type: '__overflow__', service: '__overflow__' })).toBe(2);
  expect(refused).toEqual(['plimsoll_changes_total', 'plimsoll_changes_total']);
});

it('what has never happened gives way to what has, and is refused nothing', () => {
  const { table: one, refused } = table(small);
  const add = (type: string, by: number): void => one.add('plimsoll_changes_total', { ...S, change_type: type }, by);
  const shown = (): [string, number][] =>
    parseExposition(pageOf(one)).samples.map(({ labels, value }) => [labels['change_type']!, value]);
  const size = (): number => one.sizes().find(({ family }) => family.name === 'plimsoll_changes_total')!.series;
  for (const type of ['a', 'b', 'c', 'd']) add(type, 0);
  expect([shown(), size(), refused]).toEqual([
    [
      ['a', 0],
      ['b', 0],
    ],
    0,
    [],
  ]);
  add('b', 1);
  add('d', 2);
  expect([shown(), size(), refused]).toEqual([
    [
      ['b', 1],
      ['d', 2],
    ],
    2,
    [],
  ]);
  // What has moved stays; nothing more is begun, and what happens now has no room.
  add('a', 0);
  add('b', 0);
  expect([shown(), refused]).toEqual([
    [
      ['b', 1],
      ['d', 2],
    ],
    [],
  ]);
  add('a', 3);
  expect(shown()).toEqual([
    ['b', 1],
    ['d', 2],
    ['__overflow__', 3],
  ]);
  expect(refused).toEqual(['plimsoll_changes_total']);
});

it('labels that are kept lead to the same page as labels that are put together anew', () => {
  const types = ['a', 'b', 'c', 'd'];
  const step = fc.record({
    what: fc.constantFrom('add', 'add', 'add', 'observe', 'clear'),
    type: fc.constantFrom(...types),
    by: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [plain, keeping] = [table(small), table(small)];
      const kept = new Map(types.map((type) => [type, keeping.table.keep({ ...S, change_type: type })]));
      const asked = new Map(types.map((type) => [type, keeping.table.keep({ ...S, operation: type })]));
      for (const { what, type, by } of steps) {
        if (what === 'clear') for (const { table: one } of [plain, keeping]) one.clear();
        else if (what === 'add') {
          plain.table.add('plimsoll_changes_total', { ...S, change_type: type }, by);
          keeping.table.add('plimsoll_changes_total', kept.get(type)!, by);
        } else {
          const observed = [[0.5, 1 + by], [1, 2, by], 3] as const;
          const name = 'plimsoll_interaction_duration_seconds';
          plain.table.observe(name, { ...S, operation: type }, ...observed);
          keeping.table.observe(name, asked.get(type)!, ...observed);
        }
        expect(pageOf(keeping.table)).toBe(pageOf(plain.table));
      }
      expect(keeping.refused).toEqual(plain.refused);
    }),
  );
});

it('gauges beyond the cap are left out: one value can not stand for many', () => {
  const { table: one, refused } = table(small);
  say(one, () => {
    for (const objective of ['a', 'b', 'c']) one.set('plimsoll_objective_target_ratio', { ...S, objective }, 0.9);
  });
  expect(parseExposition(pageOf(one)).samples.map(({ labels }) => labels['objective'])).toEqual(['a', 'b']);
  expect(refused).toEqual(['plimsoll_objective_target_ratio']);
});

it('what is no number has no series', () => {
  const { table: one } = table();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, null])
    one.set('plimsoll_objective_target_ratio', { ...S, objective: String(value) }, value);
  expect(parseExposition(pageOf(one)).samples).toEqual([]);
});

const target = (says: Says, objective: string, value: number | null = 0.9): void =>
  says.set('plimsoll_objective_target_ratio', { ...S, objective }, value);
const targets = (one: SeriesTable): [string, number][] =>
  parseExposition(pageOf(one)).samples.map(({ labels, value }) => [labels['objective']!, value]);

it('a round takes away what it does not say, and what one thing says is found again in whatever order', () => {
  const { table: one } = table();
  const [bot, dog] = [{}, {}];
  say(one, () => {
    for (const objective of ['a', 'b', 'c']) target(one.of(bot), objective);
    target(one.of(dog), 'd');
  });
  say(one, () => {
    const says = one.of(bot);
    target(says, 'a', 0.8);
    target(says, 'b', null);
    target(says, 'c', 0.7);
  });
  expect(targets(one)).toEqual([
    ['a', 0.8],
    ['c', 0.7],
  ]);
  // What had gone comes back, as somebody else's, too.
  say(one, () => {
    const says = one.of(dog);
    target(says, 'd', 0.6);
    target(says, 'b', 0.5);
    target(one.of(bot), 'c', 0.4);
  });
  expect(targets(one)).toEqual([
    ['c', 0.4],
    ['d', 0.6],
    ['b', 0.5],
  ]);
  one.clear();
  expect(targets(one)).toEqual([]);
});

it('rounds that say at random are as if each were the first', () => {
  const said = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(9)));
  fc.assert(
    fc.property(fc.array(said, { maxLength: 6 }), (rounds) => {
      const { table: kept } = table();
      const owners = [{}, {}, {}, {}];
      for (const round of rounds) {
        const { table: fresh } = table();
        say(kept, () => {
          const says = owners.map((owner) => kept.of(owner));
          for (const [owner, objective, value] of round) target(says[owner]!, objective, value);
        });
        say(fresh, () => {
          for (const [, objective, value] of round) target(fresh, objective, value);
        });
        expect(targets(kept).sort()).toEqual(targets(fresh).sort());
      }
    }),
  );
});

it('where others have gone there is room for what had none', () => {
  const { table: one, refused } = table(small);
  const owners = ['a', 'b', 'c'].map((objective) => ({ objective }));
  const sayAll = (those: typeof owners): void =>
    say(one, () => {
      for (const owner of those) target(one.of(owner), owner.objective);
    });
  sayAll(owners);
  sayAll(owners.slice(1));
  sayAll(owners.slice(1));
  expect(targets(one).map(([objective]) => objective)).toEqual(['b', 'c']);
  expect(refused).toHaveLength(2);
});

it('histograms add up; those with other buckets are folded into the ones that the overflow series has', () => {
  const { table: one } = table(small);
  const of = (operation: string): { service: string; environment: string; operation: string } => ({ ...S, operation });
  one.observe('plimsoll_interaction_duration_seconds', of('a'), [1, 2], [1, 2, 3], 12);
  one.observe('plimsoll_interaction_duration_seconds', of('a'), [1, 2], [1, 0, 0], 0.5);
  one.observe('plimsoll_interaction_duration_seconds', of('b'), [1, 2], [0, 0, 0], 0);
  one.observe('plimsoll_interaction_duration_seconds', of('c'), [1, 4], [1, 1, 1], 10);
  one.observe('plimsoll_interaction_duration_seconds', of('d'), [1, 2, 4], [1, 1, 1, 1], 12);
  const page = pageOf(one);
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
  expect(promtool(['check', 'metrics'], pageOf(one))).toEqual({ status: 0, output: '' });
});
