import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createTokenCommand, listTokensCommand, revokeTokenCommand } from '../../../src/server/cli/token.ts';
import { loadConfiguration } from '../../../src/server/config/load.ts';
import { deployment, World } from '../world.ts';
import { Client } from './client.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-exposure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = Date.parse('2026-11-20T00:00:00Z');
const EXPOSED = { http: '0.0.0.0:0', otlpHttp: '0.0.0.0:0', otlpGrpc: '127.0.0.1:0' };

/** What a command writes to standard output. */
async function said(command: () => Promise<number>): Promise<string> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    expect(await command()).toBe(0);
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
  return lines.join('\n');
}

describe('a door that other machines can reach', () => {
  const file = join(folder, 'plimsoll.yaml');
  writeFileSync(
    file,
    `apiVersion: plimsoll/v1
kind: Deployment
spec: {listen: {http: "0.0.0.0:8080"}, store: {url: "sqlite:./store.db"}}
`,
  );
  const problems = (): unknown => {
    const result = loadConfiguration(file);
    return result.ok ? [] : result.problems.map(({ path, code, hint }) => ({ path, code, hint }));
  };

  it('is refused as long as nobody could show a token, and the refusal names the command that makes one', async () => {
    expect(problems()).toEqual([
      {
        path: 'spec.listen.http',
        code: 'PLIM_CONFIG_OPEN_NETWORK',
        hint: expect.stringMatching(/plimsoll token create --role admin.*trustNetwork: true/),
      },
    ]);
    const unchecked = loadConfiguration(file, () => true);
    if (!unchecked.ok) throw new Error('refused');
    const options = { configuration: unchecked.configuration, json: true, now: Date.now() };
    const { id } = JSON.parse(await said(() => createTokenCommand(options, { role: 'admin' })));
    expect(problems()).toEqual([]);
    await said(() => revokeTokenCommand(options, id));
    expect(problems()).toHaveLength(1);
    const listed = JSON.parse(await said(() => listTokensCommand(options)));
    expect(listed.tokens).toMatchObject([{ id, role: 'admin', state: 'revoked', createdBy: 'user:local' }]);
  });

  it('is not opened by a process that was given such a configuration all the same', async () => {
    await expect(World.start({ spec: { listen: EXPOSED } })).rejects.toThrow(
      /plimsoll token create.*\[PLIM_CONFIG_OPEN_NETWORK\]/,
    );
    // Whoever says that the network is closed is believed.
    const world = await World.start({ spec: { listen: { ...EXPOSED, trustNetwork: true } } });
    expect(
      (await fetch(`http://127.0.0.1:${new URL(world.plimsoll.addresses.http).port}/api/v1/services`)).status,
    ).toBe(200);
    await world.end();
  });
});

it('spec.auth closes the doors on loopback, without any token', async () => {
  const world = await World.start({ spec: { auth: {} } });
  expect((await new Client(world).get('/services')).status).toBe(401);
  expect((await fetch(`${world.plimsoll.addresses.http}/healthz`)).status).toBe(200);
  expect((await fetch(`${world.plimsoll.addresses.http}/metrics`)).status).toBe(401);
  await world.end();
});

describe('commands beside a running Plimsoll', () => {
  it('are let in by a key that this user alone may read, and what they make holds at once', async () => {
    const world = await World.start({ spec: { auth: {} }, now: NOW });
    const options = { configuration: world.configuration, json: true, now: NOW };
    const key = join(world.folder, 'store.db.key');
    expect((statSync(key).mode & 0o777).toString(8)).toBe('600');
    const made = JSON.parse(await said(() => createTokenCommand(options, { role: 'viewer', services: ['bot'] })));
    expect((await new Client(world, made.token).get('/services')).status).toBe(200);
    const text = await said(() => listTokensCommand({ ...options, json: false }));
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^ID +ROLE +SERVICES +STATE +EXPIRES +NAME$/),
      expect.stringMatching(new RegExp(`^${made.id} +viewer +bot +valid +2027-02-18$`)),
    ]);
    await said(() => revokeTokenCommand(options, made.id));
    expect((await new Client(world, made.token).get('/services')).status).toBe(401);
    await expect(revokeTokenCommand(options, 'nobody')).rejects.toThrow('[PLIM_TOKEN_UNKNOWN]');
    await expect(createTokenCommand(options, { role: 'king' })).rejects.toThrow(
      /role: expected.*\[PLIM_TOKEN_INVALID\]/,
    );
    expect(await new Client(world).audit('token.revoked')).toEqual([{ actor: 'user:local', data: { id: made.id } }]);
    await world.plimsoll.stop();
    expect(() => statSync(key)).toThrow();
    await world.boot();
    await world.end();
  });

  it('write by themselves where none runs', async () => {
    const file = join(folder, 'alone.db');
    const options = {
      configuration: { deployment: deployment(file), services: [], objectives: [] },
      json: false,
      now: NOW,
    };
    const token = await said(() => createTokenCommand(options, { role: 'admin', name: 'first' }));
    expect(token).toMatch(/^plim_[0-9a-f]{12}_[\w-]{43}$/);
    expect(await said(() => listTokensCommand(options))).toContain('first');
    await expect(createTokenCommand(options, { role: 'viewer', expiresIn: '1s' })).rejects.toThrow(
      'PLIM_TOKEN_INVALID',
    );
  });
});
