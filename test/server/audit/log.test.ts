import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { headFromJson } from '../../../src/compliance/audit/head.ts';
import { KeyFile, keyFileOf } from '../../../src/server/audit/key-file.ts';
import { withLocalOffice } from '../../../src/server/audit/local.ts';
import type { AuditOffice } from '../../../src/server/audit/office.ts';
import { OPERATOR } from '../../../src/server/audit/operator.ts';
import { freshKey } from '../../compliance/logs.ts';
import { StandIn } from '../../standins/http-server.ts';
import { deployment, objective, service, World } from '../world.ts';
import { entriesOf, exported, keyOf, statusInPython, storeOf, verified, verifiedStore } from './audited.ts';

let world: World;
afterEach(() => world.end());

const types = async (): Promise<string[]> => (await entriesOf(world)).map(({ type }) => type);
const ofType = async (type: string): Promise<Record<string, unknown>[]> =>
  (await entriesOf(world, `&type=${type}`)).map(({ data }) => data);
/** Somebody changes the store behind Plimsoll's back. */
function behind(sql: string): void {
  const db = new DatabaseSync(storeOf(world), { timeout: 10_000 });
  db.exec(sql);
  db.close();
}

it('a start begins the log, its key, and says what is in force; a stop is signed over', async () => {
  world = await World.start({ services: [service('bot')] });
  expect(await types()).toEqual([
    'log.created',
    'audit.key_created',
    'process.started',
    'configuration.changed',
    'configuration.changed',
  ]);
  expect(statSync(keyFileOf(storeOf(world))).mode & 0o777).toBe(0o600);
  await world.plimsoll.stop();
  const { standing, signedUpTo, size } = await verifiedStore(world, keyOf(world));
  expect({ standing, signedUpTo }).toEqual({ standing: 'intact', signedUpTo: size });
  await world.boot();
});

it('a start says how long nobody was there, and whether the last process stopped in order', async () => {
  world = await World.start();
  world.now += 60_000;
  await world.plimsoll.stop();
  world.now += 3_600_000;
  await world.boot();
  const [first, second] = await ofType('process.started');
  expect(first).toMatchObject({ previous: null, gapMs: null });
  expect(second).toMatchObject({ previous: 'stopped', gapMs: 3_600_000 });
  // The next one is a process that was killed: its last sign of life is the last tick.
  world.now += 120_000;
  await world.plimsoll.tick();
  await world.plimsoll.stop();
  behind("update audit_entry set type = 'process.killed' where seq = (select max(seq) from audit_entry)");
  world.now += 600_000;
  await world.boot();
  expect((await ofType('process.started')).at(-1)).toMatchObject({ previous: 'ended without a word', gapMs: 600_000 });
});

it('a clock that goes back is noted', async () => {
  world = await World.start();
  world.now += 60_000;
  await world.plimsoll.tick();
  world.now -= 90_000;
  await world.plimsoll.tick();
  expect(await ofType('clock.went_back')).toEqual([
    { byMs: 90_000, from: '2026-11-20T00:01:00.000Z', to: '2026-11-19T23:59:30.000Z' },
  ]);
  expect((await verifiedStore(world)).warnings[0]).toMatch(/the clock went back/);
  expect((await verifiedStore(world)).standing).toBe('intact');
});

it('what is said of an objective otherwise than before is noted, once, also over a restart', async () => {
  const promise = objective('bot-up', {
    service: 'bot',
    kind: 'SLO',
    measure: { type: 'availability' },
    target: 0.9,
    window: { rolling: '1d' },
  });
  world = await World.start({ services: [service('bot')], objectives: [promise] });
  world.now += 120_000;
  await world.plimsoll.tick();
  await world.restart();
  world.now += 60_000;
  await world.plimsoll.tick();
  expect(await ofType('objective.verdict_changed')).toEqual([
    {
      objective: 'bot-up',
      from: null,
      to: 'insufficient_evidence',
      reason: 'nothing was counted in the window',
      asOf: '2026-11-20T00:01:00.000Z',
    },
  ]);
});

it('changed configuration is noted by document, with its hash before and after', async () => {
  world = await World.start({ services: [service('bot'), service('shop')] });
  world.configuration = { ...world.configuration, services: [service('bot', { criticality: 1 }), service('mail')] };
  await world.restart();
  const changes = (await ofType('configuration.changed')).slice(3);
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(changes).toEqual([
    { kind: 'Service', name: 'bot', before: hash, after: hash },
    { kind: 'Service', name: 'mail', before: null, after: hash },
    { kind: 'Service', name: 'shop', before: hash, after: null },
  ]);
  await world.restart();
  expect(await ofType('configuration.changed')).toHaveLength(6);
});

