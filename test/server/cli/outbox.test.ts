import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listOutboxCommand } from '../../../src/server/cli/outbox.ts';
import { deployment, World } from '../world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-outbox-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const sinks = [{ name: 'ops', type: 'webhook', url: 'https://ops.example.com/in', secret: 'env:OPS' }];

describe('plimsoll outbox', () => {
  it('says of a store that is not there where it was looked for, and makes none', async () => {
    const store = join(folder, 'nowhere.db');
    const configuration = { deployment: deployment(store), services: [], objectives: [] };
    await expect(listOutboxCommand({ configuration, json: false, now: 0 }, {})).rejects.toThrow(
      `there is no store at ${store}`,
    );
    expect(existsSync(store)).toBe(false);
  });

  it('says of a name that no sink has which ones there are', async () => {
    const world = await World.start({ spec: { sinks }, engine: 'sqlite' });
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    const { configuration, now } = world;
    for (const sink of ['oops', 'ops']) await listOutboxCommand({ configuration, json: false, now }, { sink });
    await world.end();
    expect(said.mock.calls.flat()).toEqual([
      'nothing waits, and nothing was given up; no sink is named "oops", known are: ops',
      'nothing waits, and nothing was given up',
    ]);
  });
});
