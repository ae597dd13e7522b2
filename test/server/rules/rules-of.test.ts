import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { selectorsOf } from '../../../dashboards/lint/promql.ts';
import { exportRulesCommand } from '../../../src/server/cli/export-rules.ts';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import type { AlertingRule, RuleGroup } from '../../../src/server/rules/rule.ts';
import { hasPromtool, promtool } from '../../standins/promtool.ts';
import { deployment, objective, service } from '../world.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const availability = { type: 'availability' };
const objectives = [
  objective('up', { service: 'bot', measure: availability, target: 0.995, alert: { detector: 'burn_rate' } }),
  objective('up-here', { service: 'cat', environment: 'eu/prod', measure: availability, target: 0.99 }),
  objective('quick', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.8 }),
  objective('unpaged', {
    service: 'bot',
    measure: availability,
    target: 0.99,
    alert: { detector: 'both', page: false },
  }),
  objective('as-it-was', { service: 'bot', measure: { type: 'drift', feature: 'duration' } }),
  objective('trusted', { service: 'bot', measure: { type: 'trust' }, target: 0.7 }),
];
const services = [service('bot', { trust: { components: ['safety', 'satisfaction', 'reliance'] } })];
const PAGER = {
  sinks: [{ name: 'am', type: 'alertmanager', urls: ['http://127.0.0.1:9093'] }],
  egress: { allow: ['127.0.0.1'] },
};

function written(spec: object = {}, all = false, json = false): string {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const configuration = {
    deployment: deployment('none.db', { consoleUrl: 'https://plimsoll.example', ...spec }),
    services: [...services, service('cat', { environment: 'eu/prod' })],
    objectives,
  };
  expect(exportRulesCommand({ configuration, all, json })).toBe(0);
  const text = write.mock.calls.map(([part]) => part).join('');
  write.mockRestore();
  return text;
}
const groupsOf = (text: string): RuleGroup[] => parse(text).groups;
const alertsOf = (text: string): AlertingRule[] =>
  groupsOf(text).flatMap(({ rules }) => rules.filter((rule): rule is AlertingRule => 'alert' in rule));
const of = (text: string, alert: string): AlertingRule[] => alertsOf(text).filter((rule) => rule.alert === alert);

