import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { MAIN } from '../../e2e/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const verify = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, ['--no-warnings', MAIN, 'verify', ...args], { cwd: folder }).then(
    (done) => ({ code: 0, ...done }),
    (failed) => failed,
  );

it('without a store there is nothing to verify: exit status 2, and no store is made', async () => {
  const { code, stderr } = await verify();
  expect(code).toBe(2);
  expect(stderr).toContain('nothing to verify');
  expect(stderr).toContain(join(folder, 'data/plimsoll.db'));
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

it('the same as one JSON object', async () => {
  const { code, stdout } = await verify('--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ clean: false, compared: 0, reason: expect.stringContaining('no store') });
});

it('a configuration that is not there is exit status 3', async () => {
  const { code, stderr } = await verify('--config', 'plimsoll.yml');
  expect(code).toBe(3);
  expect(stderr).toContain('PLIM_CONFIG_UNREADABLE');
});
