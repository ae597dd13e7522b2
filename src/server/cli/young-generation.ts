import { env, execArgv, execPath } from 'node:process';

const FLAG = '--max-semi-space-size';
const MEGABYTES = 4;

/**
 * Starts this process anew, under the same number, with a small young generation, which can only be set when Node starts.
 * A server reads a hundred megabytes a second from its sockets: with the usual one (up to 96 MB) that garbage lies until
 * the old generation is marked, which takes more memory and stops the doors for longer. Where that can't be done (Windows),
 * or another size was asked for, nothing happens.
 */
export function limitYoungGeneration(): void {
  const isSet = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((argument) => argument.includes(FLAG));
  if (isSet || typeof process.execve !== 'function' || process.platform === 'win32') return;
  process.execve(execPath, [execPath, `${FLAG}=${MEGABYTES}`, ...execArgv, ...process.argv.slice(1)], env);
}
