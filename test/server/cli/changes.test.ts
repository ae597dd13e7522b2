import { Command } from 'commander';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { changeCommands } from '../../../src/server/cli/change-commands.ts';
import { service, World } from '../world.ts';

const said: string[] = [];
let world: World;

/** As a shell would: the words behind `plimsoll change`. @returns its exit status, and what it said */
async function change(...words: string[]): Promise<[number, string]> {
  said.length = 0;
  process.exitCode = 0;
  const group = new Command('change').exitOverride().configureOutput({ writeErr: (text) => said.push(text) });
  changeCommands(group, () => world.configuration.deployment);
  await group.parseAsync(['node', 'change', ...words]);
  const status = Number(process.exitCode);
  process.exitCode = 0;
  return [status, said.join('\n')];
}
const asks = (...more: string[]) =>
  change('request', '--id', 'release-42', '--service', 'bot', '--type', 'prompt', ...more);

beforeAll(async () => {
  world = await World.start({
    services: [service('bot', { changes: 'gate' })],
    spec: {
      sinks: [
        { name: 'itsm', type: 'servicenow', url: 'https://itsm.example', user: 'u', password: 'env:SN', poll: 'off' },
      ],
    },
  });
  for (const method of ['log', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((text) => void said.push(String(text)));
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world.end();
});

it('is asked for, with what was evaluated; the same again is known', async () => {
  expect(await change('list', '--state', 'new')).toEqual([0, 'no change is new']);
  const what = [
    '--kind',
    'normal',
    '--before',
    '7',
    '--after',
    '8',
    '--as',
    'Kim',
    '--link',
    'https://git.example.com/7...8',
  ];
  expect(await asks(...what, '--evidence', 'eval-913,500,0.93,0.97')).toEqual([0, 'release-42 is recorded']);
  expect(await asks(...what)).toEqual([0, 'release-42 is known already']);
  expect((await change('list'))[1].split('\n')).toEqual([
    expect.stringMatching(/^ID +SERVICE +KIND +STATE +RISK +WHAT +SINCE$/),
    expect.stringMatching(/^release-42 +bot +normal +new +prompt 7 -> 8 +2026-11-20 00:00$/),
  ]);
});

it('goes on by moves with a reason and who it is; what is not possible says what is', async () => {
  expect(await change('move', 'release-42', 'start')).toEqual([
    1,
    expect.stringMatching(/possible is now: amend, attach, submit, cancel.*PLIM_CHANGE_ILLEGAL_MOVE/s),
  ]);
  await change(
    'move',
    'release-42',
    'amend',
    '--rollback-plan',
    'set it back',
    '--external-ref',
    'itsm=CHG1',
    '--reason',
    'said',
    '--as',
    'Kim',
  );
  expect(await change('move', 'release-42', 'submit')).toEqual([0, 'release-42 is assess, risk low']);
  const dana = ['--as', 'Dana'];
  await change('move', 'release-42', 'assess', '--reason', 'small', '--substantial-modification', 'no', ...dana);
  expect(await change('move', 'release-42', 'approve', '--as', 'Kim')).toEqual([
    1,
    expect.stringContaining('does not approve it'),
  ]);
  expect((await change('move', 'release-42', 'reject', '--reason', 'not now', ...dana))[1]).toBe('release-42 is new');
  await change('move', 'release-42', 'submit');
  await change('move', 'release-42', 'assess', '--reason', 'small', ...dana);
  expect((await change('move', 'release-42', 'approve', '--comment', 'go', ...dana))[1]).toMatch(/is scheduled/);
});

it('is shown whole, and what it ends with', async () => {
  const [status, text] = await change('show', 'release-42');
  expect(status).toBe(0);
  expect(text).toMatch(
    /^release-42 {2}prompt 7 -> 8\nService +bot\nState +scheduled\nKind +normal\nAsked for by +Kim\nIn itsm +CHG1\nWhat differs +https.*\nWay back: set it back\nRisk low: .*\nEvaluated: eval-913, n 500, 0.93 to 0.97\nApproved: .*by Dana\nTimeline:\n.*rejected, by Dana: not now.*\nPossible now: start, cancel$/s,
  );
  await change('move', 'release-42', 'start');
  expect((await change('show', 'release-42'))[1]).toMatch(
    /\nWatch: by what is promised not decided yet, approved not before .*, the review is written at .*\nTimeline:/,
  );
  expect((await change('move', 'release-42', 'complete', '--rolled-back', '--notes', 'worse'))[1]).toMatch(/is review/);
  const signed = ['--result', 'unsuccessful', '--notes', 'was not tried out', '--as', 'Dana'];
  expect((await change('move', 'release-42', 'review', ...signed))[1]).toMatch(/is closed/);
  expect((await change('show', 'release-42'))[1]).toContain('\nReview: unsuccessful. ');
});

it('without a kind is told of; what can not be read is refused with the reason', async () => {
  expect(await change('request', '--id', 'told', '--service', 'other', '--type', 'prompt', '--after', '9')).toEqual([
    0,
    'told is recorded',
  ]);
  expect((await change('show', 'told'))[1]).toMatch(
    /^told {2}prompt \(none\) -> 9\nService +other\nTold of .*implemented$/,
  );
  const [status, text] = await change('request', '--id', 'odd', '--service', 'bot', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(text).error).toMatchObject({ code: 'PLIM_SIGNAL_INVALID', what: expect.stringContaining('type') });
  await expect(change('show')).rejects.toThrow('missing required argument');
});

it('what is refused is said without what could steer the terminal', async () => {
  const [status, text] = await change('show', 'odd\u009b2K\u202e');
  expect([status, text]).toEqual([1, expect.stringContaining('odd')]);
  expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
});
