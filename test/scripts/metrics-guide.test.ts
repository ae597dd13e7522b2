import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS_GUIDE, metricsGuide } from '../../scripts/metrics-guide.ts';

it('docs/guide/metrics.md is what `npm run metrics` writes', () => {
  expect(readFileSync(METRICS_GUIDE, 'utf8')).toBe(metricsGuide());
});