it('heads go to their anchors until they are taken, each attempt is noted, and metrics tell', async () => {
  const keeper = await StandIn.start();
  try {
    world = await World.start({
      spec: {
        sinks: [{ name: 'vault', type: 'webhook', url: `${keeper.url}/in`, secret: 'env:VAULT' }],
        egress: { allow: ['127.0.0.1/32'] },
        audit: { anchors: ['vault'] },
      },
    });
    await expect.poll(() => ofType('audit.anchor_attempted')).toHaveLength(1);
    keeper.behaviours.push({ status: 503 }, { status: 400 });
    await world.plimsoll.signAudit();
    await expect.poll(() => ofType('audit.anchor_attempted')).toHaveLength(2);
    const metrics = async (): Promise<string> => (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    expect(await metrics()).toContain('plimsoll_audit_anchors_waiting{sink="vault"} 1');
    world.now += 3_600_000;
    await world.plimsoll.signAudit();
    await expect.poll(() => ofType('audit.anchor_attempted')).toHaveLength(4);
    expect((await ofType('audit.anchor_attempted')).map(({ size, attempt, state }) => [size, attempt, state])).toEqual([
      [4, 1, 'delivered'],
      [5, 1, 'pending'],
      [5, 2, 'dead'],
      [6, 1, 'delivered'],
    ]);
    const page = await metrics();
    expect(page).toContain('plimsoll_audit_anchors_total{sink="vault",result="ok"} 2');
    expect(page).toContain('plimsoll_audit_anchors_total{sink="vault",result="retry"} 1');
    expect(page).toContain('plimsoll_audit_anchors_total{sink="vault",result="dead"} 1');
    expect(page).toContain('plimsoll_audit_anchors_waiting{sink="vault"} 0');
    expect(page).toMatch(/plimsoll_audit_entries 8\n/);
    expect(page).toMatch(/plimsoll_audit_signed_entries 6\n/);
    expect(page).toContain(`plimsoll_audit_last_head_timestamp_seconds ${world.now / 1000}`);
    const events = keeper.received.map(({ body }) => JSON.parse(body));
    expect(events[0]).toMatchObject({ specversion: '1.0', type: 'dev.plimsoll.audit.checkpoint.v1' });
    expect(events[0]).not.toHaveProperty('subject');
    expect(events.map(({ id }) => id)).toEqual([1, 2, 2, 3].map((n) => `plimsoll-test-audit-${n}`));
    // What the keeper got is what the log is held against.
    expect(headFromJson(events.at(-1).data).head.size).toBe(6);
  } finally {
    await keeper.stop();
  }
});

it('a log that somebody has changed since the last head gets no head any more', async () => {
  world = await World.start();
  const key = keyOf(world);
  world.now -= 90_000;
  await world.plimsoll.tick();
  behind("update audit_entry set entry = replace(entry, 'clock.went_back', 'clock.was_right')");
  const refused = await fetch(`${world.api}/audit/exports`, { method: 'POST' });
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([409, 'PLIM_AUDIT_BROKEN']);
  await world.restart();
  expect((await world.get<{ heads: unknown[] }>('/audit/heads')).heads).toHaveLength(1);
  expect(await verifiedStore(world, key)).toMatchObject({ standing: 'tampered', firstBadSeq: 4 });
});

it('what was changed of before the last head is found by who verifies the store', async () => {
  world = await World.start();
  const key = keyOf(world);
  await world.post('/audit/exports', {});
  behind("update audit_entry set entry = replace(entry, 'audit.exported', 'audit.imported')");
  expect(await verifiedStore(world, key)).toMatchObject({ standing: 'tampered', firstBadSeq: 4 });
  behind('delete from audit_entry where seq >= 3; delete from audit_head where size > 3');
  expect(await verifiedStore(world, key)).toMatchObject({ standing: 'tampered', firstBadSeq: 3 });
});

it('a rotation whose process ended before the key was in its place is finished by the next start', async () => {
  world = await World.start();
  const first = keyOf(world);
  await Promise.all([1, 2, 3].map(() => world.post('/audit/rotate-key', {})));
  expect(await ofType('audit.key_rotated')).toHaveLength(3);
  const second = keyOf(world);
  expect(second.id).toBe((await ofType('audit.key_rotated')).at(-1)!['new_key_id']);
  await world.plimsoll.stop();
  const { path } = new KeyFile(keyFileOf(storeOf(world)));
  renameSync(path, `${path}.next`);
  writeFileSync(path, first.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await world.boot();
  expect(keyOf(world).id).toBe(second.id);
  expect(existsSync(`${path}.next`)).toBe(false);
  expect(await types()).not.toContain('audit.key_replaced');
  const folder = await exported(world);
  expect(verified(folder, first).standing).toBe('intact');
});

it('a key that is lost is replaced, and who knows the old one alone is told so', async () => {
  world = await World.start();
  const first = keyOf(world);
  await world.plimsoll.stop();
  rmSync(keyFileOf(storeOf(world)));
  await world.boot();
  const second = keyOf(world);
  expect((await ofType('audit.key_replaced'))[0]).toMatchObject({ old_key_id: first.id, key_id: second.id });
  const folder = await exported(world);
  expect(verified(folder, first).standing).toBe('tampered');
  expect(verified(folder, first, second)).toMatchObject({
    standing: 'intact',
    warnings: [expect.stringMatching(/was replaced/)],
  });
});

it('old entries are let go of up to a signed head, and the rest is verified as before', async () => {
  world = await World.start();
  for (let i = 0; i < 6; i++) {
    world.now += 3_600_000;
    await world.restart();
  }
  const before = await entriesOf(world);
  const { entries } = await world.post<{ entries: number }>('/audit/cut', {
    before: new Date(world.now - 3 * 3_600_000).toISOString(),
  });
  expect(entries).toBeGreaterThan(3);
  const after = await entriesOf(world);
  expect(after[0]!.seq).toBe(entries);
  expect(after.slice(0, before.length - entries)).toEqual(before.slice(entries));
  expect(after.at(-1)).toMatchObject({ type: 'audit.cut', data: { entries, size: entries } });
  const key = keyOf(world);
  expect(await verifiedStore(world, key)).toMatchObject({ standing: 'intact', from: entries });
  for (const range of [
    { from: null, until: null },
    { from: world.now - 3_600_000, until: null },
  ]) {
    const folder = await exported(world, range);
    expect(verified(folder, key).standing).toBe('intact');
    const other = statusInPython(folder, key);
    if (other !== null) expect(other).toBe(0);
  }
  const nothing = await fetch(`${world.api}/audit/cut`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ before: '2020-01-01T00:00:00Z' }),
  });
  expect(nothing.status).toBe(409);
  await world.restart();
  expect(await verifiedStore(world, key)).toMatchObject({ standing: 'intact', from: entries });
});

