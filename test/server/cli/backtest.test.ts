import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/model/config/objective.ts';
import { type BacktestOptions, backtest } from '../../../src/server/backtest/backtest.ts';
import { backtestJson, backtestText } from '../../../src/server/backtest/report.ts';
import { momentOf } from '../../../src/server/cli/moments.ts';
import { openReader } from '../../../src/store/sqlite/reader.ts';
import { MAIN } from '../../e2e/process.ts';
import { incidentsOf, Traffic } from '../../scenarios/traffic.ts';
import { objective, service, World } from '../world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const up = { service: 'bot', measure: { type: 'availability' }, target: 0.99 };
const fast = { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.95 };
const grounded = { service: 'bot', measure: { type: 'accuracy', evaluation: 'groundedness' }, target: 0.9 };
const YAML = (name: string, spec: object): string =>
  JSON.stringify({ apiVersion: 'plimsoll/v1', kind: 'Objective', metadata: { name }, spec });

describe('a day of a service that failed, was slow, and was wrong', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } }), service('shop')],
      objectives: [objective('up', up), objective('fast', fast), objective('grounded', grounded)],
      spec: { judge: { every: '60s', grace: '15s' } },
    });
    const traffic = new Traffic(world, 'bot', START);
    const scored = async (minutes: number, score: number): Promise<void> => {
      for (let i = 0; i < minutes; i++) {
        const asked = await traffic.pass(1);
        await world.rate(asked.slice(0, 10).map((one) => ({ exchange: one, score })));
        await traffic.judge();
      }
    };
    await traffic.pass(120);
    await traffic.judge();
    await traffic.live(12, { failed: 4 });
    await traffic.live(90);
    await traffic.live(10, { slow: 20 });
    await traffic.live(60);
    await scored(12, 0.6);
    await scored(60, 0.8);
    await world.plimsoll.stop();
  });
  afterAll(() => world.end());

  const run = async (objectives: readonly Objective[], more: Partial<BacktestOptions> = {}) => {
    const reader = openReader(world.file);
    try {
      return await backtest({ configuration: world.configuration, reader, objectives, from: null, to: null, ...more });
    } finally {
      reader.close();
    }
  };

  it('the objectives in force find what was opened, at the same times', async () => {
    const { backtests } = await run(world.configuration.objectives);
    expect(backtests.map((one) => one.run.objective.name)).toEqual(['up', 'fast', 'grounded']);
    for (const { isInForce, incidents, missedOpened } of backtests) {
      expect(isInForce).toBe(true);
      expect(missedOpened).toEqual([]);
      expect(incidents).toHaveLength(1);
      const { incident, opened } = incidents[0]!;
      expect(opened).not.toBeNull();
      expect({ ...incident, id: opened!.id, page: opened!.page, priority: opened!.priority }).toEqual(opened);
    }
  });

  it('a stricter promise is found sooner, and says by how much', async () => {
    const { backtests } = await run([objective('up', { ...up, target: 0.9999 })]);
    const [one] = backtests;
    expect(one).toMatchObject({ isInForce: false, openedCount: 1, inForceCount: 1 });
    const { incident, opened, inForce } = one!.incidents[0]!;
    expect(incident.detectedAt).toBeLessThan(opened!.detectedAt);
    expect(inForce!.detectedAt).toBe(opened!.detectedAt);
    const text = backtestText({ from: 0, to: 1, backtests });
    expect(text).toContain('up: availability of bot, 0.9999 over 28d');
    expect(text).toMatch(/\d+ min sooner than INC-\d+\n +\d+ min sooner than the one in force/);
  });

  it('a laxer one would not have opened what was opened', async () => {
    const { backtests } = await run([objective('up', { ...up, target: 0.6 })]);
    expect(backtests[0]!.incidents).toEqual([]);
    expect(backtests[0]!.missedOpened).toHaveLength(1);
    expect(backtests[0]!.missedInForce).toHaveLength(1);
    const text = backtestText({ from: 0, to: 1, backtests });
    expect(text).toContain('it would have opened no incident');
    expect(text).toContain('was opened, and would not have been:');
  });

  it('what has no detector of its own is refused, and so is drift of slices that nobody counted', async () => {
    const drift = { service: 'bot', measure: { type: 'drift', feature: 'finish_class' } };
    const both = { service: 'bot', measure: { type: 'composite', of: ['up', 'fast'], rule: 'worst' }, target: 0.9 };
    await expect(run([objective('both', both)])).rejects.toThrow('both is reported only: incidents are opened by');
    await expect(run([objective('drift', drift)])).rejects.toThrow('drift looks at slices that were not counted so');
  });

  it('drift and mean scores are run, each in its own words', async () => {
    const { backtests } = await run([
      objective('duration', { service: 'bot', measure: { type: 'drift', feature: 'duration' } }),
      objective('mean', { service: 'bot', measure: { type: 'relevance', evaluation: 'groundedness' }, target: 0.75 }),
    ]);
    const text = backtestText({ from: 0, to: 1, backtests });
    expect(text).toMatch(/duration: drift \(duration\) of bot\n {2}[\d,]+ minutes with [\d,]+ events\n/);
    expect(text).toMatch(
      /mean: relevance .* 0\.75 over 28d\n {2}72 minutes with 720 events, with a mean score of 0\.767/,
    );
  });

  it('a latency limit that nobody counted is counted anew', async () => {
    const { backtests } = await run([
      objective('fast', { ...fast, measure: { type: 'latency', threshold: '9s' } }),
      objective('faster', { ...fast, measure: { type: 'latency', threshold: '12s' } }),
    ]);
    const [nine, twelve] = backtests;
    expect(nine!.recount).toMatchObject({ approximate: 0, leftOut: 0 });
    expect(nine!.recount!.exact).toBeGreaterThan(300);
    expect(nine!.run.bad).toBe(200);
    expect(nine!.incidents[0]!.incident.detectedAt).toBe(nine!.incidents[0]!.opened!.detectedAt);
    expect(twelve!.run.bad).toBe(0);
  });

  it('so is a pass mark', async () => {
    const { backtests } = await run([
      objective('grounded', { ...grounded, measure: { ...grounded.measure, pass: '>= 0.5' } }),
    ]);
    expect(backtests[0]!.run).toMatchObject({ n: 720, bad: 0 });
    expect(backtests[0]!.missedOpened).toHaveLength(1);
  });

  it('takes a part of the time, with what was learnt before it', async () => {
    const minute = (START + 200 * MINUTE) / MINUTE;
    const { from, backtests } = await run(world.configuration.objectives, { from: minute });
    expect(from).toBe(minute);
    expect(backtests.map(({ incidents }) => incidents.length)).toEqual([0, 1, 1]);
    await expect(run(world.configuration.objectives, { from: minute * 2 })).rejects.toThrow('PLIM_BACKTEST_NO_HISTORY');
  });

  it('on several threads it finds the same', async () => {
    const changed = [
      objective('shop-up', { ...up, service: 'shop' }),
      ...[0.999, 0.98].map((target, i) => objective(`up-${i}`, { ...up, target })),
      objective('fast', { ...fast, measure: { type: 'latency', threshold: '9s' } }),
    ];
    const [alone, shared] = await Promise.all([1, 3].map((threads) => run(changed, { threads })));
    const plain = (found: typeof alone): unknown => JSON.parse(JSON.stringify(backtestJson(found!)));
    expect(plain(shared)).toEqual(plain(alone));
    expect(alone!.backtests.map(({ incidents }) => incidents.length)).toEqual([0, 1, 1, 1]);
    expect(backtestText(alone!)).toContain(
      'shop-up: availability of shop, 0.99 over 28d\n  nothing was counted in this time',
    );
  });

  it('what several measures together come to is refused, it is only reported', async () => {
    await expect(run([objective('t', { service: 'bot', measure: { type: 'trust' }, target: 0.8 })])).rejects.toThrow(
      'PLIM_BACKTEST_NO_DETECTOR',
    );
  });

  it('as a command: text, JSON, and what is wrong with a file', async () => {
    const path = (name: string): string => join(world.folder, name);
    writeFileSync(
      path('plimsoll.yaml'),
      `apiVersion: plimsoll/v1
kind: Deployment
spec: {store: {url: "sqlite:./store.db"}, services: [bot.yaml]}
`,
    );
    const bot = { evaluations: { groundedness: { pass: 0.7 } } };
    writeFileSync(
      path('bot.yaml'),
      `${JSON.stringify({ apiVersion: 'plimsoll/v1', kind: 'Service', metadata: { name: 'bot' }, spec: bot })}
---
${YAML('up', up)}
`,
    );
    writeFileSync(path('new.yaml'), YAML('up', { ...up, target: 0.999 }));
    writeFileSync(path('odd.yaml'), YAML('up', { ...up, service: 'bat' }));
    const command = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['--no-warnings', MAIN, 'backtest', ...args], { cwd: world.folder }).then(
        (done) => ({ code: 0, ...done }),
        (failed) => failed as { code: number; stdout: string; stderr: string },
      );
    const text = await command('--objective', 'new.yaml');
    expect(text.code).toBe(0);
    expect(text.stdout).toContain('it would have opened 1 incident:');
    expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const json = await command(
      '--objective',
      'new.yaml',
      '--json',
      '--from',
      '2026-11-18',
      '--to',
      '2026-11-18T05:00Z',
    );
    expect(JSON.parse(json.stdout)).toMatchObject({
      from: '2026-11-18T00:00:00.000Z',
      to: '2026-11-18T05:00:00.000Z',
      backtests: [{ objective: 'up', inForce: 'up', isInForce: false, incidents: [{ opened: { id: 'INC-1' } }] }],
    });
    const odd = await command('--objective', 'odd.yaml');
    expect(odd.code).toBe(3);
    expect(odd.stderr).toContain('no service file declares "bat"');
    const never = await command('--from', '2020-01-01', '--to', '2020-01-02');
    expect(never.code).toBe(2);
    expect((await command('--from', 'yesterday')).code).toBe(2);
  });

  it('leaves the store as it was', async () => {
    await world.boot();
    expect(await incidentsOf(world)).toHaveLength(3);
  });
});

it.each([
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T10:00', '2026-11-01T10:00:00.000Z'],
  ['2026-11-01 10:00Z', '2026-11-01T10:00:00.000Z'],
  ['2026-11-01T10:00:30+01:00', '2026-11-01T09:00:30.000Z'],
  ['7d', '2026-11-13T00:00:00.000Z'],
  ['soon', null],
  ['2026-13-01', null],
])('the time %s is %s', (text, expected) => {
  const at = momentOf(text, Date.parse('2026-11-20T00:00Z'));
  expect(at === null ? null : new Date(at).toISOString()).toBe(expected);
});
