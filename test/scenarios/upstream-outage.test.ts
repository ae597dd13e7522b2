import { afterAll, expect, it, vi } from 'vitest';
import { type Exchange, exchange, objective, service, World } from '../server/world.ts';
import { type Behaviour, StandIn } from '../standins/http-server.ts';
import { incidentsOf } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const NAMES = Array.from({ length: 100 }, (_one, i) => `bot-${i}`);
/** What the receiver does with the first requests: refuses, breaks off before and after reading, fails, asks for time. */
const TROUBLE: Behaviour[] = Array.from({ length: 12 }, () => [
  { status: 503 },
  'hang up after reading' as const,
  { status: 200 },
  { status: 500 },
  'hang up' as const,
  { status: 429, headers: { 'retry-after': '2' } },
]).flat();

let world: World;
let receiver: StandIn;
afterAll(async () => {
  await world.end();
  await receiver.stop();
});

it('an upstream takes a hundred services with it: a hundred incidents, each opened once at a receiver in trouble, across a restart', async () => {
  receiver = await StandIn.start();
  receiver.behaviours.push(...TROUBLE);
  world = await World.start({
    now: START,
    services: NAMES.map((name) => service(name)),
    objectives: NAMES.map((name) =>
      objective(`${name}-up`, { service: name, measure: { type: 'availability' }, target: 0.99 }),
    ),
    spec: {
      sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
      egress: { allow: ['127.0.0.1'] },
    },
  });
  let at = START;
  async function pass(minutes: number, failed: boolean): Promise<void> {
    const made: Exchange[] = [];
    for (let i = 0; i < minutes; i++, at += MINUTE)
      for (const name of NAMES)
        for (let k = 0; k < 5; k++) made.push(exchange(name, at + 12_000 + k * 9000, { failed }));
    world.now = Math.max(world.now, at);
    await world.spans(made);
    world.now = Math.max(world.now, at + 20_000);
    await world.plimsoll.tick();
  }
  await pass(30, false);
  await pass(8, true);
  // Time stands still: the sixth answer asks for two seconds, and nothing more is sent.
  await vi.waitFor(() => expect(TROUBLE.length - receiver.behaviours.length).toBeGreaterThanOrEqual(5));
  await world.restart();
  await pass(30, false);

  const incidents = await incidentsOf(world);
  expect(incidents).toHaveLength(100);
  expect(new Set(incidents.map((one) => one.service)).size).toBe(100);
  expect(incidents.every((one) => one.state === 'resolved')).toBe(true);

  const expected = incidents.reduce((sum, one) => sum + one.timeline.length, 0);
  const accepted = (): Set<string> => new Set(receiver.received.map(({ headers }) => headers['webhook-id']!));
  await vi.waitFor(
    async () => {
      // Time passes for breakers and retries; a note wakes the deliveries and is one more thing to tell.
      world.now += 15 * MINUTE;
      await world.plimsoll.tick();
      await world.post('/incidents/INC-1/note', { text: 'still waiting' });
      expect(accepted().size).toBeGreaterThanOrEqual(expected);
      for (const { id } of [incidents[0]!, incidents[50]!, incidents[99]!]) {
        const { deliveries } = await world.get<{ deliveries: { state: string }[] }>(`/incidents/${id}`);
        expect(deliveries.filter(({ state }) => state !== 'delivered').length).toBeLessThanOrEqual(1);
      }
    },
    { timeout: 40_000, interval: 200 },
  );

  const events = new Map(receiver.received.map(({ body, headers }) => [headers['webhook-id']!, JSON.parse(body)]));
  const opened = [...events.values()].filter(({ type }) => type === 'dev.plimsoll.incident.opened.v1');
  expect(opened.map(({ subject }) => subject).toSorted()).toEqual(incidents.map(({ id }) => id).toSorted());
  // The same id says the same in every attempt; the address is another after the restart, the port being any free one.
  for (const { headers, body } of receiver.received) {
    const { source: _source, data, ...envelope } = JSON.parse(body);
    const first = events.get(headers['webhook-id']!);
    expect(first).toMatchObject({ ...envelope, data: { ...data, links: first.data.links } });
  }
  for (const { id } of incidents) {
    const sequences = [...events.values()].filter(({ subject }) => subject === id).map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted());
  }
});
