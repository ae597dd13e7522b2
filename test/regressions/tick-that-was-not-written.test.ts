import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { exchange, objective, service, World } from '../server/world.ts';

// The detectors and the book of incidents were ahead of the store after a tick whose transaction failed: the next one
// opened nothing, or opened it again under another number.
it('a tick that could not be written is made up for by the next, under the same number', async () => {
  const world = await World.start({
    services: [service('bot')],
    objectives: [
      objective('bot-availability', {
        service: 'bot',
        measure: { type: 'availability' },
        target: 0.99,
        alert: { detector: 'both' },
      }),
    ],
  });
  const pass = async (minutes: number, failed: boolean): Promise<void> => {
    const asked = Array.from({ length: minutes * 10 }, (_, i) => exchange('bot', world.now + i * 6000, { failed }));
    world.now += minutes * 60_000;
    await world.spans(asked);
  };
  const tick = async (): Promise<boolean> => {
    world.now += 20_000;
    const report = await world.plimsoll.tick();
    world.now -= 20_000;
    return report !== null;
  };
  const incidents = async (): Promise<IncidentJson[]> =>
    (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents;
  try {
    await pass(600, false);
    expect(await tick()).toBe(true);
    await pass(10, true);
    const db = new DatabaseSync(world.file, { timeout: 30_000 });
    db.exec("create trigger no_incident before insert on incident begin select raise(abort, 'no room'); end");
    expect(await tick()).toBe(false);
    expect(await incidents()).toEqual([]);
    db.exec('drop trigger no_incident');
    db.close();
    expect(await tick()).toBe(true);
    expect((await incidents()).map(({ id, state }) => [id, state])).toEqual([['INC-1', 'new']]);
    const opened = await world.plimsoll.records
      .selectFrom('audit_entry')
      .select('entry')
      .where('type', '=', 'incident.opened')
      .execute();
    expect(opened).toHaveLength(1);
    await pass(1440, false);
    expect(await tick()).toBe(true);
    expect((await incidents()).map(({ id, state }) => [id, state])).toEqual([['INC-1', 'resolved']]);
  } finally {
    await world.end();
  }
});
