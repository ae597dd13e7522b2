import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { InfluxServer } from '../../src/sinks/influx/server.ts';
import { hasPostgres } from '../postgres/server.ts';
import { exchange, objective, service, World } from '../server/world.ts';
import { freePort } from '../standins/free-port.ts';
import { StandIn } from '../standins/http-server.ts';
import { hasInfluxDb, RealInfluxDb } from '../standins/real-influxdb.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-20T00:00:00Z');
const services = [service('bot')];
const up = objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 });
const egress = { allow: ['127.0.0.1'] };

it('a tick waits for no InfluxDB', async () => {
  const silent = await StandIn.start();
  silent.otherwise = 'silent';
  const world = await World.start({
    now: START,
    services,
    objectives: [up],
    spec: { history: { url: silent.url }, egress },
  });
  for (let minute = 1; minute <= 3; minute++) {
    await world.spans([exchange('bot', world.now + 1000)]);
    world.now = START + minute * MINUTE + 20_000;
    expect(await world.plimsoll.tick()).toMatchObject({ judgedObjectives: 1 });
  }
  // What it is asked first has no answer yet.
  expect(silent.received.map(({ path }) => path.split('?')[0])).toEqual(['/query']);
  expect(await world.plimsoll.history!.state()).toMatchObject({ marks: 1, stopped: null });
  await silent.stop();
  await world.end();
});

