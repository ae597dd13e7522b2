import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { migrateCommand } from '../../../src/server/cli/migrate.ts';
import { lockStore, openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { LATEST, lowestFrom, migrationOf } from '../../../src/store/sqlite/migrations.ts';
import { deployment } from '../world.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-migrate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function migrate(file: string, to: number | null): { code: number; said: Record<string, unknown> } {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const configuration = { deployment: deployment(file), services: [], objectives: [] };
  const code = migrateCommand({ configuration, to, json: true });
  const said = JSON.parse(log.mock.calls[0]![0] as string);
  log.mockRestore();
  return { code, said };
}

it('says of a PostgreSQL that does not answer what to look at', () => {
  expect(migrate('postgres://nobody@127.0.0.1:1/none', null)).toMatchObject({
    code: 1,
    said: { error: { code: 'PLIM_STORE_UNREACHABLE', what: expect.stringContaining('ECONNREFUSED') } },
  });
});

const at = (file: string): number => {
  const db = openForReading(file, { mayBeOlder: true });
  const found = migrationOf(db);
  db.close();
  return found;
};

it('says where the store is, takes it back and forward, and refuses what is not there or in use', () => {
  const file = join(folder, 'store.db');
  expect(migrate(file, null)).toMatchObject({ code: 2, said: { error: { code: 'PLIM_MIGRATE_NO_STORE' } } });
  openForWriting(file).close();
  const lowest = lowestFrom(LATEST);
  expect(migrate(file, null)).toEqual({
    code: 0,
    said: { store: file, from: LATEST, at: LATEST, latest: LATEST, lowest },
  });
  const lock = lockStore(file);
  expect(migrate(file, lowest)).toMatchObject({ code: 1, said: { error: { code: 'PLIM_STORE_IN_USE' } } });
  lock.release();
  expect(migrate(file, lowest)).toMatchObject({ code: 0, said: { from: LATEST, at: lowest } });
  expect(at(file)).toBe(lowest);
  expect(migrate(file, 1)).toMatchObject({ code: 1, said: { error: { code: 'PLIM_STORE_NO_WAY_BACK' } } });
  expect(migrate(file, LATEST + 1)).toMatchObject({ code: 1, said: { error: { code: 'PLIM_MIGRATE_UNKNOWN' } } });
  expect(migrate(file, LATEST)).toMatchObject({ code: 0, said: { from: lowest, at: LATEST } });
  expect(at(file)).toBe(LATEST);
});
