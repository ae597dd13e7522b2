import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';
import { incidentsOf, verdictOf } from './traffic.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-16T00:00:00Z');
const PER_MINUTE = 5;
const next = random(3);

interface Shown {
  readonly verdict: string;
  readonly reason: string | null;
  readonly judgedBy: string;
  readonly target: number;
  readonly estimate: EstimateJson;
  readonly detector: object | null;
}

describe('answers get further from the point', () => {
  let world: World;
  let at = START;
  const scored: { exchange: Exchange; score: number }[] = [];

  /** Minutes of answers that an evaluator scores around a mean, by a tenth to either side. */
  async function pass(minutes: number, mean: number, evaluator = 'judge', promptVersion = '7'): Promise<void> {
    const asked: Exchange[] = [];
    const scores: { exchange: Exchange; score: number }[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE)
      for (let k = 0; k < PER_MINUTE; k++) {
        const one = exchange('bot', at + 5000 + k * 9000, { promptVersion });
        asked.push(one);
        scores.push({ exchange: one, score: mean + 0.2 * (next() - 0.5) });
      }
    world.now = at;
    await world.spans(asked);
    for (let from = 0; from < scores.length; from += 5000)
      await world.post('/evaluations', {
        evaluations: scores.slice(from, from + 5000).map((one) => ({
          traceId: one.exchange.traceId,
          name: 'relevance',
          score: one.score,
          evaluator,
          at: new Date(one.exchange.end + 500).toISOString(),
        })),
      });
    scored.push(...scores);
  }

  const judge = async (): Promise<void> => {
    world.now = at + 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
  };
  const shown = (): Promise<Shown> => world.get<Shown>('/objectives/to-the-point');

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot', { criticality: 1, evaluations: { relevance: { scale: [0, 1], good: 'high' } } })],
      objectives: [
        objective('to-the-point', {
          service: 'bot',
          kind: 'XLA',
          measure: { type: 'relevance', evaluation: 'relevance' },
          target: 0.8,
        }),
        objective('scored-alike', { service: 'bot', measure: { type: 'drift', feature: 'relevance' } }),
      ],
    });
    await pass(1440, 0.87);
    await judge();
  });
  afterAll(() => world.end());

  it('while they are near it, the mean is met, with an interval of what scores vary by', async () => {
    const { verdict, judgedBy, target, estimate } = await shown();
    expect({ verdict, judgedBy, target }).toEqual({ verdict: 'met', judgedBy: 'scores', target: 0.8 });
    const mean = scored.reduce((sum, one) => sum + one.score, 0) / scored.length;
    expect(estimate).toMatchObject({ measure: 'relevance', subject: 'relevance', method: 'evaluator', proxy: true });
    expect(estimate.value).toBeCloseTo(mean, 5);
    expect(estimate.low!).toBeGreaterThan(mean - 0.003);
    expect(estimate.high!).toBeLessThan(mean + 0.003);
    expect([estimate.n, estimate.coverage]).toEqual([1440 * PER_MINUTE, 1]);
  });

  it('drift of the scores counts each of them', async () => {
    const { judgedBy, estimate } = await world.get<Shown>('/objectives/scored-alike');
    expect([judgedBy, estimate.subject, estimate.method]).toEqual(['drift', 'relevance', 'evaluator']);
    expect([estimate.n, estimate.status]).toEqual([1440 * PER_MINUTE, 'insufficient']);
  });

  it('a mean that falls to 0.7 is found within the hour, by what the scores are, and no score below zero or above one', async () => {
    for (let i = 0; i < 60 && (await incidentsOf(world)).length === 0; i++) {
      await pass(1, 0.7, 'judge', '8');
      await judge();
    }
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ state: 'new', category: 'ai.relevance.off_topic', objectives: ['to-the-point'] });
    const { sinceOnset, target } = incident!.evidence as never as {
      sinceOnset: { n: number; mean: number };
      target: number;
    };
    expect(target).toBe(0.8);
    expect(sinceOnset.mean).toBeGreaterThan(0.65);
    expect(sinceOnset.mean).toBeLessThan(0.8);
    expect(incident!.title).toMatch(/relevance \(evaluator\) off target: mean 0\.7\d of \d+, should be 0\.8$/);
    expect(incident!.description).toMatch(/the mean of \d+ was 0\.7\d/);
    expect(incident!.slices[0]!.name).toBe('prompt_version=8');
    expect(incident!.traces.bad).toHaveLength(5);
    expect(await verdictOf(world, 'to-the-point')).toBe('breached');
  });

  it('a restart goes on where it stood, and every tally is the fold of its rows', async () => {
    const before = await shown();
    await world.restart();
    await judge();
    expect(await shown()).toEqual(before);
    const { differences, compared } = world.verify();
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  });

  it('resolves when the scores are back', async () => {
    for (let i = 0; i < 90 && (await verdictOf(world, 'to-the-point')) === 'breached'; i++) {
      await pass(1, 0.9);
      await judge();
    }
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ state: 'resolved', closeCode: 'recovered_automatically' });
  });

  it('another evaluator is a new baseline: nothing of the old one is counted with it', async () => {
    await pass(1, 0.5, 'other judge');
    await judge();
    await pass(1, 0.5, 'other judge');
    await judge();
    const { estimate, verdict } = await shown();
    expect([estimate.n, verdict]).toEqual([2 * PER_MINUTE, 'insufficient_evidence']);
    expect(estimate.value!).toBeLessThan(0.6);
  });
});
