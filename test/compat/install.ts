/** The packages of `apps/package.json`: real instrumentations of exact versions, none of them part of Plimsoll. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const APPS = join(import.meta.dirname, 'apps');
const LOCK = join(APPS, 'package-lock.json');
/** npm writes it last. */
const COMPLETE = join(APPS, 'node_modules/.package-lock.json');

/** False: `npm run test:setup` could not install them here. Tests that need them say so loudly and are skipped. */
export const areInstalled = existsSync(COMPLETE) && statSync(COMPLETE).mtimeMs >= statSync(LOCK).mtimeMs;

/** Installs them if they aren't there, or others. @returns why that can't be, or null */
export function installApplications(): string | null {
  if (areInstalled) return null;
  const args = [
    'ci',
    '--ignore-scripts',
    '--omit=optional',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=1',
  ];
  const { status, error, stderr } = spawnSync('npm', args, { cwd: APPS, encoding: 'utf8' });
  if (status === 0) return null;
  return `npm ci in test/compat/apps: ${error?.message ?? stderr.trim().split('\n').slice(0, 3).join(' ')}`;
}
