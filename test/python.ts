/** A Python with the packages that tests run, in a virtual environment of its own outside of the checkout. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const REQUIREMENTS = resolve(import.meta.dirname, 'python-requirements.txt');
/** Other packages are another environment. */
const FOLDER = join(
  homedir(),
  '.cache/plimsoll',
  `python-${createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)}`,
);
/** Written when everything is in. */
const COMPLETE = join(FOLDER, 'complete');

/** The interpreter, with everything that `python-requirements.txt` names. */
export const PYTHON = join(FOLDER, 'bin/python');

/** False: `npm run test:setup` could not make it here. Tests that need it say so loudly and are skipped. */
export const hasPython = existsSync(COMPLETE);

/** Makes the environment if it isn't there. @returns why it can't be made, or null */
export function preparePython(): string | null {
  if (hasPython) return null;
  rmSync(FOLDER, { recursive: true, force: true });
  const problem =
    problemOf('python3', ['-m', 'venv', FOLDER]) ??
    problemOf(PYTHON, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  if (problem === null) writeFileSync(COMPLETE, '');
  return problem;
}

function problemOf(command: string, args: readonly string[]): string | null {
  const { status, error, stdout, stderr } = spawnSync(command, [...args], { encoding: 'utf8' });
  if (status === 0) return null;
  const said = error?.message ?? `${stdout}${stderr}`.trim().split('\n').at(-1);
  return `${command} ${args.join(' ')}: ${said}`;
}
