import supertest from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { type Exchange, objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

describe('what an incident is filed under, and whether it may be a serious one', () => {
  let world: World;
  let traffic: Traffic;
  afterEach(() => world.end());

  async function begin(riskClass: string, more: object = {}): Promise<void> {
    world = await World.start({
      now: START,
      services: [service('bot', { euAiAct: { riskClass } })],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99, ...more })],
    });
    traffic = new Traffic(world, 'bot', START);
  }
  const flag = (exchanges: readonly Exchange[], value: string) =>
    world.post('/feedback', { feedback: exchanges.map(({ traceId }) => ({ traceId, kind: 'flag', value })) });
  const move = (name: string, body: object) =>
    supertest(world.plimsoll.addresses.http).post(`/api/v1/incidents/INC-1/${name}`).send(body).expect(200);
  const limited = { failed: 12, more: { attributes: { 'http.response.status_code': 429 } } };

  it('failures that are rate limits are filed as that, unless the configuration says otherwise', async () => {
    await begin('minimal');
    await traffic.live(8, limited);
    expect(await incidentsOf(world)).toMatchObject([{ category: 'ai.availability.rate_limited', flags: [] }]);
    const { references } = await world.get<{ references: object }>('/incidents/INC-1');
    expect(references).toMatchObject({ owasp: ['LLM10'], serviceNow: ['AI system malfunction'] });
    await world.end();
    await begin('minimal', { incident: { category: 'ai.availability.capacity' } });
    await traffic.live(8, limited);
    expect(await incidentsOf(world)).toMatchObject([{ category: 'ai.availability.capacity' }]);
  });

  it('flagged while it is open, on a service of a high risk class: a person has to resolve it, and decides', async () => {
    await begin('high_annex_iii');
    await traffic.live(6, { failed: 12 });
    expect(await incidentsOf(world)).toMatchObject([{ flags: [], highRisk: true, impact: 1 }]);
    const asked = await traffic.pass(1, { failed: 12 });
    await flag(asked.slice(15, 16), 'unsafe');
    await traffic.pass(1, { failed: 12 });
    await traffic.judge();
    const [flagged] = await incidentsOf(world);
    expect(flagged!.flags).toEqual(['serious_candidate']);
    expect(flagged!.timeline.at(-1)).toMatchObject({
      event: 'flagged',
      text: expect.stringMatching(/people flagged answers of a service of a high risk class/),
    });
    await traffic.pass(26 * 60);
    await traffic.judge();
    const [recovered] = await incidentsOf(world);
    expect(recovered).toMatchObject({ state: 'new', resolvedAt: null });
    await move('classify', { harm: 'hazard', art349: 'none', reason: 'a test', person: 'Ada Lovelace' });
    await flag(await traffic.pass(1), 'unsafe');
    await traffic.pass(1);
    await traffic.judge();
    expect(await incidentsOf(world)).toMatchObject([{ state: 'new', flags: [] }]);
    await move('resolve', { notes: 'it was a test' });
  });

  it('on another service three flags make it one, and fewer do not', async () => {
    await begin('minimal');
    await traffic.live(6, { failed: 12 });
    await flag((await traffic.pass(1, { failed: 12 })).slice(12, 14), 'unsafe');
    await traffic.live(1, { failed: 12 });
    expect(await incidentsOf(world)).toMatchObject([{ flags: [] }]);
    await flag((await traffic.pass(1, { failed: 12 })).slice(12, 13), 'unsafe');
    await traffic.live(1, { failed: 12 });
    expect(await incidentsOf(world)).toMatchObject([{ flags: ['serious_candidate'] }]);
  });
});
