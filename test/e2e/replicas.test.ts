import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { verifyPostgres } from '../../src/store/postgres/verify.ts';
import { type TestDatabase, takeDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { type Exchange, exchange, sendSpans } from '../server/world.ts';
import { eventually, type Served, serve } from './process.ts';

/** A lease of ten seconds, of which a tick or a slow machine may eat some. */
const TAKEN_OVER_WITHIN_MS = 15_000;

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-replicas-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const auditKey = join(folder, 'audit-key.pem');
writeFileSync(auditKey, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

function folderOf(name: string, { url }: TestDatabase): string {
  const home = join(folder, name);
  mkdirSync(home);
  writeFileSync(
    join(home, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: replicas}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}
  store: {url: "${url}"}
  audit: {key: "file:${auditKey}"}
  judge: {every: 500ms, grace: 0s}
---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: bot}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: bot-availability}
spec: {service: bot, measure: {type: availability}, target: 0.99}
`,
  );
  return home;
}

const roleOf = async ({ http }: Served): Promise<string> =>
  ((await (await fetch(`${http}/readyz`)).json()) as { role: string }).role;

test.runIf(hasPostgres)(
  'the leader is killed under load: another one leads within 15 s, and everything acknowledged is stored and counted once',
  async () => {
    const database = takeDatabase();
    const homes = ['a', 'b'].map((name) => folderOf(name, database));
    const replicas = await Promise.all(homes.map((home) => serve(home)));
    const acked = new Set<string>();
    let isOver = false;
    /** Each batch goes to one of them, and some to both. */
    async function load(): Promise<void> {
      for (let i = 0; !isOver; i++) {
        const batch: Exchange[] = Array.from({ length: 20 }, (_, k) =>
          exchange('bot', Date.now() - k * 100, { failed: k === 0 }),
        );
        const ways = i % 5 === 0 ? replicas : [replicas[i % 2]!];
        const sent = await Promise.allSettled(ways.map(({ otlpHttp }) => sendSpans(otlpHttp, batch)));
        if (sent.some(({ status }) => status === 'fulfilled')) for (const { traceId } of batch) acked.add(traceId);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const loading = load();
    const leader = await eventually('one leads', async () => {
      const roles = await Promise.all(replicas.map(roleOf));
      return roles.includes('leader') && acked.size > 200 && { index: roles.indexOf('leader') };
    });
    const other = replicas[1 - leader.index]!;
    expect(await roleOf(other)).toBe('follower');
    replicas[leader.index]!.program.child.kill('SIGKILL');
    await eventually('the other one leads', async () => (await roleOf(other)) === 'leader', TAKEN_OVER_WITHIN_MS);
    replicas[leader.index] = await serve(homes[leader.index]!);
    expect(await roleOf(replicas[leader.index]!)).toBe('follower');
    const before = acked.size;
    await eventually('both take spans again', async () => acked.size > before + 200);
    isOver = true;
    await loading;
    for (const { program } of replicas) expect(await program.stop()).toBe(0);

    const stored = database.db
      .prepare("select encode(trace, 'hex') as trace, count(*) as n from span group by trace")
      .all();
    const counts = new Map(stored.map(({ trace, n }) => [trace as string, n as number]));
    expect([...acked].filter((traceId) => counts.get(traceId) !== 1)).toEqual([]);
    const { compared, differences } = verifyPostgres(database.db);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(0);
  },
);
