import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { testCommand } from '../../../src/server/cli/test.ts';
import { parseScenarios } from '../../../src/server/scenarios/parse.ts';
import { play } from '../../../src/server/scenarios/play.ts';
import { failuresOf } from '../../../src/server/scenarios/verdicts.ts';
import { MAIN } from '../../e2e/process.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const test = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, ['--no-warnings', MAIN, 'test', ...args], { cwd: folder }).then(
    (done) => ({ code: 0, ...done }),
    (failed) => failed,
  );

const GOOD = `scenario all is well
  objective availability 99%
  minutes 0..30 20 ok
  tick 30 no incident
`;

describe('plimsoll test', () => {
  it('ends with 0 when all is as expected', async () => {
    const { code, stdout } = await test(file('good.txt', GOOD));
    expect(stdout).toMatch(/^ok {4}good\.txt {2}all is well {2}\(\d+ ms\)\n\n1 scenario, all as expected\n$/);
    expect(code).toBe(0);
  });

  it('ends with 1 when something is not, and says what there was instead', async () => {
    const { code, stdout } = await test(
      file('bad.txt', GOOD.replace('no incident', 'breached')),
      file('good.txt', GOOD),
    );
    expect(stdout).toMatch(
      /^FAIL {2}bad\.txt {2}all is well\n {6}bad\.txt:4 {2}tick 30: expected "breached", but it was \w.*\nok {4}good\.txt/,
    );
    expect(stdout).toContain('2 scenarios, 1 not as expected');
    expect(code).toBe(1);
  });

  it('ends with 2 when a file can not be read, and plays none then', async () => {
    const { code, stdout, stderr } = await test(
      file('good.txt', GOOD),
      file('odd.txt', GOOD.replace('tick', 'tock')),
      'none.txt',
    );
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'odd.txt:4:3  expected a statement, found "tock" (did you mean "tick"?)  [PLIM_SCENARIO_SYNTAX]',
    );
    expect(stderr).toContain('none.txt  there is no such file  [PLIM_SCENARIO_UNREADABLE]');
    expect(stderr).toContain('2 mistakes: nothing was played');
    expect(code).toBe(2);
  });

  it('the same as one JSON object', async () => {
    const { code, stdout } = await test('--json', file('bad.txt', GOOD.replace('no incident', 'breached')));
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      scenarios: [{ title: 'all is well', ok: false, failures: [{ line: 4, tick: 30, expected: 'breached' }] }],
    });
  });

  it('takes promises from the files that are in use', async () => {
    const services = resolve(ROOT, 'examples/services/support-bot.yaml');
    const text = `scenario in use\n  objectives from ${services}\n  minutes 0..5 10 ok\n  tick 5 no incident\n`;
    expect(await testCommand([file('use.txt', text)], true)).toBe(0);
  });
});

const files = globSync(['examples/scenarios/*.txt', 'test/scenarios/*.txt'], { cwd: ROOT });

it('there are examples', () => {
  expect(files.filter((name) => name.startsWith('examples')).length).toBeGreaterThan(3);
});

describe.each(files)('%s', (name) => {
  const result = parseScenarios(join(ROOT, name), readFileSync(join(ROOT, name), 'utf8'));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  it.each(result.scenarios.map((scenario) => ({ scenario, title: scenario.title })))('$title', async ({ scenario }) => {
    expect(failuresOf(await play(scenario))).toEqual([]);
  });
});

it('every statement of the guide is one', () => {
  const page = readFileSync(join(ROOT, 'docs/guide/testing.md'), 'utf8');
  const [, block] = /```\n(scenario [\s\S]*?)```/.exec(page)!;
  const result = parseScenarios('guide.txt', block!);
  expect(result.ok ? [] : result.problems).toEqual([]);
});
