import type { Message, Outcome } from '../../src/model/delivery.ts';
import { type Incident, isOpen, type Priority, type Transition } from '../../src/model/incident.ts';
import type { ConfiguredSink, DeliveryEvent } from '../../src/server/delivery/dispatcher.ts';
import { labelsOf } from '../../src/sinks/alertmanager/alerts.ts';
import { sinks } from '../../src/sinks/index.ts';
import { outcomeOf } from '../../src/sinks/outcome.ts';
import { defineSink, type HttpRequest, type HttpResult, type SinkContext } from '../../src/sinks/sink.ts';
import { incidentWith } from '../incidents.ts';
import { random } from '../random.ts';
import { AlertmanagerModel } from '../standins/alertmanager.ts';
import { MemoryOutbox } from '../standins/memory-outbox.ts';
import { VirtualTime } from '../standins/virtual-time.ts';
import { boot, type Process } from './process.ts';
import { weatherOver } from './weather.ts';

/**
 * A day of incidents, told to five destinations through bad weather by a process that is killed now and then. Nothing of
 * ours is simulated: the sinks, the planner and the dispatcher are the real ones; clock, network, store and chance are not.
 */
export interface World {
  readonly store: MemoryOutbox;
  readonly events: readonly DeliveryEvent[];
  /** As they are in the end. */
  readonly incidents: ReadonlyMap<string, Incident>;
  /** How far each incident's transitions go. */
  readonly lastSeq: ReadonlyMap<string, number>;
  /** What webhook receiver has read, in order: id, incident, seq, body. */
  readonly webhook: readonly {
    readonly id: string;
    readonly incident: string;
    readonly seq: number;
    readonly body: string;
  }[];
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly ticketsMadeTwice: readonly string[];
  /** What the chat has shown, in order. */
  readonly chat: readonly { readonly incident: string; readonly transition: Transition; readonly seq: number }[];
  /** Severities that fire in the end, by instance and incident. */
  readonly firing: readonly ReadonlyMap<string, string>[];
  /** Broken promises that can only be seen when they happen. */
  readonly complaints: readonly string[];
  readonly weather: ReadonlyMap<Weather, number>;
  readonly kills: number;
}

interface Ticket {
  state: string;
  seq: number;
}

/** What a destination does with a request. `lying`: works, and says that it failed. `twice`: reads everything two times. */
const WEATHERS = ['fine', 'down', 'silent', 'lost', 'lying', 'busy', 'refusing', 'slow', 'twice'] as const;
export type Weather = (typeof WEATHERS)[number];

const START = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;
const NAMES = ['ops', 'am', 'desk', 'talk'];

