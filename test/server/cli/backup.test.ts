import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it, vi } from 'vitest';
import { EMPTY_SPAN } from '../../../src/model/span.ts';
import { backupCommand } from '../../../src/server/cli/backup.ts';
import { restoreCommand } from '../../../src/server/cli/restore.ts';
import { copyStore } from '../../../src/store/sqlite/copy.ts';
import { lockStore, openForWriting } from '../../../src/store/sqlite/database.ts';
import { API_ADDRESS, RESTORED, Settings } from '../../../src/store/sqlite/settings.ts';
import { END, LedgerWorld, NOW, records, resources } from '../../store/ledger-world.ts';
import { deployment } from '../world.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-copies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
  readonly code: number;
  readonly said: Record<string, unknown> & { error?: { code: string } };
}

async function told(run: () => Promise<number>): Promise<Told> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const code = await run();
  const said = JSON.parse(log.mock.calls[0]![0] as string);
  log.mockRestore();
  return { code, said };
}

const configured = (path: string) => ({ deployment: deployment(path), services: [], objectives: [] });
const backup = (store: string, to: string, force = false): Promise<Told> =>
  told(() => backupCommand({ configuration: configured(store), to, force, json: true, now: NOW }));
const restore = (store: string, from: string, force = false): Promise<Told> =>
  told(() => restoreCommand({ configuration: configured(store), from, force, json: true, now: NOW }));

const span = (i: number) => ({
  ...EMPTY_SPAN,
  traceId: `trace ${i}`.padEnd(16),
  spanId: `c${i}`.padEnd(8),
  kind: 'model' as const,
  service: resources[0]!,
  endTenths: END - i,
});

it('a copy that is written to while it is made is the store of one moment, and is made once', async () => {
  const world = new LedgerWorld();
  for (let i = 0; i < 4000; i += 100) world.commit([records(Array.from({ length: 100 }, (_, j) => span(i + j)))]);
  world.db.exec('create table filler (a blob)');
  world.db.exec('insert into filler select randomblob(8000) from (values (1),(2),(3),(4)), part limit 5000');
  const held = world.db.prepare('select count(*) as n from part').get()!['n'];
  const file = join(folder, 'moment');
  const steps: number[] = [];
  await copyStore(world.file, file, (done, of) => {
    world.commit([records([span(10_000 + steps.length)])]);
    expect(statSync(`${file}.partial`).mode & 0o777).toBe(0o600);
    steps.push(done / of);
  });
  expect(steps.length).toBeGreaterThan(1);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  const copy = new DatabaseSync(file, { readOnly: true });
  expect(copy.prepare('select count(*) as n from part').get()!['n']).toBe(held);
  expect(copy.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'delete' });
  copy.close();
  world.end();
});

it('nothing is overwritten unless it is said, and never under a server', async () => {
  const store = join(folder, 'store.db');
  const file = join(folder, 'file');
  expect(await backup(store, file)).toMatchObject({ code: 2, said: { error: { code: 'PLIM_COPY_NO_STORE' } } });
  expect(await restore(store, file)).toMatchObject({ code: 2, said: { error: { code: 'PLIM_COPY_NO_STORE' } } });
  const db = openForWriting(store);
  new Settings(db).set(API_ADDRESS, 'http://127.0.0.1:1');
  expect(await backup(store, store)).toMatchObject({ code: 1, said: { error: { code: 'PLIM_COPY_ONTO_ITSELF' } } });
  for (const own of ['-wal', '-shm', '-journal', '.lock', '.key', '.audit-key.pem'])
    expect(await backup(store, store + own, true), own).toMatchObject({
      said: { error: { code: 'PLIM_COPY_ONTO_ITSELF' } },
    });
  const done = await backup(store, file);
  expect(done).toMatchObject({
    code: 0,
    said: { file, bytes: statSync(file).size, taken: new Date(NOW).toISOString() },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await backup(store, file)).toMatchObject({ code: 1, said: { error: { code: 'PLIM_COPY_EXISTS' } } });
  expect(await backup(store, file, true)).toMatchObject({ code: 0 });
  db.exec("insert into setting values ('later', '1')");
  const lock = lockStore(store);
  expect(await restore(store, file)).toMatchObject({ code: 1, said: { error: { code: 'PLIM_COPY_EXISTS' } } });
  expect(await restore(store, file, true)).toMatchObject({ code: 1, said: { error: { code: 'PLIM_STORE_IN_USE' } } });
  lock.release();
  expect(await backup(store, file)).toMatchObject({ code: 1 });
  expect(await restore(store, file, true)).toMatchObject({ code: 0, said: { store, from: file } });
  db.close();
  const restored = openForWriting(store);
  const settings = new Settings(restored);
  expect(settings.get('later')).toBeNull();
  expect(settings.get(API_ADDRESS)).toBeNull();
  expect(JSON.parse(settings.get(RESTORED)!)).toEqual({ from: file, at: NOW, taken: NOW });
  restored.close();
});

it('a file that is damaged, foreign or empty is not restored, and leaves what is there', async () => {
  const store = join(folder, 'kept.db');
  openForWriting(store).close();
  const size = statSync(store).size;
  const file = join(folder, 'whole');
  await backup(store, file);
  const damaged = join(folder, 'damaged');
  cpSync(file, damaged);
  truncateSync(damaged, Math.floor(statSync(file).size / 2));
  expect(await restore(store, damaged, true)).toMatchObject({
    code: 1,
    said: { error: { code: 'PLIM_COPY_DAMAGED' } },
  });
  const foreign = join(folder, 'foreign');
  writeFileSync(foreign, 'no database at all, but long enough '.repeat(100));
  expect(await restore(store, foreign, true)).toMatchObject({ code: 1 });
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  expect(await restore(store, empty, true)).toMatchObject({ code: 2 });
  expect(statSync(store).size).toBe(size);
  expect(existsSync(`${store}.partial`)).toBe(false);
});

it('a store that a link stands for has one lock, and is replaced where it lies', async () => {
  const world = new LedgerWorld();
  const link = join(folder, 'link.db');
  symlinkSync(world.file, link);
  const lock = lockStore(world.file);
  expect(() => lockStore(link)).toThrow('PLIM_STORE_IN_USE');
  const file = join(folder, 'of-link');
  expect((await backup(link, file)).code).toBe(0);
  lock.release();
  world.db.exec('create table filler (a blob)');
  world.db.close();
  expect((await restore(link, file, true)).code).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  const db = new DatabaseSync(world.file, { readOnly: true });
  expect(db.prepare("select count(*) as n from sqlite_master where name = 'filler'").get()).toEqual({ n: 0 });
  db.close();
});
