import { env, execArgv, execPath } from 'node:process';

/** Of the threads of doors and writer, MB. */
const SEMI_SPACE = '--max-semi-space-size';
const SEMI_SPACE_MB = 4;
/** The threads that would help to collect what is young have no core of their own: waiting for them takes longer than doing it alone. */
const ALONE = '--no-parallel-scavenge';
/** A heap is collected when it has grown by so much, not only when it is four times what was in use; at half as much again collecting took a quarter of the time. */
const GROWTH = '--heap-growing-percent=60';
/** What was compiled stays: V8 lets go of what did not run for a few collections, and after a quiet spell the first second waited for all of it. */
const COMPILED = '--no-flush-bytecode';

/**
 * What glibc's malloc is told: few arenas, since buffers are made in one thread and given back in another, and those of more
 * than 128 KiB apart, so that they go back to the system. Other libraries take no notice.
 */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * Starts this process anew, under the same number, with memory settings that hold only from the start of a process. A server
 * reads a hundred megabytes a second from its sockets: with the usual young generation (up to 96 MB) that garbage lies until
 * the old one is marked, which takes more memory and stops the doors for longer. Nothing happens where that can't be done
 * (Windows), or where another size was asked for.
 */
export function settleMemory(): void {
  const isSet = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((argument) => argument.includes(SEMI_SPACE));
  if (isSet || typeof process.execve !== 'function' || process.platform === 'win32') return;
  const args = [
    execPath,
    `${SEMI_SPACE}=${SEMI_SPACE_MB}`,
    ALONE,
    GROWTH,
    COMPILED,
    ...execArgv,
    ...process.argv.slice(1),
  ];
  process.execve(execPath, args, { ...MALLOC, ...env });
}
