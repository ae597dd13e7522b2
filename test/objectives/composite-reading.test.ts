import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../src/model/estimate.ts';
import { composedParts, inOrder, type MemberReading } from '../../src/objectives/composite-reading.ts';

const estimate = (value: number | null, more: Partial<Estimate> = {}): Estimate => ({
  measure: 'availability',
  subject: null,
  method: 'spans',
  proxy: false,
  value,
  low: value === null ? null : Math.max(0, value - 0.02),
  high: value === null ? null : Math.min(1, value + 0.01),
  level: 0.95,
  n: 100,
  coverage: 1,
  maturity: null,
  window: { from: 0, to: 60_000 },
  status: value === null ? 'undefined' : 'ok',
  ...more,
});
const member = (objective: string, value: number | null, weight = 1, more: Partial<Estimate> = {}): MemberReading => {
  const one = estimate(value, more);
  return { objective, weight, estimate: one, lastHour: one };
};

describe('several estimates as one', () => {
  it('lie within their interval, whatever the rule', () => {
    const rules = fc.constantFrom('weighted' as const, 'serial' as const, 'worst' as const);
    const parts = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.1, max: 10, noNaN: true })),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(parts, rules, (list, rule) => {
        const { value, low, high, n, status } = composedParts(
          list.map(([share, weight], i) => member(`m${i}`, share, weight)),
          rule,
        );
        expect([status, n]).toEqual(['ok', 100 * list.length]);
        expect(low! >= 0 && low! <= value! + 1e-12 && value! <= high! + 1e-12 && high! <= 1).toBe(true);
      }),
    );
  });

  it('are surer together than one of them alone', () => {
    const width = (n: number): number => {
      const { low, high } = composedParts(
        Array.from({ length: n }, (_, i) => member(`m${i}`, 0.9)),
        'weighted',
      );
      return high! - low!;
    };
    expect(width(4)).toBeCloseTo(width(1) / 2, 12);
  });

  it('are without those that have no value, and say which', () => {
    const parts = composedParts([member('up', 0.9, 3), member('kind', null)], 'weighted');
    expect(parts).toMatchObject({ value: 0.9, status: 'ok', why: 'without kind: not known yet' });
  });

  it('have no value when more than a quarter of the weight has none', () => {
    const parts = composedParts([member('up', 0.9, 2), member('kind', null)], 'weighted');
    expect(parts).toMatchObject({ value: null, low: null, status: 'insufficient', why: 'without kind: not known yet' });
    expect(composedParts([member('kind', null)], 'worst').status).toBe('undefined');
    expect(composedParts([{ objective: 'gone', weight: 1, estimate: null, lastHour: null }], 'worst').n).toBe(0);
  });

  it('read an index out of 100 as a share', () => {
    const trust = member('trust', 80, 1, { measure: 'trust', low: 70, high: 90 });
    expect(composedParts([trust, member('up', 0.9)], 'worst')).toMatchObject({ value: 0.8, low: 0.7 });
  });
});

describe('composites of composites', () => {
  const of = (...names: string[]) => ({
    rule: 'worst' as const,
    members: names.map((objective) => ({ objective, weight: 1 })),
  });

  it('come after all that they are made of', () => {
    const { order } = inOrder(
      new Map([
        ['all', of('front', 'back')],
        ['front', of('a', 'b')],
        ['back', of('front')],
      ]),
    );
    expect(order).toEqual(['front', 'back', 'all']);
  });

  it('that are made of themselves are found', () => {
    const { circle } = inOrder(
      new Map([
        ['a', of('x', 'b')],
        ['b', of('c')],
        ['c', of('a')],
      ]),
    );
    expect(circle).toEqual(['a', 'b', 'c', 'a']);
  });
});
