import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { serve } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-hup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (target: string): void =>
  writeFileSync(
    join(folder, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
spec: {listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}, store: {url: "sqlite:./store.db"}, judge: {every: 10m}}
---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: bot}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: bot-availability}
spec: {service: bot, measure: {type: availability}, target: ${target}}
`,
  );

it('a running server reads its files on SIGHUP and when they change, and goes on with the old ones when they are wrong', async () => {
  write('0.99');
  const { program, http } = await serve(folder);
  const target = async (): Promise<unknown> =>
    ((await (await fetch(`${http}/api/v1/objectives/bot-availability`)).json()) as { target: number }).target;
  process.kill(program.child.pid!, 'SIGHUP');
  await program.line(/"trigger":"signal".*configuration read again/);
  write('0.95');
  await program.line(/"keys":\["spec.target"\].*configuration reloaded/);
  expect(await target()).toBe(0.95);
  write('95');
  await program.line(/configuration refused/);
  expect(await target()).toBe(0.95);
  expect((await fetch(`${http}/readyz`)).status).toBe(200);
  expect(await program.stop()).toBe(0);
});

it('a SIGHUP while the program is still loaded does not end it', async () => {
  write('0.99');
  const signalled = `import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => {
  if (url.endsWith('/server/plimsoll.ts')) process.kill(process.pid, 'SIGHUP');
  return next(url, context);
} });`;
  const { program } = await serve(folder, {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(signalled)}`,
  });
  expect(await program.stop()).toBe(0);
});
