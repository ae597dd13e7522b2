import { expect, it } from 'vitest';
import { SelfMetrics, type SelfSources } from '../../../src/server/metrics/self.ts';
import { noRatings } from '../../../src/store/rating.ts';
import { sampleValue } from './exposition.ts';

it('of a history that another process writes now nothing is said, least of all that it has stopped', async () => {
  const known = { database: 'plimsoll', waiting: 3, oldest: 60_000, isStopped: true };
  let history: Awaited<ReturnType<SelfSources['history']>> = known;
  const metrics = new SelfMetrics({
    version: '1.0.0',
    sinks: () => [],
    queue: () => ({ bytes: 0, capacityBytes: 1 }),
    unjoined: () => ({ waiting: noRatings(), unmatched: noRatings() }),
    storeSizes: () => ({}),
    deliveries: async () => ({ waiting: [], destinations: [] }),
    leads: () => history !== null,
    anchors: [],
    audit: async () => null,
    series: () => [],
    history: async () => history,
    now: () => 120_000,
  });
  const leading = await metrics.render();
  expect(sampleValue(leading, 'plimsoll_history_stopped')).toBe(1);
  expect(sampleValue(leading, 'plimsoll_history_oldest_waiting_timestamp_seconds')).toBe(60);
  history = null;
  expect(await metrics.render()).not.toMatch(/^plimsoll_history_(stopped|waiting|oldest)/m);
  history = { ...known, isStopped: false };
  expect(sampleValue(await metrics.render(), 'plimsoll_history_stopped')).toBe(0);
});
