import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import type { ChangeDetailJson } from '../../src/server/api/openapi/changes.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-18T00:00:00Z');
const chance = random(11);

interface Verdict {
  decision: string;
  reason: string;
  objectives: { objective: string; compared: string; decision: string }[];
}

describe('an approved prompt change goes wrong, and is rolled back', () => {
  let world: World;
  let at = START;

  /** Minutes in which ten people a minute ask; `canary` of them are answered by the new prompt, which is as bad as said. */
  async function pass(minutes: number, canary: number, badShare: number, perMinute = 10): Promise<void> {
    const asked: Exchange[] = [];
    const scores: { exchange: Exchange; score: number }[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE)
      for (let k = 0; k < perMinute; k++) {
        const isNew = chance() < canary;
        const one = exchange('support-bot', at + k * 5_000 + 500, { promptVersion: isNew ? '8' : '7' });
        asked.push(one);
        scores.push({ exchange: one, score: chance() < (isNew ? badShare : 0.03) ? 0.2 : 0.9 });
      }
    world.now = at;
    await world.spans(asked);
    await world.rate(scores);
    world.now = at + 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
  }

  const move = (id: string, name: string, body: object = {}): Promise<ChangeDetailJson> =>
    world.post<ChangeDetailJson>(`/changes/${id}/${name}`, body);
  const detail = (id: string): Promise<ChangeDetailJson> => world.get<ChangeDetailJson>(`/changes/${id}`);
  const verdict = (id: string): Promise<Verdict> => world.get<Verdict>(`/changes/${id}/verdict`);
  const approve = async (id: string, more: object = {}): Promise<void> => {
    await world.post('/changes', {
      changes: [
        {
          id,
          service: 'support-bot',
          type: 'prompt',
          kind: 'normal',
          before: '7',
          after: '8',
          template: 'wording',
          requestedBy: 'Kim',
          rollbackPlan: 'set it back to 7',
          ...more,
        },
      ],
    });
    await move(id, 'submit');
    await move(id, 'assess', { reason: 'small' });
    await move(id, 'approve', { person: 'Dana' });
  };

  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [
        service('support-bot', {
          changes: 'gate',
          evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
        }),
      ],
      objectives: [
        objective('grounded', {
          service: 'support-bot',
          kind: 'XLA',
          measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' },
          target: 0.9,
        }),
        objective('up', { service: 'support-bot', measure: { type: 'availability' }, target: 0.95 }),
      ],
    });
    await pass(1440, 0, 0.03, 5);
  });
  afterAll(() => world.end());

  it('goes out when the gate is open', async () => {
    await approve('release-8');
    const gate = await world.get<{ decision: string; reason: string }>('/changes/release-8/gate');
    expect(gate.reason).toContain('approved by Dana');
    expect(gate.decision).toBe('open');
    world.now = at;
    await move('release-8', 'start');
    expect((await verdict('release-8')).decision).toBe('inconclusive');
  });

  it('is to be rolled back by what both versions show side by side, and the incident names it', async () => {
    await pass(40, 0.5, 0.5);
    expect(await verdict('release-8')).toMatchObject({
      decision: 'rollback',
      reason: expect.stringContaining('grounded: loses more than 5 points'),
      objectives: expect.arrayContaining([
        expect.objectContaining({ objective: 'grounded', compared: 'versions', decision: 'rollback' }),
      ]),
    });
    const [incident] = (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents;
    expect(incident).toMatchObject({ causedByChange: 'release-8' });
    expect(await detail('release-8')).toMatchObject({ incidents: [incident!.id] });
  });

  it('is rolled back; the review writes itself when the watch is over, and a person signs it', async () => {
    world.now = at;
    await move('release-8', 'complete', { rolledBack: true, notes: 'answers do not name their source' });
    expect(await world.get('/changes/release-8%2Frollback')).toMatchObject({ before: { id: '8' }, after: { id: '7' } });
    await pass(1440, 0, 0, 2);
    expect(await detail('release-8')).toMatchObject({
      state: 'review',
      review: { result: 'unsuccessful', signed: null, text: expect.stringContaining('rolled back') },
    });
    expect(await move('release-8', 'review', { notes: 'wording was not tried out', person: 'Dana' })).toMatchObject({
      state: 'closed',
      review: { signed: { result: 'unsuccessful' } },
    });
  });

  it('is the share of changes that went wrong, the way back being none of its own', async () => {
    await world.post('/changes', { changes: [{ id: 'CHG-7', service: 'support-bot', type: 'tool', after: '2' }] });
    world.now += MINUTE;
    await world.plimsoll.tick();
    const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    expect(metrics).toContain('plimsoll_change_failure_ratio{service="support-bot",environment=""} 0.5');
  });

  it('counts against its template', async () => {
    await world.post('/changes', {
      changes: [
        { id: 'release-9', service: 'support-bot', type: 'prompt', kind: 'standard', template: 'wording', after: '9' },
      ],
    });
    await expect(move('release-9', 'submit')).rejects.toThrow('the template wording was used 0 times in a row');
  });
});
