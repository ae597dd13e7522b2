import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LogSync } from '../../src/store/log-sync.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-log-sync-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A disk whose syncs end when they are told to. */
function disk(): {
  log: LogSync;
  told: string[];
  failures: string[];
  write: (name: string) => void;
  end: (error?: Error) => void;
  syncs: () => number;
} {
  const file = join(folder, 'log');
  writeFileSync(file, '');
  const told: string[] = [];
  const failures: string[] = [];
  const underWay: ((error: Error | null) => void)[] = [];
  let syncs = 0;
  const log: LogSync = new LogSync(
    file,
    (error) => {
      failures.push(error.message);
      log.close();
    },
    (_fd, done) => {
      syncs++;
      underWay.push(done);
    },
  );
  return {
    log,
    told,
    failures,
    write: (name) => log.after(() => told.push(name)),
    end: (error) => underWay.shift()!(error ?? null),
    syncs: () => syncs,
  };
}

describe('what was written to a log', () => {
  it('is told when a sync that began behind it has ended, and of two that wait for one sync the first comes first', () => {
    const { log, told, write, end, syncs } = disk();
    write('a');
    expect([told, syncs()]).toEqual([[], 1]);
    write('b');
    write('c');
    expect([told, syncs()]).toEqual([[], 1]);
    end();
    expect([told, syncs()]).toEqual([['a'], 2]);
    write('d');
    end();
    expect([told, syncs()]).toEqual([['a', 'b', 'c'], 3]);
    end();
    expect([told, syncs()]).toEqual([['a', 'b', 'c', 'd'], 3]);
    log.close();
  });

  it('is never told when a sync has failed, nor what was written later: nobody knows what of it is on the disk', () => {
    const { log, told, failures, write, end, syncs } = disk();
    write('a');
    write('b');
    end(new Error('EIO: i/o error, fdatasync'));
    write('c');
    expect([told, failures, syncs()]).toEqual([[], ['EIO: i/o error, fdatasync'], 1]);
    log.close();
  });

  it('is told in the end by the disk that is there', async () => {
    const file = join(folder, 'real');
    writeFileSync(file, 'something');
    const log = new LogSync(file, (error) => {
      throw error;
    });
    await new Promise<void>((resolve) => log.after(resolve));
    log.close();
  });
});
