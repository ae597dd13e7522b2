import { expect, it } from 'vitest';
import type { Estimate } from '../../src/model/estimate.ts';
import { composedParts } from '../../src/objectives/composite-reading.ts';

const estimate = (more: Partial<Estimate>): Estimate => ({
  measure: 'trust',
  subject: null,
  method: 'feedback',
  proxy: false,
  value: 0.9,
  low: 0.8,
  high: 0.95,
  level: 0.95,
  n: 100,
  coverage: 1,
  maturity: null,
  window: { from: 0, to: 60_000 },
  status: 'ok',
  ...more,
});

/** The index is one out of 100, its components are shares: these were divided by 100, too, and the composite was near 0. */
it('a component of trust weighs in a composite as the share that it is', () => {
  const member = (objective: string, one: Estimate) => ({ objective, weight: 1, estimate: one, lastHour: one });
  const members = [
    member('index', estimate({ value: 80, low: 70, high: 90 })),
    member('satisfied', estimate({ subject: 'satisfaction' })),
  ];
  const { value } = composedParts(members, 'weighted');
  expect(value).toBeCloseTo(0.85, 12);
  expect(composedParts(members, 'worst')).toMatchObject({ value: 0.8, low: 0.7 });
});
