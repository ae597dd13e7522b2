import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import type { PgConnection } from '../../src/store/postgres/connection.ts';
import { connectForWriting } from '../../src/store/postgres/database.ts';
import { verifyPostgres } from '../../src/store/postgres/verify.ts';
import { emptyDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { random } from '../server/world.ts';
import { Load, type Target } from './load.ts';
import { eventually, MAIN, Program, type Served, serve } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-move-'));
const store = join(folder, 'store.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const auditKey = join(folder, 'audit-key.pem');
writeFileSync(auditKey, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** What came to the destination: one that takes nothing at first, so that deliveries wait. */
const hook = { takes: false, asked: 0, taken: [] as string[] };
const receiver = createServer((request, response) => {
  hook.asked++;
  request.resume().on('end', () => {
    if (hook.takes) hook.taken.push(String(request.headers['webhook-id']));
    response.writeHead(hook.takes ? 200 : 503, hook.takes ? {} : { 'retry-after': '1' }).end();
  });
});
const port = await new Promise<number>((resolve) =>
  receiver.listen(0, '127.0.0.1', () => resolve((receiver.address() as AddressInfo).port)),
);
afterAll(() => receiver.close());

const configured = (url: string): void =>
  writeFileSync(
    join(folder, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: move}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}
  store: {url: "${url}"}
  audit: {key: "file:${auditKey}"}
  judge: {every: 500ms, grace: 0s}
  egress: {allow: [127.0.0.1]}
  sinks: [{name: hook, type: webhook, url: "http://127.0.0.1:${port}/hook", secret: "env:HOOK"}]
---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: bot}
spec: {evaluations: {groundedness: {scale: [0, 1], pass: 0.7}}}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: bot-groundedness}
spec: {service: bot, measure: {type: accuracy, evaluation: groundedness}, target: 0.9}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: bot-availability}
spec: {service: bot, measure: {type: availability}, target: 0.99}
`,
  );

const ENV = { HOOK: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
const plimsoll = (...args: string[]): Program =>
  new Program(process.execPath, [MAIN, ...args], { cwd: folder, env: ENV });
const migrate = (to: string): Program => plimsoll('migrate', '--from', `sqlite:${store}`, '--to', to, '--json');
const isReady = async ({ http }: Served): Promise<boolean> => (await fetch(`${http}/readyz`)).status === 200;

/** Resolves as soon as it is so; rejects when the command ends before. */
async function until(isSo: () => boolean | Promise<boolean>, command: Program): Promise<void> {
  let ended: number | null | undefined;
  void command.exited.then((code) => {
    ended = code;
  });
  while (!(await isSo())) {
    if (ended !== undefined) throw new Error(`ended with ${ended}:\n${command.output}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const held = (server: Served, command: Program): Promise<void> => until(async () => !(await isReady(server)), command);

/** All rows of a table, whatever holds it. */
const rowsOf = (db: DatabaseSync | PgConnection, table: string, order: string): unknown[] =>
  (db.prepare(`select * from ${table} order by ${order}`).all() as object[]).map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
      ]),
    ),
  );
const RECORDS = {
  incident: 'number',
  audit_entry: 'seq',
  audit_tip: 'id',
  audit_head: 'id',
  audit_key: 'id',
  outbox: 'id',
  episode: 'objective, detector, alarm',
  access_token: 'id',
  web_session: 'hash',
  checkpoint: 'objective, minute',
  closed_period: 'objective, start',
} as const;

