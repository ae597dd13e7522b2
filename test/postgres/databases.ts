// Databases of the PostgreSQL that the tests of a run share; synchronous, as the store is.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PgConnection } from '../../src/store/postgres/connection.ts';
import { connectForWriting } from '../../src/store/postgres/database.ts';
import { migratePostgres } from '../../src/store/postgres/migrate.ts';
import { hasPostgres } from './server.ts';

if (!hasPostgres) console.warn('SKIPPED the tests on PostgreSQL: it is not installed (Debian package postgresql)');

const START_MS = 30_000;
const POLL_MS = 20;
const CLOCK = new Int32Array(new SharedArrayBuffer(4));

/** The process of the run: its workers are its children. */
const folder = join(tmpdir(), `plimsoll-postgres-run-${process.ppid}`);
let port = 0;

/** Of the server of this run, started by whoever asks first. */
function serverPort(): number {
  if (port > 0) return port;
  const file = join(folder, 'port');
  try {
    mkdirSync(folder);
    const keeper = spawn(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, 'keeper.ts'), file, String(process.ppid)],
      { detached: true, stdio: 'ignore' },
    );
    keeper.unref();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  for (let waited = 0; !existsSync(file); waited += POLL_MS) {
    if (waited > START_MS) throw new Error('PostgreSQL did not start');
    Atomics.wait(CLOCK, 0, 0, POLL_MS);
  }
  port = Number(readFileSync(file, 'utf8'));
  return port;
}

const urlOf = (database: string): string => `postgres://plimsoll@127.0.0.1:${serverPort()}/${database}`;

let databases = 0;
let admin: PgConnection | null = null;

/** A new, empty database. @returns its address */
export function emptyDatabase(): string {
  admin ??= connectForWriting({ url: urlOf('postgres'), password: null }, 'tests');
  const name = `test_${process.pid}_${databases++}`;
  admin.exec(`create database ${name}`);
  return urlOf(name);
}

/** A database with the tables of this build, and nothing in them. */
export interface TestDatabase {
  readonly url: string;
  readonly db: PgConnection;
}

const free: TestDatabase[] = [];

/** One that nobody else uses until it is given back. */
export function takeDatabase(): TestDatabase {
  const known = free.pop();
  if (known !== undefined) return known;
  const url = emptyDatabase();
  const db = connectForWriting({ url, password: null });
  migratePostgres(db);
  return { url, db };
}

/** Gives a database back, emptied. */
export function giveBack(database: TestDatabase): void {
  emptied(database.db);
  free.push(database);
}

/** Deletes all that a store holds but what every store begins with. */
export function emptied(db: PgConnection, kept: readonly string[] = []): void {
  const tables = db
    .prepare(
      `select relname::text as name from pg_class where relkind in ('r', 'p') and not relispartition
       and relnamespace = current_schema()::regnamespace and relname not in ('migration', 'shard_key', 'trace_lock')`,
    )
    .all() as { name: string }[];
  db.exec(
    tables
      .filter(({ name }) => !kept.includes(name))
      .map(({ name }) => `delete from ${name}`)
      .concat("insert into audit_tip values (1, 0, '', '', 0, '') on conflict do nothing")
      .join('; '),
  );
}