export async function simulate(seed: number, incidentCount: number): Promise<World> {
  const dice = random(seed);
  const between = (low: number, high: number): number => low + dice() * (high - low);
  const one = <T>(list: readonly T[]): T => list[Math.floor(dice() * list.length)]!;

  const time = new VirtualTime(START);
  const store = new MemoryOutbox();
  const events: DeliveryEvent[] = [];
  const complaints: string[] = [];
  const incidents = new Map<string, Incident>();
  const lastSeq = new Map<string, number>();
  const badUntil = START + 24 * HOUR;

  // The other side.
  const webhook: { id: string; incident: string; seq: number; body: string }[] = [];
  const alertmanagers = [new AlertmanagerModel(), new AlertmanagerModel()];
  const tickets = new Map<string, Ticket>();
  const ticketsMadeTwice: string[] = [];
  const servedByDesk = new WeakSet<HttpRequest>();
  const chat: { incident: string; transition: Transition; seq: number }[] = [];
  const servers: Record<string, (request: HttpRequest) => { status: number; body: string }> = {
    ops: ({ body = '' }) => {
      const { id, subject, sequence } = JSON.parse(body);
      webhook.push({ id, incident: subject, seq: Number(sequence), body });
      return { status: 204, body: '' };
    },
    'am-0': ({ body = '' }) => ({ status: alertmanagers[0]!.post(body, time.now), body: '' }),
    'am-1': ({ body = '' }) => ({ status: alertmanagers[1]!.post(body, time.now), body: '' }),
    desk: (request) => {
      const { method, body = '{}', url } = request;
      const { incident, state, seq } = JSON.parse(body);
      const key = new URL(url).searchParams.get('id')!;
      if (method === 'GET') return { status: 200, body: JSON.stringify(tickets.has(key)) };
      // A network that repeats a request makes a ticket too many, and nobody could help it.
      if (method === 'POST' && tickets.has(incident) && !servedByDesk.has(request)) ticketsMadeTwice.push(incident);
      servedByDesk.add(request);
      if ((tickets.get(incident)?.seq ?? 0) > seq) complaints.push(`ticket of ${incident} goes back to ${seq}`);
      tickets.set(incident, { state, seq });
      return { status: 200, body: '' };
    },
    talk: ({ body = '' }) => {
      chat.push(JSON.parse(body));
      return { status: 200, body: '' };
    },
  };

  // The weather between.
  const weather = new Map<Weather, number>();
  const weatherAt = weatherOver({ time, kinds: WEATHERS, badUntil, dice, lasts: () => between(60_000, 4 * HOUR) });
  const http = async (request: HttpRequest): Promise<HttpResult> => {
    const host = new URL(request.url).hostname;
    checkOnLeaving(host, request);
    const is = weatherAt(host);
    weather.set(is, (weather.get(is) ?? 0) + 1);
    const answer = ({ status, body }: { status: number; body: string }, headers = {}): HttpResult => ({
      kind: 'answer',
      status,
      headers,
      body,
    });
    const serve = (): HttpResult => answer(servers[host]!(request));
    await time.sleep(between(1, 200));
    switch (is) {
      case 'fine':
        return serve();
      case 'down':
        return { kind: 'not_sent', reason: 'no connection (ECONNREFUSED)' };
      case 'silent':
        await time.sleep(15_000);
        return { kind: 'no_answer', reason: 'no answer within 15 s' };
      case 'lost':
        serve();
        await time.sleep(15_000);
        return { kind: 'no_answer', reason: 'no answer within 15 s' };
      case 'lying':
        serve();
        return answer({ status: one([500, 502, 504]), body: '' });
      case 'busy':
        return answer({ status: 429, body: '' }, { 'retry-after': String(Math.floor(between(0, 120))) });
      case 'refusing':
        return answer({ status: 503, body: '' });
      case 'slow':
        await time.sleep(between(1000, 14_000));
        return serve();
      case 'twice':
        serve();
        return serve();
    }
  };

  /** Nothing may leave for a page or a chat that opens what is over by then. */
  const checkOnLeaving = (host: string, { body = '' }: HttpRequest): void => {
    const isOver = (id: string): boolean => !isOpen(incidents.get(id)!);
    if (host.startsWith('am-'))
      for (const { labels, endsAt } of JSON.parse(body))
        if (Date.parse(endsAt) > time.now && isOver(labels.incident))
          complaints.push(`${time.now}: fires for ${labels.incident}, which is over`);
    if (host !== 'talk') return;
    const { incident, transition } = JSON.parse(body);
    if (transition !== 'resolved' && transition !== 'closed' && isOver(incident))
      complaints.push(`${time.now}: tells ${transition} of ${incident}, which is over`);
  };

  const configured: ConfiguredSink[] = [
    { name: 'ops', sink: sinks.webhook, options: { url: 'https://ops/', secret: 'env:S' } },
    { name: 'am', sink: sinks.alertmanager, options: { urls: ['https://am-0', 'https://am-1'] } },
    { name: 'desk', sink: serviceDesk, options: {} },
    { name: 'talk', sink: chatRoom, options: {} },
  ];

  // Our process, which is killed now and then.
  const bootNow = (): Process =>
    boot({
      store,
      sinks: configured,
      http,
      secret: async () => 'a secret',
      time,
      dice,
      onEvent: (event) => events.push(event),
    });
  let kills = 0;
  let running = bootNow();

  // What happens.
  const commit = async (incident: Incident, transition: Transition): Promise<void> => {
    const seq = (lastSeq.get(incident.id) ?? 0) + 1;
    incidents.set(incident.id, incident);
    lastSeq.set(incident.id, seq);
    await store.commit(incident, seq, transition, time.now, NAMES);
    running.dispatcher.wake();
  };
  const live = async (id: string): Promise<void> => {
    await time.sleep(between(0, 22 * HOUR));
    let incident = incidentWith({
      id,
      priority: one<Priority>([1, 2, 3, 4, 5]),
      startedAt: time.now - 180_000,
      openedAt: time.now,
    });
    const pass = async (transition: Transition, change: Partial<Incident>): Promise<void> => {
      incident = { ...incident, ...change };
      await commit(incident, transition);
    };
    await pass('opened', {});
    for (;;) {
      for (let n = Math.floor(between(0, 4)); n > 0; n--) {
        await time.sleep(between(0, HOUR / 2));
        const what = one<Transition>(['acknowledged', 'updated', 'updated', 'escalated', 'held']);
        const state = what === 'held' ? 'on_hold' : what === 'acknowledged' ? 'in_progress' : incident.state;
        await pass(what, { state, priority: dice() < 0.3 ? one<Priority>([1, 2, 3, 4, 5]) : incident.priority });
      }
      if (dice() < 0.15) return;
      await time.sleep(dice() < 0.3 ? 0 : between(0, 2 * HOUR));
      await pass('resolved', { state: 'resolved', resolvedAt: time.now });
      if (dice() < 0.7) break;
      await time.sleep(between(0, HOUR));
      await pass('reopened', { state: 'in_progress', resolvedAt: null });
    }
    if (dice() < 0.5) return;
    await time.sleep(between(0, HOUR));
    await pass('closed', { state: 'closed', closedAt: time.now });
  };

  for (let n = 1; n <= incidentCount; n++) void live(`INC-${n}`);
  while (time.now < badUntil) {
    await time.advance(between(HOUR / 4, 3 * HOUR));
    running.kill();
    kills++;
    // Longer than a request may take: what was asked for before has happened, or never will.
    await time.advance(between(20_000, 120_000));
    running = bootNow();
  }
  // Fine weather: the longest wait for a retry, a probe and a Retry-After, and then some.
  await time.advanceTo(badUntil + 12 * HOUR);
  await running.dispatcher.stop();

  const severities = (model: AlertmanagerModel): Map<string, string> =>
    new Map(model.firing(time.now).map(({ labels }) => [labels['incident']!, labels['severity']!]));
  return {
    store,
    events,
    incidents,
    lastSeq,
    webhook,
    tickets,
    ticketsMadeTwice,
    chat,
    firing: alertmanagers.map(severities),
    complaints,
    weather,
    kills,
  };
}

