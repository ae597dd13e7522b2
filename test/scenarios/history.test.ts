import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { iso } from '../../src/model/time.ts';
import { exportInfluxCommand } from '../../src/server/cli/export-influx.ts';
import { readSecret } from '../../src/server/config/secrets.ts';
import { createHttp } from '../../src/sinks/http.ts';
import { headOf, lineOf, RefusedPoint } from '../../src/sinks/influx/line.ts';
import { MEASUREMENTS } from '../../src/sinks/influx/schema.ts';
import { writeLines } from '../../src/sinks/influx/write.ts';
import { ENGINES, type Exchange, exchange, objective, service, World } from '../server/world.ts';
import { freePort } from '../standins/free-port.ts';
import { ADMIN, hasInfluxDb, RealInfluxDb, type Row } from '../standins/real-influxdb.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-20T00:00:00Z');

interface Estimate {
  readonly value: number | null;
  readonly n: number;
  readonly coverage: number | null;
}
interface Measures {
  readonly measures: readonly {
    measure: string;
    subject: string | null;
    points: readonly { at: string; estimate: Estimate }[];
  }[];
  readonly latency: readonly {
    at: string;
    n: number;
    p95Ms: number;
    intervalsMs: { p95: { low: number; high: number } };
  }[];
  readonly cost: readonly { currency: string; points: readonly { at: string; value: number; n: number }[] }[];
}

const spec = (url: string | null): object => ({
  ...(url !== null && { history: { url, database } }),
  egress: { allow: ['127.0.0.1'] },
});
/** Of this test alone: to drop one takes InfluxDB seconds. */
let database = '';
let databases = 0;

const services = [service('bot', { slices: ['response_model', 'operation'] })];
const objectives = [
  objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 }),
  objective('quick', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.95 }),
  objective('liked', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.8 }),
];

