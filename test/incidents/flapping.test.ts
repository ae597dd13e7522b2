import { expect, it } from 'vitest';
import { reassess } from '../../src/incidents/hush.ts';
import type { SuppressionSources } from '../../src/incidents/suppression.ts';
import { millisOfMinute } from '../../src/model/time.ts';
import { changesOf, Followed, promise } from './followed.ts';

/** What comes and goes, and then does not any more. */
const T = 29_000_000;
const HOUR = 60;
/** Broken anew four times within an hour. @param last  when it is over for the last time; null: never */
async function flapping(last: number | null): Promise<{ followed: Followed; stand: (minute: number) => void }> {
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
  return { followed, stand };
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
