import { expect, it } from 'vitest';
import { storedObjectives } from '../../src/server/cli/traffic.ts';
import { FollowedVerdicts } from '../../src/server/judge/verdicts.ts';
import { whyOf } from '../../src/server/why/why.ts';
import { openReader } from '../../src/store/sqlite/reader.ts';
import { Traffic, verdictOf } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const GRACE = 15_000;

const up = (target: number) =>
  objective('up', { service: 'bot', measure: { type: 'availability' }, target, alert: { detector: 'burn_rate' } });

// Burn-rate rules of an objective that was changed see nothing of the time before. A replica that follows, and whoever asks why, gave
// them the last days all the same: what the judge calls kept was broken there.
it('a follower and why see of a changed objective the minutes that the judge sees', async () => {
  const world = await World.start({ engine: 'sqlite', now: START, services: [service('bot')], objectives: [up(0.5)] });
  try {
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(120);
    await traffic.pass(30, { failed: 8 });
    await traffic.judge();
    world.configuration = { ...world.configuration, objectives: [up(0.99)] };
    await world.restart();
    await traffic.live(3);
    const judged = await verdictOf(world, 'up');
    expect(judged).not.toBe('breached');
    await world.plimsoll.stop();
    const reader = openReader(world.file);
    try {
      const objectives = storedObjectives(world.configuration, reader);
      const followed = new FollowedVerdicts(reader, () => objectives, GRACE);
      followed.follow(world.now);
      expect(followed.readingOf('up')?.verdict).toBe(judged);
      const why = whyOf({ reader, objective: objectives[0]!, at: world.now - 60_000, now: world.now, graceMs: GRACE });
      expect(why).toMatchObject({ isJudged: true, isBreached: false });
      expect(why.tiers.map(({ long }) => long)).toEqual([0, 0, 0, 0]);
    } finally {
      reader.close();
    }
  } finally {
    await world.end();
  }
});
