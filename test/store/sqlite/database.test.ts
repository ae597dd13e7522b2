import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { openForWriting } from '../../../src/store/sqlite/database.ts';

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
