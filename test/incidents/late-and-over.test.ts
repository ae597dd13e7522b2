import { describe, expect, it } from 'vitest';
import { move } from '../../src/incidents/lifecycle.ts';
import type { Incident } from '../../src/model/incident.ts';
import { type Change, changesOf, Followed, promise } from './followed.ts';

/** What is found late, and over by then, can wait a step longer: as long as all of it is so. */
const T = 29_000_000;
const NOW = T + 300;
const both = [promise('up'), promise('fast', { category: 'ai.availability.latency' })];
const only = ({ incidents: [incident, ...others] }: Followed): Incident => {
  expect(others).toEqual([]);
  return incident!;
};
/** As detectors find it that judge the past at once. */
function past(signal: Parameters<typeof changesOf>[0]): Change[] {
  const isOver = signal.resolved !== null;
  return changesOf(signal).map((one) =>
    one.change.type === 'began' ? { ...one, change: { ...one.change, isOver } } : one,
  );
}

describe('late and over', () => {
  it('it is a step lower; in time, or still broken, it is not', async () => {
    const priorities = await Promise.all(
      [
        { resolved: T + 30, now: NOW },
        { resolved: null, now: NOW },
        { resolved: null, now: T },
      ].map(async ({ resolved, now }) => {
        const followed = new Followed(both);
        await followed.tick(past({ objective: 'up', alarm: T, resolved }), now);
        return only(followed).priority;
      }),
    );
    expect(priorities).toEqual([3, 2, 2]);
  });

  it('so it stays when others that are over as well are part of it', async () => {
    const followed = new Followed(both);
    const changes = [
      ...past({ objective: 'up', alarm: T, resolved: T + 30 }),
      ...past({ objective: 'fast', alarm: T + 5, resolved: T + 40 }),
      ...past({ objective: 'up', alarm: T + 60, resolved: T + 90 }),
    ];
    await followed.tick(changes, NOW);
    expect(only(followed)).toMatchObject({ state: 'resolved', priority: 3, reckoned: { urgency: 2, lowered: true } });
  });

  it('and when its other detector has seen it too', async () => {
    const followed = new Followed([promise('up', { burn: {} as never })]);
    const seen = past({ objective: 'up', alarm: T, resolved: T + 30 });
    const too = past({ objective: 'up', alarm: T + 4, resolved: T + 40 }).map((one) => ({
      ...one,
      change: { ...one.change, episode: { ...one.change.episode, detector: 'burn_rate' as const, tiers: [3] } },
    }));
    await followed.tick([...seen, ...too], NOW);
    expect(only(followed)).toMatchObject({ state: 'resolved', priority: 3 });
    expect(only(followed).timeline.some(({ text }) => text.endsWith('detector sees it too'))).toBe(true);
  });

  it('one that is still broken makes it as urgent as any', async () => {
    const followed = new Followed(both);
    const changes = [
      ...past({ objective: 'up', alarm: T, resolved: T + 30 }),
      ...past({ objective: 'fast', alarm: T + 5, resolved: null }),
    ];
    await followed.tick(changes, NOW);
    expect(only(followed)).toMatchObject({ state: 'new', priority: 2 });
  });

  it('and so does what late data say later: that it was not over', async () => {
    const followed = new Followed(both);
    const changes = past({ objective: 'up', alarm: T, resolved: T + 30 });
    await followed.tick(changes, NOW);
    const { episode } = changes[0]!.change;
    await followed.tick([{ objective: 'up', change: { type: 'resumed', minute: T + 31, episode } }], NOW + 5);
    expect(only(followed)).toMatchObject({ state: 'in_progress', priority: 2 });
  });

  it('what a person says and takes back again leaves it where it was', async () => {
    const followed = new Followed(both);
    await followed.tick(past({ objective: 'up', alarm: T, resolved: T + 30 }), NOW);
    const by = { kind: 'user', id: 'ada' } as const;
    let incident = only(followed);
    for (const priority of [1, null] as const) {
      const done = move(incident, { type: 'prioritize', priority, reason: 'so' }, by, NOW * 60_000);
      incident = done.illegal ? incident : done.incident;
      expect(incident.priority).toBe(priority ?? 3);
    }
  });
});
