import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Dimension,
  type DimensionValue,
  guiltySlices,
  type PairTally,
  pairsWanted,
} from '../../src/incidents/guilty-slices.ts';
import { scoreSlices, type Totals } from '../../src/incidents/slices.ts';

const cell = fc.tuple(fc.nat(2000), fc.nat(2000), fc.nat(2000), fc.nat(2000)).map(([n0, b0, n, b]) => ({
  baselineN: n0,
  baselineBad: b0 % (n0 + 1),
  n,
  bad: b % (n + 1),
}));

it('the effects of rate and mix of all slices add up to the rise, also with slices that are new or gone', () => {
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 12 }), (cells) => {
      const scores = scoreSlices(cells.map((tally, i) => ({ value: `${i}`, ...tally })));
      const sum = (pick: (t: Totals) => number) => cells.reduce((total, tally) => total + pick(tally), 0);
      if (sum((t) => t.n) === 0 || sum((t) => t.baselineN) === 0) {
        expect(scores).toBeNull();
        return;
      }
      const { delta, mix, slices } = scores!;
      expect(delta).toBeCloseTo(
        sum((t) => t.bad) / sum((t) => t.n) - sum((t) => t.baselineBad) / sum((t) => t.baselineN),
        12,
      );
      expect(slices.reduce((total, s) => total + s.rateEffect, 0) + mix).toBeCloseTo(delta, 10);
      for (const slice of slices) {
        expect(slice.p).toBeGreaterThanOrEqual(0);
        expect(slice.p).toBeLessThanOrEqual(1);
        expect(slice.explanatoryPower === null).toBe(!(delta > 0));
        expect(Number.isFinite(slice.surprise) && Number.isFinite(slice.g2)).toBe(true);
      }
    }),
  );
});

it('a slice that can not be is refused', () => {
  expect(() => scoreSlices([{ value: 'x', baselineN: 10, baselineBad: 1, n: 5, bad: 6 }])).toThrow('bad is 6');
});

/** Traffic of which some is worse: rows of (attributes, events, bad share before, bad share now). */
interface Traffic {
  readonly at: Readonly<Record<string, string>>;
  readonly before: number;
  readonly now: number;
  readonly shareBefore: number;
  readonly shareNow: number;
}
const tallyOf = (rows: readonly Traffic[]): Totals => ({
  baselineN: rows.reduce((sum, row) => sum + row.before, 0),
  baselineBad: rows.reduce((sum, row) => sum + Math.round(row.before * row.shareBefore), 0),
  n: rows.reduce((sum, row) => sum + row.now, 0),
  bad: rows.reduce((sum, row) => sum + Math.round(row.now * row.shareNow), 0),
});
const dimensionsOf = (rows: readonly Traffic[], firstSeen: Readonly<Record<string, number>> = {}): Dimension[] =>
  Object.keys(rows[0]!.at).map((dimension) => ({
    dimension,
    values: [...new Set(rows.map((row) => row.at[dimension]!))].map(
      (value): DimensionValue => ({
        value,
        firstSeen: firstSeen[value] ?? null,
        ...tallyOf(rows.filter((row) => row.at[dimension] === value)),
      }),
    ),
  }));
const judge = (rows: readonly Traffic[], firstSeen: Readonly<Record<string, number>> = {}, onset = 10_000) => {
  const whole = tallyOf(rows);
  const dimensions = dimensionsOf(rows, firstSeen);
  const pairs = pairsWanted(whole, dimensions, onset).map(
    (parts): PairTally => ({
      parts,
      ...tallyOf(rows.filter((row) => parts.every(({ dimension, value }) => row.at[dimension] === value))),
    }),
  );
  return guiltySlices(whole, dimensions, pairs, onset);
};
const names = (guilty: ReturnType<typeof judge>) =>
  guilty.map(({ parts }) => parts.map(({ dimension, value }) => `${dimension}=${value}`).join(' & '));

