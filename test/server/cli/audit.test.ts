import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it, vi } from 'vitest';
import { auditExportCommand } from '../../../src/server/cli/audit-export.ts';
import { auditCutCommand, auditKeyCommand, auditRotateKeyCommand } from '../../../src/server/cli/audit-keys.ts';
import { auditVerifyCommand } from '../../../src/server/cli/audit-verify.ts';
import { loadConfiguration } from '../../../src/server/config/load.ts';
import { readSecret } from '../../../src/server/config/secrets.ts';
import type { Configuration } from '../../../src/server/plimsoll.ts';
import { MAIN, serve } from '../../e2e/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
writeFileSync(
  at('plimsoll.yaml'),
  `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: eu1}
spec: {listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}, store: {url: "sqlite:./store.db"}, judge: {every: 10m}}
`,
);

/** A command as a process of its own. */
const audit = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, ['--no-warnings', MAIN, 'audit', ...args], { cwd: folder }).then(
    (done) => ({ code: 0, ...done }),
    (failed) => failed,
  );

/** A command in this process. */
async function done(run: () => Promise<number>): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void lines.push(String(line))),
  );
  const code = await run().finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return { code, text: lines.join('\n') };
}

function configuration(): Configuration {
  const loaded = loadConfiguration(at('plimsoll.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.configuration;
}
const options = (json = false) => ({ configuration: configuration(), secret: readSecret, json });
const verify = (name: string | null, key: string | null = null, head: string | null = null, json = false) =>
  done(() =>
    auditVerifyCommand({
      folder: name === null ? null : at(name),
      keyFile: key === null ? null : at(key),
      headFile: head === null ? null : at(head),
      json,
      configuration,
      secret: readSecret,
    }),
  );
const exportTo = (name: string, json = false) =>
  done(() => auditExportCommand({ ...options(json), to: at(name), from: null, until: null }));
const cut = (before: number) => done(() => auditCutCommand({ ...options(), before }));

it('without a store there is no log, without a folder no export: exit status 2', async () => {
  expect(await verify(null)).toEqual({ code: 2, text: expect.stringContaining('PLIM_AUDIT_NO_STORE') });
  expect(await verify('nowhere')).toEqual({ code: 2, text: expect.stringContaining('PLIM_AUDIT_NO_EXPORT') });
  writeFileSync(at('none.json'), '');
  expect((await verify('nowhere', null, 'none.json')).text).toContain('PLIM_AUDIT_HEAD_FILE');
  expect(await exportTo('out')).toEqual({ code: 1, text: expect.stringContaining('PLIM_AUDIT_NO_STORE') });
});

it('beside a running server and without it: export, verify, rotate, cut', async () => {
  const server = await serve(folder);
  try {
    const exported = await audit('export', '--to', 'out');
    expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining('log eu1') });
    writeFileSync(at('key.pem'), (await done(() => auditKeyCommand(options()))).text);
    expect(await audit('verify', 'out', '--key', 'key.pem')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^intact: /),
    });
    const again = await exportTo('out', true);
    expect([again.code, JSON.parse(again.text).error.code]).toEqual([1, 'PLIM_AUDIT_FOLDER_NOT_EMPTY']);
    expect((await verify('out')).text).toMatch(/^agrees with itself: (?:.|\n)*--key FILE/);
    expect(await done(() => auditRotateKeyCommand({ ...options(), to: null }))).toEqual({
      code: 0,
      text: expect.stringContaining('from now on'),
    });
  } finally {
    await server.program.stop();
  }
  expect((await done(() => auditRotateKeyCommand({ ...options(true), to: null }))).code).toBe(0);
  expect(JSON.parse((await exportTo('later', true)).text)).toMatchObject({ kind: 'full', log: 'eu1', from: 0 });
  // The end is cut off, and the heads go with it: what was kept elsewhere tells.
  const last = readFileSync(at('later/heads.jsonl'), 'utf8').trim().split('\n').at(-1)!;
  writeFileSync(at('kept.json'), JSON.stringify({ specversion: '1.0', data: JSON.parse(last) }, null, 2));
  expect((await verify('later', 'key.pem', 'kept.json')).code).toBe(0);
  const older = await verify('out', 'key.pem', 'kept.json', true);
  expect(older.code).toBe(1);
  expect(JSON.parse(older.text)).toMatchObject({ standing: 'tampered', isAgainstKey: true });
  expect((await verify('out', 'kept.json')).text).toContain('PLIM_AUDIT_KEY_FILE');
  expect((await verify('out', null, 'key.pem')).text).toContain('PLIM_AUDIT_HEAD_FILE');
  expect(await cut(Date.UTC(2020, 0, 1))).toMatchObject({ code: 1 });
  expect(await cut(Date.now())).toEqual({ code: 0, text: expect.stringContaining('are gone') });
  expect(await verify(null)).toEqual({ code: 0, text: expect.stringMatching(/^intact: /) });
  rmSync(at('out/manifest.sig'));
  expect(await verify('out')).toEqual({ code: 2, text: expect.stringContaining('manifest.sig') });
});
