import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeDetailJson } from '../../src/server/api/openapi/changes.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';
import { argoMetric, argoMetricPhase, argoPhase, flaggerHooks } from './rollout-tools.ts';

const MINUTE = 60_000;
const DAY = 1440;
const START = Date.parse('2026-11-10T00:00:00Z');
const chance = random(5);

interface Finding {
  readonly objective: string;
  readonly compared: string;
  readonly decision: string;
  readonly before: { readonly n: number };
  readonly after: { readonly n: number };
  readonly difference: { readonly low: number; readonly high: number };
  readonly towardsApproval: number;
  readonly towardsRollback: number;
  readonly eventsNeeded: number;
}
interface Verdict {
  readonly decision: string;
  readonly reason: string;
  readonly error: number;
  readonly watchedSince: string;
  readonly notBefore: string;
  readonly watchedUntil: string;
  readonly objectives: readonly Finding[];
}

describe('a change of a corpus, which no slice tells apart: after against before', () => {
  let world: World;
  let at = START;

  /** Half of the scores come after twenty minutes. */
  async function pass(minutes: number, badShare = 0.03): Promise<void> {
    const asked: Exchange[] = [];
    const scores: { exchange: Exchange; score: number; laterMs: number }[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE)
      for (let k = 0; k < 2; k++) {
        const one = exchange('bot', at + k * 20_000 + 500, { failed: chance() < 0.01 });
        asked.push(one);
        const laterMs = chance() < 0.5 ? 5000 : 20 * MINUTE;
        if (!one.failed) scores.push({ exchange: one, score: chance() < badShare ? 0.2 : 0.9, laterMs });
      }
    world.now = at;
    await world.spans(asked);
    await world.rate(scores);
    world.now = at + 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
  }

  const move = (id: string, name: string, body: object = {}): Promise<ChangeDetailJson> =>
    world.post<ChangeDetailJson>(`/changes/${id}/${name}`, body);
  const verdict = (id: string): Promise<Verdict> => world.get<Verdict>(`/changes/${id}/verdict`);
  /** As Flagger does: a status of up to 202 is a yes. */
  async function flagger(id: string, type: string): Promise<boolean> {
    const { url } = flaggerHooks().find((hook) => hook.type === type)!;
    const { pathname, search } = new URL(url.replace('release-42', id));
    const response = await fetch(world.plimsoll.addresses.http + pathname + search, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'bot', namespace: 'default', phase: 'Progressing', metadata: {} }),
    });
    return response.status <= 202;
  }
  /** The change begins now. */
  async function begin(id: string): Promise<void> {
    const change = { id, service: 'bot', type: 'retrieval_corpus', kind: 'normal', before: '1', after: id };
    await world.post('/changes', { changes: [{ ...change, requestedBy: 'Kim', template: 'corpus' }] });
    await move(id, 'submit');
    await move(id, 'assess', { reason: 'small' });
    await move(id, 'approve', { person: 'Dana' });
    await move(id, 'start');
  }

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot', { evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } } })],
      objectives: [
        objective('grounded', {
          service: 'bot',
          kind: 'XLA',
          measure: { type: 'accuracy', evaluation: 'groundedness' },
          target: 0.9,
        }),
        objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.95 }),
      ],
    });
    await pass(8 * DAY);
  }, 120_000);
  afterAll(() => world.end());

  it('shows how far it has come while it is watched, and holds rollouts until it knows', async () => {
    await begin('corpus-2');
    await pass(6 * 60);
    const found = await verdict('corpus-2');
    expect(found).toMatchObject({
      decision: 'inconclusive',
      error: 0.05,
      notBefore: new Date(Date.parse(found.watchedSince) + DAY * MINUTE).toISOString(),
    });
    for (const one of found.objectives) {
      expect(one).toMatchObject({ compared: 'times', decision: 'inconclusive', towardsRollback: 0 });
      // The same minutes of the week before, as many as now: young scores stand for those that are still to come.
      expect(one.after.n / one.before.n).toBeCloseTo(1, 1);
      expect(one.towardsApproval).toBeGreaterThan(0);
      expect(one.eventsNeeded).toBeGreaterThan(100);
      expect(one.difference.low).toBeLessThan(one.difference.high);
    }
    expect(await flagger('corpus-2', 'confirm-promotion')).toBe(false);
    expect(await flagger('corpus-2', 'rollback')).toBe(false);
    expect(argoPhase(argoMetric(), found)).toBe('Inconclusive');
  });

  it('is approved after a day when no promise has lost its margin; a person signs what was written', async () => {
    await pass(18 * 60 + 5);
    const found = await verdict('corpus-2');
    expect(found).toMatchObject({ decision: 'approve' });
    expect(found.objectives.map(({ decision, towardsApproval }) => [decision, towardsApproval])).toEqual([
      ['approve', 1],
      ['approve', 1],
    ]);
    expect(await flagger('corpus-2', 'confirm-promotion')).toBe(true);
    expect(await flagger('corpus-2', 'rollback')).toBe(false);
    expect(argoPhase(argoMetric(), found)).toBe('Successful');
    await move('corpus-2', 'complete');
    const { review } = await world.get<ChangeDetailJson>('/changes/corpus-2');
    expect(review).toMatchObject({
      result: 'successful',
      signed: null,
      text: expect.stringContaining('Nothing is worse'),
    });
    await expect(move('corpus-2', 'review', { notes: 'fine' })).rejects.toThrow('a named person signs');
    expect(await move('corpus-2', 'review', { notes: 'fine', person: 'Dana' })).toMatchObject({
      state: 'closed',
      review: { signed: { result: 'successful', by: { name: 'Dana' } } },
    });
  });

  it('is to be rolled back within hours when one promise has lost it', async () => {
    await begin('corpus-3');
    await pass(3 * 60, 0.35);
    const found = await verdict('corpus-3');
    expect(found.decision).toBe('rollback');
    expect(found.objectives.find((one) => one.objective === 'grounded')).toMatchObject({
      decision: 'rollback',
      towardsRollback: 1,
      towardsApproval: 0,
    });
    expect(await flagger('corpus-3', 'rollback')).toBe(true);
    expect(await flagger('corpus-3', 'confirm-promotion')).toBe(false);
    expect(argoPhase(argoMetric(), found)).toBe('Failed');
    // Of nothing that tells the versions apart there is no guilty slice: the way back is what counts against the template.
    await move('corpus-3', 'complete', { rolledBack: true });
    await world.post('/changes', {
      changes: [{ id: 'corpus-4', service: 'bot', type: 'retrieval_corpus', kind: 'standard', template: 'corpus' }],
    });
    await expect(move('corpus-4', 'submit')).rejects.toThrow('used 0 times in a row');
  });

  it('that is undecided to the end is no success for Argo Rollouts either', () => {
    const metric = argoMetric();
    const phases = (approved: number): string[] =>
      Array.from({ length: metric.count }, (_, i) => (i < metric.count - approved ? 'Inconclusive' : 'Successful'));
    expect(argoMetricPhase(metric, phases(0))).toBe('Inconclusive');
    expect(argoMetricPhase(metric, phases(1))).toBe('Successful');
    expect(argoMetricPhase(metric, ['Inconclusive', 'Failed'])).toBe('Failed');
    expect(argoMetricPhase(metric, ['Inconclusive', 'Successful'])).toBe('Running');
  });
});
