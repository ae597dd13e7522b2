import { describe, expect, it } from 'vitest';
import type { Episode } from '../../src/incidents/episodes.ts';
import { move } from '../../src/incidents/lifecycle.ts';
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

describe('what a person has said', () => {
  const said = async (step: { priority?: 5; impact?: 3 }): Promise<Incident> => {
    const followed = new Followed([promise('up')]);
    const [began] = changesOf({ objective: 'up', alarm: T, resolved: null }) as [Change];
    await followed.tick([began], T);
    const by = { kind: 'user', id: 'ada', name: 'Ada' } as const;
    const done = move(followed.incidents[0]!, { type: 'prioritize', ...step, reason: 'so' }, by, T * 60_000);
    if (!done.illegal) followed.book.put(done.incident);
    const episode: Episode = { ...began.change.episode, paged: T + 5 };
    const change = { type: 'paged', minute: T + 5, episode, isOver: false } as const;
    await followed.tick([{ objective: 'up', change }], T + 5);
    return followed.incidents[0]!;
  };
  it('of the priority stands, and the timeline says so', async () => {
    const incident = await said({ priority: 5 });
    expect(incident).toMatchObject({ priority: 5, urgency: 1 });
    expect(incident.timeline.at(-1)!.text).toBe('up burns faster: more urgent now; P5 is kept, as Ada has set it');
  });
  it('of the impact alone lets the priority follow: nothing is said to be kept', async () => {
    const incident = await said({ impact: 3 });
    expect(incident).toMatchObject({ priority: 3, impact: 3, urgency: 1 });
    expect(incident.timeline.at(-1)!.text).toBe('up burns faster: more urgent now');
  });
});
