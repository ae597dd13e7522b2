import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trafficOf } from '../../src/server/cli/traffic.ts';
import { readerOf, verifyStored } from '../../src/server/engines.ts';
import { whyOf } from '../../src/server/why/why.ts';
import { connectForWriting } from '../../src/store/postgres/database.ts';
import { emptyDatabase } from '../postgres/databases.ts';
import { hasPostgres, POSTGRES } from '../postgres/server.ts';
import { exchange, objective, service, World } from './world.ts';

const START = Date.parse('2026-11-20T00:00:00Z');

describe.runIf(hasPostgres)('a server on PostgreSQL', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.start({
      engine: 'postgres',
      now: START,
      services: [service('bot')],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
    });
  });

  afterEach(() => world.end());

  async function live(minutes: number, failed: boolean): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      world.now += 60_000;
      await world.spans(Array.from({ length: 20 }, (_, i) => exchange('bot', world.now - 30_000 - i * 10, { failed })));
      world.now += 20_000;
      await world.plimsoll.tick();
      world.now -= 20_000;
    }
  }

  test('takes spans, opens an incident, and is read by the commands beside it', async () => {
    await live(20, false);
    await live(8, true);
    const { interactions } = await world.get<{ interactions: unknown[] }>('/services/bot/interactions?limit=1000');
    expect(interactions).toHaveLength(560);
    const { incidents } = await world.get<{ incidents: { id: string; state: string }[] }>('/incidents');
    expect(incidents).toMatchObject([{ id: 'INC-1', state: 'new' }]);

    const { objectives, eventsPerMinute, fault } = trafficOf(world.configuration);
    expect(fault).toBeNull();
    expect(eventsPerMinute.get('up')).toBeGreaterThan(1);
    const reader = readerOf(world.configuration.deployment.store)!;
    try {
      const why = whyOf({ reader, objective: objectives[0]!, at: world.now, now: world.now + 60_000, graceMs: 15_000 });
      expect(why).toMatchObject({ isBreached: true, incident: { id: 'INC-1' }, lastHour: { n: 560, bad: 160 } });
    } finally {
      reader.close();
    }
    expect(world.verify()).toMatchObject({ differing: 0, unsettled: 0, notVerifiable: 0 });
  });

  test('is backed up by pg_dump while it takes spans: what was acknowledged before is in it, and every tally is the fold of its rows', async () => {
    await live(3, false);
    const during = live(2, true);
    const copy = emptyDatabase();
    const dump = spawnSync(join(dirname(POSTGRES!), 'pg_dump'), ['--dbname', world.database!.url], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    expect(dump.stderr).toBe('');
    const restored = spawnSync(
      join(dirname(POSTGRES!), 'psql'),
      ['--quiet', '--set', 'ON_ERROR_STOP=1', '--dbname', copy],
      { encoding: 'utf8', input: dump.stdout },
    );
    expect(restored.stderr).toBe('');
    await during;
    const store = { type: 'postgres', url: copy, password: null } as const;
    const { compared, differing, unsettled, notVerifiable } = verifyStored(store, () => {});
    expect({ differing, unsettled, notVerifiable }).toEqual({ differing: 0, unsettled: 0, notVerifiable: 0 });
    expect(compared).toBeGreaterThan(20);
    const db = connectForWriting({ url: copy, password: null });
    const { n } = db.prepare('select count(*) as n from span').get() as { n: number };
    db.close();
    expect(n).toBeGreaterThanOrEqual(60);
  });

  test('takes nothing while the database is away, guesses no name, and goes on when it is back', async () => {
    await live(2, false);
    const url = new URL(world.database!.url);
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    const admin = connectForWriting({ url: url.href, password: null }, 'tests');
    try {
      admin.exec(`alter database ${name} with allow_connections false`);
      admin.exec(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      await expect(world.spans([exchange('bot', world.now - 100)])).rejects.toThrow(/^503 /);
      await expect(world.spans([exchange('bot', world.now - 100, { model: 'seen just now' })])).rejects.toThrow(
        /^503 /,
      );
      expect(await world.plimsoll.tick()).toBeNull();
      const { status } = await fetch(`${world.plimsoll.addresses.http}/readyz`);
      expect(status).toBe(503);
      expect((await fetch(`${world.plimsoll.addresses.http}/metrics`)).status).toBe(200);
      await World.pass(10_001, world);
      expect(world.plimsoll.role).toBe('follower');
    } finally {
      admin.exec(`alter database ${name} with allow_connections true`);
      admin.close();
    }
    await World.pass(3_000, world);
    expect(world.plimsoll.role).toBe('leader');
    await world.spans([exchange('bot', world.now - 100, { model: 'seen just now' })]);
    await live(20, false);
    await live(8, true);
    expect((await world.get<{ incidents: unknown[] }>('/incidents')).incidents).toHaveLength(1);
    expect(world.verify()).toMatchObject({ differing: 0 });
  });
});
