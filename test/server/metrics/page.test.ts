import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import { hasPromtool, promtool } from '../../standins/promtool.ts';
import { exchange, objective, service, World } from '../world.ts';
import { BusyWorld, SERVICE } from './busy-world.ts';
import { familyOf, parseExposition, sampleValue } from './exposition.ts';

/** Drift has a number when its baseline is complete, trust when much was said: other tests wait for that (drift, trust, measures, live, history). */
const ELSEWHERE = /^plimsoll_(drift|trust|evaluator_agreement|guardrail|history)_/;

describe('the metrics of a busy world', () => {
  let busy: BusyWorld;
  let page: string;
  beforeAll(async () => {
    busy = await BusyWorld.start();
    await busy.live();
    await busy.page();
    page = await busy.page();
  });
  afterAll(() => busy.world.end());

  it('the page holds what the catalogue says, all of it and nothing else', () => {
    const { types, helps } = parseExposition(page);
    const ours = [...types.keys()].filter((name) => name.startsWith('plimsoll_')).sort();
    expect(ours).toEqual(FAMILIES.map(({ name }) => name).sort());
    for (const { name, type, help } of FAMILIES) {
      expect(`${name} ${types.get(name)}`).toBe(`${name} ${type}`);
      expect(helps.get(name)).toBe(help);
    }
  });

  it('every family is filled, with the labels that the catalogue names', () => {
    const { samples, types } = parseExposition(page);
    const labelsOf = new Map<string, Set<string>>();
    for (const { name, labels } of samples) {
      const names = Object.keys(labels).filter((label) => label !== 'le');
      const family = familyOf(name, types);
      labelsOf.set(family, (labelsOf.get(family) ?? new Set()).add(names.sort().join(' ')));
    }
    for (const { name, labels } of FAMILIES.filter(({ name }) => !ELSEWHERE.test(name)))
      expect(`${name}: ${[...(labelsOf.get(name) ?? [])].join(' | ')}`).toBe(
        `${name}: ${[...labels].sort().join(' ')}`,
      );
  });

  it('no value is NaN, no series stands twice, and each estimate lies between its bounds', () => {
    const { samples } = parseExposition(page);
    expect(samples.filter(({ value }) => Number.isNaN(value))).toEqual([]);
    const keys = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
    expect(new Set(keys).size).toBe(keys.length);
    let compared = 0;
    for (const { name, labels, value } of samples) {
      const [lower, upper] = name.endsWith('_ratio')
        ? [name.replace(/_ratio$/, '_ci_lower_ratio'), name.replace(/_ratio$/, '_ci_upper_ratio')]
        : [name.replace(/_seconds$/, '_ci_lower_seconds'), name.replace(/_seconds$/, '_ci_upper_seconds')];
      if (!FAMILIES.some((family) => family.name === lower) || name === lower) continue;
      expect(sampleValue(page, lower, labels)).toBeLessThanOrEqual(value);
      expect(sampleValue(page, upper, labels)).toBeGreaterThanOrEqual(value);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  });

  it.skipIf(!hasPromtool)('promtool accepts the page', () => {
    expect(promtool(['check', 'metrics'], page)).toEqual({ status: 0, output: '' });
  });

  it('a verdict is a state set: of the four exactly one is 1', () => {
    const { samples } = parseExposition(page);
    const verdicts = samples.filter(({ name }) => name === 'plimsoll_objective_verdict');
    const byObjective = Map.groupBy(verdicts, ({ labels }) => labels['objective']);
    expect(byObjective.size).toBe(5);
    for (const four of byObjective.values()) expect(four.map(({ value }) => value).sort()).toEqual([0, 0, 0, 1]);
    expect(sampleValue(page, 'plimsoll_objective_verdict', { objective: 'answers-in-4s', verdict: 'breached' })).toBe(
      1,
    );
    expect(
      sampleValue(page, 'plimsoll_objective_verdict', { objective: 'satisfaction', verdict: 'insufficient_evidence' }),
    ).toBe(1);
  });

  it('of a deployment it is counted how many objectives have which verdict, and those that are not met are named', () => {
    const { samples } = parseExposition(page);
    const of = (family: string) => samples.filter(({ name, value }) => name === family && value > 0);
    const verdicts = of('plimsoll_objective_verdict').map(({ labels }) => labels);
    for (const { labels, value } of samples.filter(({ name }) => name === 'plimsoll_fleet_objectives'))
      expect(value).toBe(verdicts.filter(({ verdict }) => verdict === labels['verdict']).length);
    const notMet = of('plimsoll_objective_not_met').map(({ labels }) => labels);
    expect(notMet.length).toBeGreaterThan(1);
    expect(notMet).toEqual(verdicts.filter(({ verdict }) => verdict !== 'met'));
    const open = of('plimsoll_incidents_open').reduce((sum, { value }) => sum + value, 0);
    expect(of('plimsoll_fleet_incidents_open').reduce((sum, { value }) => sum + value, 0)).toBe(open);
  });

  it('an incident shows as opened and open, and its message as waiting since then', () => {
    expect(sampleValue(page, 'plimsoll_incidents_opened_total', { service: SERVICE, severity: 'P2' })).toBeGreaterThan(
      0,
    );
    expect(sampleValue(page, 'plimsoll_incidents_open', { service: SERVICE, severity: 'P2' })).toBeGreaterThan(0);
    expect(sampleValue(page, 'plimsoll_outbox_messages', { sink: 'ops' })).toBeGreaterThan(0);
    expect(sampleValue(page, 'plimsoll_outbox_oldest_timestamp_seconds')).toBeLessThanOrEqual(busy.world.now / 1000);
  });

  it('the computed numbers agree with the API', async () => {
    const found = await busy.world.get<{
      estimate: { value: number; low: number; n: number };
      budget: { burn: number };
    }>('/objectives/availability');
    const of = { measure: 'availability', window: '28d' };
    expect(sampleValue(page, 'plimsoll_measure_ratio', of)).toBe(found.estimate.value);
    expect(sampleValue(page, 'plimsoll_measure_ci_lower_ratio', of)).toBe(found.estimate.low);
    expect(sampleValue(page, 'plimsoll_measure_window_events', of)).toBe(found.estimate.n);
    expect(sampleValue(page, 'plimsoll_measure_window_events', { ...of, window: '1h' })).toBe(360);
    expect(sampleValue(page, 'plimsoll_objective_burn_rate', { objective: 'availability', window: '1h' })).toBe(
      found.budget.burn,
    );
  });
});

describe('what comes in', () => {
  let world: World;
  const start = Date.parse('2026-11-20T00:00:00Z');
  const page = async (): Promise<string> => (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  beforeAll(async () => {
    world = await World.start({
      now: start,
      services: [
        service(SERVICE, {
          models: [{ provider: 'openai', name: 'gpt-4o-mini', version: 'gpt-4o-mini-2024-07-18' }],
          evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
        }),
      ],
      objectives: [
        objective('fast', { service: SERVICE, measure: { type: 'latency', threshold: '3s' }, target: 0.95 }),
        objective('satisfied', { service: SERVICE, measure: { type: 'satisfaction' }, target: 0.8 }),
      ],
    });
  });
  afterAll(() => world.end());

  const outcome = { service: SERVICE, environment: '', operation: 'chat' };

  it('is 0 for every known label set before anything came, so that the first increase is seen', async () => {
    const text = await page();
    for (const result of ['success', 'error', 'timeout', 'content'])
      expect(sampleValue(text, 'plimsoll_interactions_total', { ...outcome, outcome: result })).toBe(0);
    for (const result of ['good', 'bad', 'excluded'])
      expect(sampleValue(text, 'plimsoll_measure_events_total', { measure: 'latency:3s', result })).toBe(0);
    expect(
      sampleValue(text, 'plimsoll_ingest_signals_total', { source: 'otlp_http', signal: 'span', result: 'rejected' }),
    ).toBe(0);
  });

  it('moves the counters at once, without a tick, once for each thing however often it is sent', async () => {
    world.now = start + 60_000;
    const asked = [
      exchange(SERVICE, start + 1000),
      exchange(SERVICE, start + 2000, { durationMs: 2999 }),
      exchange(SERVICE, start + 3000, { durationMs: 3000 }),
      exchange(SERVICE, start + 4000, { durationMs: 9000, model: 'a-model-that-nobody-declared' }),
      exchange(SERVICE, start + 5000, { failed: true }),
    ];
    await world.spans(asked);
    await world.spans(asked);
    await world.rate([
      { exchange: asked[0]!, score: 0.9 },
      { exchange: asked[1]!, score: 0.1 },
    ]);
    await world.post('/feedback', { feedback: [{ traceId: asked[0]!.traceId, kind: 'stars', value: 2 }] });
    const text = await page();
    expect(sampleValue(text, 'plimsoll_interactions_total', { ...outcome, outcome: 'success' })).toBe(4);
    expect(sampleValue(text, 'plimsoll_interactions_total', { ...outcome, outcome: 'error' })).toBe(1);
    const duration = 'plimsoll_interaction_duration_seconds';
    expect(sampleValue(text, `${duration}_bucket`, { ...outcome, le: '1' })).toBe(1);
    expect(sampleValue(text, `${duration}_bucket`, { ...outcome, le: '3' })).toBe(3);
    expect(sampleValue(text, `${duration}_bucket`, { ...outcome, le: '+Inf' })).toBe(4);
    expect(sampleValue(text, `${duration}_sum`, outcome)).toBeCloseTo(0.8 + 2.999 + 3 + 9, 9);
    const latency = { measure: 'latency:3s' };
    expect(sampleValue(text, 'plimsoll_measure_events_total', { ...latency, result: 'good' })).toBe(3);
    expect(sampleValue(text, 'plimsoll_measure_events_total', { ...latency, result: 'bad' })).toBe(1);
    expect(sampleValue(text, 'plimsoll_measure_events_total', { ...latency, result: 'excluded' })).toBe(1);
    expect(sampleValue(text, 'plimsoll_measure_events_total', { measure: 'satisfaction', result: 'bad' })).toBe(1);
    expect(sampleValue(text, 'plimsoll_evaluations_total', { evaluator: 'judge', result: 'pass' })).toBe(1);
    expect(sampleValue(text, 'plimsoll_evaluations_total', { evaluator: 'judge', result: 'fail' })).toBe(1);
    expect(sampleValue(text, 'plimsoll_feedback_total', { channel: 'stars', sentiment: 'negative' })).toBe(1);
    const tokens = { model: 'gpt-4o-mini', token_type: 'output' };
    expect(sampleValue(text, 'plimsoll_tokens_total', tokens)).toBe(200);
    expect(
      sampleValue(text, 'plimsoll_ingest_signals_total', { source: 'otlp_http', signal: 'span', result: 'duplicate' }),
    ).toBe(5);
    expect(sampleValue(text, 'plimsoll_ingest_signals_total', { signal: 'feedback', result: 'stored' })).toBe(1);
  });

  it('says nothing of an estimate that there is not, but says how little it would rest on', async () => {
    world.now = start + 10 * 60_000;
    await world.plimsoll.tick();
    const before = parseExposition(await page()).samples;
    const ratios = (list: typeof before, measure: string): string[] =>
      list
        .filter(({ name, labels }) => name === 'plimsoll_measure_ratio' && labels['measure'] === measure)
        .map(({ labels }) => labels['window']!);
    expect(ratios(before, 'latency:3s').sort()).toEqual(['1h', '28d']);
    world.now = start + 3 * 3_600_000;
    await world.plimsoll.tick();
    const text = await page();
    expect(ratios(parseExposition(text).samples, 'latency:3s')).toEqual(['28d']);
    expect(sampleValue(text, 'plimsoll_measure_window_events', { measure: 'latency:3s', window: '1h' })).toBe(0);
    expect(text).not.toMatch(/plimsoll_objective_burn_rate\{[^}]*objective="fast",window="1h"/);
  });

  it('after a tick that failed the old numbers are gone, after the next one there are new ones', async () => {
    const verdict = /^plimsoll_objective_verdict\{/m;
    expect(await page()).toMatch(verdict);
    vi.spyOn(world.plimsoll.judge, 'tick').mockRejectedValueOnce(new Error('the disk is full'));
    expect(await world.plimsoll.tick()).toBeNull();
    expect(await page()).not.toMatch(verdict);
    await world.plimsoll.tick();
    expect(await page()).toMatch(verdict);
  });
});
