import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../src/model/estimate.ts';
import { estimateText } from '../../src/model/estimate-text.ts';

const of = (value: number, low: number, high: number, n = 40_554): Estimate => ({
  measure: 'accuracy',
  subject: 'groundedness',
  method: 'evaluator',
  proxy: true,
  value,
  low,
  high,
  level: 0.95,
  n,
  coverage: 1,
  maturity: null,
  window: { from: 0, to: 1 },
  status: 'ok',
});

describe('an estimate in words', () => {
  it.each([
    [of(0.93, 0.9012, 0.9508, 412), '0.93 (0.90-0.95, n 412)'],
    [of(0.98123, 0.97991, 0.98255), '0.981 (0.980-0.983, n 40554)'],
    [of(0.98, 0.98, 0.98), '0.98 (0.98-0.98, n 40554)'],
  ])('has as many decimals as tell the ends of its interval apart', (estimate, text) => {
    expect(estimateText(estimate, 0.95)).toBe(text);
  });

  it('never shows two different ends as one number, as far as six decimals tell them apart', () => {
    const end = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(end, end, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(high - low > 2e-6);
        const [, shownLow, shownHigh] = /\((\S+)-(\S+), n/.exec(estimateText(of((low + high) / 2, low, high), 0.95))!;
        expect(shownLow).not.toBe(shownHigh);
      }),
    );
  });
});
