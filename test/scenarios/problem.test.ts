import { afterEach, describe, expect, it, vi } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import type { problemToJson } from '../../src/model/problem.ts';
import { objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { incidentsOf, Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
type ProblemJson = ReturnType<typeof problemToJson>;
type Detail = Omit<ProblemJson, 'incidents'> & { incidents: { id: string; slice: string | null }[]; moves: string[] };

describe('three incidents that become a problem, a known error and a fix', () => {
  let world: World;
  let traffic: Traffic;
  let receiver: StandIn;
  afterEach(async () => {
    await world.end();
    await receiver.stop();
  });

  /** A fifth of the traffic is of another prompt version, which fails. */
  async function live(minutes: number): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      const made = traffic.make(1, { perMinute: 20, failed: 4 });
      await world.spans(made.map((one) => ({ ...one, promptVersion: one.failed ? '8' : '7' })));
      await traffic.judge();
    }
  }
  /** It breaks, somebody ends it, and it stays well for two hours. */
  async function breakOnce(): Promise<IncidentJson> {
    const known = (await incidentsOf(world)).length;
    for (let i = 0; i < 30 && (await incidentsOf(world)).length === known; i++) await live(1);
    await live(3);
    const [opened] = await incidentsOf(world);
    return opened!;
  }
  async function end({ id }: IncidentJson): Promise<void> {
    await world.post(`/incidents/${id}/resolve`, { notes: 'rolled back' });
    await traffic.pass(26 * 60, { perMinute: 4 });
    await traffic.judge();
  }
  const problem = (id = 'PRB-1') => world.get<Detail>(`/problems/${id}`);
  const move = (name: string, body: object = {}) => world.post<ProblemJson>(`/problems/PRB-1/${name}`, body);

  it('opens by itself, names a prompt, and the fourth incident is told what helps', async () => {
    receiver = await StandIn.start();
    world = await World.start({
      now: START,
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
        egress: { allow: ['127.0.0.1'] },
      },
      services: [service('bot', { criticality: 4 })],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
    });
    traffic = new Traffic(world, 'bot', START);
    await traffic.pass(60);
    await end(await breakOnce());
    await end(await breakOnce());
    expect((await world.get<{ problems: unknown[] }>('/problems')).problems).toEqual([]);
    const third = await breakOnce();
    expect(third).toMatchObject({ id: 'INC-3', problem: 'PRB-1' });
    expect(await problem()).toMatchObject({
      state: 'new',
      rule: 'repeated',
      incidents: [{ id: 'INC-1' }, { id: 'INC-2' }, { id: 'INC-3' }],
      proposed: { category: 'prompt_regression', slice: 'prompt_version=8' },
      rootCauseCategory: null,
      knownError: false,
      moves: expect.arrayContaining(['assess']),
    });
    expect((await problem()).evidence[0]!.text).toMatch(/^associated with prompt_version=8/);
    for (const { id } of (await problem()).incidents)
      expect(await world.get(`/incidents/${id}`)).toMatchObject({ problem: 'PRB-1' });

    // People look for the cause: what helps is told where it is still of use, and by the next one alike.
    await move('assess');
    await move('analyse');
    await move('confirm', { cause: 'prompt_regression', reason: 'version 8 asks for a tool that is gone' });
    expect(await move('workaround', { text: 'Route to prompt 7.' })).toMatchObject({ knownError: true });
    expect((await world.get<{ advice: string[] }>('/incidents/INC-3')).advice[0]).toBe(
      'Known error PRB-1: Route to prompt 7.',
    );
    await end(third);
    const fourth = await breakOnce();
    expect(fourth).toMatchObject({
      problem: 'PRB-1',
      description: expect.stringContaining('Known error PRB-1: Route'),
    });

    // It is mended: the record says by what, and who may approve closes it.
    await move('fix', { change: 'CHG-9' });
    await end(fourth);
    await move('resolve', { notes: 'prompt 9 is out' });
    expect(await move('close')).toMatchObject({ state: 'closed', closedAs: 'fix_applied', fixChange: 'CHG-9' });
    await world.restart();
    expect(await problem()).toMatchObject({ state: 'closed', moves: ['note'] });
    const { entries } = await world.get<{ entries: { type: string }[] }>('/audit?limit=1000');
    const types = entries.map(({ type }) => type).filter((type) => type.startsWith('problem.'));
    expect(new Set(types)).toEqual(
      new Set(
        ['open', 'again', 'assess', 'analyse', 'confirm', 'workaround', 'fix', 'resolve', 'close'].map(
          (event) => `problem.${event}`,
        ),
      ),
    );

    // Those who keep problems were told each step, in order, by the outbox.
    const told = () =>
      receiver.received.map(({ body }) => JSON.parse(body)).filter(({ subject }) => subject === 'PRB-1');
    await vi.waitFor(() => expect(told().at(-1)?.type).toBe('dev.plimsoll.problem.closed.v1'), { timeout: 60_000 });
    expect(told().map(({ type }) => /problem\.(\w+)\.v1$/.exec(type)![1])).toEqual([
      'opened',
      ...['updated', 'updated', 'updated', 'known_error'],
      'recurred',
      ...['updated', 'resolved', 'closed'],
    ]);
    expect(told()[0].data).toMatchObject({ proposed: { category: 'prompt_regression' }, incidents: { length: 3 } });

    const { months } = await world.get<{ months: { incidents: number; byCause: unknown[] }[] }>('/problems/trend');
    expect(months).toHaveLength(12);
    expect(months.at(-1)).toMatchObject({
      incidents: 4,
      byCause: [{ cause: 'prompt_regression', incidents: 4, confirmed: 4 }],
      problemsOpened: 1,
      problemsClosed: 1,
    });
  });
});
