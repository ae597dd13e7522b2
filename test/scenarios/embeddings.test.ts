import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import { verifyStore } from '../../src/store/sqlite/verify.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';
import { incidentsOf, verdictOf } from './traffic.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-10-15T00:00:00Z');
const MODEL = 'text-embedding-3-small';
const LENGTH = 24;
const next = random(31);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
/** Questions lie around one subject; then around another. */
const USUAL = Array.from({ length: LENGTH }, normal);
const OTHER = Array.from({ length: LENGTH }, normal);

describe('what people ask a service about changes', () => {
  let world: World;
  let at = START;

  async function pass(minutes: number, every: number, perMinute: number, subject: readonly number[]): Promise<void> {
    const asked: Exchange[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE) {
      if (i % every > 0) continue;
      for (let k = 0; k < perMinute; k++)
        asked.push(
          exchange('bot', at + 5000 + k * 5000, {
            model: MODEL,
            attributes: {
              'openinference.span.kind': 'EMBEDDING',
              'ai.embedding': JSON.stringify(subject.map((x) => Number((x + normal()).toFixed(4)))),
            },
          }),
        );
    }
    world.now = at;
    await world.spans(asked);
  }
  const judge = async (): Promise<void> => {
    world.now = at + 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
  };

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot', { criticality: 1 })],
      objectives: [objective('asked', { service: 'bot', measure: { type: 'drift', feature: `embedding:${MODEL}` } })],
    });
    await pass(29 * 1440, 30, 1, USUAL);
    await judge();
  });
  afterAll(() => world.end());

  it('stays as it was: nothing is said', async () => {
    await pass(120, 1, 10, USUAL);
    await judge();
    const { estimate } = await world.get<{ estimate: EstimateJson }>('/objectives/asked');
    expect(estimate).toMatchObject({ measure: 'drift', subject: `embedding:${MODEL}`, status: 'ok' });
    expect(estimate.n).toBeGreaterThan(2000);
    expect(estimate.value!).toBeLessThan(0.05);
    expect(estimate.detail!['distance']).toBeLessThan(0.05);
    expect(await verdictOf(world, 'asked')).toBe('met');
    expect(await incidentsOf(world)).toEqual([]);
  });

  it('no embedding is kept, nor shown: sixteen parts of each are counted', async () => {
    const { interactions } = await world.get<{ interactions: { slices: object }[] }>(
      '/services/bot/interactions?limit=1',
    );
    expect(interactions[0]!.slices).toEqual({});
    const stored = readFileSync(world.file).toString('latin1');
    expect(stored).not.toContain('ai.embedding');
    const { differences, compared } = verifyStore(world.file);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  });

  it('another subject is a ticket within an hour, by the mean of all directions', async () => {
    for (let i = 0; i < 60 && (await incidentsOf(world)).length === 0; i++) {
      await pass(1, 1, 10, OTHER);
      await judge();
    }
    const incidents = await incidentsOf(world);
    expect(incidents).toHaveLength(1);
    const [incident] = incidents;
    expect(incident).toMatchObject({ state: 'new', category: 'ai.drift.embedding_drift', objectives: ['asked'] });
    expect(incident!.title).toMatch(
      /^bot: drift of embedding:text-embedding-3-small \d+\.\d\d \(.*\), direction \d+, /,
    );
    expect(await verdictOf(world, 'asked')).toBe('breached');
    await world.restart();
    await judge();
    expect(await verdictOf(world, 'asked')).toBe('breached');
  });
});
