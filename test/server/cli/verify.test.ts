import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { MAIN, serve } from '../../e2e/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The file of a deployment with its store, in a folder of its own. */
function deploymentIn(name: string): string {
  mkdirSync(join(folder, name));
  const file = join(folder, name, 'plimsoll.yaml');
  writeFileSync(
    file,
    `apiVersion: plimsoll/v1
kind: Deployment
spec: {listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0}, store: {url: "sqlite:./store.db"}, judge: {every: 10m}}
`,
  );
  return file;
}

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

it('an empty file is a store with nothing in it yet', async () => {
  const file = deploymentIn('empty');
  writeFileSync(join(folder, 'empty/store.db'), '');
  const { code, stdout } = await verify('--config', file);
  expect(stdout).toContain('nothing to verify');
  expect(code).toBe(2);
});

it('a file that is no store is named, as text and as JSON', async () => {
  const file = deploymentIn('foreign');
  writeFileSync(join(folder, 'foreign/store.db'), 'a diary, and no database at all. '.repeat(100));
  const asText = await verify('--config', file);
  expect(asText.code).toBe(1);
  expect(asText.stderr).toContain(`${join(folder, 'foreign/store.db')} can't be opened`);
  expect(asText.stderr).toContain('[PLIM_STORE_UNREACHABLE]');
  const asJson = await verify('--config', file, '--json');
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ clean: false, reason: expect.stringContaining('PLIM_STORE') });
});

it('a running server is asked to settle first, on whichever free port it listens', async () => {
  const file = deploymentIn('running');
  const { program, otlpHttp } = await serve(join(folder, 'running'));
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    startTimeUnixNano: String(now - 1_000_000_000n),
    endTimeUnixNano: String(now),
    attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
  };
  const { status } = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(status).toBe(200);
  const { code, stdout } = await verify('--config', file, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ clean: true, settled: true, unsettled: 0, differing: 0 });
  expect(code).toBe(0);
  expect(await program.stop()).toBe(0);
});
