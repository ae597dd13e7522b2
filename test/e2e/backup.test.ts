import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { hexOfId } from '../../src/model/ids.ts';
import { PartTable } from '../../src/store/sqlite/parts.ts';
import { MAIN, type Served, serve } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function deploymentIn(name: string): string {
  mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, name, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
spec: {listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}, store: {url: "sqlite:./store.db"}, judge: {every: 10m}}
`,
  );
  return join(folder, name);
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const plimsoll = (at: string, ...args: string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, ['--no-warnings', MAIN, ...args, '--config', join(at, 'plimsoll.yaml')], {
    cwd: folder,
  }).then(
    (done) => ({ code: 0, ...done }),
    (failed) => failed,
  );

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** Sends interactions, and what people say of some of them, until it is over. @returns once the first have been acknowledged */
function load(
  server: Served,
  acknowledged: Set<string>,
  isOver: () => boolean,
): { first: Promise<void>; ended: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const send = async (): Promise<void> => {
    const now = Date.now();
    const spans = Array.from({ length: 50 }, () => ({
      traceId: hex(16),
      spanId: hex(8),
      startTimeUnixNano: `${now - 500}000000`,
      endTimeUnixNano: `${now - Math.floor(Math.random() * 120_000)}000000`,
      attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
    }));
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bot' } }] };
    const { status } = await post(`${server.otlpHttp}/v1/traces`, {
      resourceSpans: [{ resource, scopeSpans: [{ spans }] }],
    });
    expect(status).toBe(200);
    for (const span of spans) acknowledged.add(`${span.traceId} ${span.spanId}`);
    const feedback = spans.slice(0, 10).map(({ traceId }) => ({ traceId, kind: 'thumbs', value: 'up' }));
    expect((await post(`${server.http}/api/v1/feedback`, { feedback })).status).toBe(200);
  };
  const ended = (async () => {
    for (let sent = 0; !isOver(); sent++) {
      await send();
      if (sent === 8) first.resolve();
    }
  })();
  return { first: first.promise, ended };
}

/** The spans that a store holds. */
function spansOf(file: string): Set<string> {
  const db = new DatabaseSync(file, { readOnly: true });
  const spans = [...new PartTable(db).between(0, 1e12)].map(
    ({ span }) => `${hexOfId(span.traceId)} ${hexOfId(span.spanId)}`,
  );
  db.close();
  return new Set(spans);
}

it('a backup under load, restored elsewhere, holds what was acknowledged before it began, recovers and verifies', async () => {
  const here = deploymentIn('here');
  const server = await serve(here);
  const acknowledged = new Set<string>();
  let isOver = false;
  const sending = load(server, acknowledged, () => isOver);
  await Promise.race([sending.first, sending.ended]);
  const before = [...acknowledged];
  const file = join(folder, 'one.backup');
  const backup = await plimsoll(here, 'backup', '--to', file, '--json');
  expect(backup).toMatchObject({ code: 0 });
  isOver = true;
  await sending.ended;
  expect(acknowledged.size).toBeGreaterThan(before.length);
  expect(JSON.parse(backup.stdout)).toMatchObject({ file, bytes: statSync(file).size });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}-wal`)).toBe(false);
  expect(existsSync(`${file}.partial`)).toBe(false);

  expect(await server.program.stop()).toBe(0);

  const there = deploymentIn('there');
  const restore = await plimsoll(there, 'restore', '--from', file);
  expect(restore).toMatchObject({ code: 0 });
  const held = spansOf(join(there, 'store.db'));
  expect(before.filter((span) => !held.has(span))).toEqual([]);
  const restored = await serve(there);
  const verified = await plimsoll(there, 'verify', '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ clean: true, settled: true, unsettled: 0, differing: 0 });
  expect(restored.program.output).toContain('its newest minutes were counted again');
  expect(await restored.program.stop()).toBe(0);
  const db = new DatabaseSync(join(there, 'store.db'), { readOnly: true });
  const entries = db.prepare("select entry from audit_entry where type = 'store.restored'").all() as {
    entry: string;
  }[];
  expect(entries.map(({ entry }) => JSON.parse(entry).data)).toEqual([{ from: file, taken: expect.any(String) }]);
  db.close();
});