/** What was promised and is not so: of the webhook, Alertmanager, the desk and the room; and nothing waits or is dead. */
export function brokenPromises(world: World): string[] {
  const broken = [
    ...world.complaints,
    ...world.ticketsMadeTwice.map((id) => `a second ticket of ${id}`),
    ...world.store.rows
      .filter(({ state }) => state === 'pending' || state === 'dead')
      .map(({ id, state }) => `${id} is ${state}`),
  ];
  const seen = new Set<string>();
  const last = new Map<string, number>();
  for (const { id, incident, seq } of world.webhook) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (seq !== (last.get(incident) ?? 0) + 1) broken.push(`the webhook heard of ${incident} ${seq} out of order`);
    last.set(incident, seq);
  }
  for (const [id, incident] of world.incidents) {
    if (last.get(id) !== world.lastSeq.get(id)) broken.push(`the webhook did not hear all of ${id}`);
    const state = world.tickets.get(id)?.state;
    if (state !== incident.state) broken.push(`the ticket of ${id} is ${state}, not ${incident.state}`);
    for (const [n, firing] of world.firing.entries())
      if (firing.has(id) !== isOpen(incident)) broken.push(`${id} fires in instance ${n}: ${firing.has(id)}`);
    const heard = world.chat.filter((said) => said.incident === id).at(-1);
    if (heard !== undefined && ['resolved', 'closed'].includes(heard.transition) === isOpen(incident))
      broken.push(`the room heard of ${id} last that it is ${heard.transition}`);
  }
  return broken;
}

export const severityOf = (incident: Incident): string => labelsOf(incident)['severity']!;

/** A record tool without idempotency: it is asked before anything is made, when an earlier attempt may have arrived. */
const serviceDesk = defineSink<unknown>({
  name: 'desk',
  summary: 'Keeps a ticket for each incident.',
  class: 'record',
  deliver: async (message, context) => {
    const { incident, seq, remote, mayHaveArrived } = message;
    let exists = remote !== null;
    if (!exists && mayHaveArrived) {
      const answer = await context.http({ method: 'GET', url: `https://desk/?id=${incident.id}`, headers: {} });
      // Whether it is there stays unknown, whatever went wrong with asking.
      if (answer.kind !== 'answer' || answer.status !== 200) return asUnknown(outcomeOf(answer, context.now()));
      exists = answer.body === 'true';
    }
    return post(message, context, exists ? 'PUT' : 'POST', 'https://desk/', {
      incident: incident.id,
      state: incident.state,
      seq,
    });
  },
});

const asUnknown = (outcome: Outcome): Outcome =>
  outcome.kind === 'retry' ? outcome : { kind: 'unknown', reason: 'it could not be asked' };

const chatRoom = defineSink<unknown>({
  name: 'talk',
  summary: 'Tells people in a room.',
  class: 'chat',
  deliver: (message, context) =>
    post(message, context, 'POST', 'https://talk/', {
      incident: message.incident.id,
      transition: message.transition,
      seq: message.seq,
    }),
});

async function post(
  message: Message,
  context: SinkContext<unknown>,
  method: 'POST' | 'PUT',
  url: string,
  body: object,
): Promise<Outcome> {
  const result = await context.http({ method, url, headers: {}, body: JSON.stringify(body) });
  const outcome = outcomeOf(result, context.now());
  return outcome.kind === 'ok' ? { kind: 'ok', remote: { id: message.incident.id } } : outcome;
}