it.runIf(hasPostgres)(
  'a running store is moved under load, after the command and the server were killed on the way: nothing is lost, doubled or sent twice',
  async () => {
    configured(`sqlite:${store}`);
    const to = emptyDatabase();
    let server = await serve(folder, ENV);
    const target: Target = { now: server };
    const load = new Load(target, random(7));
    const more = async (): Promise<void> => {
      const before = load.spans.size;
      await eventually('senders are heard', async () => load.spans.size > before + 150);
    };
    await more();
    await eventually('an incident waits to be told', async () => hook.asked > 2);

    // The command is killed while it copies, then while the doors are held: the server goes on, with its own store.
    const first = migrate(to);
    await until(isFollowed, first);
    await first.stop('SIGKILL');
    await eventually('the first is forgotten', async () => !isFollowed());
    const second = migrate(to);
    await held(server, second);
    await second.stop('SIGKILL');
    await eventually('the doors open by themselves', () => isReady(server));
    await more();
    expect(load.comeAgain.length).toBeGreaterThan(0);
    expect(load.comeAgain.filter(({ retryAfter }) => retryAfter === null)).toEqual([]);
    // The server is killed while its doors are held.
    const third = migrate(to);
    await held(server, third);
    server.program.child.kill('SIGKILL');
    target.now = null;
    expect(await third.exited).toBe(1);
    server = await serve(folder, ENV);
    target.now = server;
    await more();

    // To its end.
    const last = migrate(to);
    const code = await last.exited;
    expect(last.output).toContain('"how":"running"');
    expect(code).toBe(0);
    expect(await server.program.exited).toBe(0);
    target.now = null;
    const askedBy = hook.asked;
    const moved = JSON.parse(last.stdout);
    expect(moved).toMatchObject({ isEqual: true, before: { differing: 0 }, after: { differing: 0 } });
    expect(moved.heldMs).toBeLessThan(60_000);

    const old = new DatabaseSync(store, { readOnly: true });
    const db = connectForWriting({ url: to, password: null });
    for (const [table, order] of Object.entries(RECORDS))
      expect(rowsOf(db, table, order)).toEqual(rowsOf(old, table, order));
    expect(rowsOf(old, 'incident', 'number').length).toBeGreaterThan(0);
    old.close();
    expect(hook.asked).toBe(askedBy);
    hook.takes = true;
    // It was out of reach for so long that it would be asked again in some minutes.
    db.exec('update outbox set next_attempt_at = 0');
    configured(to);
    server = await serve(folder, ENV);
    target.now = server;
    await more();
    await eventually('what waited is delivered', async () => hook.taken.length > 0);
    await load.end();
    expect(await server.program.stop()).toBe(0);
    expect(new Set(hook.taken).size).toBe(hook.taken.length);

    const stored = db
      .prepare("select encode(trace, 'hex') || ' ' || encode(span, 'hex') as key, count(*) as n from span group by 1")
      .all();
    const spans = new Map(stored.map(({ key, n }) => [key as string, n as number]));
    const links = new Set(
      db
        .prepare("select encode(trace, 'hex') || ' ' || encode(span, 'hex') as key from link")
        .all()
        .map(({ key }) => key as string),
    );
    expect(load.spans.size).toBeGreaterThan(800);
    expect([...load.spans].filter((key) => (spans.get(key) ?? 0) + (links.has(key) ? 1 : 0) !== 1)).toEqual([]);
    const ratings = db.prepare('select identity, count(*) as n from rating group by identity').all();
    const rated = new Map(ratings.map(({ identity, n }) => [JSON.parse(identity as string)[1] as string, n as number]));
    expect([...load.ratings].filter((id) => rated.get(id) !== 1)).toEqual([]);
    const { compared, differences } = verifyPostgres(db);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(10);
    const entries = db.prepare("select entry from audit_entry where type = 'store.moved'").all();
    expect(entries.map(({ entry }) => JSON.parse(entry as string).data)).toEqual([{ from: store }]);
    db.close();
    const audited = plimsoll('audit', 'verify', '--config', 'plimsoll.yaml');
    expect([await audited.exited, audited.output]).toEqual([0, expect.any(String)]);
  },
  600_000,
);

function isFollowed(): boolean {
  const db = new DatabaseSync(store, { readOnly: true });
  try {
    return db.prepare("select 1 from sqlite_schema where name = 'moving_change'").get() !== undefined;
  } finally {
    db.close();
  }
}
