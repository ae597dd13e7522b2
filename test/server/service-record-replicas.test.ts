import { expect, it } from 'vitest';
import type { ChangeDetailJson } from '../../src/server/api/openapi/changes.ts';
import { hasPostgres } from '../postgres/server.ts';
import { service, World } from './world.ts';

it.skipIf(!hasPostgres)('what one replica is told of a service the others know with their next tick', async () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  const services = [service('bot')];
  const world = await World.start({ engine: 'postgres', now, services });
  try {
    const other = await world.replica({ services, now });
    try {
      await World.pass(1000, world, other);
      const fields = { owner: { name: 'Kim' }, supportGroup: 'ai' };
      await other.post('/services/bot/record', { fields, reason: 'known' });
      await world.post('/services/vendor/record', { fields, reason: 'known' });
      await world.plimsoll.tick();
      await other.plimsoll.tick();
      for (const one of [world, other]) {
        expect(await one.get('/services/bot')).toMatchObject({ owner: { name: 'Kim' }, recordedBy: ['file', 'api'] });
        expect(await one.get('/services/vendor')).toMatchObject({ owner: { name: 'Kim' }, recordedBy: ['api'] });
      }
      // Neither has taken the other's word for all there is: the same step at both is one after the other.
      const revision = async (one: World) =>
        (await one.post<{ revision: number }>('/services/bot/confirm', { person: 'Kim' })).revision;
      expect([await revision(world), await revision(other)]).toEqual([2, 3]);
    } finally {
      await other.end();
    }
  } finally {
    await world.end();
  }
});

it.skipIf(!hasPostgres)(
  'what two replicas are asked at one moment is done one after the other, and nothing is lost',
  async () => {
    const now = Date.parse('2026-11-20T12:00:00Z');
    const services = [service('bot', { changes: 'gate' })];
    const world = await World.start({ engine: 'postgres', now, services });
    try {
      const other = await world.replica({ services, now });
      try {
        await World.pass(1000, world, other);
        const change = { id: 'release-1', service: 'bot', type: 'prompt', kind: 'normal', requestedBy: 'Kim' };
        await world.post('/changes', { changes: [change] });
        for (let round = 0; round < 10; round++)
          await Promise.all(
            [world, other].flatMap((one, i) => [
              one.post('/changes/release-1/attach', { evidence: [{ run: `${round}-${i}`, n: 9, low: 0, high: 1 }] }),
              one.post('/services/bot/confirm', { person: 'Kim' }),
              one.post('/changes', { changes: [{ id: `told-${round}`, service: 'bot', type: 'prompt' }] }),
            ]),
          );
        expect((await world.get<ChangeDetailJson>('/changes/release-1')).evidence).toHaveLength(20);
        expect(await world.post('/services/bot/confirm', { person: 'Kim' })).toMatchObject({ revision: 21 });
        const { entries } = await world.get<{ entries: { data: { id: string } }[] }>(
          '/audit?type=change.declared&limit=100',
        );
        expect(entries.map(({ data }) => data.id)).toEqual(Array.from({ length: 10 }, (_, i) => `told-${9 - i}`));
      } finally {
        await other.end();
      }
    } finally {
      await world.end();
    }
  },
);
