import { afterEach, describe, expect, it } from 'vitest';
import { objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const OLD = 'gpt-4o-mini-2024-07-18';
const NEW = 'gpt-4o-mini-2026-11-01';

interface Entry {
  readonly data: { readonly id: string; readonly service: string; readonly type: string };
}

describe('a change that nobody has announced', () => {
  let world: World;
  let traffic: Traffic;
  afterEach(() => world.end());

  const observed = async (): Promise<Entry[]> =>
    (await world.get<{ entries: Entry[] }>('/audit?type=change.observed')).entries;

  it('is on record an hour after its first sight, once, and is a suspect like any other', async () => {
    world = await World.start({
      now: START,
      services: [service('bot')],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
    });
    traffic = new Traffic(world, 'bot', START);
    // What is seen in its first day is no news.
    await traffic.pass(3, { perMinute: 2, more: { model: 'gpt-4.1' } });
    await traffic.pass(25 * 60, { perMinute: 2, more: { model: OLD } });
    await traffic.judge();
    expect(await observed()).toEqual([]);
    // Somebody declares a prompt, late but within the hour; nobody declares the model.
    const since = traffic.at;
    await traffic.pass(30, { perMinute: 10, more: { model: NEW, promptVersion: '8' } });
    await world.post('/changes', { changes: [{ id: 'CHG-8', service: 'bot', type: 'prompt', after: '8' }] });
    await traffic.pass(25, { perMinute: 10, more: { model: NEW, promptVersion: '8' } });
    await traffic.judge();
    expect(await observed()).toEqual([]);
    // What came then arrives late: by then the change is on record.
    const late = traffic.make(10, { perMinute: 20, failed: 8, more: { model: NEW, promptVersion: '8' } });
    await traffic.judge();
    const [entry, ...more] = await observed();
    expect(more).toEqual([]);
    expect(entry!.data).toMatchObject({ service: 'bot', type: 'provider_snapshot' });
    await world.spans(late);
    await traffic.live(1, { more: { model: NEW, promptVersion: '8' } });
    const [incident] = await incidentsOf(world);
    expect(incident!.changes).toContainEqual({
      id: entry!.data.id,
      type: 'provider_snapshot',
      before: OLD,
      after: NEW,
      at: new Date(since).toISOString(),
      origin: 'observed',
    });
    expect(incident!.changes.filter(({ after }) => after === NEW)).toHaveLength(1);
    expect(await world.get(`/changes/${entry!.data.id}/evidence`)).toMatchObject({
      description: expect.stringContaining('Nobody has declared it'),
      evidence: {
        dimension: 'response_model',
        value: NEW,
        firstSeen: new Date(since).toISOString(),
        // Before what came late: ten of each minute until then.
        n: 550,
        all: 550,
        before: { value: OLD, share: 1 },
        traces: [expect.any(String), expect.any(String), expect.any(String)],
        alias: 'gpt-4o-mini',
      },
    });
    await world.restart();
    world.now += 10 * MINUTE;
    await world.plimsoll.tick();
    expect(await observed()).toHaveLength(1);
  });
});
