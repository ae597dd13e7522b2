import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atAuditDesk } from '../../../src/server/cli/audit-desk.ts';
import { explainTailCommand } from '../../../src/server/cli/explain-tail.ts';
import { LocalServer } from '../../../src/server/cli/local-server.ts';
import { verifyCommand } from '../../../src/server/cli/verify.ts';
import { World } from '../world.ts';
import { Client } from './client.ts';

const HOW = /run this as the user that Plimsoll runs as.*PLIMSOLL_TOKEN/;

describe('a command of somebody for whom the key beside the store is not', () => {
  let world: World;
  let admin: Client;
  beforeEach(async () => {
    world = await World.start();
    admin = new Client(world, (await new Client(world).make({ role: 'admin' })).token);
    // As where the store lies on another machine.
    rmSync(keyFile());
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await world.end();
  });
  const keyFile = (): string => `${(world.configuration.deployment.store as { path: string }).path}.key`;

  it('says what to do', async () => {
    const { configuration } = world;
    await expect(explainTailCommand({ configuration, json: true, limit: 1 })).rejects.toThrow(HOW);
    const secret = async (): Promise<string> => '';
    const here = async (): Promise<never> => expect.fail('not here');
    await expect(atAuditDesk({ configuration, secret, json: true }, '/audit/exports', {}, here)).rejects.toThrow(HOW);
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(await verifyCommand({ configuration, json: false })).toBe(2);
    expect(said.mock.calls.flat().join('\n')).toMatch(HOW);
  });

  it('comes in with a token of its environment', async () => {
    const { token } = await admin.make({ role: 'auditor' });
    vi.stubEnv('PLIMSOLL_TOKEN', token);
    const server = new LocalServer(world.configuration.deployment);
    const [address = ''] = server.addresses;
    const ask = async (path: string, method: 'GET' | 'POST' = 'GET') =>
      (await server.ask(address, path, { method }))?.resume().statusCode;
    expect([await ask('/api/v1/audit'), await ask('/api/v1/settle', 'POST')]).toEqual([200, 403]);
  });
});

it('the key beside the store comes first: it may do everything', async () => {
  const world = await World.start();
  vi.stubEnv('PLIMSOLL_TOKEN', 'plim_of_another');
  try {
    await new Client(world).make({ role: 'admin' });
    const server = new LocalServer(world.configuration.deployment);
    expect(readFileSync(`${(world.configuration.deployment.store as { path: string }).path}.key`, 'utf8')).toHaveLength(
      43,
    );
    expect((await server.ask(server.addresses[0]!, '/api/v1/tokens'))?.resume().statusCode).toBe(200);
  } finally {
    vi.unstubAllEnvs();
    await world.end();
  }
});

it('nobody but its user reads the store, the key or what lies beside them', async () => {
  const world = await World.start();
  try {
    const rights = readdirSync(world.folder).map((name) => [name, statSync(join(world.folder, name)).mode & 0o077]);
    expect(rights.map(([name]) => name)).toEqual(
      expect.arrayContaining(['store.db', 'store.db-wal', 'store.db.key', 'store.db.lock']),
    );
    expect(rights.filter(([, others]) => others !== 0)).toEqual([]);
  } finally {
    await world.end();
  }
});
