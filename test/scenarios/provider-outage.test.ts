import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { objective, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { incidentsOf, Traffic, verdictOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

interface Event {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: IncidentJson;
}

describe('a provider is down for ten minutes, watched by burn rates and by the sequential test side by side', () => {
  let world: World;
  let receiver: StandIn;
  let traffic: Traffic;
  const told = (): Event[] => receiver.received.map(({ body }) => JSON.parse(body));
  const ofType = (type: string): Event[] => told().filter((event) => event.type === `dev.plimsoll.incident.${type}.v1`);

  beforeAll(async () => {
    receiver = await StandIn.start();
    const availability = { measure: { type: 'availability' }, target: 0.99 };
    world = await World.start({
      now: START,
      services: [service('by-burn'), service('by-test'), service('by-both'), service('quiet')],
      objectives: [
        objective('burn', { service: 'by-burn', ...availability, alert: { detector: 'burn_rate' } }),
        objective('test', { service: 'by-test', ...availability, alert: { detector: 'sequential' } }),
        objective('both', { service: 'by-both', ...availability, alert: { detector: 'both' } }),
        objective('quiet', { service: 'quiet', ...availability, alert: { detector: 'both', page: false } }),
      ],
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
        egress: { allow: ['127.0.0.1'] },
      },
    });
    traffic = new Traffic(world, 'by-burn', START);
    await each(2880, { perMinute: 4 });
    await traffic.judge();
  });
  afterAll(async () => {
    await world.end();
    await receiver.stop();
  });

  /** The same minutes for all four services. */
  async function each(minutes: number, how: Parameters<Traffic['pass']>[1]): Promise<void> {
    const from = traffic.at;
    for (const name of ['by-burn', 'by-test', 'by-both', 'quiet']) {
      traffic.at = from;
      const made = traffic.make(minutes, how);
      world.now = Math.max(world.now, traffic.at);
      await world.spans(made.map((one) => ({ ...one, service: name })));
    }
  }
  async function live(minutes: number, how: Parameters<Traffic['pass']>[1]): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      await each(1, how);
      await traffic.judge();
    }
  }
  const of = async (name: string): Promise<IncidentJson> =>
    (await incidentsOf(world)).find((one) => one.service === name)!;

  it('opens one incident for each within three judged minutes', async () => {
    const broken = traffic.at;
    await live(3, { perMinute: 20, failed: 20 });
    const incidents = await incidentsOf(world);
    expect(incidents.map((one) => one.service).sort()).toEqual(['by-both', 'by-burn', 'by-test', 'quiet']);
    for (const incident of incidents) {
      expect(Date.parse(incident.startedAt)).toBeGreaterThanOrEqual(broken - 5 * MINUTE);
      expect(incident.category).toBe('ai.availability.outage');
      expect(incident.objectives).toHaveLength(1);
      expect(incident.detectedLate).toBe(false);
    }
    await vi.waitFor(() => expect(ofType('opened')).toHaveLength(4));
    expect((await of('by-burn')).evidence.detector.name).toBe('burn_rate');
    expect((await of('by-test')).evidence.detector.name).toBe('sequential');
  });

  it('is urgent where somebody may be woken: at once by the fastest burn rate, a minute later by the page test', async () => {
    await live(1, { perMinute: 20, failed: 20 });
    expect(ofType('opened').find(({ data }) => data.service === 'by-burn')!.data.urgency).toBe(1);
    const urgencies = (await incidentsOf(world)).map(({ service, urgency }) => [service, urgency]);
    expect(Object.fromEntries(urgencies)).toEqual({ 'by-burn': 1, 'by-test': 1, 'by-both': 1, quiet: 2 });
  });

  it('says when the first destination took the news, on the record and nowhere else', async () => {
    await vi.waitFor(async () => expect((await of('by-test')).notifiedAt).not.toBeNull());
    const incident = await of('by-test');
    expect(Date.parse(incident.notifiedAt!)).toBeGreaterThanOrEqual(Date.parse(incident.openedAt));
    const transitions = (): Event[] => told().filter((event) => event.subject === incident.id);
    await vi.waitFor(() => expect(transitions()).toHaveLength(incident.timeline.length));
  });

  it('keeps that time in what is told and stored later', async () => {
    const { id, notifiedAt } = await of('by-test');
    world.now += 1000;
    const answer = await world.post<IncidentJson>(`/incidents/${id}/note`, { text: 'asked the provider' });
    expect(answer.notifiedAt).toBe(notifiedAt);
    await world.restart();
    expect((await of('by-test')).notifiedAt).toBe(notifiedAt);
  });

  it('stays at one incident each while it lasts, and resolves each when the promise is kept again', async () => {
    await live(6, { perMinute: 20, failed: 20 });
    expect(await incidentsOf(world)).toHaveLength(4);
    expect(await verdictOf(world, 'both')).toBe('breached');
    await each(60, { perMinute: 20 });
    await traffic.judge();
    expect((await of('by-test')).state).toBe('resolved');
    // The slowest tier has fired too: it holds on for three times its short window of six hours, after that is clean.
    expect((await of('by-burn')).state).toBe('new');
    await each(25 * 60, { perMinute: 4 });
    await traffic.judge();
    const incidents = await incidentsOf(world);
    expect(incidents).toHaveLength(4);
    for (const incident of incidents)
      expect([incident.service, incident.state, incident.closeCode]).toEqual([
        incident.service,
        'resolved',
        'recovered_automatically',
      ]);
    await vi.waitFor(() => expect(ofType('resolved')).toHaveLength(4));
    expect(ofType('opened')).toHaveLength(4);
    expect(new Set(told().map((event) => event.id)).size).toBe(told().length);
  });

  it('the incident of two detectors names its promise once and ends when both say so', async () => {
    const incident = await of('by-both');
    expect(incident.objectives).toEqual(['both']);
    expect(incident.timeline.map((entry) => entry.text).join('\n')).not.toMatch(/both is broken too/);
    const alone = await of('by-test');
    expect(Date.parse(incident.resolvedAt!)).toBeGreaterThanOrEqual(Date.parse(alone.resolvedAt!));
  });
});
