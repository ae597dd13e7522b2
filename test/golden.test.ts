import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runGolden } from '../scripts/golden-run.ts';

// Computed in Python 3.11 with scipy 1.10, statsmodels 0.13 and scikit-learn 1.2, independently of this code.
const file = readFileSync(new URL('./golden/statistics.json', import.meta.url), 'utf8');

it('every number agrees with those of scipy, statsmodels and scikit-learn', () => {
  const result = runGolden(file);
  expect(result.failures).toEqual([]);
  expect(result.unknown).toEqual([]);
  expect(result.passed).toBe(258);
});
