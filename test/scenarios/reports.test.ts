import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import { type Exchange, exchange, objective, service, World } from '../server/world.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-18T00:00:00Z');
const FAST = 'gpt-4o-mini-2024-07-18';
const SLOW = 'o3-mini';

interface Shown {
  readonly verdict: string;
  readonly reason: string | null;
  readonly attained: boolean | null;
  readonly judgedBy: string;
  readonly target: number;
  readonly direction: string;
  readonly budget: object | null;
  readonly detector: object | null;
  readonly estimate: EstimateJson;
}

describe('objectives that report and have no detector of their own', () => {
  let world: World;
  let at = START;

  /** Of each model five answers a minute; of the slow one every fifth takes ten seconds. */
  async function pass(minutes: number): Promise<void> {
    const asked: Exchange[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE)
      for (let k = 0; k < 10; k++) {
        const model = k % 2 === 0 ? FAST : SLOW;
        asked.push(exchange('bot', at + 11_000 + k * 4000, { model, durationMs: k === 1 ? 10_000 : 800 }));
      }
    world.now = at;
    await world.spans(asked);
  }

  const judge = async (): Promise<void> => {
    world.now = at + 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
  };
  const shown = (name: string): Promise<Shown> => world.get<Shown>(`/objectives/${name}`);

  beforeAll(async () => {
    const of = (name: string, measure: object, target?: number) =>
      objective(name, {
        service: 'bot',
        measure,
        window: { rolling: '7d' },
        ...(target === undefined ? {} : { target }),
      });
    world = await World.start({
      now: START,
      services: [service('bot', { criticality: 1, evaluations: { self: {} } })],
      objectives: [
        of('whole', { type: 'composite', of: ['parts', 'up'], rule: 'worst' }, 0.8),
        of('up', { type: 'availability' }, 0.99),
        of('fast', { type: 'latency', threshold: '4s' }, 0.8),
        of('liked', { type: 'satisfaction' }, 0.9),
        of('parts', { type: 'composite', of: ['up', { objective: 'fast', weight: 3 }], rule: 'weighted' }, 0.95),
        of('guessed', { type: 'accuracy', label: 'correct', confidence: 'self' }, 0.8),
        of('mixed', { type: 'composite', of: ['up', 'guessed', 'trusted'], rule: 'worst' }, 0.8),
        of('trusted', { type: 'trust' }, 0.7),
        of('blindly', { type: 'composite', of: ['guessed', 'trusted'], rule: 'worst' }, 0.8),
        of('blind', { type: 'composite', of: ['up', 'liked'], rule: 'serial' }, 0.9),
        of('even', { type: 'parity', of: 'fast', dimension: 'response_model', limit: 0.05 }),
      ],
    });
    await pass(600);
    await judge();
  });
  afterAll(() => world.end());

  it('a composite follows from its members, and says whose detectors open incidents', async () => {
    const { verdict, reason, judgedBy, detector, budget, estimate, attained } = await shown('parts');
    expect({ verdict, judgedBy, detector, budget, attained }).toEqual({
      verdict: 'at_risk',
      judgedBy: 'report',
      detector: null,
      budget: null,
      attained: false,
    });
    expect(reason).toBe('below what is promised; incidents are opened by the detectors of up, fast');
    expect(estimate).toMatchObject({ measure: 'composite', method: 'weighted', n: 12_000, status: 'ok' });
    expect(estimate.value).toBeCloseTo((1 + 3 * 0.9) / 4, 9);
    expect(estimate.low! < estimate.value! && estimate.value! < estimate.high!).toBe(true);
  });

  it('one that is made of another is read after it, whatever order they stand in', async () => {
    const { verdict, reason, estimate } = await shown('whole');
    expect(reason).toBe('incidents are opened by the detectors of up, fast');
    expect([verdict, estimate.value]).toEqual(['met', (await shown('parts')).estimate.value]);
  });

  it('more than a quarter of the weight without a value leaves none, and it says which', async () => {
    const { verdict, reason, estimate } = await shown('blind');
    expect([verdict, estimate.value]).toEqual(['insufficient_evidence', null]);
    expect(reason).toBe('without liked: not known yet; incidents are opened by the detectors of up, liked');
  });

  it('names no part that is a report itself as one whose detectors open incidents', async () => {
    expect((await shown('mixed')).reason).toMatch(/; incidents are opened by the detectors of up$/);
    expect((await shown('blindly')).reason).toMatch(/; incidents are opened by none of its parts: they are reports/);
  });

  it('parity names the two values that lie furthest apart, and how far', async () => {
    const { verdict, reason, judgedBy, target, direction, estimate } = await shown('even');
    expect({ verdict, judgedBy, target, direction }).toEqual({
      verdict: 'at_risk',
      judgedBy: 'report',
      target: 0.05,
      direction: 'at_most',
    });
    expect(estimate).toMatchObject({ measure: 'parity', subject: 'fast by response_model', between: [FAST, SLOW] });
    expect(estimate.value).toBeCloseTo(0.2, 9);
    expect(estimate.low!).toBeGreaterThan(0.05);
    expect(reason).toContain(`${FAST} 100.0 %, ${SLOW} 80.0 %`);
    expect(reason).toContain('incidents are opened by the detectors of fast');
  });

  it('the service, its measures and the metrics show them as they show the others', async () => {
    const { objectives } = await world.get<{ objectives: { name: string }[] }>('/services/bot');
    expect(objectives.map(({ name }) => name)).toContain('even');
    const from = new Date(START).toISOString();
    const to = new Date(at).toISOString();
    const { measures } = await world.get<{ measures: { measure: string }[] }>(
      `/services/bot/measures?from=${from}&to=${to}&step=1h`,
    );
    expect(measures.map(({ measure }) => measure)).toEqual([
      'availability',
      'latency',
      'satisfaction',
      'accuracy',
      'trust',
    ]);
    const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    expect(metrics).toContain('objective="parts",kind="slo",measure="composite:parts",policy="report"} 1');
    expect(metrics).not.toMatch(/plimsoll_objective_error_budget_remaining_ratio\{[^}]*objective="parts"/);
  });

  it('stays the same over a restart', async () => {
    const before = await Promise.all(['whole', 'parts', 'even'].map(shown));
    await world.restart();
    await judge();
    expect(await Promise.all(['whole', 'parts', 'even'].map(shown))).toEqual(before);
  });
});
