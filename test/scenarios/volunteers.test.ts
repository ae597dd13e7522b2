import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import type { ClaimsJson } from '../../src/model/response-claims.ts';
import { type Exchange, exchange, objective, service, World } from '../server/world.ts';
import { incidentsOf, verdictOf } from './traffic.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-10T00:00:00Z');

interface Shown {
  readonly estimate: EstimateJson;
  readonly response?: ClaimsJson | null;
}

describe('a service of which one in ten answers is rated', () => {
  let world: World;
  let at = START;
  let count = 0;
  const answers: Exchange[] = [];

  /** Two answers a minute; of `ratedShare` somebody says how they were, a quarter of an hour later. */
  async function pass(hours: number, isRated: (k: number) => boolean): Promise<void> {
    const until = at + hours * HOUR;
    const made: { exchange: Exchange; isRated: boolean }[] = [];
    for (; at < until; at += MINUTE / 2, count++) {
      const model = count % 3 === 0 ? 'large' : 'small';
      made.push({ exchange: exchange('bot', at + 1000, { model }), isRated: isRated(count) });
    }
    world.now = Math.max(world.now, at);
    await world.spans(made.map((one) => one.exchange));
    answers.push(...made.map((one) => one.exchange));
    const rated = made.filter((one) => one.isRated).map((one) => one.exchange);
    if (rated.length > 0)
      await world.post('/feedback', {
        feedback: rated.map(({ traceId, end }, i) => ({
          traceId,
          kind: 'thumbs',
          value: i % 20 === 0 ? 'down' : 'up',
          at: new Date(end + 15 * MINUTE).toISOString(),
        })),
      });
    world.now = Math.max(world.now, at + 20_000);
    expect(await world.plimsoll.tick()).not.toBeNull();
  }

  async function label(of: readonly Exchange[], sampling: string, value: boolean): Promise<void> {
    await world.post('/labels', {
      labels: of.map(({ traceId }) => ({ traceId, name: 'correct', value, source: 'people', sampling })),
    });
    world.now += MINUTE;
    expect(await world.plimsoll.tick()).not.toBeNull();
  }

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot', { criticality: 1 })],
      objectives: [
        objective('liked', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.9 }),
        objective('heard', { service: 'bot', measure: { type: 'satisfaction', responseRate: true }, target: 0.05 }),
        objective('right', { service: 'bot', measure: { type: 'accuracy', label: 'correct' }, target: 0.9 }),
        objective('told', {
          service: 'bot',
          measure: { type: 'accuracy', label: 'correct', sampling: 'voluntary' },
          target: 0.9,
        }),
      ],
    });
    await pass(48, (k) => k % 10 === 0);
  });
  afterAll(() => world.end());

  it('says of everybody only what follows from those who rate', async () => {
    const { estimate, response } = await world.get<Shown>('/objectives/liked');
    expect(estimate.method).toBe('feedback');
    expect(estimate.value).toBeCloseTo(0.95, 2);
    expect(estimate.coverage).toBeCloseTo(0.1, 3);
    expect(response!.responseRate).toBe(estimate.coverage);
    expect(response!.worstCase.low).toBeCloseTo(0.095, 3);
    expect(response!.worstCase.high).toBeCloseTo(0.995, 3);
    expect(response!.sensitivity).toBeCloseTo(0.05 / 0.9, 2);
    expect(response!.postStratified).toMatchObject({ dimension: 'response_model' });
    expect(response!.claims).toHaveLength(4);
    expect((await world.get<Shown>('/objectives/heard')).response).toBeUndefined();
  });

  it('watches how many rate: a button that is gone is found a day later, when it is known that nobody will', async () => {
    expect(await verdictOf(world, 'heard')).toBe('met');
    const { estimate } = await world.get<Shown>('/objectives/heard');
    expect(estimate).toMatchObject({ subject: 'response rate', method: 'responses', maturity: null });
    expect(estimate.value).toBeCloseTo(0.1, 2);
    const gone = at;
    await pass(24, () => false);
    expect(await incidentsOf(world)).toEqual([]);
    for (let hour = 0; hour < 7; hour++) await pass(1, () => false);
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ objectives: ['heard'], category: 'ai.experience.low_satisfaction' });
    expect(incident!.title).toContain('satisfaction (response rate) off target');
    expect(Math.abs(Date.parse(incident!.startedAt) - DAY - gone)).toBeLessThan(30 * MINUTE);
    expect(incident!.traces.bad).toHaveLength(5);
  });

  it('is all right again a day after people can rate again', async () => {
    await pass(36, (k) => k % 8 === 0);
    expect(await incidentsOf(world)).toMatchObject([{ state: 'resolved' }]);
  });

  it('never mixes labels of volunteers with those of a random sample', async () => {
    await label(answers.slice(-200, -100), 'voluntary', false);
    expect((await world.get<Shown>('/objectives/right')).estimate).toMatchObject({
      method: 'voluntary_labels',
      n: 100,
      value: 0,
    });
    expect((await world.get<Shown>('/objectives/right')).response!.worstCase.high).toBeGreaterThan(0.98);
    await label(answers.slice(-60, -20), 'random', true);
    const { estimate, response } = await world.get<Shown>('/objectives/right');
    expect(estimate).toMatchObject({ method: 'labels', n: 40, value: 1 });
    expect(response).toBeUndefined();
    expect((await world.get<Shown>('/objectives/told')).estimate).toMatchObject({ method: 'voluntary_labels', n: 100 });
  });

  it('what is said after seven days corrects the numbers, and is said to be too late', async () => {
    world.now += 8 * DAY;
    await label(answers.slice(-20), 'random', false);
    const from = new Date(START).toISOString();
    const { measures } = await world.get<{ measures: { measure: string; subject: string; tooLate?: number }[] }>(
      `/services/bot/measures?from=${from}&step=1d`,
    );
    const tooLate = measures.filter(({ measure }) => measure === 'accuracy').map((one) => one.tooLate);
    expect(tooLate).toContain(20);
    expect((await world.get<Shown>('/objectives/right')).estimate).toMatchObject({ n: 60 });
    expect(world.verify()).toMatchObject({ differing: 0 });
  });
});
