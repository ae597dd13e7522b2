import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { INFLUXDB } from './influxdb-program.ts';

export const hasInfluxDb = existsSync(INFLUXDB);
if (!hasInfluxDb)
  console.warn(`SKIPPING the tests against a real InfluxDB: ${INFLUXDB} is not there (Debian: influxdb)`);

/** One row of an answer, by column and tag. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

interface Answer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly name?: string;
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly (string | number | boolean | null)[])[];
    }[];
  }[];
}

export const ADMIN = { user: 'admin', password: 'of the administrator' } as const;

/** A real InfluxDB of its own on free loopback ports, whose data outlive a stop. */
export class RealInfluxDb {
  readonly port: number;
  readonly #hasAuth: boolean;
  readonly #folder = mkdtempSync(join(tmpdir(), 'plimsoll-influxdb-'));
  #process: ChildProcess | null = null;
  #log = '';

  /** @param port, rpcPort  free ones  @param more  settings of `[http]`, and of `[data]` */
  constructor(port: number, rpcPort: number, more: { auth?: boolean; http?: string; data?: string } = {}) {
    this.port = port;
    this.#hasAuth = more.auth === true;
    const path = (name: string): string => JSON.stringify(join(this.#folder, name));
    writeFileSync(
      join(this.#folder, 'influxdb.conf'),
      `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = ${path('meta')}
[data]
  dir = ${path('data')}
  wal-dir = ${path('wal')}
  index-version = "tsi1"
  ${more.data ?? ''}
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  auth-enabled = ${this.#hasAuth}
  ${more.http ?? ''}
`,
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const started = spawn(INFLUXDB, ['run', '-config', join(this.#folder, 'influxdb.conf')]);
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
      });
    this.#process = started;
    await vi.waitFor(
      async () => {
        if (started.exitCode !== null) throw new Error(`InfluxDB ended with ${started.exitCode}: ${this.#log}`);
        const answer = await fetch(`${this.url}/ping`);
        if (!answer.ok) throw new Error(`not ready: ${answer.status}`);
      },
      { timeout: 30_000, interval: 50 },
    );
  }

  /** In order: what it has acknowledged is there when it is started again. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Asks in InfluxQL: rows of all series, with their tags; times are seconds. @throws Error with what it says */
  async query(text: string, database = 'plimsoll', user: { user: string; password: string } = ADMIN): Promise<Row[]> {
    const answer = await fetch(`${this.url}/query?${new URLSearchParams({ db: database, epoch: 's' })}`, {
      method: 'POST',
      body: new URLSearchParams({ q: text }),
      ...(this.#hasAuth && {
        headers: { authorization: `Basic ${Buffer.from(`${user.user}:${user.password}`).toString('base64')}` },
      }),
    });
    const body = (await answer.json()) as Answer & { error?: string };
    if (body.error !== undefined) throw new Error(`${text}: ${body.error}`);
    return body.results.flatMap(({ error, series = [] }) => {
      if (error !== undefined) throw new Error(`${text}: ${error}`);
      return series.flatMap(({ columns, values, tags }) =>
        values.map((row) => ({ ...tags, ...Object.fromEntries(columns.map((column, i) => [column, row[i]!])) })),
      );
    });
  }
}
