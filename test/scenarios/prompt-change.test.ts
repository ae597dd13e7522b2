import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legalMoves } from '../../src/incidents/lifecycle.ts';
import type { IncidentJson } from '../../src/model/incident.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-18T00:00:00Z');
const chance = random(7);

describe('a prompt change goes wrong, and is rolled back', () => {
  let world: World;
  let at = START;

  /** Minutes in which ten people a minute ask, each answer is scored, and bad ones score low. */
  async function pass(minutes: number, promptVersion: string, badShare: number): Promise<void> {
    const asked: Exchange[] = [];
    const scores: { exchange: Exchange; score: number }[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE)
      for (let k = 0; k < 10; k++) {
        const one = exchange('support-bot', at + k * 5_000 + 500, { promptVersion });
        asked.push(one);
        scores.push({ exchange: one, score: chance() < badShare ? 0.2 : 0.9 });
      }
    world.now = at;
    await world.spans(asked);
    await world.rate(scores);
  }

  const incidents = async (): Promise<IncidentJson[]> =>
    (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents;
  const judge = async (): Promise<void> => {
    world.now = at + 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
  };

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [
        service('support-bot', {
          owner: { name: 'Dana Ruiz' },
          supportGroup: 'ai-platform',
          criticality: 2,
          evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
          links: { trace: 'https://tracer.example/{traceId}' },
        }),
      ],
      objectives: [
        objective('support-bot-groundedness', {
          service: 'support-bot',
          kind: 'XLA',
          measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' },
          target: 0.9,
        }),
        objective('support-bot-availability', {
          service: 'support-bot',
          measure: { type: 'availability' },
          target: 0.99,
        }),
      ],
    });
    await pass(2880, '7', 0.03);
    await judge();
  });
  afterAll(() => world.end());

  it('says "met" while two days of answers are good, with the interval and n', async () => {
    const found = await world.get<{
      verdict: string;
      estimate: { n: number; low: number; value: number; high: number };
    }>('/objectives/support-bot-groundedness');
    expect(found.verdict).toBe('met');
    expect(found.estimate.n).toBe(28_800);
    expect(found.estimate.low).toBeLessThan(found.estimate.value);
    expect(found.estimate.value).toBeLessThan(found.estimate.high);
    expect(await incidents()).toEqual([]);
  });

  it('opens one incident within five minutes of the change, names the prompt version, and shows traces of it', async () => {
    await world.post('/changes', {
      changes: [
        {
          id: 'CHG-8',
          service: 'support-bot',
          type: 'prompt',
          before: '7',
          after: '8',
          at: new Date(at).toISOString(),
        },
      ],
    });
    const changed = at;
    let found: IncidentJson[] = [];
    for (let i = 0; i < 5 && found.length === 0; i++) {
      await pass(1, '8', 0.8);
      await judge();
      found = await incidents();
    }
    expect(found).toHaveLength(1);
    const [incident] = found;
    expect(incident).toMatchObject({
      id: 'INC-1',
      state: 'new',
      category: 'ai.hallucination.ungrounded',
      service: 'support-bot',
      kind: 'XLA',
      objectives: ['support-bot-groundedness'],
      detectedLate: false,
      supportGroup: 'ai-platform',
    });
    expect(incident!.slices[0]).toMatchObject({ name: 'prompt_version=8', dimension: 'prompt_version', value: '8' });
    expect(incident!.slices[0]!.share).toBeGreaterThan(0.5);
    expect(incident!.changes.map((change) => change.id)).toContain('CHG-8');
    // Also of a change that was only told of.
    expect((await incidents())[0]!.causedByChange).toBe('CHG-8');
    expect(incident!.traces.bad.length).toBeGreaterThan(0);
    expect(incident!.traces.bad.length).toBeLessThanOrEqual(5);
    expect(Math.abs(Date.parse(incident!.startedAt) - changed)).toBeLessThanOrEqual(2 * MINUTE);
    expect(Date.parse(incident!.detectedAt) - changed).toBeLessThanOrEqual(5.5 * MINUTE);
    const { advice, moves } = await world.get<{ advice: string[]; moves: string[] }>('/incidents/INC-1');
    expect(advice[0]).toBe('Suspect the prompt change first: go back to 7, and watch.');
    expect(moves).toEqual(legalMoves('new'));
    expect((incident!.evidence.sinceOnset?.burn.value ?? 0) > 3).toBe(true);
    expect((await world.get<{ verdict: string }>('/objectives/support-bot-groundedness')).verdict).toBe('breached');
  });

  it('goes on after a restart as if nothing had been', async () => {
    await pass(2, '8', 0.8);
    await judge();
    await world.restart();
    await pass(2, '8', 0.8);
    await judge();
    const found = await incidents();
    expect(found).toHaveLength(1);
    expect(found[0]!.state).toBe('new');
    expect((await world.get<{ verdict: string }>('/objectives/support-bot-groundedness')).verdict).toBe('breached');
  });

  it('resolves by itself after the rollback, and closes after a week', async () => {
    await pass(40, '7', 0.02);
    await judge();
    const [incident] = await incidents();
    expect(incident).toMatchObject({ state: 'resolved', closeCode: 'recovered_automatically' });
    expect(Date.parse(incident!.resolvedAt!)).toBeLessThanOrEqual(at);
    expect((await world.get<{ verdict: string }>('/objectives/support-bot-groundedness')).verdict).not.toBe('breached');
    at += 8 * 86_400_000;
    await judge();
    expect((await incidents())[0]!.state).toBe('closed');
  });

  it('and every tally is the fold of the stored rows', async () => {
    await world.post('/settle', {});
    const { compared, differing, unsettled } = world.verify();
    expect({ differing, unsettled }).toEqual({ differing: 0, unsettled: 0 });
    expect(compared).toBeGreaterThan(2000);
  });
});
