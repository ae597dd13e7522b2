import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { exchange, objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const HOUR = 3_600_000;

/** States of a drift objective after twelve hours, by the hours of the changes that are approved before a tick. */
async function statesOf(...approvals: readonly (readonly number[])[]): Promise<unknown[]> {
  const world = await World.start({
    now: START,
    services: [service('bot')],
    objectives: [objective('shift', { service: 'bot', measure: { type: 'drift', feature: 'output_tokens' } })],
  });
  try {
    world.now = START + 12 * HOUR;
    await world.spans(Array.from({ length: 720 }, (_, i) => exchange('bot', START + 60_000 * i + 5000)));
    for (const hours of approvals) {
      const changes = hours.map((at) => ({
        service: 'bot',
        type: 'prompt',
        after: `of ${at}`,
        state: 'approved',
        at: new Date(START + at * HOUR).toISOString(),
      }));
      await world.post('/changes', { changes });
      world.now += 20_000;
      expect(await world.plimsoll.tick()).not.toBeNull();
      world.now -= 20_000;
      await world.restart();
    }
    const db = new DatabaseSync(world.file, { readOnly: true });
    const states = db.prepare('select minute, hex(state) as state from checkpoint order by minute').all();
    db.close();
    return states;
  } finally {
    await world.end();
  }
}

// Only the newest approved change was looked for: of one before it, approved after it, the detector never heard, and its checkpoints
// between the two stayed as they would have been without it.
it('a change that is approved after a later one gives the states of those that were approved in order', async () => {
  const inOrder = await statesOf([4, 8]);
  expect(inOrder.length).toBeGreaterThan(8);
  expect(await statesOf([8], [4])).toEqual(inOrder);
  expect(await statesOf([4], [8])).toEqual(inOrder);
});
