// A real PostgreSQL for tests: one server a run of vitest, a database a test.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../standins/free-port.ts';

const ROOT = '/usr/lib/postgresql';
/** Where Debian puts the programs of the newest version that is installed; null: none is. */
const BIN = existsSync(ROOT)
  ? (readdirSync(ROOT)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(ROOT, version, 'bin'))
      .find((bin) => existsSync(join(bin, 'postgres'))) ?? null)
  : null;

/** The server's program; null: it is not installed. */
export const POSTGRES = BIN === null ? null : join(BIN, 'postgres');
export const hasPostgres = BIN !== null;

export interface PostgresServer {
  readonly port: number;
  /** Of the server's first process, for figures of what it took. */
  readonly pid: number;
  url(database: string): string;
  stop(): Promise<void>;
}

/** PostgreSQL does not run as root. */
const asUser = (): { uid?: number; gid?: number } => {
  if (userInfo().uid !== 0) return {};
  const id = (which: '-u' | '-g'): number => Number(spawnSync('id', [which, 'postgres']).stdout.toString());
  return { uid: id('-u'), gid: id('-g') };
};

/** @param settings  of the server beside those of tests; `fsync` is off unless it says otherwise */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  if (BIN === null) throw new Error('PostgreSQL is not installed (Debian package postgresql)');
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-postgres-'));
  const user = asUser();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(BIN, 'initdb'),
    ['-D', data, '-U', 'plimsoll', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr.toString()}`);
  const port = await freePort();
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '200',
    shared_buffers: '64MB',
    max_locks_per_transaction: '256',
    ...settings,
  };
  const child = spawn(
    join(BIN, 'postgres'),
    ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  await new Promise<void>((ready, failed) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 20_000) said += chunk.toString();
      if (/ready to accept connections/.test(said)) ready();
    });
    child.once('exit', (code) => failed(new Error(`postgres ended with ${code}: ${said}`)));
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    port,
    pid: child.pid!,
    url: (database) => `postgres://plimsoll@127.0.0.1:${port}/${database}`,
    stop: async () => {
      child.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