describe.skipIf(!hasInfluxDb).each(ENGINES)('the history in a real InfluxDB, of a store in %s', (engine) => {
  let influx: RealInfluxDb;
  let world: World;

  beforeAll(async () => {
    influx = new RealInfluxDb(await freePort(), await freePort());
    await influx.start();
  });
  afterAll(() => influx.remove());

  const begin = async (more: object = spec(influx.url), now = START): Promise<void> => {
    world = await World.start({ now, services, objectives, spec: more, engine });
  };
  beforeEach(() => {
    database = `test-${++databases}`;
    return async () => world.end();
  });

  /** Traffic of the minutes that begin with `from`. */
  const traffic = (from: number, minutes: number, more: (k: number) => Partial<Exchange> = () => ({})): Exchange[] =>
    Array.from({ length: minutes * 10 }, (_, k) =>
      exchange('bot', from + Math.floor(k / 10) * MINUTE + 6000 * (k % 10) + 500, {
        failed: k % 50 === 0,
        durationMs: 500 + 37 * (k % 113),
        model: k % 4 === 0 ? 'gpt-4o-2024-08-06' : 'gpt-4o-mini-2024-07-18',
        ...more(k),
      }),
    );
  const send = async (sent: readonly Exchange[]): Promise<void> => {
    world.now = Math.max(world.now, sent.at(-1)!.end);
    await world.spans(sent);
  };
  const tick = async (at: number): Promise<void> => {
    world.now = at;
    expect(await world.plimsoll.tick()).not.toBeNull();
    await world.plimsoll.history?.settled();
  };
  const query = (text: string): Promise<Row[]> => influx.query(text, database);
  const rate = (of: readonly Exchange[], value: 'up' | 'down' = 'up'): Promise<unknown> =>
    world.post('/feedback', { feedback: of.map(({ traceId }) => ({ traceId, kind: 'thumbs', value })) });
  const select = (what: string, where = ''): Promise<Row[]> => query(`SELECT ${what} FROM ${where}`);

  /** Every number of the API, by minute or hour, is what InfluxQL says. */
  const agree = async (from: number, to: number): Promise<number> => {
    let compared = 0;
    for (const [step, policy, length] of [
      ['1m', 'minutes', '1m'],
      ['1h', 'hourly', '1h'],
    ] as const) {
      const range = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
      const api = await world.get<Measures>(`/services/bot/measures?${range}&step=${step}`);
      const time = `time >= ${from / 1000}s AND time < ${to / 1000}s`;
      for (const { measure, subject, points } of api.measures) {
        // An index of several shares is none.
        if (measure === 'trust') continue;
        const label = subject === null ? measure : `${measure}:${subject}`;
        const rows = await query(
          `SELECT sum("good") AS good, sum("valid") AS valid, sum("eligible") AS eligible FROM "${policy}"."tally"
           WHERE "service" = 'bot' AND "environment" = '' AND "measure" = '${label}' AND "slice" = 'all' AND ${time}
           GROUP BY time(${length}) fill(none)`,
        );
        const found = new Map(rows.map((row) => [row['time'] as number, row]));
        const open = Math.floor(world.plimsoll.judge.horizon / 60) * 3600;
        for (const { at, estimate } of points) {
          const seconds = Date.parse(at) / 1000;
          if (step === '1h' && seconds >= open) continue;
          const row = found.get(seconds);
          expect([label, step, at, row?.['valid']]).toEqual([label, step, at, estimate.n]);
          if (estimate.value !== null)
            expect((row!['good'] as number) / (row!['valid'] as number)).toBeCloseTo(estimate.value, 12);
          if (estimate.coverage !== null && measure !== 'latency')
            expect((row!['valid'] as number) / (row!['eligible'] as number)).toBeCloseTo(estimate.coverage, 12);
          compared++;
        }
      }
      for (const { currency, points } of api.cost)
        for (const { at, value } of points) {
          const seconds = Date.parse(at) / 1000;
          if (step === '1h' && seconds >= Math.floor(world.plimsoll.judge.horizon / 60) * 3600) continue;
          const [row] = await query(
            `SELECT sum("cost_micros") / 1000000 AS spent FROM "${policy}"."cost" WHERE "service" = 'bot' AND "currency" = '${currency}' AND time = ${seconds}s`,
          );
          expect(row?.['spent']).toBeCloseTo(value, 5);
          compared++;
        }
      if (step === '1h')
        for (const { at, n, p95Ms, intervalsMs } of api.latency) {
          const seconds = Date.parse(at) / 1000;
          const [row] = await query(
            `SELECT "lower", "value", "upper", "n" FROM "latency" WHERE "service" = 'bot' AND "slice" = 'all' AND "rank" = 'p95' AND time = ${seconds}s`,
          );
          if (row === undefined) continue;
          expect(row['value']).toBeCloseTo(p95Ms / 1000, 9);
          expect(row['lower']).toBeCloseTo(intervalsMs.p95.low / 1000, 9);
          expect(row['upper']).toBeCloseTo(intervalsMs.p95.high / 1000, 9);
          expect(row['n']).toBeLessThanOrEqual(n);
          compared++;
        }
    }
    return compared;
  };
  /** Everything but revisions and beliefs. */
  const everything = async (): Promise<Record<string, Row[]>> => {
    const all: Record<string, Row[]> = {};
    for (const policy of ['minutes', 'hourly'])
      for (const measurement of Object.keys(MEASUREMENTS))
        if (measurement !== 'verdict') {
          const rows = await query(`SELECT * FROM "${policy}"."${measurement}"`);
          all[`${policy} ${measurement}`] = rows
            .map(({ revision: _, ...row }) => row)
            .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
        }
    return all;
  };

  it('holds the numbers of the API, and late feedback corrects them', async () => {
    await begin();
    const first = traffic(START, 90);
    await send(first);
    await rate(first.filter((_, k) => k % 7 === 0));
    await tick(START + 90 * MINUTE + 20_000);
    expect(await agree(START, START + 90 * MINUTE)).toBeGreaterThan(300);

    // A rating of the first minute two hours later, and one that changes its mind.
    await rate([first[1]!], 'down');
    await rate([first[0]!], 'down');
    await tick(START + 210 * MINUTE + 20_000);
    await agree(START, START + 90 * MINUTE);
    const [row] = await select(
      '"good", "valid", "revision"',
      `"tally" WHERE "measure" = 'satisfaction' AND "slice" = 'all' AND time = ${START / 1000}s`,
    );
    expect(row).toMatchObject({ good: 1, valid: 3 });
    expect(row!['revision']).toBeGreaterThan(1);
  });

  it('follows a slice that is emptied when a trace comes together', async () => {
    await begin();
    const early = exchange('bot', START + 30_000, { parentSpanId: 'beef00000000ffff' });
    await world.spans([early]);
    await tick(START + 2 * MINUTE + 20_000);
    const slices = async (): Promise<Row[]> =>
      select('"valid"', `"tally" WHERE "measure" = 'availability' AND time = ${START / 1000}s GROUP BY "slice"`);
    expect(await slices()).toContainEqual(expect.objectContaining({ slice: 'operation=chat', valid: 1 }));
    await world.spans([
      exchange('bot', START + 40_000, {
        traceId: early.traceId,
        spanId: 'beef00000000ffff',
        operation: 'invoke_agent',
      }),
    ]);
    await tick(START + 3 * MINUTE + 20_000);
    expect(await slices()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ slice: 'all', valid: 1 }),
        expect.objectContaining({ slice: 'operation=chat', valid: 0 }),
        expect.objectContaining({ slice: 'operation=invoke_agent', valid: 1 }),
      ]),
    );
  });

  it('catches up after an outage of either side', async () => {
    await begin();
    await send(traffic(START, 30));
    await tick(START + 30 * MINUTE + 20_000);
    await influx.stop();
    for (const minutes of [40, 50]) {
      await send(traffic(START + (minutes - 10) * MINUTE, 10));
      await tick(START + minutes * MINUTE + 20_000);
    }
    // It is stopped while nothing can be written, and starts so.
    await world.restart();
    await send(traffic(START + 50 * MINUTE, 100));
    await tick(START + 150 * MINUTE + 20_000);
    expect(await world.plimsoll.history!.state()).toMatchObject({ stopped: null, marks: expect.any(Number) });
    expect((await world.plimsoll.history!.state()).marks).toBeGreaterThan(0);
    await influx.start();
    world.plimsoll.history!.run();
    await world.plimsoll.history!.settled();
    expect(await world.plimsoll.history!.state()).toEqual({ marks: 0, oldest: null, stopped: null, sweepHour: null });
    expect(await agree(START, START + 150 * MINUTE)).toBeGreaterThan(500);
    // InfluxDB is killed: what it had acknowledged is there.
    await influx.stop('SIGKILL');
    await influx.start();
    await agree(START, START + 150 * MINUTE);
  });

  it('begins with all that is stored', async () => {
    await begin(spec(null));
    await send(traffic(START, 200));
    await tick(START + 200 * MINUTE + 20_000);
    await world.plimsoll.stop();
    const { deployment } = world.configuration;
    world.configuration = {
      ...world.configuration,
      deployment: { ...deployment, history: { url: influx.url, database, user: null, password: null } },
    };
    await world.boot();
    await tick(START + 201 * MINUTE + 20_000);
    expect(await world.plimsoll.history!.state()).toMatchObject({ marks: 0, sweepHour: null });
    expect(await agree(START, START + 200 * MINUTE)).toBeGreaterThan(600);
    // The hour that was not over then is written when it is, though nothing of it changes any more.
    await tick(START + 5 * HOUR + 20_000);
    expect(await agree(START, START + 5 * HOUR)).toBeGreaterThan(600);

    // What was not marked, because nobody wrote a history for a time, is there when somebody does again.
    const { history } = world.configuration.deployment;
    const configured = async (wanted: typeof history): Promise<void> => {
      await world.plimsoll.stop();
      const { deployment } = world.configuration;
      world.configuration = { ...world.configuration, deployment: { ...deployment, history: wanted } };
      await world.boot();
      if (engine === 'postgres') await World.pass(11_000, world);
    };
    await configured(null);
    await send(traffic(START + 5 * HOUR, 60));
    await tick(START + 6 * HOUR + 20_000);
    await configured(history);
    await tick(START + 6 * HOUR + MINUTE + 20_000);
    expect(await agree(START, START + 6 * HOUR)).toBeGreaterThan(800);
  });

  it('is the same when it is made again from the store', async () => {
    await begin();
    for (const hour of [0, 1, 2, 3]) {
      const sent = traffic(START + hour * HOUR, 60, (k) => ({ failed: hour === 2 || k % 50 === 0 }));
      await send(sent);
      await tick(START + (hour + 1) * HOUR + 20_000);
      await rate(
        sent.filter((_, k) => k % 9 === 0),
        hour % 2 === 0 ? 'up' : 'down',
      );
    }
    await tick(START + 4 * HOUR + 2 * MINUTE + 20_000);
    const grown = await everything();
    expect(grown['minutes incident']!.length).toBeGreaterThan(0);
    // Something that is nowhere in the store.
    await fetch(`${influx.url}/write?db=${database}&rp=minutes&precision=s`, {
      method: 'POST',
      body: `tally,service=ghost,measure=availability,slice=all good=1i,valid=1i,eligible=1i,revision=1i ${START / 1000}`,
    });
    const isZero = (row: Row): boolean => row['valid'] === 0 || row['interactions'] === 0;
    const isAsGrown = async (): Promise<void> => {
      const rebuilt = await everything();
      // Points that came to nothing are written where they replace others.
      for (const [name, rows] of Object.entries(grown))
        expect([name, rebuilt[name]!.filter((row) => !isZero(row))]).toEqual([
          name,
          rows.filter((row) => !isZero(row)),
        ]);
    };
    const command = { configuration: world.configuration, secret: readSecret, json: true, now: () => world.now };
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    expect(await exportInfluxCommand({ ...command, since: null })).toBe(0);
    expect(JSON.parse(said.mock.lastCall![0])).toEqual({ from: iso(START), stopped: null });
    await isAsGrown();
    expect(await query('SELECT * FROM "tally" WHERE "service" = \'ghost\'')).toEqual([]);
    // Where no server runs the command does it itself.
    await world.plimsoll.stop();
    await query('DROP SERIES FROM "tally"');
    expect(await exportInfluxCommand({ ...command, since: START + HOUR + 1 })).toBe(0);
    expect(JSON.parse(said.mock.lastCall![0])).toEqual({ from: iso(START + HOUR), stopped: null });
    expect(await query(`SELECT * FROM "tally" WHERE time < ${START / 1000 + 3600}s`)).toEqual([]);
    expect(await exportInfluxCommand({ ...command, since: null })).toBe(0);
    await isAsGrown();
    await influx.stop();
    expect(await exportInfluxCommand({ ...command, since: null })).toBe(1);
    expect(JSON.parse(said.mock.lastCall![0])).toMatchObject({ error: { code: 'PLIM_HISTORY_REFUSED' } });
    said.mockRestore();
    await influx.start();
    await world.boot();
    if (engine === 'postgres') await World.pass(11_000, world);
    expect(await agree(START, START + 4 * HOUR)).toBeGreaterThan(900);
  });

  it('keeps one point of an incident, where and as it is now', async () => {
    await begin();
    await send(traffic(START, 60));
    await tick(START + 60 * MINUTE + 20_000);
    await send(traffic(START + HOUR, 20, () => ({ failed: true })));
    await tick(START + 80 * MINUTE + 20_000);
    const points = (): Promise<Row[]> => query('SELECT * FROM "incident" GROUP BY "id"');
    const { incidents } = await world.get<{
      incidents: { id: string; priority: number; title: string; startedAt: string }[];
    }>('/incidents');
    const [{ id, priority, title, startedAt }] = incidents as [(typeof incidents)[number]];
    const [open] = (await points()).filter((row) => row['id'] === id);
    expect(open).toMatchObject({
      id,
      number: id,
      text: title,
      severity: `P${priority}`,
      service: 'bot',
      open: true,
      time: Date.parse(startedAt) / 1000,
      until: START + 80 * MINUTE,
    });
    expect(open).not.toHaveProperty('resolve_s');
    await world.post(`/incidents/${id}/acknowledge`, {});
    await world.post(`/incidents/${id}/resolve`, { code: 'solution_provided', notes: 'mended' });
    await send(traffic(START + 80 * MINUTE, 1));
    await tick(START + 81 * MINUTE + 20_000);
    const resolved = (await points()).filter((row) => row['id'] === id);
    expect(resolved).toHaveLength(1);
    expect(resolved[0]).toMatchObject({ open: false, ack_s: expect.any(Number), resolve_s: expect.any(Number) });
    // Reopened it is not resolved any more, and what is said of its priority is said in one place.
    await world.post(`/incidents/${id}/reopen`, { reason: 'not mended' });

    await tick(START + 82 * MINUTE + 20_000);
    expect((await points()).filter((row) => row['id'] === id)).toEqual([
      expect.objectContaining({ open: true, resolve_s: null, severity: `P${priority}` }),
    ]);
    await world.post(`/incidents/${id}/prioritize`, { priority: 4, reason: 'few people ask at night' });
    await tick(START + 83 * MINUTE + 20_000);
    expect((await points()).filter((row) => row['id'] === id)).toEqual([
      expect.objectContaining({ severity: 'P4', open: true }),
    ]);
  });

  it('says what was believed at each tick, and what is to be said of itself', async () => {
    await begin();
    for (const minutes of [10, 11, 12]) {
      await send(traffic(START + (minutes === 10 ? 0 : minutes - 1) * MINUTE, minutes === 10 ? 10 : 1));
      await tick(START + minutes * MINUTE + 20_000);
    }
    const rows = await query('SELECT * FROM "verdict" WHERE "objective" = \'up\'');
    expect(rows.map((row) => row['time'])).toEqual([10, 11, 12].map((minutes) => START / 1000 + minutes * 60));
    const { objectives: said } = await world.get<{
      objectives: { name: string; verdict: string; estimate: Estimate & { low: number; high: number } }[];
    }>('/objectives');
    const up = said.find(({ name }) => name === 'up')!;
    expect(rows.at(-1)).toMatchObject({
      verdict: { met: 1, at_risk: 2, breached: 3, insufficient_evidence: 4 }[up.verdict],
      value: up.estimate.value,
      lower: up.estimate.low,
      upper: up.estimate.high,
      n: up.estimate.n,
      coverage: up.estimate.coverage,
    });
    const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    expect(page).toMatch(/plimsoll_history_points_total\{result="written"\} [1-9]/);
    expect(page).toContain('plimsoll_history_points_total{result="refused"} 0');
    expect(page).toContain(`plimsoll_history_waiting{database="${database}"} 0`);
    expect(page).toContain(`plimsoll_history_stopped{database="${database}"} 0`);
    expect(page).toContain(`plimsoll_history_last_write_timestamp_seconds{database="${database}"} ${world.now / 1000}`);
  });
});