it('the API gives pages, of a type, of somebody, of a time', async () => {
  world = await World.start();
  world.now += 60_000;
  await world.restart();
  const all = await entriesOf(world);
  const page = await world.get<{ entries: { seq: number }[]; nextCursor: string }>('/audit?limit=2');
  expect(page.entries.map(({ seq }) => seq)).toEqual([all.length - 1, all.length - 2]);
  const next = await world.get<{ entries: { seq: number }[] }>(`/audit?limit=2&cursor=${page.nextCursor}`);
  expect(next.entries[0]!.seq).toBe(all.length - 3);
  expect(await ofType('process.stopped')).toHaveLength(1);
  expect(await entriesOf(world, '&actor=person:operator')).toEqual([]);
  const late = await entriesOf(world, `&from=${new Date(world.now).toISOString()}`);
  expect(late.map(({ seq }) => seq)).toEqual(all.filter(({ ts }) => Date.parse(ts) >= world.now).map(({ seq }) => seq));
  expect((await fetch(`${world.api}/audit?cursor=x`)).status).toBe(400);
  const heads = await world.get<{ heads: { head: { size: number } }[]; nextCursor: string }>('/audit/heads?limit=2');
  const older = await world.get<{ heads: { head: { size: number } }[] }>(`/audit/heads?cursor=${heads.nextCursor}`);
  expect([...heads.heads, ...older.heads].map(({ head }) => head.size)).toEqual([6, 5, 4]);
  const { keys } = await world.get<{ keys: { keyId: string; pem: string }[] }>('/audit/keys');
  expect(keys).toMatchObject([{ keyId: keyOf(world).id, pem: expect.stringContaining('BEGIN PUBLIC KEY') }]);
});

it('a key of the operator signs, and is followed by the one that is named', async () => {
  world = await World.start();
  const answer = await fetch(`${world.api}/audit/rotate-key`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"to":"env:NEXT"}',
  });
  expect(((await answer.json()) as { code: string }).code).toBe('PLIM_AUDIT_KEY_PLACE');
  await world.plimsoll.stop();
  const own = keyOf(world);
  const next = freshKey();
  const pem = ({ privateKey }: typeof own): string => privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const secrets = new Map([
    ['env:OWN', pem(own).replaceAll('\n', '\\n')],
    ['env:NEXT', pem(next)],
    ['env:WORD', 'swordfish'],
  ]);
  const secret = async (reference: string): Promise<string> => secrets.get(reference)!;
  const warnings: string[] = [];
  const at = <T>(key: string, work: (office: AuditOffice) => Promise<T>): Promise<T> =>
    withLocalOffice(
      deployment(storeOf(world), { audit: { key } }),
      secret,
      (text) => warnings.push(text),
      () => world.now,
      work,
    );
  await expect(at('env:WORD', async () => {})).rejects.toThrow(/PLIM_AUDIT_KEY_UNUSABLE/);
  const refusal = await at('env:WORD', async () => {}).catch((error: Error) => error.message);
  expect(refusal).not.toContain('swordfish');
  await at('env:OWN', async (office) => {
    await expect(office.rotate(null, OPERATOR, world.now)).rejects.toThrow('PLIM_AUDIT_KEY_PLACE');
    await expect(office.rotate('env:OWN', OPERATOR, world.now)).rejects.toThrow('PLIM_AUDIT_KEY_SAME');
    expect((await office.rotate('env:NEXT', OPERATOR, world.now)).keyId).toBe(next.id);
  });
  await at('env:NEXT', (office) => office.sign(world.now));
  expect(warnings).toEqual([]);
  expect((await verifiedStore(world, own)).standing).toBe('intact');
  // The old one is still where it was, and is not believed any more.
  await expect(world.boot()).rejects.toThrow('PLIM_AUDIT_KEY_UNUSABLE');
  rmSync(keyFileOf(storeOf(world)));
  await world.boot();
});
