import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';
import { incidentsOf, verdictOf } from './traffic.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-10-15T00:00:00Z');
const next = random(12);
const MODELS = ['gpt-4o-mini-2024-07-18', 'gpt-4o-2024-08-06', 'o3-mini'];

interface Shown {
  readonly verdict: string;
  readonly reason: string | null;
  readonly judgedBy: string;
  readonly target: number | null;
  readonly budget: object | null;
  readonly estimate: EstimateJson;
}

describe('what a service answers changes', () => {
  let world: World;
  let at = START;

  /** Answers whose tokens and models are drawn; one in so many minutes, or so many a minute. */
  async function pass(minutes: number, every: number, perMinute: number, factor: number): Promise<void> {
    const asked: Exchange[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE) {
      if (i % every > 0) continue;
      for (let k = 0; k < perMinute; k++)
        asked.push(
          exchange('bot', at + 5000 + k * 5000, {
            outputTokens: Math.round(30 * factor * Math.exp(next() + next() + next())),
            model: MODELS[Math.floor(next() * next() * 3)]!,
            durationMs: Math.round(500 + 1000 * next()),
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
  const shown = (name: string): Promise<Shown> => world.get<Shown>(`/objectives/${name}`);

  beforeAll(async () => {
    const drift = (feature: string) =>
      objective(`drift-${feature.replaceAll('_', '-')}`, { service: 'bot', measure: { type: 'drift', feature } });
    world = await World.start({
      now: START,
      services: [service('bot', { criticality: 1, slices: ['prompt_version'] })],
      objectives: [drift('output_tokens'), drift('response_model'), drift('duration')],
    });
    await pass(27 * 1440, 30, 1, 1);
    await judge();
  });
  afterAll(() => world.end());

  it('until there is a baseline it says how far that has come, and nothing is shown as good', async () => {
    const { verdict, reason, judgedBy, target, budget, estimate } = await shown('drift-output-tokens');
    expect({ verdict, judgedBy, target, budget }).toEqual({
      verdict: 'insufficient_evidence',
      judgedBy: 'drift',
      target: null,
      budget: null,
    });
    expect(reason).toBe('the baseline is being taken: day 27 of at least 7, 1296 of 20000 events');
    expect(estimate).toMatchObject({ status: 'insufficient', value: null, n: 1296 });
  });

  it('traffic that stays as it was is met, and opens nothing', async () => {
    await pass(2 * 1440, 30, 1, 1);
    await judge();
    await pass(120, 1, 10, 1);
    await judge();
    for (const name of ['drift-output-tokens', 'drift-response-model', 'drift-duration']) {
      const { verdict, estimate } = await shown(name);
      expect([name, verdict, estimate.status]).toEqual([name, 'met', 'ok']);
      expect(estimate.value!).toBeLessThan(0.05);
      expect(estimate.low! <= estimate.value! && estimate.value! < estimate.high!).toBe(true);
    }
    expect(await incidentsOf(world)).toEqual([]);
    const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    expect(metrics).toContain(
      'plimsoll_objective_verdict{service="bot",environment="",objective="drift-duration",verdict="met"} 1',
    );
    expect(metrics).toMatch(
      /plimsoll_drift_psi\{service="bot",environment="",measure="drift:duration",window="28d"\} 0/,
    );
    expect(metrics).not.toMatch(/plimsoll_measure_ratio\{[^}]*measure="drift/);
    expect(metrics).toMatch(
      /plimsoll_drift_effect\{service="bot",environment="",feature="duration",test="psi_adj"\} 0/,
    );
    expect(metrics).toMatch(/plimsoll_drift_evidence_ratio\{service="bot",environment="",feature="duration"\} 0/);
  });

  it('answers three times as long are a ticket within an hour, that says what moved from where to where; nobody is paged', async () => {
    for (let i = 0; i < 60 && (await incidentsOf(world)).length === 0; i++) {
      await pass(1, 1, 10, 3);
      await judge();
    }
    const incidents = await incidentsOf(world);
    expect(incidents).toHaveLength(1);
    const [incident] = incidents;
    expect(incident).toMatchObject({
      state: 'new',
      category: 'ai.drift.output_drift',
      objectives: ['drift-output-tokens'],
      urgency: 3,
    });
    const { bins, estimate, detector, target } = incident!.evidence as never as {
      bins: { name: string; share: number; baselineShare: number }[];
      estimate: EstimateJson;
      detector: { name: string; page: boolean };
      target: null;
    };
    expect([detector.name, detector.page, target]).toEqual(['drift', false, null]);
    expect(estimate.value!).toBeGreaterThan(0.25);
    expect(bins[0]!.share).toBeGreaterThan(bins[0]!.baselineShare);
    expect(incident!.title).toMatch(
      /^bot: drift of output_tokens \d\.\d\d \(.*\), (above )?\d+( to \d+)? tokens from \d/,
    );
    expect(await verdictOf(world, 'drift-output-tokens')).toBe('breached');
    expect(await verdictOf(world, 'drift-response-model')).toBe('met');
  });

  it('what comes late is judged again from there, and changes nothing that was right', async () => {
    const before = await incidentsOf(world);
    const { estimate } = await shown('drift-output-tokens');
    await world.spans([exchange('bot', at - 100 * MINUTE, { outputTokens: 100 }), exchange('bot', at - 20 * MINUTE)]);
    await judge();
    const after = await incidentsOf(world);
    expect(after.map(({ id, state }) => [id, state])).toEqual(before.map(({ id, state }) => [id, state]));
    expect((await shown('drift-output-tokens')).estimate.n).toBe(estimate.n + 2);
  });

  it('a restart goes on where it stood, and every tally is the fold of its rows', async () => {
    const before = await shown('drift-output-tokens');
    await world.restart();
    await judge();
    expect(await shown('drift-output-tokens')).toEqual(before);
    const { differences, compared } = world.verify();
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  });

  it('a change that somebody has approved begins a baseline of its own, and ends the incident', async () => {
    await world.post('/changes', {
      changes: [
        { service: 'bot', type: 'prompt', after: 'longer', state: 'approved', at: new Date(at - 30_000).toISOString() },
      ],
    });
    await pass(1, 1, 10, 3);
    await judge();
    const { verdict, reason } = await shown('drift-output-tokens');
    expect([verdict, reason]).toEqual([
      'insufficient_evidence',
      expect.stringMatching(/^the baseline is being taken: day 1 of at least 7, \d+ of 20000 events$/),
    ]);
    expect((await incidentsOf(world))[0]).toMatchObject({ state: 'resolved' });
  });
});
