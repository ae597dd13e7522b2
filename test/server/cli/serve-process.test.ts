import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { MAIN, Program, serve } from '../../e2e/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-serve-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function deploymentIn(name: string, http = '127.0.0.1:0', store = './store.db'): string {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, name, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
spec: {listen: {http: "${http}", otlpHttp: 127.0.0.1:0}, store: {url: "sqlite:${store}"}}
`,
  );
  return join(folder, name);
}

const start = (cwd: string): Program => new Program(process.execPath, [MAIN, 'serve'], { cwd });

it('a port that is taken ends the process with status 1', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  const program = start(deploymentIn('taken', `127.0.0.1:${port}`));
  expect(await program.exited).toBe(1);
  expect(program.output).toContain('[PLIM_LISTEN_TAKEN]');
  taken.close();
});

it('a second process on one store is refused, until the first one has ended', async () => {
  const first = await serve(deploymentIn('shared'));
  const second = start(deploymentIn('second', '127.0.0.1:0', '../shared/store.db'));
  expect(await second.exited).toBe(1);
  expect(second.output).toContain('[PLIM_STORE_IN_USE]');
  expect(second.output).toContain(join(folder, 'shared/store.db'));
  await first.program.stop('SIGKILL');
  const third = await serve(join(folder, 'second'));
  expect(await third.program.stop()).toBe(0);
});

it('a folder that can not be made is named, with what to do', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const program = start(deploymentIn('no-folder', '127.0.0.1:0', '../a-file/store.db'));
  expect(await program.exited).toBe(1);
  expect(program.output).toContain('[PLIM_STORE_UNREACHABLE]');
  // Said once, without where in the program it came up.
  expect(program.output.match(/PLIM_STORE_UNREACHABLE/g)).toHaveLength(1);
});
