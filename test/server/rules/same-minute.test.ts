import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effective, represented } from '../../../src/measures/sampling.ts';
import { burnRate, burnRateLow, type Counts } from '../../../src/objectives/burn-rate.ts';
import { startBurnWatch, watchBurn } from '../../../src/objectives/burn-watch.ts';
import { EventStream } from '../../../src/objectives/event-stream.ts';
import type { Budgeted } from '../../../src/objectives/objective.ts';
import { BURN_WINDOWS } from '../../../src/objectives/reading.ts';
import { configuredObjectives } from '../../../src/server/cli/traffic.ts';
import { rulesYaml } from '../../../src/server/rules/rules-file.ts';
import { rulesOf } from '../../../src/server/rules/rules-of.ts';
import { hasPromtool, promtool } from '../../standins/promtool.ts';
import { parseExposition } from '../metrics/exposition.ts';
import { deployment, exchange, objective, random, service, World } from '../world.ts';

const MINUTES = 480;
const SEEDS = [1, 2, 3, 4];
const FIRING = 'count by (severity) (ALERTS{alertname="PlimsollBudgetBurn", alertstate="firing"})';

const configuration = {
  deployment: deployment('none.db'),
  services: [service('bot')],
  objectives: [
    ...(['28d', '30d', '7d'] as const).map((rolling) =>
      objective(`burns-${rolling}`, {
        service: 'bot',
        measure: { type: 'availability' },
        target: 0.99,
        window: { rolling },
        alert: { detector: 'burn_rate' },
      }),
    ),
    objective('tested', { service: 'bot', measure: { type: 'availability' }, target: 0.98 }),
  ],
};
const objectives = configuredObjectives(configuration) as Budgeted[];
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A quiet beginning, a burn of some strength for some time, and an end. */
function minutesOf(seed: number, { q0 }: Budgeted): Counts[] {
  const next = random(seed);
  const from = 60 + Math.floor(next() * 240);
  const to = from + 10 + Math.floor(next() * 200);
  const times = 3 + next() * 40;
  const most = 1 + Math.floor(next() * 40);
  return Array.from({ length: MINUTES }, (_, i) => {
    const n = Math.floor(next() * most);
    const share = i >= from && i < to ? Math.min(1, times * q0) : q0 / 30;
    return { n, bad: Array.from({ length: n }, next).filter((drawn) => drawn < share).length };
  });
}

type Rates = Readonly<Record<string, number | null>>;

interface Played {
  /** Of each minute, what is published. */
  readonly rates: readonly Rates[];
  readonly lower: readonly Rates[];
  /** The first minute in which each kind of rule is to fire. */
  readonly first: { page: number | null; ticket: number | null };
}

function play(of: Budgeted, minutes: readonly Counts[]): Played {
  const stream = new EventStream(4320);
  const state = startBurnWatch();
  const rates: Rates[] = [];
  const lower: Rates[] = [];
  const first: Played['first'] = { page: null, ticket: null };
  const tiers = of.burn?.tiers ?? [
    { longMinutes: 60, shortMinutes: 5, threshold: 13.44, severity: 'page' as const },
    { longMinutes: 360, shortMinutes: 30, threshold: 5.6, severity: 'page' as const },
    { longMinutes: 1440, shortMinutes: 120, threshold: 2.8, severity: 'ticket' as const },
    { longMinutes: 4320, shortMinutes: 360, threshold: 1, severity: 'ticket' as const },
  ];
  for (const [i, counts] of minutes.entries()) {
    stream.setMinute(10_000 + i, counts);
    const windows = Object.entries(BURN_WINDOWS).map(([name, length]) => [name, stream.window(length)] as const);
    rates.push(Object.fromEntries(windows.map(([name, window]) => [name, burnRate(represented(window), of.q0)])));
    lower.push(Object.fromEntries(windows.map(([name, window]) => [name, burnRateLow(effective(window), of.q0)])));
    if (of.burn !== null) {
      for (const event of watchBurn(of.burn, state, stream)) {
        const fired = event.type === 'alarm' ? event.tiers!.map((tier) => of.burn!.tiers[tier - 1]!.severity) : [];
        for (const severity of fired) first[severity] ??= i;
      }
      continue;
    }
    const low = (length: number): number => burnRateLow(effective(stream.window(length)), of.q0) ?? 0;
    for (const { longMinutes, shortMinutes, threshold, severity } of tiers)
      if (low(longMinutes) > threshold && low(shortMinutes) > threshold) first[severity] ??= i;
  }
  return { rates, lower, first };
}

/** As promtool writes it; where nothing is published any more the series ends. */
function seriesOf(metric: string, { name }: Pick<Budgeted, 'name'>, of: readonly Rates[]): object[] {
  return Object.keys(BURN_WINDOWS).map((window) => ({
    series: `${metric}{service="bot", objective="${name}", window="${window}", instance="a"}`,
    values: of
      .map((one, i) => one[window] ?? (i > 0 && of[i - 1]![window] != null ? 'stale' : '_'))
      .map(String)
      .join(' '),
  }));
}

