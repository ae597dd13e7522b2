import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Traffic } from '../scenarios/traffic.ts';
import { sampleValue } from './metrics/exposition.ts';
import { objective, service, World } from './world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

interface EstimateBody {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly status: string;
  readonly n: number;
  readonly coverage: number | null;
  readonly detail?: Record<string, unknown>;
}
interface ObjectiveBody {
  readonly verdict: string;
  readonly reason: string | null;
  readonly target: number;
  readonly judgedBy: string;
  readonly detector: object | null;
  readonly budget: object | null;
  readonly estimate: EstimateBody;
}
interface MeasuresBody {
  readonly measures: { measure: string; subject: string | null; points: { estimate: EstimateBody }[] }[];
}

describe('trust in a service', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [
        service('bot', {
          audience: 'employees',
          evaluations: { cites: { pass: 0.5 } },
          trust: {
            components: ['satisfaction', 'reliance', 'safety', 'calibration', 'transparency', 'escalation'],
            confidence: 'self',
            transparency: 'cites',
          },
        }),
      ],
      objectives: [
        objective('trusted', { service: 'bot', kind: 'XLA', measure: { type: 'trust' }, target: 0.7 }),
        objective('relied', { service: 'bot', measure: { type: 'trust', component: 'reliance' }, target: 0.6 }),
        objective('calibrated', { service: 'bot', measure: { type: 'trust', component: 'calibration' }, target: 0.9 }),
      ],
    });
    const traffic = new Traffic(world, 'bot', START);
    const made = await traffic.pass(20);
    const feedback: object[] = [];
    const labels: object[] = [];
    const evaluations: object[] = [];
    for (const [i, { traceId, end }] of made.entries()) {
      const at = new Date(end + 1000).toISOString();
      const isRight = i % 10 < 8;
      feedback.push({ traceId, at, kind: 'thumbs', value: i % 10 < 9 ? 'up' : 'down' });
      // Everything is accepted, right or not.
      feedback.push({ traceId, at, kind: 'decision', value: 'accepted' });
      if (i % 100 === 0) feedback.push({ traceId, at, kind: 'flag', value: 'other' });
      feedback.push({ traceId, at, kind: 'escalation', value: i % 50 === 0 });
      labels.push({ traceId, at, name: 'correct', value: isRight, source: 'audit', sampling: 'random' });
      evaluations.push({ traceId, at, name: 'self', evaluator: 'model', confidence: 0.82 });
      evaluations.push({ traceId, at, name: 'cites', evaluator: 'check', score: i % 20 === 0 ? 0 : 1 });
    }
    await world.post('/feedback', { feedback });
    await world.post('/labels', { labels });
    await world.post('/evaluations', { evaluations });
    await traffic.judge();
  });
  afterAll(() => world.end());

  it('is on the page of metrics: the index in points, its components as shares', async () => {
    const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    const { estimate } = await world.get<ObjectiveBody>('/objectives/trusted');
    expect(sampleValue(page, 'plimsoll_trust_index_points')).toBe(estimate.value);
    expect(sampleValue(page, 'plimsoll_trust_index_ci_lower_points')).toBe(estimate.low);
    expect(sampleValue(page, 'plimsoll_trust_index_ci_upper_points')).toBe(estimate.high);
    const { components, gap } = estimate.detail as {
      components: Record<string, { value: number }>;
      gap: { value: number };
    };
    expect(sampleValue(page, 'plimsoll_trust_gap_ratio')).toBe(gap.value);
    for (const [component, { value }] of Object.entries(components))
      expect(sampleValue(page, 'plimsoll_trust_component_ratio', { component })).toBe(value);
  });

  it('is an index in points: a report, with what it is made of', async () => {
    const trusted = await world.get<ObjectiveBody>('/objectives/trusted');
    expect(trusted).toMatchObject({ verdict: 'met', judgedBy: 'report', target: 70, detector: null, budget: null });
    expect(trusted.reason).toContain('incidents are opened by objectives on its components');
    const { value, low, high, coverage, detail } = trusted.estimate;
    expect(value).toBeGreaterThan(80);
    expect(value).toBeLessThan(100);
    expect([low! < value!, value! < high!, coverage]).toEqual([true, true, expect.closeTo(1, 9)]);
    expect(detail).toMatchObject({
      missing: [],
      notApplicable: ['consistency'],
      gated: false,
      components: { reliance: { n: 400 }, calibration: { n: 400 }, transparency: { n: 400 }, safety: { n: 364 } },
    });
  });

  it('has a gap where wrong answers are accepted', async () => {
    const { estimate } = await world.get<ObjectiveBody>('/objectives/trusted');
    expect(estimate.detail!['gap']).toMatchObject({ acceptance: 1, accuracy: 0.8, meaning: 'over-trust' });
  });

  it('has components that are judged by themselves, or are a report', async () => {
    const relied = await world.get<ObjectiveBody>('/objectives/relied');
    expect(relied).toMatchObject({ judgedBy: 'events', estimate: { n: 400, value: 0.8, status: 'ok' } });
    expect(relied.detector).not.toBeNull();
    const calibrated = await world.get<ObjectiveBody>('/objectives/calibrated');
    expect(calibrated).toMatchObject({ judgedBy: 'report', verdict: 'met', target: 0.9, estimate: { n: 400 } });
    expect(calibrated.estimate.value).toBeGreaterThan(0.95);
  });

  it('is drawn with its components, the gap and the calibration, and with nothing that is not known', async () => {
    const { measures } = await world.get<MeasuresBody>(
      `/services/bot/measures?from=${new Date(START).toISOString()}&to=${new Date(START + 3_600_000).toISOString()}`,
    );
    const lines = new Map(measures.map((one) => [`${one.measure} ${one.subject}`, one.points[0]!.estimate]));
    expect([...lines.keys()].toSorted()).toEqual(
      [
        'availability null',
        'calibration correct',
        'satisfaction null',
        'trust calibration',
        'trust escalation',
        'trust gap',
        'trust null',
        'trust reliance',
        'trust safety',
        'trust transparency',
      ].toSorted(),
    );
    expect(lines.get('trust gap')).toMatchObject({ value: expect.closeTo(0.2, 9), detail: { meaning: 'over-trust' } });
    expect(lines.get('calibration correct')).toMatchObject({ n: 400, status: 'ok', coverage: 1 });
    expect(lines.get('calibration correct')!.value).toBeLessThan(0.03);
    expect(lines.get('trust transparency')).toMatchObject({ n: 400, value: 0.95 });
    expect(lines.get('trust escalation')).toMatchObject({ n: 400, value: 0.98 });
  });

  it('survives a restart as it was', async () => {
    const before = await world.get<ObjectiveBody>('/objectives/trusted');
    await world.restart();
    world.now += 60_000;
    await world.plimsoll.tick();
    const after = await world.get<ObjectiveBody>('/objectives/trusted');
    expect(after.estimate.value).toBe(before.estimate.value);
    expect(after.estimate.detail).toEqual(before.estimate.detail);
  });
});
