import { expect, it } from 'vitest';
import { slaCredit } from '../../src/objectives/sla-credit.ts';

it('the largest credit below whose mark the service fell is owed, whatever the order of the tiers', () => {
  const tiers = [
    { below: 0.95, credit: 100 },
    { below: 0.999, credit: 10 },
    { below: 0.99, credit: 25 },
  ];
  expect([0.9999, 0.999, 0.998, 0.98, 0.1].map((attained) => slaCredit(tiers, attained))).toEqual([0, 0, 10, 25, 100]);
  expect(() => slaCredit(tiers, Number.NaN)).toThrow('attained is NaN');
});
