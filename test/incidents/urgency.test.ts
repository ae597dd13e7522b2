import { describe, expect, it } from 'vitest';
import type { Episode } from '../../src/incidents/episodes.ts';
import type { Incident } from '../../src/model/incident.ts';
import { type Change, changesOf, Followed, promise } from './followed.ts';

/** How urgent incidents are by what breaks beside them. */
const T = 29_000_000;
const urgencies = ({ incidents }: Followed): Record<string, number> =>
  Object.fromEntries(incidents.map(({ breaches, urgency }) => [breaches[0].objective, urgency]));

/** By a burn rate, of tiers that have fired. */
const burns = promise('burns', { sequential: null, burn: {} as never });
function burning(type: 'began' | 'faster', minute: number, tiers: readonly number[]): Change {
  const [{ change }] = changesOf({ objective: 'burns', alarm: T, resolved: null }) as [Change];
  const episode: Episode = { ...change.episode, detector: 'burn_rate', tiers };
  return { objective: 'burns', change: { type, minute, episode, isOver: false } };
}

describe('a ticket stays a ticket', () => {
  it('when its burn rate goes from the slowest tier to the next: it is not beside itself', async () => {
    const followed = new Followed([burns]);
    await followed.tick([burning('began', T, [4])], T);
    expect(urgencies(followed)).toEqual({ burns: 3 });
    await followed.tick([burning('faster', T + 30, [3, 4])], T + 30);
    expect(urgencies(followed)).toEqual({ burns: 3 });
    await followed.tick([burning('faster', T + 40, [2, 3, 4])], T + 40);
    expect(urgencies(followed)).toEqual({ burns: 2 });
  });

  it('when it is about the service itself, and another promise is broken: only what people feel weighs more then', async () => {
    const followed = new Followed([promise('cheap', { category: 'ai.cost.budget_burn' }), burns]);
    await followed.tick(changesOf({ objective: 'cheap', alarm: T - 5, resolved: null }), T - 5);
    await followed.tick([burning('began', T, [4])], T);
    expect(urgencies(followed)).toEqual({ cheap: 2, burns: 3 });
  });
});

describe('green outside, red inside', () => {
  const felt = promise('felt', { kind: 'XLA', category: 'ai.availability.latency' });
  const up = promise('up');
  const [broken, feels] = [
    changesOf({ objective: 'up', alarm: T, resolved: null }),
    (alarm: number) => changesOf({ objective: 'felt', alarm, resolved: null }),
  ];
  const ofFelt = ({ incidents }: Followed): Incident =>
    incidents.find(({ breaches }) => breaches.some(({ objective }) => objective === 'felt'))!;

  it('alone it is an experience that lacks, and can wait', async () => {
    const followed = new Followed([felt, up]);
    await followed.tick(feels(T), T);
    expect(ofFelt(followed)).toMatchObject({ category: 'ai.experience.low_satisfaction', urgency: 3 });
  });

  it('it is more urgent from when a promise about the service breaks too, once, and stays an incident of its own', async () => {
    const followed = new Followed([felt, up]);
    await followed.tick(feels(T - 10), T - 10);
    await followed.tick(broken, T);
    const now = ofFelt(followed);
    expect(followed.incidents).toHaveLength(2);
    expect(now).toMatchObject({ category: 'ai.experience.low_satisfaction', urgency: 2 });
    expect(now.timeline.filter(({ text }) => text.includes('more urgent'))).toHaveLength(1);
  });

  it('beside a promise that is broken already it is part of that, and no experience of its own', async () => {
    const followed = new Followed([felt, up]);
    await followed.tick(broken, T);
    await followed.tick(feels(T + 5), T + 5);
    expect(followed.incidents).toHaveLength(1);
    expect(ofFelt(followed)).toMatchObject({ category: 'ai.availability.error_rate', urgency: 2 });
    expect(ofFelt(followed).breaches[1]).toMatchObject({ category: 'ai.availability.latency' });
  });

  it('after that one has recovered it is an experience again', async () => {
    const followed = new Followed([felt, up]);
    await followed.tick(changesOf({ objective: 'up', alarm: T, resolved: T + 30 }), T + 30);
    await followed.tick(feels(T + 200), T + 200);
    expect(ofFelt(followed)).toMatchObject({ category: 'ai.experience.low_satisfaction', urgency: 3 });
  });
});