describe.skipIf(!hasInfluxDb)('the history in a real InfluxDB', () => {
  let influx: RealInfluxDb;
  beforeAll(async () => {
    influx = new RealInfluxDb(await freePort(), await freePort());
    await influx.start();
  });
  afterAll(() => influx.remove());
  const count = (from: string, database: string, where = ''): Promise<unknown> =>
    influx
      .query(
        `SELECT sum("valid") AS n FROM ${from} WHERE "measure" = 'availability' AND "slice" = 'all' ${where}`,
        database,
      )
      .then((rows) => rows[0]?.['n'] ?? 0);

  it('has minutes that are older than its policy by the hour alone', async () => {
    const retention = { interactions: '500d', minutes: '500d', hours: '600d', regulated: { interactions: '500d' } };
    const world = await World.start({
      now: START,
      services,
      objectives: [up],
      spec: { history: { url: influx.url, database: 'old' }, egress, retention },
    });
    const late = exchange('bot', START + 5000);
    await world.spans([late]);
    world.now = START + 450 * DAY;
    await world.spans([exchange('bot', world.now - 5 * MINUTE)]);
    world.now += 20_000;
    await world.plimsoll.tick();
    await world.plimsoll.history!.settled();
    expect(await count('"minutes"."tally"', 'old')).toBe(1);
    expect(await count('"hourly"."tally"', 'old', `AND time = ${START / 1000}s`)).toBe(1);
    // A label of then is known only now.
    await world.post('/feedback', { feedback: [{ traceId: late.traceId, kind: 'thumbs', value: 'down' }] });
    world.now += MINUTE;
    await world.plimsoll.tick();
    await world.plimsoll.history!.settled();
    const satisfied = `SELECT "good", "valid" FROM "hourly"."tally" WHERE "measure" = 'satisfaction' AND "slice" = 'all' AND time = ${START / 1000}s`;
    expect(await influx.query(satisfied, 'old')).toMatchObject([{ good: 0, valid: 1 }]);
    expect(await world.plimsoll.history!.state()).toMatchObject({ marks: 0, sweepHour: null });
    await world.end();
  });

  it('is made again, where that was cut off after some of it was taken away; while the store is held nothing is', async () => {
    const world = await World.start({
      engine: 'sqlite',
      now: START,
      services,
      objectives: [up],
      spec: { history: { url: influx.url, database: 'again' }, egress },
    });
    await world.spans([exchange('bot', START + 1000)]);
    world.now = START + MINUTE + 20_000;
    await world.plimsoll.tick();
    const history = world.plimsoll.history!;
    await history.settled();
    expect(await count('"tally"', 'again')).toBe(1);
    const { deleteSince } = InfluxServer.prototype;
    const deletes = vi.spyOn(InfluxServer.prototype, 'deleteSince').mockImplementation(async function (
      this: InfluxServer,
      ...what
    ) {
      await deleteSince.apply(this, what);
      throw new Error('the process is killed');
    });
    await expect(history.rebuild(null)).rejects.toThrow('killed');
    expect(await count('"tally"', 'again')).toBe(0);
    history.run();
    await history.settled();
    expect(await count('"tally"', 'again')).toBe(1);
    const taken = deletes.mock.calls.length;
    const { id } = await world.post<{ id: string }>('/store/move', { step: 'begin', to: 'postgres://there' });
    await world.post('/store/move', { step: 'hold', id });
    await expect(world.post('/history/rebuild', {})).rejects.toThrow('503');
    expect(deletes.mock.calls.length).toBe(taken);
    await world.post('/store/move', { step: 'release', id });
    deletes.mockRestore();
    await world.post('/history/rebuild', {});
    const { entries } = await world.get<{ entries: object[] }>('/audit?type=history.rebuilt');
    expect(entries).toMatchObject([{ actor: { kind: 'user', id: 'local' } }]);
    await world.end();
  });

  it('compares the bins of each hour with those of the baseline', async () => {
    const drift = objective('input', { service: 'bot', measure: { type: 'drift', feature: 'input_tokens' } });
    const world = await World.start({
      now: START - 31 * DAY,
      services,
      objectives: [drift],
      spec: { history: { url: influx.url, database: 'drift' }, egress },
    });
    const baseline = Array.from({ length: 1500 }, (_, k) =>
      exchange('bot', START - 31 * DAY + Math.floor((k * 30 * DAY) / 1500), { inputTokens: 100 + (k % 7) * 100 }),
    );
    world.now = START;
    await world.spans(baseline);
    await world.plimsoll.tick();
    await world.spans(Array.from({ length: 40 }, (_, k) => exchange('bot', START + k * 1000, { inputTokens: 5000 })));
    world.now = START + HOUR + 20_000;
    await world.plimsoll.tick();
    await world.plimsoll.history!.settled();
    const rows = await influx.query(
      `SELECT "n" FROM "drift_bin" WHERE time = ${START / 1000}s GROUP BY "feature", "bin", "period"`,
      'drift',
    );
    const of = (period: string): Map<unknown, number> =>
      new Map(rows.filter((row) => row['period'] === period).map((row) => [row['bin'], row['n'] as number]));
    expect(rows.every((row) => row['feature'] === 'input_tokens')).toBe(true);
    expect([...of('current').values()].reduce((a, b) => a + b)).toBe(40);
    expect([...of('baseline').values()].reduce((a, b) => a + b)).toBeGreaterThan(1000);
    expect([...of('current').keys()].toSorted()).toEqual([...of('baseline').keys()].toSorted());
    const [last] = [...of('current')].toSorted(([a], [b]) => (String(a) < String(b) ? 1 : -1));
    expect(last).toEqual([expect.stringMatching(/^\d+ .*tokens$/), 40]);
    await world.end();
  });

  it.skipIf(!hasPostgres)('is written by the replica that judges, and taken over from it', async () => {
    const spec = { history: { url: influx.url, database: 'replicas' }, egress };
    const a = await World.start({ engine: 'postgres', now: START, services, objectives: [up], spec });
    const b = await a.replica({ spec });
    const live = async (minute: number, ...replicas: World[]): Promise<void> => {
      const sender = replicas.at(-1)!;
      for (const one of [a, b]) one.now = START + minute * MINUTE;
      await sender.spans([exchange('bot', sender.now - 30_000)]);
      for (const one of [a, b]) one.now += 20_000;
      for (const replica of replicas) {
        await replica.plimsoll.tick();
        await replica.plimsoll.history!.settled();
      }
    };
    for (const minute of [1, 2, 3]) await live(minute, a, b);
    const written = async ({ plimsoll }: World): Promise<number> => {
      const page = await (await fetch(`${plimsoll.addresses.http}/metrics`)).text();
      return Number(/plimsoll_history_points_total\{result="written"\} (\d+)/.exec(page)![1]);
    };
    expect(await count('"tally"', 'replicas')).toBe(3);
    expect(await written(b)).toBe(0);
    // The other one takes up what the first one has left.
    await influx.stop();
    await live(4, a, b);
    await a.plimsoll.stop();
    await World.pass(11_000, b);
    expect(b.plimsoll.role).toBe('leader');
    await influx.start();
    await live(5, b);
    b.plimsoll.history!.run();
    await b.plimsoll.history!.settled();
    expect(await count('"tally"', 'replicas')).toBe(5);
    expect(await written(b)).toBeGreaterThan(0);
    await b.end();
    await a.end();
  });
});
