import { afterAll, describe, expect, it } from 'vitest';
import { PgConnection } from '../../../src/store/postgres/connection.ts';
import { connectForWriting, writerOptions } from '../../../src/store/postgres/database.ts';
import { migratePostgres } from '../../../src/store/postgres/migrate.ts';
import { openStoredPostgres } from '../../../src/store/postgres/reader.ts';
import { emptyDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';

/** So much longer than a statement may take is waited for, ms. */
const DEAF_MS = 3_000;

describe.skipIf(!hasPostgres)('a connection to PostgreSQL', () => {
  const options = hasPostgres ? writerOptions({ url: emptyDatabase(), password: null }) : null!;
  const opened: PgConnection[] = [];
  const open = (statementTimeoutMs: number, deafMs = DEAF_MS): PgConnection => {
    const db = new PgConnection({ ...options, statementTimeoutMs }, deafMs);
    opened.push(db);
    return db;
  };
  afterAll(() => {
    for (const db of opened) db.close();
  });

  it('waits as long for a statement as that may take', () => {
    expect(open(20_000, 200).prepare('select 7 as n from pg_sleep(0.5)').get()).toEqual({ n: 7 });
  });

  it('stores and finds a text with NUL, which PostgreSQL refuses, as one with U+FFFD there', () => {
    const db = open(20_000);
    db.exec('create table said (said text)');
    expect(db.prepare('insert into said values (?)').run('a\u0000b').changes).toBe(1);
    expect(db.prepare('select said from said where said = ?').all('a\u0000b')).toEqual([{ said: 'a\ufffdb' }]);
    expect(db.all('select said from said where said = any(?::text[])', ['a\u0000b'])).toHaveLength(1);
  });

  it('is made again when its thread gave no answer, and nothing of the transaction then is stored', () => {
    open(20_000).exec('create table kept (n int4)');
    // 0: PostgreSQL knows no limit.
    const db = open(0);
    db.exec('begin');
    db.exec('insert into kept values (1)');
    expect(() => db.exec('select 1 from pg_sleep(4.5)')).toThrow('PostgreSQL has not answered within 3000 ms');
    expect(db.isTransaction).toBe(false);
    db.exec('insert into kept values (2)');
    expect(db.prepare('select n from kept').all()).toEqual([{ n: 2 }]);
  });

  it('loses a transaction in which nothing happens, so that nobody waits for its locks for ever', () => {
    const other = open(20_000);
    expect(other.prepare(`select current_setting('idle_in_transaction_session_timeout') as idle`).get()).toEqual({
      idle: '30s',
    });
    const db = open(20_000);
    db.exec('create table locked (n int4)');
    db.exec('set idle_in_transaction_session_timeout = 200');
    db.exec('begin');
    db.exec('lock table locked');
    other.exec('insert into locked values (1)');
    let lost: unknown;
    try {
      db.exec('insert into locked values (2)');
    } catch (error) {
      lost = error;
    }
    expect(lost).toMatchObject({ isPassing: true, isConnection: true });
    db.exec('insert into locked values (3)');
    expect(other.prepare('select n from locked').all()).toEqual([{ n: 1 }, { n: 3 }]);
  });

  it.each([
    [
      'a database that is not there',
      () => options.url.replace(/[^/]+$/, 'nowhere'),
      'database "nowhere" does not exist',
    ],
    ['a port where nobody listens', () => options.url.replace(/:\d+/, ':1'), 'ECONNREFUSED'],
  ])('to %s says what to do, whoever asks first', (_of, url, reason) => {
    const address = { url: url(), password: null };
    const db = connectForWriting(address);
    opened.push(db);
    for (const ask of [() => migratePostgres(db), () => openStoredPostgres(address)]) {
      expect(ask).toThrow(reason);
      expect(ask).toThrow('PLIM_STORE_UNREACHABLE');
    }
  });
});