describe.skipIf(!hasInfluxDb)('an InfluxDB in which everybody has to sign in', () => {
  const SECRET = 'of "the writer" \\ \'42\'';
  let influx: RealInfluxDb;
  const logged: string[] = [];

  beforeAll(async () => {
    influx = new RealInfluxDb(await freePort(), await freePort(), { auth: true });
    await influx.start();
    await influx.query(`CREATE USER "${ADMIN.user}" WITH PASSWORD '${ADMIN.password}' WITH ALL PRIVILEGES`);
    const page = readFileSync(new URL('../../docs/guide/history.md', import.meta.url), 'utf8');
    const statements = /```sql\n([\s\S]*?)```/.exec(page)![1]!.trim().split('\n');
    expect(statements).toHaveLength(6);
    const passwords = ["'of \"the writer\" \\\\ \\'42\\''", "'of grafana'"];
    for (const text of statements) await influx.query(text.replace("'...'", () => passwords.shift()!));
  });
  afterAll(() => influx.remove());

  it('is written by a user who may write and nothing else, and says so when that user may not', async () => {
    let password = 'another one';
    const world = await World.start({
      now: START,
      services,
      objectives,
      spec: { history: { url: influx.url, user: 'writer', password: 'env:WRITER' }, egress: { allow: ['127.0.0.1'] } },
      secret: async () => password,
      log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
    });
    const { history } = world.plimsoll;
    await history!.settled();
    expect((await history!.state()).stopped).toContain('the password is another one');
    password = SECRET;
    history!.run();
    await history!.settled();
    world.now = START + MINUTE;
    await world.spans([exchange('bot', START + 1000)]);
    world.now = START + MINUTE + 20_000;
    await world.plimsoll.tick();
    await history!.settled();
    expect(await history!.state()).toMatchObject({ stopped: null, marks: 0 });
    const count = `SELECT sum("valid") AS n FROM "tally" WHERE "measure" = 'availability' AND "slice" = 'all'`;
    const grafana = { user: 'grafana', password: 'of grafana' };
    expect(await influx.query(count, 'plimsoll', grafana)).toMatchObject([{ n: 1 }]);
    await expect(influx.query('DROP SERIES FROM "tally"', 'plimsoll', grafana)).rejects.toThrow(/not authorized/);
    // What the store can make again, the writer may take away.
    await history!.rebuild(null);
    await history!.settled();
    expect(await influx.query(count, 'plimsoll', grafana)).toMatchObject([{ n: 1 }]);
    await world.end();
    expect(logged.join('')).toContain('somebody has to see to it');
    for (const secret of [
      password,
      JSON.stringify(password).slice(1, -1),
      Buffer.from(`writer:${password}`).toString('base64'),
    ])
      expect(logged.join('')).not.toContain(secret);
  });
});