describe('plimsoll export rules', () => {
  const text = written();

  it.skipIf(!hasPromtool)('promtool accepts them, and finds nothing to say', () => {
    for (const one of [text, written(PAGER), written(PAGER, true), written({}, false, true)]) {
      writeFileSync(join(folder, 'rules.yml'), one);
      const { status, output } = promtool(['check', 'rules', '--lint-fatal', join(folder, 'rules.yml')]);
      expect(output).toMatch(/SUCCESS: \d+ rules found/);
      expect(status).toBe(0);
    }
  });

  it('asks for metrics that there are, with labels that they have', () => {
    const rules = groupsOf(text).flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(15);
    for (const { expr } of rules)
      for (const { metric, matchers } of selectorsOf(expr)) {
        const family = FAMILIES.find(({ name }) => name === metric);
        if (metric === 'up') continue;
        expect(family, metric).toBeDefined();
        for (const [, label] of matchers.matchAll(/(\w+)=/g))
          expect(['job', ...family!.labels], metric).toContain(label);
      }
  });

  it('an objective judged by burn rates has the rules that judge it, on the same rate', () => {
    const [page, ticket] = of(text, 'PlimsollBudgetBurn').filter(({ labels }) => labels['objective'] === 'up');
    expect(page).toMatchObject({
      labels: { severity: 'page', service: 'bot', objective: 'up' },
      keep_firing_for: '5m',
    });
    expect(ticket).toMatchObject({ labels: { severity: 'ticket' }, keep_firing_for: '15m' });
    const thresholds = (rule: AlertingRule): number[] =>
      [...rule.expr.matchAll(/> ([\d.]+)/g)].map((match) => Number(match[1]));
    // A window of 28 days.
    expect(thresholds(page!)).toEqual([13.44, 13.44, 5.6, 5.6].map((value) => expect.closeTo(value, 6)));
    expect(thresholds(ticket!)).toEqual([2.8, 2.8, 1, 1].map((value) => expect.closeTo(value, 6)));
    expect(page!.expr).toContain('plimsoll_objective_burn_rate{service="bot", environment="", objective="up"');
    expect(page!.expr).not.toContain('ci_lower');
  });

  it('one decided by the sequential test is looked at by the lower bound', () => {
    const [page] = of(text, 'PlimsollBudgetBurn').filter(({ labels }) => labels['objective'] === 'up-here');
    expect(page!.expr).toContain('plimsoll_objective_burn_rate_ci_lower{service="cat", environment="eu/prod"');
    expect(page!.annotations['summary']).toContain('at least');
    expect(page!.annotations).toMatchObject({
      dashboard: '/d/plimsoll-objective?var-service=cat&var-objective=up-here',
      console: 'https://plimsoll.example/objectives/up-here',
    });
  });

  it('what can never fire is left out, and the file says so', () => {
    const quick = of(text, 'PlimsollBudgetBurn').filter(({ labels }) => labels['objective'] === 'quick');
    expect(quick.map(({ labels }) => labels['severity'])).toEqual(['ticket']);
    expect(text).toMatch(/# quick: can never fire, left out: 1h and 5m above 13.44: .* burns 5 times too fast/);
    expect(text).toMatch(/# quick: can never fire, left out: 6h and 30m above 5.6/);
  });

  it('nobody is woken where the objective says so', () => {
    const unpaged = of(text, 'PlimsollBudgetBurn').filter(({ labels }) => labels['objective'] === 'unpaged');
    expect(unpaged.map(({ labels }) => labels['severity'])).toEqual(['ticket']);
  });

  it('a breach is followed, not decided again; a report has none', () => {
    expect(of(text, 'PlimsollObjectiveBreached').map(({ labels }) => labels['objective'])).toEqual([
      'up',
      'up-here',
      'quick',
      'unpaged',
      'as-it-was',
    ]);
    expect(of(text, 'PlimsollObjectiveBlind')).toMatchObject([{ for: '7d', labels: { severity: 'info' } }]);
  });

  it('what Plimsoll pages on itself is left out, or labelled when it is asked for', () => {
    const told = written(PAGER);
    expect([of(told, 'PlimsollBudgetBurn'), of(told, 'PlimsollObjectiveBreached')]).toEqual([[], []]);
    expect(told).toContain('# up: left out, Plimsoll pages on it itself (am)');
    expect(of(told, 'PlimsollDown')).toHaveLength(1);
    const all = written(PAGER, true);
    const ours = [...of(all, 'PlimsollBudgetBurn'), ...of(all, 'PlimsollObjectiveBreached')];
    expect(ours.length).toBeGreaterThan(8);
    for (const { labels } of ours) expect(labels).toMatchObject({ plimsoll_pages: 'yes' });
    const chat = {
      sinks: [{ name: 'ops', type: 'webhook', url: 'http://127.0.0.1:9', secret: 'env:X' }],
      egress: PAGER.egress,
    };
    expect(of(written(chat), 'PlimsollBudgetBurn').length).toBeGreaterThan(4);
  });

  it('in JSON they are the same', () => {
    expect(JSON.parse(written({}, false, true))).toEqual(parse(text));
  });

  it('the rules about Plimsoll itself are those of the stack', () => {
    const file = resolve(import.meta.dirname, '../../../deploy/prometheus/rules/plimsoll.yml');
    const { rules } = parse(readFileSync(file, 'utf8')).groups[0];
    const self = groupsOf(text).find(({ name }) => name === 'plimsoll-self')!;
    expect(self.rules.filter((rule) => !('alert' in rule) || rule.alert !== 'PlimsollWatchdog')).toEqual(rules);
    expect(of(text, 'PlimsollWatchdog')).toHaveLength(1);
  });
});
