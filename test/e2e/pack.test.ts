import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from './process.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('the published package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-pack-'));
  const empty = join(folder, 'empty');
  /** npx under the Node that runs the tests, which is 24 or newer. */
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    npm_config_cache: join(folder, 'cache'),
    npm_config_yes: 'true',
    npm_config_update_notifier: 'false',
  };
  let tarball: string;

  beforeAll(() => {
    mkdirSync(empty);
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    });
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('runs by npx in an empty folder: says its version, serves on free ports, stops when told to', async () => {
    const version = execFileSync('npx', ['-p', tarball, 'plimsoll', '--version'], {
      cwd: empty,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    expect(version.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    writeFileSync(
      join(empty, 'plimsoll.yaml'),
      'apiVersion: plimsoll/v1\nkind: Deployment\nspec: {listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0}}\n',
    );
    const program = new Program('npx', ['-p', tarball, 'plimsoll', 'serve'], { cwd: empty, env });
    const [, json] = await program.line(/^(\{.*"msg":"ready"\})$/m);
    const { http } = JSON.parse(json!);
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    expect(((await (await fetch(`${http}/healthz`)).json()) as { version: string }).version).toBe(version.trim());
    expect(await (await fetch(`${http}/incidents`)).text()).toContain('<script type="module"');
    expect(await (await fetch(http)).text()).toContain('<div id="app">');
    await program.stop('SIGINT');
    expect(program.output).toContain('stopping');
  });

  it('holds the demo: history, application and instrumentations run from it', async () => {
    const program = new Program('npx', ['-p', tarball, 'plimsoll', 'demo', '--headless'], { cwd: empty, env });
    await program.line(/[1-9]\d* answers rated/);
    await program.stop('SIGINT');
    expect(program.output).not.toContain('failed');
  });
});