/** What is to fire by a minute, and that nothing does a minute sooner. */
function expectations(at: number, severities: readonly string[]): object {
  return {
    expr: FIRING,
    eval_time: `${at}m`,
    exp_samples: severities.map((severity) => ({ labels: `{severity="${severity}"}`, value: 1 })),
  };
}

function test(tests: readonly object[], all: readonly Budgeted[]): { status: number | null; output: string } {
  writeFileSync(
    join(folder, 'rules.yml'),
    rulesYaml(rulesOf({ objectives: all, pagers: [], all: false, consoleUrl: null })),
  );
  writeFileSync(
    join(folder, 'test.yml'),
    JSON.stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }),
  );
  return promtool(['test', 'rules', join(folder, 'test.yml')]);
}

describe.skipIf(!hasPromtool)('rules in Prometheus and burn-rate detectors', () => {
  it('fire in the same minute, whatever happens', () => {
    let alarms = 0;
    const tests = objectives.flatMap((of) =>
      SEEDS.map((seed) => {
        const { rates, lower, first } = play(of, minutesOf(seed, of));
        // What our own detector has alarmed of, which it does once: the first of both.
        const moments = Object.values(first).filter((at) => at !== null);
        const alarm = moments.length === 0 ? null : Math.min(...moments);
        if (alarm !== null) alarms++;
        const fired = (['page', 'ticket'] as const).filter((severity) => first[severity] === alarm);
        return {
          name: `${of.name} of seed ${seed}`,
          interval: '1m',
          input_series: [
            ...seriesOf('plimsoll_objective_burn_rate', of, rates),
            ...seriesOf('plimsoll_objective_burn_rate_ci_lower', of, lower),
          ],
          promql_expr_test:
            alarm === null
              ? [expectations(MINUTES - 1, [])]
              : [...(alarm > 0 ? [expectations(alarm - 1, [])] : []), expectations(alarm, fired)],
        };
      }),
    );
    expect(test(tests, objectives)).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
    expect(alarms).toBeGreaterThan(8);
  });

  it('and a rule that is a minute late is found out', () => {
    const [of] = objectives;
    const { rates, lower, first } = play(of!, minutesOf(2, of!));
    const alarm = Math.min(...Object.values(first).filter((at) => at !== null));
    const input_series = [
      ...seriesOf('plimsoll_objective_burn_rate', of!, rates),
      ...seriesOf('plimsoll_objective_burn_rate_ci_lower', of!, lower),
    ];
    const late = { interval: '1m', input_series, promql_expr_test: [expectations(alarm, [])] };
    expect(test([late], objectives).status).not.toBe(0);
  });

  describe('in a whole Plimsoll, by what is on its page each minute', () => {
    const START = Date.parse('2026-11-20T00:00:00Z');
    let world: World;
    beforeAll(async () => {
      const judged = configuration.objectives.filter(({ name }) => name === 'burns-30d');
      world = await World.start({ now: START, services: configuration.services, objectives: judged });
    });
    afterAll(() => world.end());

    it('the alert fires when the incident is opened', async () => {
      const pages: string[] = [];
      let opened: number | null = null;
      for (let i = 0; i < 60; i++) {
        const at = START + i * 60_000;
        world.now = at + 60_000;
        await world.spans(
          Array.from({ length: 8 }, (_, k) => exchange('bot', at + 1000 + k * 7000, { failed: i >= 30 && k < 2 })),
        );
        world.now = at + 60_000 + 20_000;
        expect(await world.plimsoll.tick()).not.toBeNull();
        pages.push(await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text());
        const { incidents } = await world.get<{ incidents: { objectives?: unknown }[] }>('/incidents?state=open');
        if (opened === null && incidents.length > 0) opened = i;
      }
      const samples = pages.map((page) =>
        parseExposition(page).samples.filter(
          ({ name, labels }) => name.startsWith('plimsoll_objective_burn_rate') && labels['objective'] === 'burns-30d',
        ),
      );
      const input_series = ['plimsoll_objective_burn_rate', 'plimsoll_objective_burn_rate_ci_lower'].flatMap((metric) =>
        seriesOf(
          metric,
          { name: 'burns-30d' },
          samples.map((all) =>
            Object.fromEntries(
              all.filter(({ name }) => name === metric).map(({ labels, value }) => [labels['window']!, value]),
            ),
          ),
        ),
      );
      expect(opened).toBeGreaterThan(29);
      const promql_expr_test = [expectations(opened! - 1, []), expectations(opened!, ['ticket'])];
      const found = test([{ interval: '1m', input_series, promql_expr_test }], objectives);
      expect(found).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
    });
  });
});
