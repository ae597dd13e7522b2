import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { exchange, objective, service, World } from './world.ts';

const HOUR = 3_600_000;
/** How often the writer's thread is left to itself, so that it does what waits. */
const LOOKS = 200;

it('nothing is written into a held store, by whatever goes on; when it is let go all does', async () => {
  const world = await World.start({
    engine: 'sqlite',
    services: [service('bot')],
    objectives: [objective('available', { service: 'bot', measure: { type: 'availability' }, target: 0.9 })],
  });
  const store = new DatabaseSync(world.file, { readOnly: true });
  const version = (): unknown => store.prepare('pragma data_version').get();
  const move = (step: string, more: object): Promise<{ id: string }> => world.post('/store/move', { step, ...more });
  const send = (): Promise<void> => world.spans([exchange('bot', world.now - 1000)]);
  const settle = async (): Promise<void> => {
    await world.post('/settle', {});
    for (let look = 0; look < LOOKS; look++) await world.get('/services/bot/interactions?limit=1');
  };
  try {
    await send();
    await world.post('/settle', {});
    world.now += 4 * HOUR;
    // Links and names of four hours ago are past their time: what follows a settlement lets go of them.
    await send();
    await world.plimsoll.tick();
    const { id } = await move('begin', { to: 'postgres://there' });
    await send();
    await move('hold', { id });
    const held = version();
    await expect(send()).rejects.toThrow('503');
    const feedback = [{ traceId: 'f'.repeat(32), kind: 'thumbs', value: 'up' }];
    await expect(world.post('/feedback', { feedback })).rejects.toThrow('503');
    await expect(world.post('/hooks/nobody', {})).rejects.toThrow('404');
    await settle();
    await world.plimsoll.tick();
    await world.plimsoll.signAudit();
    await world.plimsoll.hear();
    await settle();
    expect(version()).toEqual(held);
    await move('release', { id });
    await send();
    await settle();
    expect(version()).not.toEqual(held);
    expect(world.verify().differences).toEqual([]);
  } finally {
    store.close();
    await world.end();
  }
});
