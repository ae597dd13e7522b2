import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { MAIN } from '../../e2e/process.ts';

const statusOf = (...args: string[]): Promise<number> =>
  promisify(execFile)(process.execPath, ['--no-warnings', MAIN, ...args]).then(
    () => 0,
    (failed) => failed.code,
  );

it.each([
  ['an unknown command', 2, ['serv']],
  ['an unknown option', 2, ['verify', '--confg', 'x']],
  ['an option without its value', 2, ['verify', '--config']],
  ['help', 0, ['--help']],
  ['help of a command', 0, ['verify', '--help']],
  ['the version', 0, ['--version']],
] as const)('%s ends with status %i, as the help says', async (_what, status, args) => {
  expect(await statusOf(...args)).toBe(status);
});
