// Before all tests: where this machine has memory to spare, temporary folders lie in it. A store waits for the disk at each commit, and worlds
// under test commit thousands of times a minute: on a disk that is busy that is half of their time, and nothing that a test shows.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** What all tests hold at once, with room for as much again, bytes. */
const NEEDED = 6 * 2 ** 30;
const NAME = /^plimsoll-tests-(\d+)$/;

/** @returns whether it is there, holds programs that may be run, and has room */
function isRoomy(): boolean {
  if (process.platform !== 'linux' || !existsSync(MEMORY)) return false;
  const mounted = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[1] === MEMORY);
  if (mounted === undefined || /\bnoexec\b/.test(mounted)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= NEEDED && process.availableMemory() >= NEEDED;
}

/** Another user's is left to them. */
function removeIfOurs(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    console.warn(`${folder} of a run that was stopped can't be removed`);
  }
}

export function setup(): (() => void) | undefined {
  if (process.env['TMPDIR'] !== undefined || !isRoomy()) return undefined;
  // Of runs that were stopped by force.
  for (const name of readdirSync(MEMORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && (pid === String(process.pid) || !existsSync(`/proc/${pid}`)))
      removeIfOurs(join(MEMORY, name));
  }
  const folder = join(MEMORY, `plimsoll-tests-${process.pid}`);
  mkdirSync(folder);
  // PostgreSQL runs as a user of its own.
  chmodSync(folder, 0o1777);
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
