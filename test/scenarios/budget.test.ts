import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectiveDetailJson, ObjectivePeriodJson } from '../../src/server/api/openapi/objectives.ts';
import { exchange, objective, service, World } from '../server/world.ts';
import { Traffic } from './traffic.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-11-20T06:00:00Z');

describe('a budget that is being spent', () => {
  let world: World;
  let traffic: Traffic;
  const read = (name: string): Promise<ObjectiveDetailJson> => world.get(`/objectives/${name}`);

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot')],
      objectives: [
        objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.9, window: { rolling: '2h' } }),
        objective('month', {
          service: 'bot',
          measure: { type: 'availability' },
          target: 0.9,
          window: { rolling: '30d' },
        }),
        objective('day', {
          service: 'bot',
          measure: { type: 'availability' },
          target: 0.9,
          window: { calendar: 'day' },
        }),
      ],
    });
    traffic = new Traffic(world, 'bot', START);
  });
  afterAll(() => world.end());

  it('is foreseen from what there is of the last six hours', async () => {
    await traffic.pass(60);
    await traffic.pass(60, { failed: 1 });
    await traffic.judge();
    const { forecast, incident } = await read('up');
    // 60 bad of 240 allowed; as many come in two hours as leave in the same time.
    expect(incident).toBeNull();
    expect(forecast).toMatchObject({
      basis: 'if the last 2 h continue',
      guarantee: 'heuristic',
      lookback: { n: 2400, bad: 60 },
      allowedBad: 240,
      remainingBad: 180,
      exhausted: false,
      exhaustedAt: null,
      earliest: null,
      expected: null,
    });
    expect(forecast!.probability).toBeLessThan(0.001);
  });

  it('of a calendar window counts what its rest is expected to allow, and says from how much history', async () => {
    const { forecast, budget, verdict } = await read('day');
    // 16 hours remain, at 1200 events an hour as in the two that were seen.
    expect(forecast).toMatchObject({
      windowEnds: '2026-11-21T00:00:00.000Z',
      expected: { n: 16 * 1200, historyDays: 0 },
      allowedBad: expect.closeTo(240 + 1920, 6),
      exhaustedAt: null,
    });
    // So its first hours spend no more of it than they are.
    expect(budget!.remaining).toBeCloseTo(1 - 60 / 2160, 6);
    expect(verdict).toBe('met');
  });

  it('of a window that is longer than its service is known alike: it is not held against the first minutes', async () => {
    const { forecast } = await read('month');
    expect(forecast).toMatchObject({
      expected: { n: (30 * 24 - 2) * 1200, historyDays: 0 },
      allowedBad: expect.closeTo(30 * 24 * 120, 6),
      exhaustedAt: null,
    });
  });

  it('since its onset, when there is an incident: with an interval and a probability, also in the incident', async () => {
    await traffic.live(8, { failed: 16 });
    const { forecast, incident, budget } = await read('up');
    expect(incident).toBe('INC-1');
    expect(budget!.remaining).toBeGreaterThan(0);
    expect(forecast!.basis).toMatch(/^if it continues as since its onset \(\d+ min\)$/);
    const [earliest, at, latest] = [forecast!.earliest, forecast!.exhaustedAt, forecast!.latest].map((text) =>
      Date.parse(text!),
    );
    expect(world.now).toBeLessThan(earliest!);
    expect(earliest).toBeLessThanOrEqual(at!);
    expect(at).toBeLessThanOrEqual(latest!);
    // 16 bad a minute, about 50 left.
    expect(at! - world.now).toBeLessThan(15 * 60_000);
    expect(forecast!.probability).toBeGreaterThan(0.99);
    const { description, evidence } = await world.get<{
      description: string;
      evidence: { budget: { exhaustedAt: string; outlook: object } };
    }>('/incidents/INC-1');
    expect(evidence.budget).toMatchObject({
      exhaustedAt: expect.any(String),
      outlook: { earliest: expect.any(String), latest: expect.any(String), probability: expect.closeTo(1, 3) },
    });
    expect(description).toMatch(
      /of the error budget is left, until .* if it continues as since the onset \(not before .*, by .*; the chance that it is spent within the window is above 99 %\)/,
    );
  });
});

describe('a contract', () => {
  let world: World;
  let traffic: Traffic;
  const periods = async (): Promise<ObjectivePeriodJson[]> =>
    (await world.get<{ periods: ObjectivePeriodJson[] }>('/objectives/contract/periods')).periods;

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot')],
      objectives: [
        objective('contract', {
          service: 'bot',
          kind: 'SLA',
          measure: { type: 'availability' },
          target: 0.99,
          window: { calendar: 'day', timeZone: 'Europe/Berlin' },
          credits: [
            { below: 0.99, credit: 10 },
            { below: 0.9, credit: 25 },
          ],
        }),
        objective('aim', { service: 'bot', measure: { type: 'availability' }, target: 0.99 }),
      ],
    });
    traffic = new Traffic(world, 'bot', START);
    await traffic.pass(50, { perMinute: 10 });
    await traffic.pass(10, { perMinute: 10, failed: 1 });
    await traffic.judge();
  });
  afterAll(() => world.end());

  it('owes nothing for a period that goes on', async () => {
    expect(await periods()).toEqual([
      expect.objectContaining({
        from: '2026-11-19T23:00:00.000Z',
        to: '2026-11-20T23:00:00.000Z',
        state: 'current',
        attained: 590 / 600,
        n: 600,
        met: false,
        credit: null,
        whole: false,
        closedAt: null,
      }),
    ]);
  });

  it('owes a credit when it is over, provisionally: what comes late still counts', async () => {
    world.now += DAY;
    await traffic.judge();
    const [today, yesterday] = await periods();
    expect(today).toMatchObject({ state: 'current', status: 'undefined', attained: null, met: null, credit: null });
    expect(yesterday).toMatchObject({ state: 'provisional', attained: 590 / 600, met: false, credit: 10 });
    expect(yesterday!.low).toBeLessThan(590 / 600);
    expect(yesterday!.high).toBeGreaterThan(590 / 600);
    await world.spans(Array.from({ length: 60 }, (_, i) => exchange('bot', START + i * 1000, { failed: true })));
    await traffic.judge();
    expect((await periods())[1]).toMatchObject({ attained: 590 / 660, credit: 25 });
  });

  it('is settled seven days later, whatever comes then, also after a restart', async () => {
    world.now += 7 * DAY;
    await traffic.judge();
    const settled = (await periods()).at(-1)!;
    expect(settled).toMatchObject({ state: 'final', n: 660, credit: 25, closedAt: new Date(world.now).toISOString() });
    await world.spans(Array.from({ length: 500 }, (_, i) => exchange('bot', START + i * 1000 + 200_000)));
    await traffic.judge();
    await world.restart();
    await traffic.judge();
    expect((await periods()).at(-1)).toEqual(settled);
  });

  it('has periods only of the calendar', async () => {
    expect(await world.get('/objectives/aim/periods')).toEqual({ periods: [] });
  });
});
