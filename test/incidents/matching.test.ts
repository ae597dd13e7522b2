import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchByOverlap, type Stretch } from '../../src/incidents/matching.ts';

const stretch = (startedAt: number, detectedAt: number, resolvedAt: number | null): Stretch => ({
  startedAt,
  detectedAt,
  resolvedAt,
});

describe('which incidents are the same', () => {
  it('those that overlap', () => {
    const { pairs, left } = matchByOverlap([stretch(10, 12, 20)], [stretch(0, 1, 9), stretch(15, 18, null)]);
    expect(pairs[0]!.other).toEqual(stretch(15, 18, null));
    expect(left).toEqual([stretch(0, 1, 9)]);
  });

  it('of several the one with the longest overlap, and each only once', () => {
    const [short, long] = [stretch(0, 2, 12), stretch(12, 14, 40)];
    const { pairs, left } = matchByOverlap([stretch(10, 11, 30), stretch(31, 32, 50)], [short, long]);
    expect(pairs.map(({ other }) => other)).toEqual([long, null]);
    expect(left).toEqual([short]);
  });

  const stretches = fc
    .array(fc.tuple(fc.nat(20), fc.nat(20), fc.option(fc.nat(30), { nil: null })), { maxLength: 8 })
    .map((list) => {
      let at = 0;
      return list.map(([gap, length, more]) => {
        const startedAt = at + gap;
        const detectedAt = startedAt + length;
        const resolvedAt = detectedAt + (more ?? 0);
        at = resolvedAt + 1;
        return stretch(startedAt, detectedAt, resolvedAt);
      });
    });

  it('a list is its own match', () => {
    fc.assert(
      fc.property(stretches, (list) => {
        const { pairs, left } = matchByOverlap(list, list);
        for (const { one, other } of pairs) expect(other).toBe(one);
        expect(left).toEqual([]);
      }),
    );
  });

  it('nobody is lost and nobody is matched twice, whichever list comes first', () => {
    fc.assert(
      fc.property(stretches, stretches, (a, b) => {
        const { pairs, left } = matchByOverlap(a, b);
        const matched = pairs.flatMap(({ other }) => (other === null ? [] : [other]));
        expect(pairs.map(({ one }) => one)).toEqual(a);
        expect([...matched, ...left].toSorted((x, y) => x.startedAt - y.startedAt)).toEqual(b);
        expect(matchByOverlap(b, a).pairs.filter(({ other }) => other !== null)).toHaveLength(matched.length);
      }),
    );
  });
});
