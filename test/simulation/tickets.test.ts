import { describe, expect, it } from 'vitest';
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

/** One seed of choice: `PLIMSOLL_SEED=7 vitest run test/simulation/tickets`. */
const SEEDS = process.env['PLIMSOLL_SEED'] === undefined ? [1] : [Number(process.env['PLIMSOLL_SEED'])];
const INCIDENTS = 60;
const START = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;

/** What a tool's network does with a request. `lost`: it is carried out, and nobody hears of it. `lying`: and it says that it failed. */
const WEATHERS = ['fine', 'down', 'unheard', 'lost', 'lying', 'busy', 'refusing', 'half'] as const;
type Weather = (typeof WEATHERS)[number];

const HOSTS = ['table', 'import', 'jira', 'itop', 'grafana'] as const;
type Host = (typeof HOSTS)[number];

/** A day of incidents, told to ticket tools whose searches lag, by a process that is killed now and then. */
async function simulate(seed: number) {
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

  for (let n = 1; n <= INCIDENTS; n++) void live(`INC-${n}`);
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

const SERVICENOW: Readonly<Record<IncidentState, string>> = {
  new: '1',
  in_progress: '2',
  on_hold: '3',
  resolved: '6',
  closed: '7',
  cancelled: '8',
};
const ITOP: Readonly<Record<IncidentState, string>> = {
  new: 'new',
  in_progress: 'assigned',
  on_hold: 'pending',
  resolved: 'resolved',
  closed: 'closed',
  cancelled: 'closed',
};
const JIRA: Readonly<Record<IncidentState, readonly string[]>> = {
  new: ['Open'],
  in_progress: ['Working', 'Waiting'],
  on_hold: ['Working', 'Waiting'],
  resolved: ['Closed'],
  closed: ['Closed'],
  cancelled: ['Closed'],
};

describe.each(SEEDS)('a day of incidents for ticket tools, seed %d', { concurrent: false }, async (seed) => {
  const world = await simulate(seed);
  const correlated = (id: string): string => `plimsoll-sim-${id}`;
  const ids = [...world.incidents.keys()];
  const wanted = <T>(of: (incident: Incident) => T): [string, T][] =>
    [...world.incidents.values()].map((incident): [string, T] => [correlated(incident.id), of(incident)]).toSorted();

  it('was bad, and left nothing waiting and nothing dead', () => {
    expect(ids).toHaveLength(INCIDENTS);
    expect([...world.seen].toSorted()).toEqual([...WEATHERS].toSorted());
    const kinds = new Set(world.events.map((event) => (event.type === 'attempt' ? event.outcome.kind : event.type)));
    for (const kind of ['ok', 'retry', 'unknown', 'superseded', 'breaker'] as const) expect(kinds).toContain(kind);
    expect(world.store.rows.filter((row) => row.state === 'pending' || row.state === 'dead')).toEqual([]);
  });

  it.each(['table', 'imports'] as const)('left one record an incident in its final state: ServiceNow, %s', (mode) => {
    const rows = world[mode].rows.map((row): [string, string] => [row['correlation_id']!, row['state']!]);
    expect(rows.toSorted()).toEqual(wanted(({ state }) => SERVICENOW[state]));
  });

  it('left one issue an incident in its final status: Jira', () => {
    const found = world.jira.issues.map(({ fields, status }): [string, string] => [
      (fields['labels'] as string[])[1]!,
      status,
    ]);
    expect(found.map(([id]) => id).toSorted()).toEqual(ids.map(correlated).toSorted());
    for (const [id, status] of found)
      expect(JIRA[world.incidents.get(id.replace('plimsoll-sim-', ''))!.state]).toContain(status);
  });

  it('left one ticket an incident in its final status: iTop', () => {
    const found = world.itop.tickets.map(({ fields, status }): [string, string] => [
      /\((plimsoll-[^)]*)\)/.exec(String(fields['description']))![1]!,
      status,
    ]);
    expect(found.toSorted()).toEqual(wanted(({ state }) => ITOP[state]));
  });

  it('left one annotation an incident, with its end: Grafana', () => {
    const found = world.grafana.annotations.map(({ tags }) => tags[2]!);
    expect(found.toSorted()).toEqual(ids.map(correlated).toSorted());
    for (const { tags, timeEnd } of world.grafana.annotations) {
      const incident = world.incidents.get(tags[2]!.replace('plimsoll-sim-', ''))!;
      if (!isOpen(incident)) expect([incident.id, timeEnd]).toEqual([incident.id, incident.resolvedAt]);
    }
  });

  it('said each message once in each tool', () => {
    const twice = (notes: readonly string[]): string[] => notes.filter((note, i) => notes.indexOf(note) !== i);
    const deliveries = world.jira.issues.flatMap(({ comments }) =>
      comments.map(
        ({ properties }) => (properties.find(({ key }) => key === 'plimsoll')!.value as { delivery: string }).delivery,
      ),
    );
    const marks = world.itop.tickets.flatMap(({ log }) => log.map((note) => /\((plimsoll-[^)]*)\)$/.exec(note)![1]!));
    expect([twice(deliveries), twice(marks)]).toEqual([[], []]);
  });
});
