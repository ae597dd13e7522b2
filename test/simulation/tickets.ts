import { type Incident, type IncidentState, isOpen, type Priority, type Transition } from '../../src/model/incident.ts';
import type { ConfiguredSink, DeliveryEvent } from '../../src/server/delivery/dispatcher.ts';
import { sinks } from '../../src/sinks/index.ts';
import type { HttpRequest, HttpResult } from '../../src/sinks/sink.ts';
import { incidentWith } from '../incidents.ts';
import { random } from '../random.ts';
import { receivedOf } from '../standins/conversation.ts';
import { GrafanaModel } from '../standins/grafana.ts';
import { ITopModel } from '../standins/itop.ts';
import { JiraModel } from '../standins/jira.ts';
import { MemoryOutbox } from '../standins/memory-outbox.ts';
import { ServiceNowModel } from '../standins/servicenow.ts';
import { VirtualTime } from '../standins/virtual-time.ts';
import { boot, type Process } from './process.ts';
import { weatherOver } from './weather.ts';

const START = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;

/** What a tool's network does with a request. `lost`: it is carried out, and nobody hears of it. `lying`: and it says that it failed. */
export const WEATHERS = ['fine', 'down', 'unheard', 'lost', 'lying', 'busy', 'refusing', 'slow', 'half'] as const;
type Weather = (typeof WEATHERS)[number];

const HOSTS = ['table', 'import', 'jira', 'itop', 'grafana'] as const;
type Host = (typeof HOSTS)[number];

/** A day of incidents, told to ticket tools whose searches lag, by a process that is killed now and then. */
export async function simulateTickets(seed: number, incidentCount: number) {
  const dice = random(seed);
  const between = (low: number, high: number): number => Math.floor(low + dice() * (high - low));
  const one = <T>(list: readonly T[]): T => list[Math.floor(dice() * list.length)]!;
  const time = new VirtualTime(START);
  const badUntil = START + 24 * HOUR;
  const store = new MemoryOutbox();
  const events: DeliveryEvent[] = [];
  const incidents = new Map<string, Incident>();
  const table = new ServiceNowModel();
  const imports = new ServiceNowModel();
  const jira = new JiraModel();
  const itop = new ITopModel();
  const grafana = new GrafanaModel();
  table.lag = 2;
  jira.lag = 3;
  const tools = { table, import: imports, jira, itop, grafana };

  const seen = new Set<Weather>();
  const weatherAt = weatherOver({ time, kinds: WEATHERS, badUntil, dice, lasts: () => between(60_000, 2 * HOUR) });
  const http = async (request: HttpRequest): Promise<HttpResult> => {
    const host = new URL(request.url).hostname as Host;
    const whole = weatherAt(host);
    seen.add(whole);
    const is = whole === 'half' ? one(WEATHERS.filter((weather) => weather !== 'half')) : whole;
    await time.sleep(between(1, 300));
    const answer = (status: number): HttpResult => ({ kind: 'answer', status, headers: {}, body: '' });
    if (is === 'down') return { kind: 'not_sent', reason: 'no connection (ECONNREFUSED)' };
    if (is === 'unheard') return { kind: 'no_answer', reason: 'no answer (ECONNRESET)' };
    if (is === 'busy') return answer(429);
    if (is === 'refusing') return answer(503);
    if (is === 'slow') await time.sleep(between(1_000, 14_000));
    const { status, headers = {}, body = '' } = tools[host].answer(receivedOf(request));
    await time.sleep(between(1, 300));
    if (is === 'lost') return { kind: 'no_answer', reason: 'no answer within 15 s' };
    return is === 'lying' ? answer(one([500, 502, 504])) : { kind: 'answer', status, headers, body };
  };

  const now = { user: 'plimsoll', password: 'env:S', token: null, table: null };
  const people = { organization: 'a', caller: 'b', team: 'c', agent: 'd' };
  const configured: ConfiguredSink[] = [
    { name: 'table', sink: sinks.servicenow, options: { ...now, url: 'https://table', mode: 'table' } },
    { name: 'import', sink: sinks.servicenow, options: { ...now, url: 'https://import', mode: 'import_set' } },
    {
      name: 'jira',
      sink: sinks.jira,
      options: { url: 'https://jira', user: 'u', token: 'env:S', project: 'OPS', issueType: 'Incident' },
    },
    { name: 'itop', sink: sinks.itop, options: { url: 'https://itop', user: 'u', password: 'env:ITOP', ...people } },
    {
      name: 'grafana',
      sink: sinks.grafana,
      options: { url: 'https://grafana', token: 'env:GRAFANA', path: '/api/annotations' },
    },
  ];
  const secrets: Record<string, string> = { 'env:S': 's', 'env:ITOP': itop.password, 'env:GRAFANA': grafana.token };

  const bootNow = (): Process =>
    boot({
      store,
      sinks: configured,
      http,
      secret: async (reference) => secrets[reference]!,
      time,
      dice,
      onEvent: (event) => events.push(event),
    });
  let running = bootNow();

  const live = async (id: string): Promise<void> => {
    await time.sleep(between(0, 22 * HOUR));
    let seq = 0;
    let incident = incidentWith({ id, startedAt: time.now - 180_000, openedAt: time.now });
    const pass = async (transition: Transition, change: Partial<Incident>): Promise<void> => {
      incident = { ...incident, ...change };
      incidents.set(id, incident);
      await store.commit(incident, ++seq, transition, time.now, HOSTS);
      running.dispatcher.wake();
    };
    await pass('opened', {});
    for (;;) {
      for (let n = Math.floor(between(0, 4)); n > 0; n--) {
        await time.sleep(between(0, HOUR / 2));
        const what = one<Transition>(['acknowledged', 'updated', 'held']);
        const to: Partial<Record<Transition, IncidentState>> = { acknowledged: 'in_progress', held: 'on_hold' };
        await pass(what, {
          state: to[what] ?? incident.state,
          hold: what === 'held' ? { reason: 'awaiting_vendor', since: time.now } : incident.hold,
          priority: one<Priority>([1, 2, 3, 4, 5]),
        });
      }
      if (dice() < 0.15) return;
      await time.sleep(dice() < 0.3 ? 0 : between(0, 2 * HOUR));
      await pass('resolved', {
        state: 'resolved',
        hold: null,
        resolvedAt: time.now,
        closeCode: 'recovered_automatically',
      });
      if (dice() < 0.7) break;
      await time.sleep(between(0, HOUR));
      await pass('reopened', { state: 'in_progress', resolvedAt: null, closeCode: null });
    }
    if (dice() < 0.5) return;
    await time.sleep(between(0, HOUR));
    await pass('closed', { state: 'closed', closedAt: time.now });
  };

  for (let n = 1; n <= incidentCount; n++) void live(`INC-${n}`);
  while (time.now < badUntil) {
    await time.advance(between(HOUR / 4, 2 * HOUR));
    running.kill();
    await time.advance(between(20_000, 120_000));
    running = bootNow();
  }
  await time.advanceTo(badUntil + 12 * HOUR);
  await running.dispatcher.stop();
  return { ...tools, imports, store, events, incidents, seen };
}

