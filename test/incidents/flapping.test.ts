import { expect, it } from 'vitest';
import { audienceOf } from '../../src/incidents/audience.ts';
import { hushed, reassess } from '../../src/incidents/hush.ts';
import type { SuppressionSources } from '../../src/incidents/suppression.ts';
import { SYSTEM } from '../../src/model/incident.ts';
import { millisOfMinute } from '../../src/model/time.ts';
import { incidentWith } from '../incidents.ts';
import { type Change, changesOf, Followed, promise } from './followed.ts';

/** What comes and goes, and then does not any more. */
const T = 29_000_000;
const HOUR = 60;
/** Broken anew four times within an hour. @param last  when it is over for the last time; null: never */
async function flapping(
  last: number | null,
): Promise<{ followed: Followed; sources: SuppressionSources; stand: (minute: number) => void }> {
  const followed = new Followed([promise('up')]);
  const sources: SuppressionSources = {
    silences: [],
    windowsOf: () => [],
    byId: (id) => followed.book.byId(id),
  };
  const stand = (minute: number): void => {
    reassess(followed.book, sources, millisOfMinute(minute + 1));
  };
  for (const [i, resolved] of [T + 10, T + 25, T + 40, last].entries()) {
    const alarm = T + 15 * i;
    const changes = changesOf({ objective: 'up', alarm, resolved });
    await followed.tick(changes, alarm + 5);
  }
  stand(T + 50);
  expect(followed.incidents).toHaveLength(1);
  expect(followed.incidents[0]).toMatchObject({ state: 'in_progress', suppressedBy: [{ kind: 'flapping' }] });
  return { followed, sources, stand };
}

it('stays broken: it comes and goes no more, and what was kept from people meanwhile is told', async () => {
  const { followed, stand } = await flapping(null);
  const [known] = followed.incidents;
  followed.book.put({ ...known!, withheld: 'news' });
  await followed.tick([], T + 6 * HOUR + 29);
  expect(followed.incidents[0]!.flags).toContain('flapping');
  await followed.tick([], T + 6 * HOUR + 30);
  expect(followed.incidents[0]!.flags).toEqual(['problem_proposed']);
  stand(T + 6 * HOUR + 30);
  const [now] = followed.incidents;
  expect(now).toMatchObject({ state: 'in_progress', suppressedBy: [], withheld: null });
  expect(now!.timeline.slice(-2).map(({ event }) => event)).toEqual(['flagged', 'disclosed']);
  // And ends like any other.
  const [, ended] = changesOf({ objective: 'up', alarm: T + 45, resolved: T + 9 * HOUR });
  await followed.tick([ended!], T + 9 * HOUR);
  expect(followed.incidents[0]!.state).toBe('resolved');
});

it('stays away: it is over', async () => {
  const { followed } = await flapping(T + 55);
  await followed.tick([], T + 6 * HOUR + 30);
  expect(followed.incidents[0]).toMatchObject({ state: 'resolved', resolvedAt: millisOfMinute(T + 56) });
});

it('is told anew when it becomes more urgent than what was told', async () => {
  const { followed, sources } = await flapping(null);
  const pager = { name: 'pager', class: 'page', everyTransition: false, isOfLevel: false, standsIn: false } as const;
  const [{ change }] = changesOf({ objective: 'up', alarm: T + 45, resolved: null }) as [Change];
  const tick = async (next: Change['change'], minute: number): Promise<string[]> => {
    const known = followed.written.length;
    await followed.tick([{ objective: 'up', change: next }], minute);
    const written = hushed(followed.written.slice(known), followed.book, sources, millisOfMinute(minute + 1));
    return written
      .filter(({ incident, transition }) => transition !== null && audienceOf(incident, transition, [pager]).length > 0)
      .map(({ incident }) => incident.timeline.at(-1)!.text);
  };
  const ended = { type: 'ended', minute: T + 55, episode: { ...change.episode, resolved: T + 55 } } as const;
  expect(await tick(ended, T + 55)).toEqual([]);
  const paged = {
    type: 'paged',
    minute: T + 60,
    episode: { ...change.episode, paged: T + 60 },
    isOver: false,
  } as const;
  expect(await tick(paged, T + 60)).toEqual(['up burns faster: more urgent now']);
  expect(followed.incidents[0]).toMatchObject({ priority: 1, suppressedBy: [{ kind: 'flapping' }] });
});

it('that half of a time has passed is nothing that was kept from people', () => {
  const book = new Followed([]).book;
  const timeline = [{ at: 0, by: SYSTEM, event: 'sla_warning', text: '50 %' }] as const;
  const silenced = { kind: 'silence', id: 'SIL-1', until: null, reason: 'known' } as const;
  const incident = incidentWith({ timeline, suppressedBy: [silenced] });
  const sources = { silences: [], windowsOf: () => [], byId: () => undefined };
  const [told] = hushed([{ incident, transition: 'updated' }], book, sources, 0);
  expect(told!.incident.withheld).toBeNull();
});
