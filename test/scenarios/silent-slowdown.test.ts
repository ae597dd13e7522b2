import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange } from '../server/world.ts';
import { exchange, objective, random, service, World } from '../server/world.ts';
import { incidentsOf } from './traffic.ts';

const MINUTE = 60_000;
const DAY = 24 * 60;
const START = Date.parse('2026-11-10T00:00:00Z');
const next = random(17);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

interface Entry {
  readonly data: { readonly id: string; readonly service: string; readonly type: string };
}

/** Median minutes to an alarm of the drift detector at ten events a minute and a PSI of 0.5, after a day in control, of a fleet. */
function statedMinutes(): number {
  const guarantees = readFileSync('docs/guide/guarantees.md', 'utf8');
  const row = /^\| 10 +\| 0\.5 +\| 20000 .*$/m.exec(guarantees)![0];
  return Number.parseFloat(row.split('|')[7]!);
}

describe('a provider whose calls take longer, and who has not said so', () => {
  let world: World;
  let at = START;
  let since = 0;

  /** Of two services, each with calls of the same model. */
  async function pass(minutes: number, perMinute: number, medianMs: number, tokens = 200): Promise<void> {
    const asked: Exchange[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE)
      for (const name of ['bot', 'told'])
        for (let k = 0; k < perMinute; k++)
          asked.push(
            exchange(name, at + 20_000 + k * 3_000, {
              durationMs: Math.round(medianMs * Math.exp(0.4 * normal())),
              outputTokens: Math.round(tokens * Math.exp(0.4 * normal())),
            }),
          );
    world.now = Math.max(world.now, at);
    await world.spans(asked);
  }

  async function live(minutes: number, medianMs: number, tokens?: number): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      await pass(1, 10, medianMs, tokens);
      world.now = at + 20_000;
      expect(await world.plimsoll.tick()).not.toBeNull();
    }
  }

  const observed = async (): Promise<Entry['data'][]> =>
    (await world.get<{ entries: Entry[] }>('/audit?type=change.observed')).entries.map(({ data }) => data);

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot'), service('told')],
      objectives: [
        objective('fast', { service: 'bot', measure: { type: 'latency', threshold: '1500ms' }, target: 0.9 }),
      ],
    });
    await pass(8 * DAY, 2, 800);
    await live(1, 800);
  }, 120_000);
  afterAll(() => world.end());

  it('breaks a promise; the incident has no change to name yet', async () => {
    since = at;
    await live(30, 2000);
    await world.post('/changes', { changes: [{ id: 'CHG-1', service: 'told', type: 'routing', after: 'eu-2' }] });
    const [incident] = await incidentsOf(world);
    expect(incident).toMatchObject({ state: 'new', changes: [] });
    expect(await observed()).toEqual([]);
  }, 120_000);

  it('is on record after an hour, as the provider’s, found in the time that the detector of drift is said to need', async () => {
    await live(40, 2000);
    const [change, ...more] = await observed();
    expect(more).toEqual([]);
    // Of the other service somebody has told.
    expect(change).toMatchObject({ service: 'bot', type: 'provider_snapshot' });
    const { evidence, description } = await world.get<{
      description: string;
      evidence: { firstSeen: string; foundAt: string; figures: { name: string }[] };
    }>(`/changes/${change!.id}/evidence`);
    expect(description).toMatch(/^Nobody has declared it: the latency of openai\/gpt-4o-mini-2024-07-18 has jumped/);
    expect(evidence).toMatchObject({ quantity: 'latency', model: 'openai/gpt-4o-mini-2024-07-18', daysBefore: 7 });
    expect(evidence.figures).toEqual([
      expect.objectContaining({ name: 'median', before: expect.objectContaining({ n: expect.any(Number) }) }),
      expect.objectContaining({ name: 'p95' }),
    ]);
    expect(Math.abs(Date.parse(evidence.firstSeen) - since)).toBeLessThanOrEqual(5 * MINUTE);
    expect(Date.parse(evidence.foundAt) - since).toBeLessThanOrEqual((statedMinutes() + 1) * MINUTE);
  }, 120_000);

  it('is named by the incident that it began with, and wakes nobody', async () => {
    const [change] = await observed();
    const [incident] = await incidentsOf(world);
    expect(incident!.changes).toEqual([
      expect.objectContaining({
        id: change!.id,
        type: 'provider_snapshot',
        origin: 'observed',
        before: expect.stringMatching(/median 8\d\d ms|median 7\d\d ms/),
        after: expect.stringMatching(/median (19|20|21)\d\d ms/),
      }),
    ]);
    expect(incident!.timeline.at(-1)!.text).toContain('declared by nobody');
    expect(await incidentsOf(world)).toHaveLength(1);
  });

  it('is recorded once, also by one that was started anew', async () => {
    await world.restart();
    await live(10, 2000, 600);
    await pass(100, 10, 2000, 600);
    await live(1, 2000, 600);
    expect(await observed()).toHaveLength(1);
  }, 120_000);
});
