import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { logOf, openForReading } from '../../src/store/sqlite/database.ts';
import { Writer } from '../../src/store/writer.ts';
import { NOW, RETENTION } from './ledger-world.ts';

/** What the disk does with a sync; the real one where nothing is said. */
const disk = vi.hoisted(() => ({ sync: null as ((done: (error: Error | null) => void) => void) | null }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    fdatasync: (fd: number, done: (error: Error | null) => void) =>
      disk.sync === null ? fs.fdatasync(fd, done) : disk.sync(done),
  };
});

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-writer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  disk.sync = null;
});

const deaths: string[] = [];
const open = async (name: string): Promise<Writer> =>
  (
    await Writer.open(
      { store: { type: 'sqlite', file: join(folder, name) }, retention: RETENTION },
      () => NOW,
      (error) => deaths.push(error.message),
    )
  ).writer;

const name = (writer: Writer, code: number): Promise<unknown> =>
  writer.write({
    type: 'statements',
    statements: [{ sql: 'insert into dictionary values (?, ?)', parameters: [code, `name ${code}`] }],
  });

/** The names of a store as a machine finds it whose power failed at a moment of which these are the files. */
function namesIn(file: string): number[] {
  const db = openForReading(file, { mayBeOlder: true });
  try {
    return (db.prepare('select code from dictionary where code > 9000 order by code').all() as { code: number }[]).map(
      ({ code }) => code,
    );
  } finally {
    db.close();
  }
}

describe('a writer of a file', () => {
  it('answers when what it wrote is on the disk, and goes on with what comes next meanwhile', async () => {
    const writer = await open('waits.db');
    const ends: (() => void)[] = [];
    disk.sync = (done) => ends.push(() => done(null));
    const told: number[] = [];
    const first = name(writer, 9001).then(() => told.push(9001));
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    const second = name(writer, 9002).then(() => told.push(9002));
    // Written, seen by whoever reads, and not told to the one who sent it.
    await vi.waitFor(() => expect(namesIn(join(folder, 'waits.db'))).toEqual([9001, 9002]));
    expect(told).toEqual([]);
    ends.shift()!();
    await first;
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    expect(told).toEqual([9001]);
    disk.sync = null;
    ends.shift()!();
    await second;
    expect(told).toEqual([9001, 9002]);
    await writer.close();
  });

  it('has nothing told that is not in what was synced', async () => {
    const file = join(folder, 'synced.db');
    const writer = await open('synced.db');
    const synced = join(folder, 'power-failed.db');
    disk.sync = (done) => {
      copyFileSync(file, synced);
      copyFileSync(logOf(file), `${synced}-wal`);
      setImmediate(() => done(null));
    };
    const sent: number[] = [];
    for (let code = 9001; code <= 9020; code++) {
      await name(writer, code);
      sent.push(code);
      rmSync(`${synced}-shm`, { force: true });
      expect(namesIn(synced)).toEqual(sent);
    }
    disk.sync = null;
    await writer.close();
  });

  it('ends when a disk fails to sync: nobody is told that anything was stored', async () => {
    const writer = await open('fails.db');
    disk.sync = (done) => setImmediate(() => done(new Error('EIO: i/o error, fdatasync')));
    await expect(name(writer, 9001)).rejects.toThrow(/EIO/);
    expect(deaths).toEqual([
      `what was written to ${logOf(join(folder, 'fails.db'))} can't be brought to the disk: EIO: i/o error, fdatasync`,
    ]);
    await expect(name(writer, 9002)).rejects.toThrow(/EIO/);
    expect(writer.isFull).toBe(true);
  });
});