describe('who is guilty', () => {
  const good = { before: 10_000, now: 1000, shareBefore: 0.02, shareNow: 0.02 };

  it('the prompt version that is new and fails, even though the baseline never saw it', () => {
    const rows = [
      { at: { prompt: '7', region: 'eu' }, ...good, now: 100 },
      { at: { prompt: '7', region: 'us' }, ...good, now: 100 },
      { at: { prompt: '8', region: 'eu' }, before: 0, now: 900, shareBefore: 0, shareNow: 0.3 },
      { at: { prompt: '8', region: 'us' }, before: 0, now: 900, shareBefore: 0, shareNow: 0.3 },
    ];
    const guilty = judge(rows, { 8: 9995 });
    expect(names(guilty)[0]).toBe('prompt=8');
    expect(guilty[0]).toMatchObject({ isNew: true, n: 1800, bad: 540, baselineN: 0 });
    expect(guilty[0]!.explanatoryPower).toBeCloseTo(1, 1);
  });

  it('the one region that fails, not the others', () => {
    const rows = ['eu', 'us', 'asia'].flatMap((region) =>
      ['a', 'b'].map((model) => ({ at: { region, model }, ...good, shareNow: region === 'us' ? 0.4 : 0.02 })),
    );
    expect(names(judge(rows))[0]).toBe('region=us');
    expect(names(judge(rows))).not.toContain('region=eu');
  });

  it('a pair, when only it fails and the rest of its parents is well', () => {
    const rows = ['eu', 'us', 'asia'].flatMap((region) =>
      ['a', 'b', 'c'].map((model) => ({
        at: { region, model },
        ...good,
        shareNow: region === 'us' && model === 'b' ? 0.5 : 0.02,
      })),
    );
    expect(names(judge(rows))).toEqual(['region=us & model=b']);
  });

  it('a small pair that drowns in both of its parents', () => {
    const large = { before: 500_000, now: 50_000, shareBefore: 0.1, shareNow: 0.1 };
    const rows = [
      { at: { region: 'eu', model: 'a' }, ...large },
      { at: { region: 'eu', model: 'b' }, ...large },
      { at: { region: 'us', model: 'a' }, ...large },
      { at: { region: 'us', model: 'b' }, before: 12_000, now: 1200, shareBefore: 0.1, shareNow: 0.17 },
      { at: { region: 'asia', model: 'b' }, ...large },
    ];
    expect(names(judge(rows.slice(0, 4).map((row) => ({ ...row, shareNow: row.shareBefore }))))).toEqual([]);
    expect(names(judge(rows))).toEqual(['region=us & model=b']);
  });

  it('of two that explain the same, the one that is new', () => {
    const rows = [
      { at: { model: 'old', flag: 'off' }, ...good },
      { at: { model: 'new', flag: 'on' }, ...good, shareNow: 0.5 },
    ];
    expect(names(judge(rows, { new: 9990 }))[0]).toBe('model=new');
    expect(names(judge(rows, { on: 9941 }))[0]).toBe('flag=on');
    expect(judge(rows, { on: 9000 })[0]!.isNew).toBe(false);
  });

  it('nobody, when nothing rose, when there is no traffic or no baseline', () => {
    const rows = ['eu', 'us'].map((region) => ({ at: { region }, ...good }));
    expect(judge(rows)).toEqual([]);
    expect(judge(rows.map((row) => ({ ...row, now: 0 })))).toEqual([]);
    expect(judge(rows.map((row) => ({ ...row, before: 0 })))).toEqual([]);
  });

  it('never a dimension that has but one value, nor one that is an outcome', () => {
    const rows = [
      { at: { model: 'a', error_class: 'timeout' }, ...good, shareNow: 1 },
      { at: { model: 'a', error_class: 'none' }, ...good, shareNow: 0 },
    ];
    expect(judge(rows)).toEqual([]);
  });

  it('never a slice too small to tell', () => {
    const rows = [
      { at: { tenant: 'big' }, ...good, now: 10_000, before: 100_000 },
      { at: { tenant: 'small' }, before: 100, now: 49, shareBefore: 0, shareNow: 1 },
    ];
    expect(names(judge(rows))).not.toContain('tenant=small');
  });

  it('at most five', () => {
    const rows = Array.from({ length: 8 }, (_, i) => ({
      at: { tenant: `t${i}` },
      ...good,
      shareNow: 0.5,
    }));
    expect(judge(rows)).toHaveLength(5);
  });
});
