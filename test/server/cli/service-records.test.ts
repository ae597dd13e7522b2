import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  confirmServiceCommand,
  sayServiceRecordCommand,
  showServiceRecordCommand,
} from '../../../src/server/cli/service-records.ts';
import { service, World } from '../world.ts';

let world: World;
const lines: string[] = [];
const options = { server: null, deployment: () => world.configuration.deployment, json: false };

beforeAll(async () => {
  world = await World.start({ services: [service('bot', { owner: { name: 'Dana' } })] });
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world.end();
});

it('the record of a service is said, confirmed and shown from the command line', async () => {
  const file = join(world.folder, 'fields.yaml');
  writeFileSync(file, 'owner: {name: Kim}\nconfirmEvery: 90d\n');
  expect(await sayServiceRecordCommand(options, 'bot', file, { reason: 'known' })).toBe(0);
  expect(lines.at(-1)).toContain('the file says otherwise, and holds: owner');
  expect(lines.at(-1)).toMatch(/\nnever confirmed, to be confirmed by \d{4}-\d\d-\d\d\n/);
  expect(await confirmServiceCommand(options, 'bot', { person: 'Dana' })).toBe(0);
  expect(await showServiceRecordCommand(options, 'bot', {})).toBe(0);
  expect(lines.at(-1)).toMatch(
    /^bot: from file and api\nsaid over the API: owner, confirmEvery\n[\s\S]*confirmed by Dana on/,
  );
});

it('what is wrong is said, and is no success', async () => {
  const file = join(world.folder, 'wrong.yaml');
  writeFileSync(file, 'owner: [');
  expect(await sayServiceRecordCommand(options, 'bot', file, { reason: 'known' })).toBe(1);
  expect(lines.at(-1)).toContain('not readable as YAML');
  expect(await confirmServiceCommand(options, 'bot', {})).toBe(1);
  expect(lines.at(-1)).toMatch(/who it is with --as.*PLIM_RECORD_REFUSED/s);
  expect(await showServiceRecordCommand(options, 'nobody', {})).toBe(1);
});
