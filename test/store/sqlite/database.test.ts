import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { migrate } from '../../../src/store/sqlite/migrations.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-database-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a file that is no database is left alone, and said to be none', () => {
  const file = join(folder, 'notes.txt');
  writeFileSync(file, 'not a database, but long enough to be looked at as one '.repeat(100));
  expect(() => openForWriting(file)).toThrow(
    /notes\.txt can't be opened: file is not a database; .*PLIM_STORE_UNREACHABLE/,
  );
});

it('a database of a newer build is not touched', () => {
  const file = join(folder, 'newer.db');
  const newer = new DatabaseSync(file);
  newer.exec('pragma user_version = 9999');
  newer.close();
  expect(() => openForWriting(file)).toThrow(/at migration 9999, .*PLIM_STORE_TOO_NEW/);
});

it('a database of an older build is not read, and can be once it was opened for writing', () => {
  const file = join(folder, 'older.db');
  const older = new DatabaseSync(file);
  migrate(older, 1);
  older.exec(
    "insert into rating (identity, active, type, value, at, commit_minute, conversation, owner_trace) values ('a', 1, 'feedback', '1', 0, 0, 'talk', x'00')",
  );
  older.close();
  expect(() => openForReading(file)).toThrow(/at migration 1, .*serve.*PLIM_STORE_TOO_OLD/);
  openForWriting(file).close();
  const db = openForReading(file);
  expect({ ...db.prepare('select by_conversation, interaction from rating').get() }).toEqual({
    by_conversation: 1,
    interaction: null,
  });
  db.close();
});
