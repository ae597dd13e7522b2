import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../standins/free-port.ts';
import { INFLUXDB } from '../standins/influxdb-program.ts';
import { hasInfluxDb } from '../standins/real-influxdb.ts';

const SCRIPT = resolve(import.meta.dirname, '../../deploy/influxdb/start.sh');
const PASSWORDS = { admin: 'a1', writer: 'b2', grafana: 'c3' };
type User = keyof typeof PASSWORDS;

describe.skipIf(!hasInfluxDb)('the InfluxDB of the stack, started by its script', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-influxdb-stack-'));
  let url: string;
  let running: ChildProcess;
  let log = '';

  const headers = (user: User): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${user}:${PASSWORDS[user]}`).toString('base64')}`,
  });
  const write = (user: User): Promise<Response> =>
    fetch(`${url}/write?db=plimsoll`, {
      method: 'POST',
      headers: headers(user),
      body: 'tally n=1i',
    });
  const query = async (user: User, text: string): Promise<{ status: number; body: string }> => {
    const body = new URLSearchParams({ db: 'plimsoll', q: text });
    const answer = await fetch(`${url}/query`, { method: 'POST', headers: headers(user), body });
    return { status: answer.status, body: await answer.text() };
  };

  async function start(): Promise<void> {
    const ports = [await freePort(), await freePort()] as const;
    url = `http://127.0.0.1:${ports[0]}`;
    running = spawn('sh', [SCRIPT], {
      env: {
        PATH: `${dirname(INFLUXDB)}:${process.env['PATH']}`,
        HOME: folder,
        SECRETS: join(folder, 'secrets'),
        PORT: String(ports[0]),
        INFLUXDB_HTTP_AUTH_ENABLED: 'true',
        INFLUXDB_REPORTING_DISABLED: 'true',
        INFLUXDB_MONITOR_STORE_ENABLED: 'false',
        INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${ports[0]}`,
        INFLUXDB_BIND_ADDRESS: `127.0.0.1:${ports[1]}`,
        INFLUXDB_META_DIR: join(folder, 'meta'),
        INFLUXDB_DATA_DIR: join(folder, 'data'),
        INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
      },
    });
    for (const stream of [running.stdout!, running.stderr!])
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString();
      });
    await vi.waitFor(
      async () => {
        if (running.exitCode !== null) throw new Error(`it ended with ${running.exitCode}: ${log}`);
        expect((await query('grafana', 'SHOW MEASUREMENTS')).status, log).toBe(200);
      },
      { timeout: 30_000, interval: 100 },
    );
  }
  async function stop(): Promise<void> {
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    await ended;
  }

  beforeAll(async () => {
    mkdirSync(join(folder, 'secrets'));
    for (const [user, password] of Object.entries(PASSWORDS))
      writeFileSync(join(folder, `secrets/influxdb_${user}_password`), password);
    await start();
  }, 60_000);
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const rights = async (): Promise<void> => {
    expect((await write('writer')).status).toBe(204);
    expect((await write('grafana')).status).toBe(403);
    expect((await query('writer', 'SELECT * FROM "tally"')).body).toContain('not authorized');
    expect((await query('grafana', 'DROP MEASUREMENT "tally"')).status).toBe(403);
    expect((await query('grafana', 'SELECT * FROM "minutes"."tally"')).body).toContain('"columns":["time","n"]');
    const { body } = await query('admin', 'SHOW RETENTION POLICIES ON "plimsoll"');
    expect(body).toContain('["minutes","9600h0m0s","168h0m0s",1,true]');
    expect(body).toContain('"hourly","0s"');
  };

  it('has both policies, a user that only writes and a user that only reads', rights);

  it('and so it has when it is started again', async () => {
    await stop();
    await start();
    await rights();
  });
});
