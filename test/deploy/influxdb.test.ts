import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createHttp } from '../../src/sinks/http.ts';
import { InfluxServer } from '../../src/sinks/influx/server.ts';
import { writeLines } from '../../src/sinks/influx/write.ts';
import { freePort } from '../standins/free-port.ts';
import { hasInfluxDb } from '../standins/real-influxdb.ts';

const START = resolve(import.meta.dirname, '../../deploy/influxdb/start.sh');
const PASSWORDS = { admin: 'a'.repeat(48), writer: 'b'.repeat(48), grafana: 'c'.repeat(48) };

describe.skipIf(!hasInfluxDb)('deploy/influxdb/start.sh with a real InfluxDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-start-'));
  let running: ChildProcess | null = null;
  let port = 0;

  const environment = async (): Promise<NodeJS.ProcessEnv> => {
    port = await freePort();
    return {
      ...process.env,
      INFLUXDB_META_DIR: join(folder, 'meta'),
      INFLUXDB_DATA_DIR: join(folder, 'data'),
      INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${await freePort()}`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
      INFLUXDB_HTTP_AUTH_ENABLED: 'true',
      INFLUXDB_REPORTING_DISABLED: 'true',
      PLIMSOLL_SECRETS: folder,
      PLIMSOLL_SETUP_ADDRESS: `127.0.0.1:${await freePort()}`,
    };
  };
  const start = async (): Promise<void> => {
    const started = spawn(START, { env: await environment(), stdio: 'ignore' });
    running = started;
    await vi.waitFor(async () => {
      if (started.exitCode !== null) throw new Error(`ended with ${started.exitCode}`);
      expect((await fetch(`http://127.0.0.1:${port}/ping`)).status).toBe(204);
    });
  };
  const stop = async (): Promise<void> => {
    const ended = new Promise((done) => running?.once('exit', done));
    running?.kill('SIGTERM');
    await ended;
  };
  const as = (user: keyof typeof PASSWORDS): InfluxServer =>
    new InfluxServer(
      `http://127.0.0.1:${port}`,
      'plimsoll',
      { user, password: PASSWORDS[user] },
      { allow: ['127.0.0.1'] },
    );
  afterAll(async () => {
    if (running?.exitCode === null) await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is a script without slips', () => {
    execFileSync('bash', ['-n', START]);
    expect(readFileSync(START, 'utf8')).not.toMatch(/curl[^\n]*\$(admin|writer|grafana)/);
  });

  it('does not start with a secret that is none', async () => {
    for (const text of ['', 'short', `${'a'.repeat(20)}'; DROP DATABASE x`]) {
      for (const name of Object.keys(PASSWORDS)) writeFileSync(join(folder, `influxdb_${name}_password`), text);
      const { status, stderr } = spawnSync(START, { env: await environment(), encoding: 'utf8' });
      expect(status).not.toBe(0);
      expect(stderr).toContain('influxdb_admin_password has to be one line');
    }
  });

  it('makes the database and its users, once', async () => {
    for (const [name, text] of Object.entries(PASSWORDS))
      writeFileSync(join(folder, `influxdb_${name}_password`), `${text}\n`);
    await start();
    expect((await fetch(`http://127.0.0.1:${port}/query?q=SHOW+DATABASES`)).status).toBe(401);
    const authorization = `Basic ${Buffer.from(`writer:${PASSWORDS.writer}`).toString('base64')}`;
    const target = { url: `http://127.0.0.1:${port}`, database: 'plimsoll', authorization };
    const now = Math.floor(Date.now() / 1000);
    for (const policy of ['minutes', 'hourly'] as const)
      expect(
        await writeLines(createHttp({ allow: ['127.0.0.1'] }), target, policy, [`tally good=1i ${now}`]),
      ).toMatchObject({ refused: 0, kind: 'written' });
    expect(await as('grafana').query('SELECT "good" FROM "tally"')).toHaveLength(1);
    await expect(as('grafana').deleteSince('tally', 0)).rejects.toThrow(
      /DELETE was answered with 403|DELETE was refused/,
    );
    await expect(as('writer').query('SELECT "good" FROM "tally"')).rejects.toThrow();
    await stop();
    await start();
    expect(await as('grafana').query('SELECT "good" FROM "hourly"."tally"')).toHaveLength(1);
    expect(await as('admin').ping()).toMatch(/^v?1\./);
  });
});
