import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Incident, Transition } from '../../../src/model/incident.ts';
import { type DeliveryEvent, Dispatcher } from '../../../src/server/delivery/dispatcher.ts';
import { labelsOf } from '../../../src/sinks/alertmanager/alerts.ts';
import { alertmanager } from '../../../src/sinks/alertmanager/index.ts';
import { createHttp } from '../../../src/sinks/http.ts';
import { incidentWith } from '../../incidents.ts';
import { freePort } from '../../standins/free-port.ts';
import { Gate } from '../../standins/gate.ts';
import { StandIn } from '../../standins/http-server.ts';
import { MemoryOutbox } from '../../standins/memory-outbox.ts';
import { noMail } from '../../standins/no-mail.ts';
import { hasAlertmanager, RealAlertmanager } from '../../standins/real-alertmanager.ts';

describe.skipIf(!hasAlertmanager)('a real Alertmanager', () => {
  let receiver: StandIn;
  let instances: RealAlertmanager[];
  /** One before each instance: ours go through it, the test's own questions don't. */
  let gates: Gate[];
  let store: MemoryOutbox;
  let events: DeliveryEvent[];
  let dispatcher: Dispatcher;
  /** Added to the clock, so that a refresh comes when the test wants it. */
  let ahead: number;
  let seq: number;
  const now = (): number => Date.now() + ahead;

  beforeEach(async () => {
    receiver = await StandIn.start();
    instances = [];
    for (let n = 0; n < 2; n++) instances.push(new RealAlertmanager(await freePort(), receiver.url));
    gates = instances.map(({ port }) => new Gate(port));
    await Promise.all([...instances.map((instance) => instance.start()), ...gates.map((gate) => gate.open())]);
    store = new MemoryOutbox();
    events = [];
    ahead = 0;
    seq = 0;
    dispatcher = begin();
  });
  afterEach(async () => {
    await dispatcher.stop();
    await Promise.all(gates.map((gate) => gate.shut()));
    await Promise.all(instances.map((instance) => instance.remove()));
    await receiver.stop();
  });

  function begin(): Dispatcher {
    const started = new Dispatcher({
      store,
      sinks: [{ name: 'am', sink: alertmanager, options: { urls: gates.map(({ url }) => url) } }],
      http: createHttp({ allow: ['127.0.0.1/32'] }),
      mail: noMail,
      secret: async () => '',
      deployment: 'test',
      consoleUrl: 'https://plimsoll.example.com',
      now,
      random: Math.random,
      schedule: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      onEvent: (event) => events.push(event),
    });
    started.run();
    return started;
  }

  const live = (more: Partial<Incident> = {}): Incident =>
    incidentWith({ startedAt: Date.now() - 300_000, openedAt: Date.now(), ...more });
  async function tell(transition: Transition, incident: Incident): Promise<void> {
    await store.commit(incident, ++seq, transition, now(), ['am']);
    dispatcher.wake();
    await vi.waitFor(() => expect(store.rows.at(-1)!.state).toBe('delivered'));
  }
  const severities = async (n: number): Promise<(string | undefined)[]> =>
    (await instances[n]!.firing()).map(({ labels }) => labels['severity']);
  const eventually = (check: () => Promise<void> | void): Promise<void> => vi.waitFor(check);
  const notified = (): string[] =>
    receiver.received.map(({ body }) => {
      const { status, groupLabels } = JSON.parse(body);
      return `${groupLabels.incident} ${groupLabels.severity} ${status}`;
    });

  it('fires, tells people, and ends', async () => {
    const incident = live();
    await tell('opened', incident);
    for (const instance of instances) {
      const [alert, ...more] = await instance.firing();
      expect(more).toEqual([]);
      expect(alert!.labels).toEqual(labelsOf(incident));
      expect(alert!.annotations['evidence']).toBe('groundedness (evaluator) 0.93 (0.90-0.95, n 412) below 0.97');
      expect(Date.parse(alert!.startsAt)).toBe(incident.startedAt);
    }
    await eventually(() => expect(notified()).toContain('INC-42 critical firing'));
    await tell('resolved', { ...incident, state: 'resolved', resolvedAt: Date.now() });
    for (const n of [0, 1]) await eventually(async () => expect(await severities(n)).toEqual([]));
    await eventually(() => expect(notified()).toContain('INC-42 critical resolved'));
  });

  it('a silence that somebody makes is read back, and that it was ended', async () => {
    const incident = live();
    await tell('opened', incident);
    const { poll } = alertmanager.inbound!;
    const context = {
      options: { urls: gates.map(({ url }) => url), webhookSecret: null, poll: 60_000 },
      http: createHttp({ allow: ['127.0.0.1/32'] }),
      mail: noMail,
      now,
      secret: async () => '',
      deployment: 'test',
      consoleUrl: 'https://plimsoll.example.com',
      warn: () => {},
    };
    const look = (cursor: unknown) => poll!.look(cursor, [{ incident, remote: {} }], context);
    const before = await look(null);
    expect(before.events).toEqual([]);

    const base = `http://127.0.0.1:${instances[0]!.port}/api/v2`;
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const posted = await fetch(`${base}/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: [{ name: 'incident', value: 'INC-42', isRegex: false, isEqual: true }],
        startsAt: new Date().toISOString(),
        endsAt,
        createdBy: 'ada',
        comment: 'known',
      }),
    });
    const { silenceID: id } = (await posted.json()) as { silenceID: string };
    let silenced = before;
    await eventually(async () => {
      silenced = await look(before.cursor);
      const silences = [{ id, by: 'ada', comment: 'known', until: Date.parse(endsAt) }];
      expect(silenced.events.map(({ acts }) => acts)).toEqual([[{ type: 'silence', silences }]]);
    });
    await fetch(`${base}/silence/${id}`, { method: 'DELETE' });
    await eventually(async () => {
      const { events: ended } = await look(silenced.cursor);
      expect(ended.map(({ acts }) => acts)).toEqual([[{ type: 'silence', silences: [] }]]);
    });
  });

  it('hears it again each minute, and keeps it firing', async () => {
    await tell('opened', live());
    const [before] = await instances[0]!.firing();
    ahead = 61_000;
    dispatcher.wake();
    await eventually(async () => {
      const [after, ...more] = await instances[0]!.firing();
      expect(more).toEqual([]);
      expect(Date.parse(after!.endsAt)).toBeGreaterThanOrEqual(Date.parse(before!.endsAt) + 60_000);
    });
  });

  it('ends the old severity and fires the new one, and after a restart of ours ends what it was sent', async () => {
    await tell('opened', live({ priority: 4 }));
    await tell('escalated', live({ priority: 1, escalations: 1 }));
    for (const n of [0, 1]) await eventually(async () => expect(await severities(n)).toEqual(['critical']));
    await eventually(() => expect(notified()).toContain('INC-42 warning resolved'));
    await dispatcher.stop();
    dispatcher = begin();
    // By then it has other labels; what was fired has to end all the same.
    await tell('resolved', live({ priority: 3, state: 'resolved', resolvedAt: Date.now() }));
    for (const n of [0, 1]) await eventually(async () => expect(await severities(n)).toEqual([]));
    await eventually(() => expect(notified()).toContain('INC-42 critical resolved'));
  });

  it('may be down: the other instance has the alert, and it hears of it when it is back', async () => {
    await instances[1]!.kill();
    await tell('opened', live());
    expect(await severities(0)).toEqual(['critical']);
    expect(events.find((event) => event.type === 'warning')).toMatchObject({ sink: 'am', code: 'instance_down' });
    await instances[1]!.start();
    expect(await severities(1)).toEqual([]);
    ahead = 61_000;
    dispatcher.wake();
    await eventually(async () => expect(await severities(1)).toEqual(['critical']));
  });

  it('that could not be reached when an incident ended hears of the end once it can', async () => {
    await tell('opened', live());
    await gates[1]!.shut();
    await tell('resolved', live({ state: 'resolved', resolvedAt: Date.now() }));
    expect(await severities(0)).toEqual([]);
    expect(await severities(1)).toEqual(['critical']);
    await gates[1]!.open();
    ahead = 61_000;
    dispatcher.wake();
    await eventually(async () => expect(await severities(1)).toEqual([]));
  });

  it('that is down wholly is told once it is back, in order', async () => {
    await Promise.all(instances.map((instance) => instance.kill()));
    await store.commit(live({ priority: 4 }), ++seq, 'opened', now(), ['am']);
    dispatcher.wake();
    await eventually(() => expect(store.rows[0]!.attempts).toBeGreaterThan(1));
    await Promise.all(instances.map((instance) => instance.start()));
    await tell('escalated', live({ priority: 1 }));
    await eventually(async () => expect(await severities(0)).toEqual(['critical']));
  });
});
