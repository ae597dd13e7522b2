import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { recordCommands } from '../../../src/server/cli/record-commands.ts';
import { incidentsOf, Traffic } from '../../scenarios/traffic.ts';
import { objective, service, World } from '../world.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');
const said: string[] = [];
const complained: string[] = [];
let world: World;

/** As a shell would: the words behind `plimsoll`. @returns its exit status, and what it said */
async function plimsoll(...words: string[]): Promise<[number, string]> {
  said.length = 0;
  complained.length = 0;
  process.exitCode = 0;
  const program = new Command('plimsoll').exitOverride().configureOutput({ writeErr: (text) => complained.push(text) });
  recordCommands(program, () => world.configuration.deployment);
  await program.parseAsync(['node', 'plimsoll', ...words]);
  const status = Number(process.exitCode);
  process.exitCode = 0;
  return [status, [...said, ...complained].join('\n')];
}

beforeAll(async () => {
  world = await World.start({
    now: NOW,
    services: [service('bot', { criticality: 4 })],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
  });
  vi.spyOn(console, 'log').mockImplementation((text) => void said.push(String(text)));
  vi.spyOn(console, 'error').mockImplementation((text) => void complained.push(String(text)));
  const traffic = new Traffic(world, 'bot', NOW);
  for (let i = 0; i < 20 && (await incidentsOf(world)).length === 0; i++) await traffic.live(1, { failed: 4 });
}, 60_000);
afterEach(() => {
  process.exitCode = 0;
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world.end();
});

describe('plimsoll problem', () => {
  it('has none at first, and opens one about incidents', async () => {
    expect(await plimsoll('problem', 'list', '--state', 'open')).toEqual([0, 'no problem is open']);
    const [status, text] = await plimsoll(
      ...['problem', 'open', 'INC-1', '--title', 'It fails', '--reason', 'seen before', '--as', 'Dana'],
    );
    expect([status, text]).toEqual([0, 'PRB-1 is new: 1 incident, cause unknown (proposed)']);
    expect((await plimsoll('problem', 'list'))[1].split('\n')).toEqual([
      expect.stringMatching(/^ID +STATE +SERVICE +INCIDENTS +CAUSE +KNOWN ERROR/),
      expect.stringMatching(/^PRB-1 +new +bot +1 +unknown \(proposed\) +no .*It fails$/),
    ]);
  });

  it('moves it with a reason and who it is, up to a known error that the incident shows', async () => {
    expect(await plimsoll('problem', 'move', 'PRB-1', 'fix')).toEqual([
      1,
      expect.stringMatching(/fix is not possible.*possible is now: assess.*PLIM_PROBLEM_ILLEGAL_MOVE/s),
    ]);
    const by = ['--as', 'Dana'];
    await plimsoll('problem', 'move', 'PRB-1', 'assess', '--reason', 'mine', ...by);
    await plimsoll('problem', 'move', 'PRB-1', 'analyse', ...by);
    await plimsoll(...['problem', 'move', 'PRB-1', 'confirm', '--cause', 'capacity', '--reason', 'quota', ...by]);
    const [status, text] = await plimsoll(...['problem', 'move', 'PRB-1', 'workaround', '--text', 'Ask B.', ...by]);
    expect([status, text]).toEqual([0, 'PRB-1 is root cause analysis: 1 incident, cause capacity, known error']);
    expect((await plimsoll('problem', 'show', 'PRB-1'))[1]).toMatch(
      /^PRB-1 {2}It fails {2}\[known error\]\nService .*What helps:\n {2}Ask B\.\nCause: capacity, says Dana: quota\n.*assess, by Dana: it is being assessed: mine\n.*Possible now: confirm, fix/s,
    );
    expect((await plimsoll('incident', 'show', 'INC-1'))[1]).toContain('  1. Known error PRB-1: Ask B.');
    const { entries } = await world.get<{ entries: { data: object }[] }>('/audit?type=problem.workaround');
    const reasonSha256 = createHash('sha256').update('Ask B.').digest('hex');
    expect(entries[0]!.data).toMatchObject({ person: 'Dana', reasonSha256 });
  });

  it('shows the trend, ends it, and says the same as JSON', async () => {
    const [, trend] = await plimsoll('problem', 'trend');
    expect(trend).toBe(
      [
        '2026-11: 1 incident, 1 of a problem; problems opened 1, closed 0',
        '  by category: ai.availability.error_rate 1',
        '  by service: bot 1',
        '  by cause: capacity 1',
      ].join('\n'),
    );
    const [, json] = await plimsoll('problem', 'move', 'PRB-1', 'cancel', '--reason', 'no problem', '--json');
    expect(JSON.parse(json)).toMatchObject({ id: 'PRB-1', closedAs: 'canceled' });
    expect(JSON.parse((await plimsoll('problem', 'list', '--json'))[1])).toMatchObject({ problems: [{ id: 'PRB-1' }] });
  });

  it('says what is wrong, and that nobody answers', async () => {
    expect(await plimsoll('problem', 'show', 'PRB-9')).toEqual([1, expect.stringContaining('no problem is named')]);
    expect(await plimsoll('problem', 'list', '--server', 'http://127.0.0.1:1')).toEqual([
      1,
      expect.stringMatching(/nobody answers at http:\/\/127\.0\.0\.1:1.*PLIM_COMMAND_NO_SERVER/s),
    ]);
    await expect(plimsoll('problem', 'move', 'PRB-1', 'shrug')).rejects.toThrow('Allowed choices');
  });
});

describe('plimsoll incident', () => {
  it('lists, and moves', async () => {
    expect((await plimsoll('incident', 'list'))[1]).toMatch(/\nINC-1 +P\d +new .*PRB-1 +bot: availability/);
    expect(await plimsoll('incident', 'move', 'INC-1', 'acknowledge')).toEqual([
      0,
      expect.stringMatching(/^INC-1 is in progress, P\d$/),
    ]);
    const [, prioritized] = await plimsoll(
      ...['incident', 'move', 'INC-1', 'prioritize', '--priority', '2', '--reason', 'many people'],
    );
    expect(prioritized).toBe('INC-1 is in progress, P2');
    expect((await plimsoll('incident', 'move', 'INC-1', 'cancel'))[1]).toMatch(/^reason: is missing; /);
    expect(await plimsoll('incident', 'list', '--state', 'shut')).toEqual([
      1,
      expect.stringContaining('state: expected one of new, in_progress, on_hold'),
    ]);
  });
});

describe('plimsoll silence', () => {
  it('is made for a while, listed, and ended before its time', async () => {
    // Times of commands are those of the shell; the world has a clock of its own.
    const until = new Date(world.now + 3_600_000).toISOString();
    expect(
      await plimsoll('silence', 'create', 'service=bot', 'category=~ai\\..*', '--until', until, '--reason', 'we know'),
    ).toEqual([0, expect.stringMatching(/^SIL-1 is active, until .*: service="bot", category=~/)]);
    expect((await plimsoll('silence', 'list'))[1]).toMatch(/\nSIL-1 +active .*we know$/);
    expect((await plimsoll('silence', 'end', 'SIL-1'))[1]).toMatch(/^SIL-1 is expired/);
    expect(await plimsoll('silence', 'list')).toEqual([0, 'no silences']);
    expect(await plimsoll('silence', 'create', 'bot', '--until', until, '--reason', 'x')).toEqual([
      1,
      expect.stringContaining('PLIM_COMMAND_MATCHER'),
    ]);
  });
});