describe.skipIf(!hasInfluxDb)('names that are hostile', () => {
  it('are read back from a real InfluxDB as they are, or refused', async () => {
    const influx = new RealInfluxDb(await freePort(), await freePort());
    await influx.start();
    await influx.query('CREATE DATABASE "plimsoll"');
    await influx.query('CREATE RETENTION POLICY "minutes" ON "plimsoll" DURATION INF REPLICATION 1 DEFAULT');
    const odd = [
      'a b',
      'a,b',
      'a=b',
      'a"b',
      "a'b",
      'a\\b',
      'a\\,b',
      'a\\ b',
      'a\\=b',
      '\\',
      '#',
      'ü😀',
      'a\tb',
      ' ',
      'x\u2028y',
      'tally,injected=1 v=666',
      '\ud800',
      'null',
    ];
    const lines: string[] = [];
    const kept: string[] = [];
    for (const slice of odd)
      try {
        const head = headOf('tally', { service: 'bot', environment: '', measure: 'm', slice });
        lines.push(lineOf('tally', head, { good: 1, valid: 1, eligible: 1, revision: 1 }, START / 1000));
        kept.push(slice.toWellFormed());
      } catch (error) {
        expect(error).toBeInstanceOf(RefusedPoint);
      }
    const target = { url: influx.url, database: 'plimsoll', authorization: null };
    expect(await writeLines(createHttp({ allow: ['127.0.0.1'] }), target, 'minutes', lines)).toEqual({
      kind: 'written',
      lines: kept.length,
      refused: 0,
      reason: null,
    });
    const rows = await influx.query('SELECT "valid" FROM "tally" GROUP BY "slice"');
    expect(rows.map((row) => row['slice']).toSorted()).toEqual(kept.toSorted());
    expect(await influx.query('SHOW MEASUREMENTS')).toEqual([{ name: 'tally' }]);
    // What is older than its policy is left out, the rest is there.
    await influx.query('ALTER RETENTION POLICY "minutes" ON "plimsoll" DURATION 1h SHARD DURATION 1h');
    expect(
      await writeLines(createHttp({ allow: ['127.0.0.1'] }), target, 'minutes', [
        lines[0]!.replace(/\d+$/, '1000000000'),
      ]),
    ).toMatchObject({ refused: 1 });
    await influx.remove();
  });
});
