import { afterEach, describe, expect, it, vi } from 'vitest';
import { random } from '../random.ts';
import { type Exchange, objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

interface ObjectiveBody {
  readonly verdict: string;
  readonly reason: string | null;
  readonly estimate: {
    readonly method: string;
    readonly proxy: boolean;
    readonly status: string;
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly n: number;
    readonly detail?: Record<string, unknown>;
  };
}

describe('few labels, many scores', () => {
  let world: World;
  let traffic: Traffic;
  const next = random(11);
  afterEach(() => world.end());

  async function begin(objectives: Parameters<typeof World.start>[0] & object): Promise<void> {
    world = await World.start({ now: START, ...objectives });
    traffic = new Traffic(world, 'bot', START);
  }
  const post = (path: string, body: object) => world.post(path, body);
  const read = (name: string): Promise<ObjectiveBody> => world.get<ObjectiveBody>(`/objectives/${name}`);

  /** Each answer is right with that probability; the judge agrees with the truth 19 times in 20; a tenth is labelled. */
  async function rate(made: readonly Exchange[], right: number, sampling = 'random', each = 10): Promise<void> {
    const evaluations = [];
    const labels = [];
    for (const [i, { traceId, end }] of made.entries()) {
      const at = new Date(end + 5000).toISOString();
      const isRight = next() < right;
      const score = next() < 0.95 === isRight ? 1 : 0;
      evaluations.push({ traceId, name: 'judge', evaluator: 'llm', score, at });
      if (i % each === 0) labels.push({ traceId, name: 'correct', value: isRight, source: 'audit', sampling, at });
    }
    await post('/evaluations', { evaluations });
    await post('/labels', { labels });
  }
  const judged = {
    services: [service('bot', { evaluations: { judge: {} } })],
    objectives: [
      objective('right', {
        service: 'bot',
        measure: { type: 'accuracy', label: 'correct', judge: 'judge' },
        target: 0.8,
      }),
      objective('gold', { service: 'bot', measure: { type: 'accuracy', label: 'correct' }, target: 0.8 }),
    ],
  };

  it('a judge makes accuracy sharper, and opens no incident by itself', async () => {
    await begin(judged);
    const made = await traffic.pass(100);
    await rate(made, 0.9);
    await traffic.judge();
    const [right, gold] = [await read('right'), await read('gold')];
    expect(right.estimate).toMatchObject({ method: 'ppi', proxy: false, status: 'ok', n: 200 });
    expect(right.estimate.high! - right.estimate.low!).toBeLessThan(gold.estimate.high! - gold.estimate.low!);
    expect(right.estimate.detail).toMatchObject({ labelled: 200, judged: 1800 });
    expect(await incidentsOf(world)).toEqual([]);
  });

  it('answers that have become wrong open an incident, by the labels', async () => {
    await begin(judged);
    await rate(await traffic.pass(90), 0.95);
    await rate(await traffic.pass(60), 0.2);
    await traffic.judge();
    expect((await read('right')).verdict).toBe('breached');
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ state: 'new', category: 'ai.accuracy.wrong_answer' });
  });

  it('labels drawn more often where answers are worse count by strata at the weight of the traffic', async () => {
    const measure = { type: 'accuracy', label: 'correct', judge: 'judge', strata: 'response_model' };
    await begin({
      services: judged.services,
      objectives: [objective('strata', { service: 'bot', measure, target: 0.8 })],
    });
    await rate(await traffic.pass(20, { more: { model: 'small' } }), 0.5, 'random', 2);
    await traffic.judge();
    await rate(await traffic.pass(80, { more: { model: 'large' } }), 0.95, 'random', 20);
    await traffic.judge();
    const { estimate } = await read('strata');
    const truth = 0.2 * 0.5 + 0.8 * 0.95;
    expect(estimate).toMatchObject({ method: 'ppi', status: 'ok', n: 280 });
    expect(estimate.low!).toBeLessThan(truth);
    expect(estimate.high!).toBeGreaterThan(truth);
    await world.restart();
    await traffic.live(1);
    expect((await read('strata')).estimate.value).toBe(estimate.value);
  });

  it('voluntary labels never enter it', async () => {
    await begin(judged);
    await rate(await traffic.pass(60), 0.2, 'voluntary');
    await traffic.judge();
    expect((await read('right')).estimate).toMatchObject({ status: 'undefined', n: 0 });
    expect((await read('gold')).estimate.n).toBe(120);
  });

  it('an objective that is new over an old store finds what was labelled and judged before', async () => {
    await begin({ services: judged.services, objectives: judged.objectives.slice(1) });
    await rate(await traffic.pass(100), 0.9);
    await traffic.judge();
    world.configuration = { ...world.configuration, objectives: judged.objectives };
    await world.restart();
    // Minutes of before are counted again little by little.
    await vi.waitFor(async () => {
      await traffic.judge();
      expect((await read('right')).estimate).toMatchObject({ method: 'ppi', n: 200 });
    });
  });

  it('without labels, accuracy is read from confidence once enough labels have said what that is worth', async () => {
    await begin({
      services: [service('bot', { trust: { confidence: 'self' } })],
      objectives: [
        objective('guess', {
          service: 'bot',
          measure: { type: 'accuracy', label: 'correct', confidence: 'self' },
          target: 0.8,
        }),
      ],
    });
    const state = async (made: readonly Exchange[], isLabelled: boolean): Promise<void> => {
      const drawn = made.map(({ traceId }) => ({ traceId, confidence: next() < 0.8 ? 0.93 : 0.67 }));
      await post('/evaluations', {
        evaluations: drawn.map((one) => ({ ...one, name: 'self', evaluator: 'model' })),
      });
      const labels = drawn.map(({ traceId, confidence }) => ({
        traceId,
        name: 'correct',
        value: next() < confidence,
        source: 'audit',
        sampling: 'random',
      }));
      if (isLabelled) await post('/labels', { labels });
    };
    await state(await traffic.pass(20), true);
    await traffic.judge();
    const early = await read('guess');
    expect(early.estimate).toMatchObject({ method: 'cbpe', proxy: true, status: 'insufficient', value: null });
    expect(early.verdict).toBe('insufficient_evidence');
    expect(early.reason).toContain('500 are needed');
    await state(await traffic.pass(20), true);
    await state(await traffic.pass(60), false);
    await traffic.judge();
    const late = await read('guess');
    expect(late.estimate).toMatchObject({ method: 'cbpe', proxy: true, status: 'ok', n: 2000 });
    expect(late.estimate.value!).toBeGreaterThan(0.8);
    expect(late.estimate.value!).toBeLessThan(0.95);
    expect(await incidentsOf(world)).toEqual([]);
  });

  it('people who come to accept wrong answers open an incident of trust, by reliance', async () => {
    await begin({
      services: [service('bot')],
      objectives: [
        objective('relied', { service: 'bot', measure: { type: 'trust', component: 'reliance' }, target: 0.9 }),
      ],
    });
    /** A fifth is wrong: what of it is overridden, in tenths. */
    const decide = async (made: readonly Exchange[], overridden: number): Promise<void> => {
      const said = made.map(({ traceId, end }, i) => {
        const isRight = i % 5 > 0;
        const value = isRight || i % 10 >= overridden ? 'accepted' : 'overridden';
        return { traceId, at: new Date(end + 5000).toISOString(), isRight, value };
      });
      await post('/feedback', { feedback: said.map(({ isRight: _, ...one }) => ({ ...one, kind: 'decision' })) });
      await post('/labels', {
        labels: said.map(({ isRight, traceId, at }) => ({
          traceId,
          at,
          name: 'correct',
          value: isRight,
          source: 'audit',
        })),
      });
    };
    await decide(await traffic.pass(60), 10);
    await traffic.judge();
    expect(await incidentsOf(world)).toEqual([]);
    await decide(await traffic.pass(60), 0);
    await traffic.judge();
    expect((await read('relied')).verdict).toBe('breached');
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ category: 'ai.experience.low_trust', objectives: ['relied'] });
    expect(incident!.evidence.sinceOnset!.n).toBeGreaterThan(20);
  });
});