export const SERVICENOW: Readonly<Record<IncidentState, string>> = {
  new: '1',
  in_progress: '2',
  on_hold: '3',
  resolved: '6',
  closed: '7',
  cancelled: '8',
};
export const ITOP: Readonly<Record<IncidentState, string>> = {
  new: 'new',
  in_progress: 'assigned',
  on_hold: 'pending',
  resolved: 'resolved',
  closed: 'closed',
  cancelled: 'closed',
};
export const JIRA: Readonly<Record<IncidentState, readonly string[]>> = {
  new: ['Open'],
  in_progress: ['Working', 'Waiting'],
  on_hold: ['Working', 'Waiting'],
  resolved: ['Closed'],
  closed: ['Closed'],
  cancelled: ['Closed'],
};

export type TicketWorld = Awaited<ReturnType<typeof simulateTickets>>;

/** What was promised and is not so: one ticket an incident in each tool, in its final state, and nothing that waits or is dead. */
export function brokenPromises(world: TicketWorld): string[] {
  const broken = world.store.rows
    .filter(({ state }) => state === 'pending' || state === 'dead')
    .map(({ id, state }) => `${id} is ${state}`);
  const held: Record<string, readonly (readonly [id: string, state: string])[]> = {
    table: world.table.rows.map((row) => [row['correlation_id']!, row['state']!]),
    imports: world.imports.rows.map((row) => [row['correlation_id']!, row['state']!]),
    jira: world.jira.issues.map(({ fields, status }) => [(fields['labels'] as string[])[1]!, status]),
    itop: world.itop.tickets.map(({ fields, status }) => [
      /\((plimsoll-[^)]*)\)/.exec(String(fields['description']))![1]!,
      status,
    ]),
    grafana: world.grafana.annotations.map(({ tags, timeEnd }) => [tags[2]!, String(timeEnd ?? 'open')]),
  };
  for (const incident of world.incidents.values()) {
    const { state } = incident;
    const wanted: Record<string, readonly string[]> = {
      table: [SERVICENOW[state]],
      imports: [SERVICENOW[state]],
      jira: JIRA[state],
      itop: [ITOP[state]],
      grafana: isOpen(incident) ? [] : [String(incident.resolvedAt)],
    };
    for (const [tool, tickets] of Object.entries(held)) {
      const mine = tickets.filter(([id]) => id === `plimsoll-sim-${incident.id}`);
      if (mine.length !== 1) broken.push(`${tool} holds ${mine.length} tickets of ${incident.id}`);
      const states = wanted[tool]!;
      for (const [, found] of mine)
        if (states.length > 0 && !states.includes(found))
          broken.push(`${tool}: ${incident.id} is ${found}, not ${states}`);
    }
  }
  return broken;
}
