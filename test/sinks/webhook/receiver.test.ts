import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Transition } from '../../../src/model/incident.ts';
import { type DeliveryEvent, Dispatcher } from '../../../src/server/delivery/dispatcher.ts';
import { createHttp } from '../../../src/sinks/http.ts';
import { webhook } from '../../../src/sinks/webhook/index.ts';
import { incidentWith } from '../../incidents.ts';
import { type Received, StandIn } from '../../standins/http-server.ts';
import { MemoryOutbox } from '../../standins/memory-outbox.ts';
import { noMail } from '../../standins/no-mail.ts';

/** The whole way to a receiver that verifies and de-duplicates as Standard Webhooks tells receivers to. */
const SECRET = `whsec_${Buffer.from('a signing secret of 32 bytes!!!!').toString('base64')}`;

let receiver: StandIn;
let store: MemoryOutbox;
let events: DeliveryEvent[];
let dispatcher: Dispatcher;
/** How far our clock is off. */
let skewMs: number;
/** How long an answer is waited for. */
let patienceMs: number;
let seq: number;

beforeEach(async () => {
  receiver = await StandIn.start();
  store = new MemoryOutbox();
  events = [];
  skewMs = 0;
  patienceMs = 30_000;
  seq = 0;
  dispatcher = new Dispatcher({
    store,
    sinks: [{ name: 'ops', sink: webhook, options: { url: `${receiver.url}/in?key=k`, secret: 'env:OPS_SECRET' } }],
    http: (request) => createHttp({ allow: ['127.0.0.1/32'], totalMs: patienceMs })(request),
    mail: noMail,
    secret: async () => SECRET,
    deployment: 'eu1',
    consoleUrl: 'https://plimsoll.example.com',
    now: () => Date.now() + skewMs,
    random: () => 0.05,
    schedule: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onEvent: (event) => events.push(event),
  });
  dispatcher.run();
});
afterEach(async () => {
  await dispatcher.stop();
  await receiver.stop();
});

async function tell(...transitions: Transition[]): Promise<void> {
  for (const transition of transitions) await store.commit(incidentWith(), ++seq, transition, Date.now(), ['ops']);
  dispatcher.wake();
}
const settled = (): Promise<void> =>
  vi.waitFor(() => expect(store.rows.filter((row) => row.state === 'pending')).toEqual([]));
const verified = ({ body, headers }: Received) =>
  new Webhook(SECRET).verify(body, headers) as { id: string; type: string };
/** First sight of each id, in order. */
const heard = (): string[] => [
  ...new Map(receiver.received.map(verified).map((event) => [event.id, event.type.split('.')[3]!])).values(),
];

it('every transition arrives once, in order, though the receiver hangs up, is slow and is busy', async () => {
  receiver.behaviours.push(
    'hang up after reading',
    { status: 429, headers: { 'retry-after': '0' } },
    { status: 200 },
    'silent',
    { slowMs: 100 },
    { status: 503 },
    'hang up',
  );
  patienceMs = 1_000;
  await tell('opened', 'acknowledged', 'updated', 'updated', 'resolved', 'closed');
  await settled();
  expect(heard()).toEqual(['opened', 'acknowledged', 'updated', 'updated', 'resolved', 'closed']);
  expect(receiver.received.length).toBeGreaterThan(6);
  expect(receiver.received[0]!.path).toBe('/in?key=k');
  expect(receiver.received[0]!.headers).toMatchObject({ 'content-type': 'application/cloudevents+json' });
  expect(JSON.stringify(events)).not.toContain('key=k');
});

it('a repetition has the same id and body, and the time of its own attempt', async () => {
  receiver.behaviours.push({ status: 503, headers: { 'retry-after': '2' } });
  await tell('opened');
  await vi.waitFor(() => expect(store.rows[0]!.lastError).toBe('answered 503'));
  skewMs = 2000;
  dispatcher.wake();
  await settled();
  const [first, second] = receiver.received;
  expect(second!.body).toBe(first!.body);
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  const seconds = [first, second].map((request) => Number(request!.headers['webhook-timestamp']));
  expect(seconds[1]! - seconds[0]!).toBeGreaterThanOrEqual(2);
  expect(second!.headers['webhook-signature']).not.toBe(first!.headers['webhook-signature']);
});

it('a clock that is ten minutes off is refused by the receiver’s library', async () => {
  skewMs = 600_000;
  await tell('opened');
  await settled();
  expect(() => verified(receiver.received[0]!)).toThrow('Message timestamp too new');
});

it('a redirect is not followed and a dead letter, and the incident goes on', async () => {
  receiver.behaviours.push({ status: 307, headers: { location: 'http://169.254.169.254/latest' } });
  await tell('opened', 'resolved');
  await settled();
  expect(store.rows.map((row) => row.state)).toEqual(['dead', 'delivered']);
  expect(store.rows[0]!.lastError).toMatch(/answered 307: redirects are not followed/);
});

it('a receiver that is gone is left in peace', async () => {
  receiver.behaviours.push({ status: 410 });
  await tell('opened');
  await settled();
  await tell('resolved');
  await vi.waitFor(() => expect(dispatcher.breakers().get('ops')!.state).toBe('disabled'));
  await dispatcher.stop();
  expect(receiver.received).toHaveLength(1);
  expect(store.rows.map((row) => row.state)).toEqual(['dead', 'pending']);
});
