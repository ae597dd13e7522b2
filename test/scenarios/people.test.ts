import supertest from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { ENGINES, objective, service, World } from '../server/world.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

describe.each([
  ['sqlite', 'sequential'],
  ['sqlite', 'both'],
  ...ENGINES.slice(1).map((engine) => [engine, 'both'] as const),
] as const)('people and Plimsoll move the same incident (%s, %s)', (engine, detector) => {
  let world: World;
  let traffic: Traffic;
  afterEach(() => world.end());

  async function broken(): Promise<void> {
    world = await World.start({
      engine,
      now: START,
      services: [service('bot')],
      objectives: [
        objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99, alert: { detector } }),
      ],
      // Nobody listens there: rows wait, and can be counted.
      spec: { sinks: [{ name: 'ops', type: 'webhook', url: 'https://ops.example.com/in', secret: 'env:OPS' }] },
    });
    traffic = new Traffic(world, 'bot', START);
    await traffic.live(6, { failed: 20 });
  }
  const move = (name: string, body: object = {}) =>
    supertest(world.plimsoll.addresses.http).post(`/api/v1/incidents/INC-1/${name}`).send(body);
  const incident = async (): Promise<IncidentJson> => {
    const all = await incidentsOf(world);
    expect(all.map(({ id }) => id)).toEqual(['INC-1']);
    return all[0]!;
  };
  /** Bad minutes, judged each tenth of them. */
  async function badMinutes(minutes: number): Promise<void> {
    for (let i = 0; i < minutes; i += 10) {
      await traffic.pass(10, { failed: 20 });
      await traffic.judge();
    }
  }

  it('resolved by a person while it is still broken: left alone for an hour, opened again once, then left alone', async () => {
    await broken();
    const { body } = await move('resolve', { notes: 'the provider says it is over' }).expect(200);
    expect(body).toMatchObject({ state: 'resolved', closeCode: 'solution_provided', ackedAt: body.resolvedAt });
    await badMinutes(50);
    expect((await incident()).state).toBe('resolved');
    await world.restart();
    await badMinutes(20);
    expect(await incident()).toMatchObject({ state: 'in_progress', closeCode: null, resolvedAt: null });
    await move('resolve', { notes: 'it is accepted', code: 'recovered_automatically' }).expect(200);
    await badMinutes(130);
    expect((await incident()).state).toBe('resolved');
  });

  it('put on hold, it is resolved when the promise is kept again, and a person can open it once more', async () => {
    await broken();
    await move('acknowledge').expect(200);
    const { body: held } = await move('hold', { reason: 'awaiting_vendor' }).expect(200);
    expect(held).toMatchObject({ state: 'on_hold', hold: { reason: 'awaiting_vendor' } });
    await traffic.pass(26 * 60);
    await traffic.judge();
    expect(await incident()).toMatchObject({ state: 'resolved', hold: null, closeCode: 'recovered_automatically' });
    await move('reopen', { reason: 'customers still complain' }).expect(200);
    await traffic.live(3);
    expect((await incident()).state).toBe('in_progress');
    await move('resolve', { notes: 'they do not any more' }).expect(200);
    await move('close').expect(200);
    expect(await incident()).toMatchObject({ state: 'closed', closeNotes: 'they do not any more' });
  });

  it('cancelled, it stays that, whatever comes', async () => {
    await broken();
    await move('cancel', { reason: 'a load test' }).expect(200);
    await badMinutes(80);
    await traffic.pass(26 * 60);
    await traffic.judge();
    expect(await incident()).toMatchObject({ state: 'cancelled', hold: null });
  });

  it('what a state does not allow is 409, with what it does allow, and changes nothing', async () => {
    await broken();
    const before = await incident();
    for (const [name, body] of [
      ['resume', {}],
      ['close', {}],
      ['reopen', { reason: 'why not' }],
    ] as const) {
      const answer = await move(name, body)
        .expect(409)
        .expect('content-type', /problem\+json/);
      expect(answer.body).toMatchObject({
        code: 'PLIM_INCIDENT_ILLEGAL_MOVE',
        status: 409,
        state: 'new',
        legal: expect.arrayContaining(['acknowledge', 'assign', 'hold', 'resolve', 'cancel', 'note']),
      });
    }
    await move('hold', { reason: 'tired' }).expect(400);
    await move('resolve', {}).expect(400);
    await move('acknowledge', { by: 'me' }).expect(400);
    await move('dance').expect(404);
    await move('prioritize', { reason: 'just so' }).expect(400);
    await move('prioritize', { priority: 6, reason: 'never mind' }).expect(400);
    await move('prioritize', { priority: 1 }).expect(400);
    await move('categorize', { category: 'ai.weather.rain', reason: 'wet' }).expect(400);
    await move('classify', { harm: 'hazard', art349: 'none', reason: 'nobody was harmed' }).expect(400);
    await move('aware').expect(400);
    await move('mitigate', { at: '2099-01-01T00:00:00Z' }).expect(400);
    expect(await incident()).toEqual(before);
  });

  it('what a person says of its priority stands, while what the rules make of it goes on beside it', async () => {
    await broken();
    const opened = await incident();
    expect(opened).toMatchObject({ override: null, reckoned: { impact: opened.impact, urgency: opened.urgency } });
    const { body } = await move('prioritize', { impact: 3, urgency: 3, reason: 'a pilot, three users' }).expect(200);
    expect(body).toMatchObject({
      priority: 5,
      reckoned: opened.reckoned,
      ackedAt: new Date(world.now).toISOString(),
      override: { impact: 3, urgency: 3, priority: null, reason: 'a pilot, three users', by: { id: 'local' } },
    });
    await badMinutes(60);
    await traffic.pass(26 * 60);
    await traffic.judge();
    expect(await incident()).toMatchObject({ state: 'resolved', priority: 5, impact: 3, urgency: 3 });
    const { body: pinned } = await move('prioritize', { priority: 2, reason: 'the boss uses it' }).expect(200);
    expect(pinned).toMatchObject({ priority: 2, impact: 3, urgency: 3 });
    const { body: free } = await move('prioritize', { impact: null, urgency: null, reason: 'as it was' }).expect(200);
    expect(free).toMatchObject({ ...free.reckoned, override: null });
  });

  it('a person chooses the category, judges the harm, says since when it is known and when it was contained', async () => {
    await broken();
    const { body: chosen } = await move('categorize', { category: 'ai.privacy.pii_output', reason: 'it leaks' }).expect(
      200,
    );
    expect(chosen).toMatchObject({
      category: 'ai.privacy.pii_output',
      urgency: 1,
      categorySetBy: { by: { id: 'local' }, reason: 'it leaks' },
    });
    const ada = { person: 'Ada Lovelace' };
    const { body: judged } = await move('classify', {
      harm: 'serious_incident',
      art349: 'c',
      reason: 'names of patients',
      ...ada,
    }).expect(200);
    expect(judged).toMatchObject({
      harm: 'serious_incident',
      art349: 'c',
      flags: ['serious_candidate'],
      classifiedBy: { by: { kind: 'user', id: 'local', name: 'Ada Lovelace' }, reason: 'names of patients' },
    });
    await move('aware', { at: new Date(world.now - 60_000).toISOString(), ...ada }).expect(200);
    const { body: known } = await move('aware', ada).expect(200);
    expect(known).toMatchObject({
      awareAt: new Date(world.now - 60_000).toISOString(),
      awareBy: { name: 'Ada Lovelace' },
    });
    const { body: contained } = await move('mitigate').expect(200);
    expect(contained.mitigatedAt).toBe(new Date(world.now).toISOString());
    await traffic.pass(26 * 60);
    await traffic.judge();
    const recovered = await incident();
    expect(recovered).toMatchObject({ state: 'new', category: 'ai.privacy.pii_output' });
    expect(recovered.timeline.some(({ text }) => /a person has to resolve it/.test(text))).toBe(true);
    await move('resolve', { notes: 'the patients were told' }).expect(200);
    await move('close').expect(200);
    const { body: refused } = await move('reopen', { reason: 'again' }).expect(409);
    expect(refused).toMatchObject({ legal: ['classify', 'aware', 'note'], detail: expect.stringMatching(/final/) });
    await move('classify', { harm: 'incident', art349: 'none', reason: 'no patients after all', ...ada }).expect(200);
    expect(await incident()).toMatchObject({ state: 'closed', harm: 'incident', flags: [] });
    const { entries } = await world.get<{ entries: { type: string; data: { event?: string } }[] }>('/audit?limit=1000');
    const events = entries.filter(({ type }) => type.startsWith('incident.')).map(({ data }) => data.event);
    for (const event of ['categorized', 'classified', 'aware', 'mitigated']) expect(events).toContain(event);
  });
});
