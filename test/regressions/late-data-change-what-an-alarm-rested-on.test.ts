import { expect, it } from 'vitest';
import { compareEpisodes, type Episode } from '../../src/incidents/episodes.ts';
import type { DetectorEvent } from '../../src/objectives/objective-watch.ts';

// An alarm in the same minute was taken for the same episode to the letter: when late data had changed what it rested on, or when it
// became urgent, the store kept what had been known before, and differed from that of an ordered run for ever.
it('an episode is written again when late data change its counts or when it became urgent, and not otherwise', () => {
  const alarm = (n: number, bad: number, statistic: number): DetectorEvent => ({
    detector: 'sequential',
    event: {
      type: 'alarm',
      minute: 100,
      onset: 95,
      n,
      bad,
      statistic,
      threshold: 43_200,
      page: false,
      tiers: [],
    },
  });
  const page = (minute: number): DetectorEvent => ({ detector: 'sequential', event: { type: 'page', minute } });
  const told: Episode[] = [];
  const follow = (...events: DetectorEvent[]): string[] => {
    const changes = compareEpisodes('o', told, 90, events);
    for (const { episode } of changes) told.splice(0, 1, episode);
    return changes.map(({ type }) => type);
  };
  expect(follow(alarm(50, 20, 50_000), page(104))).toEqual(['began', 'paged']);
  expect(follow(alarm(50, 20, 50_000), page(104))).toEqual([]);
  expect(follow(alarm(52, 21, 60_000), page(104))).toEqual(['moved']);
  expect(told).toMatchObject([{ n: 52, bad: 21, statistic: 60_000, paged: 104 }]);
  expect(follow(alarm(52, 21, 60_000), page(103))).toEqual(['moved']);
  expect(told).toMatchObject([{ paged: 103 }]);
  expect(follow(alarm(52, 21, 60_000))).toEqual(['moved']);
  expect(told).toMatchObject([{ paged: null }]);
});
