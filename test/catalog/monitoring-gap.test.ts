import { expect, it } from 'vitest';
import { monitoringGaps } from '../../src/catalog/monitoring-gap.ts';
import { DAY_MS } from '../../src/model/time.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');
const watched = { objective: 'grounded', dayEvents: 0, events: 28 * 20, windowMs: 28 * DAY_MS };

it('evidence that has stopped while the service is used is a gap; rare evidence, and a service that rests, are none', () => {
  expect(monitoringGaps([watched], 500, NOW)).toMatchObject([
    { kind: 'monitoring_gap', evidence: { objective: 'grounded', interactions: 500 } },
  ]);
  expect(monitoringGaps([{ ...watched, dayEvents: 1 }], 500, NOW)).toEqual([]);
  expect(monitoringGaps([{ ...watched, events: 28 * 19 }], 500, NOW)).toEqual([]);
  expect(monitoringGaps([watched], 0, NOW)).toEqual([]);
});
