import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, Outcome } from '../../../src/model/delivery.ts';
import type { Incident, Transition } from '../../../src/model/incident.ts';
import { type DeliveryEvent, Dispatcher, STREAMS_AT_ONCE } from '../../../src/server/delivery/dispatcher.ts';
import { defineSink, type Known, type Sink } from '../../../src/sinks/sink.ts';
import { FAILURES_IN_A_ROW } from '../../../src/store/outbox/breaker.ts';
import { incidentWith } from '../../incidents.ts';
import { MemoryOutbox } from '../../standins/memory-outbox.ts';
import { noMail } from '../../standins/no-mail.ts';
import { VirtualTime } from '../../standins/virtual-time.ts';

const START = Date.UTC(2026, 10, 1);
const OK: Outcome = { kind: 'ok' };
const DOWN: Outcome = { kind: 'retry', reason: 'no connection' };
const SILENT: Outcome = { kind: 'unknown', reason: 'no answer' };

let time: VirtualTime;
let store: MemoryOutbox;
let events: DeliveryEvent[];
let delivered: Message[];
let answer: (message: Message) => Outcome | Promise<Outcome>;

const sinkOf = (more: Partial<Sink<unknown>> = {}): Sink<unknown> =>
  defineSink<unknown>({
    name: 'test',
    summary: 'Keeps what it is told.',
    class: 'record',
    deliver: async (message) => {
      delivered.push(message);
      return answer(message);
    },
    ...more,
  });

function dispatcherOf(sink: Sink<unknown> = sinkOf(), name = 'ops'): Dispatcher {
  return new Dispatcher({
    store,
    sinks: [{ name, sink, options: {} }],
    http: async () => ({ kind: 'not_sent', reason: 'no network in this test' }),
    mail: noMail,
    secret: async () => 'secret',
    deployment: 'eu1',
    consoleUrl: 'https://plimsoll.example.com',
    now: () => time.now,
    random: () => 0.5,
    schedule: time.schedule,
    onEvent: (event) => events.push(event),
  });
}
const commit = (seq: number, transition: Transition, more: Partial<Incident> = {}): Promise<void> =>
  store.commit(incidentWith({ id: 'INC-1', ...more }), seq, transition, time.now, ['ops']);
const told = (): string[] => delivered.map((message) => `${message.incident.id}/${message.seq}`);
const states = (): string[] => store.rows.map((row) => row.state);
const eventTypes = (): string[] => events.map((event) => event.type);

beforeEach(() => {
  time = new VirtualTime(START);
  store = new MemoryOutbox();
  events = [];
  delivered = [];
  answer = () => OK;
});

describe('the dispatcher', () => {
  it('takes the rows of a stream to the sink in order, each with what the one before left behind', async () => {
    answer = ({ seq }) => ({ kind: 'ok', remote: { id: `SYS-${seq}` } });
    await commit(1, 'opened');
    await commit(2, 'acknowledged');
    await commit(3, 'resolved', { state: 'resolved' });
    dispatcherOf(sinkOf({ everyTransition: true })).run();
    await time.advance(0);
    expect(told()).toEqual(['INC-1/1', 'INC-1/2', 'INC-1/3']);
    expect(delivered.map((message) => message.remote)).toEqual([null, { id: 'SYS-1' }, { id: 'SYS-2' }]);
    expect(delivered.map((message) => message.deliveryId)).toEqual([1, 2, 3].map((n) => `plimsoll-eu1-INC-1-${n}`));
    expect(delivered[2]!.incident.state).toBe('resolved');
    expect(states()).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('settles when all that is due has been sent, whatever waits for its time', async () => {
    answer = ({ seq }) => (seq === 2 ? DOWN : OK);
    for (const seq of [1, 2, 3]) await commit(seq, seq === 1 ? 'opened' : 'updated');
    const dispatcher = dispatcherOf(sinkOf({ everyTransition: true }));
    dispatcher.run();
    await dispatcher.settle();
    expect([told(), states()]).toEqual([
      ['INC-1/1', 'INC-1/2'],
      ['delivered', 'pending', 'pending'],
    ]);
    await commit(1, 'opened', { id: 'INC-2' });
    await dispatcher.settle();
    expect(told()).toEqual(['INC-1/1', 'INC-1/2', 'INC-2/1']);
    await dispatcher.stop();
    await dispatcher.settle();
  });

  it('waits longer after each failure, keeps the delivery id, and says that it may have arrived only when it may', async () => {
    const outcomes = [DOWN, SILENT, DOWN, OK];
    answer = () => outcomes.shift()!;
    await commit(1, 'opened');
    const at: number[] = [];
    const sink = sinkOf({
      deliver: async (message) => {
        at.push(time.now - START);
        delivered.push(message);
        return answer(message);
      },
    });
    dispatcherOf(sink).run();
    await time.advance(60_000);
    expect(at).toEqual([0, 500, 1500, 3500]);
    expect(delivered.map((m) => [m.attempt, m.mayHaveArrived])).toEqual([
      [1, false],
      [2, false],
      [3, true],
      [4, true],
    ]);
    expect(new Set(delivered.map((m) => m.deliveryId)).size).toBe(1);
    expect(store.rows[0]).toMatchObject({ state: 'delivered', attempts: 4, lastError: 'no connection' });
  });

  it('heeds Retry-After, for the whole destination', async () => {
    const first: Outcome = { kind: 'retry', reason: 'answered 429', throttled: true, afterMs: 40_000 };
    answer = ({ attempt, seq }) => (seq === 1 && attempt === 1 ? first : OK);
    await commit(1, 'opened');
    dispatcherOf().run();
    await time.advance(0);
    await store.commit(incidentWith({ id: 'INC-2' }), 2, 'opened', time.now, ['ops']);
    await time.advance(39_999);
    expect(told()).toEqual(['INC-1/1']);
    await time.advance(1);
    expect(told().toSorted()).toEqual(['INC-1/1', 'INC-1/1', 'INC-2/2']);
  });

  it('begins only so many at once, and goes on as they end', async () => {
    let most = 0;
    let now = 0;
    answer = async () => {
      most = Math.max(most, ++now);
      await time.sleep(100);
      now--;
      return OK;
    };
    for (let n = 1; n <= 10; n++) await store.commit(incidentWith({ id: `INC-${n}` }), 1, 'opened', time.now, ['ops']);
    dispatcherOf().run();
    await time.advance(300);
    expect(most).toBe(STREAMS_AT_ONCE);
    expect(states().every((state) => state === 'delivered')).toBe(true);
  });

  it('doesn’t page for what was over before it could be told, and says so', async () => {
    answer = () => DOWN;
    await commit(1, 'opened');
    dispatcherOf(sinkOf({ class: 'page' })).run();
    await time.advance(700);
    await commit(2, 'resolved', { state: 'resolved' });
    answer = () => OK;
    delivered = [];
    await time.advance(60_000);
    expect(told()).toEqual([]);
    expect(states()).toEqual(['superseded', 'superseded']);
    expect(events.filter((event) => event.type === 'superseded')).toHaveLength(2);
  });

  it('ends at once what may have been opened without an answer', async () => {
    answer = () => SILENT;
    await commit(1, 'opened');
    dispatcherOf(sinkOf({ class: 'page' })).run();
    await time.advance(100);
    await commit(2, 'resolved', { state: 'resolved' });
    answer = () => OK;
    delivered = [];
    await time.advance(60_000);
    expect(told()).toEqual(['INC-1/2']);
    expect(states()).toEqual(['superseded', 'delivered']);
  });

  it('never acts on what it read before an attempt ended: an opening that was just delivered is not superseded', async () => {
    answer = async () => {
      await time.sleep(50);
      return OK;
    };
    const slow = new (class extends MemoryOutbox {
      override async pending(streams: number) {
        const rows = await super.pending(streams);
        await time.sleep(200);
        return rows;
      }
      override async begin(id: string) {
        await time.sleep(20);
        return super.begin(id);
      }
    })();
    store = slow;
    await commit(1, 'opened');
    const dispatcher = dispatcherOf(sinkOf({ class: 'page' }));
    dispatcher.run();
    await time.advance(210);
    await commit(2, 'resolved', { state: 'resolved' });
    dispatcher.wake();
    await time.advance(5000);
    expect(told()).toEqual(['INC-1/1', 'INC-1/2']);
  });

  it('opens the breaker after five failures, probes, and tells of a page path that is down for five minutes', async () => {
    answer = () => DOWN;
    for (let n = 1; n <= 6; n++) await store.commit(incidentWith({ id: `INC-${n}` }), 1, 'opened', time.now, ['ops']);
    const dispatcher = dispatcherOf(sinkOf({ class: 'page' }));
    dispatcher.run();
    await time.advance(20_000);
    const attempts = delivered.length;
    expect(dispatcher.breakers().get('ops')!.state).toBe('open');
    expect(attempts).toBeLessThan(6 + STREAMS_AT_ONCE);
    await time.advance(5 * 60_000);
    expect(delivered.length - attempts).toBeLessThanOrEqual(4);
    expect(eventTypes().filter((type) => type === 'page_path_down')).toHaveLength(1);
    answer = () => OK;
    await time.advance(20 * 60_000);
    expect(states().every((state) => state === 'delivered')).toBe(true);
    expect(events.filter((event) => event.type === 'breaker').map((event) => event.to)).toEqual(['open', 'closed']);
  });

  it('buries what is refused or too old, and goes on with what follows', async () => {
    answer = ({ seq }) => (seq === 1 ? { kind: 'permanent', reason: 'answered 400' } : OK);
    await commit(1, 'opened');
    await commit(2, 'resolved', { state: 'resolved' });
    const dispatcher = dispatcherOf();
    dispatcher.run();
    await time.advance(0);
    expect(states()).toEqual(['dead', 'delivered']);
    answer = () => DOWN;
    await commit(3, 'reopened');
    await time.advance(73 * 3_600_000);
    expect(store.rows[2]).toMatchObject({ state: 'dead', lastError: 'not delivered within 72 h' });
    expect(events.filter((event) => event.type === 'dead')).toHaveLength(2);
  });

  it('sends nothing more to a destination that is gone; what waits stays', async () => {
    answer = () => ({ kind: 'permanent', reason: 'answered 410', gone: true });
    await commit(1, 'opened');
    await commit(2, 'resolved', { state: 'resolved' });
    dispatcherOf().run();
    await time.advance(3_600_000);
    expect(told()).toEqual(['INC-1/1']);
    expect(states()).toEqual(['dead', 'pending']);
  });

  it('tells of a page path that is gone for good, once', async () => {
    answer = () => ({ kind: 'permanent', reason: 'answered 410', gone: true });
    await commit(1, 'opened');
    dispatcherOf(sinkOf({ class: 'page' })).run();
    await time.advance(5 * 60_000 - 1);
    expect(eventTypes()).not.toContain('page_path_down');
    await time.advance(3_600_000);
    expect(eventTypes().filter((type) => type === 'page_path_down')).toHaveLength(1);
  });

  it('tells of a fault of a sink by its name alone, gives up what it could not begin to send, and serves the others', async () => {
    const broken = sinkOf({
      deliver: async () => {
        throw new TypeError('whsec_oops');
      },
    });
    await store.commit(incidentWith({ id: 'INC-1' }), 1, 'opened', time.now, ['ops', 'broken']);
    new Dispatcher({
      store,
      sinks: [
        { name: 'broken', sink: broken, options: {} },
        { name: 'ops', sink: sinkOf(), options: {} },
      ],
      http: async () => ({ kind: 'not_sent', reason: 'no network in this test' }),
      mail: noMail,
      secret: async () => 'secret',
      deployment: 'eu1',
      consoleUrl: 'https://plimsoll.example.com',
      now: () => time.now,
      random: () => 0.5,
      schedule: time.schedule,
      onEvent: (event) => events.push(event),
    }).run();
    await time.advance(100);
    expect(store.rows.map((row) => [row.sink, row.state, row.lastError])).toEqual([
      ['ops', 'delivered', null],
      ['broken', 'dead', 'the sink failed (TypeError)'],
    ]);
    expect(JSON.stringify(events)).not.toContain('whsec_oops');
  });

  const missed = () =>
    events.flatMap((event) => (event.type === 'page_missed' ? [`${event.sink} ${event.incident} ${event.why}`] : []));

  it('says once of a page that it is overdue, also after a restart that forgot how the destination was', async () => {
    answer = () => DOWN;
    await commit(1, 'opened');
    const first = dispatcherOf(sinkOf({ class: 'page' }));
    first.run();
    await time.advance(4 * 60_000);
    expect(missed()).toEqual([]);
    await first.stop();
    dispatcherOf(sinkOf({ class: 'page' })).run();
    await time.advance(2 * 60_000);
    expect(missed()).toEqual(['ops INC-1 waits']);
    await time.advance(3_600_000);
    expect(missed()).toHaveLength(1);
  });

  it('says at once of a page that will never arrive, and nothing of one that is over before it is due', async () => {
    answer = () => ({ kind: 'permanent', reason: 'answered 401' });
    await commit(1, 'opened');
    await commit(2, 'updated');
    dispatcherOf(sinkOf({ class: 'page' })).run();
    await time.advance(1000);
    expect(missed()).toEqual(['ops INC-1 dead', 'ops INC-1 dead']);
    events.length = 0;
    answer = () => DOWN;
    await store.commit(incidentWith({ id: 'INC-2' }), 1, 'opened', time.now, ['ops']);
    await time.advance(60_000);
    await store.commit(incidentWith({ id: 'INC-2', state: 'resolved' }), 2, 'resolved', time.now, ['ops']);
    await time.advance(3_600_000);
    expect(missed()).toEqual([]);
  });

  it('a restart makes a handful of attempts more at a destination that is down, and no more', async () => {
    answer = () => DOWN;
    for (let n = 1; n <= 50; n++) await store.commit(incidentWith({ id: `INC-${n}` }), 1, 'opened', time.now, ['ops']);
    dispatcherOf().run();
    await time.advance(20_000);
    const before = delivered.length;
    const restarted = dispatcherOf();
    restarted.run();
    await time.advance(20_000);
    expect(delivered.length - before).toBeLessThanOrEqual(FAILURES_IN_A_ROW + STREAMS_AT_ONCE);
    expect(restarted.breakers().get('ops')!.state).toBe('open');
  });

  it('repeats what a crash cut off between sending and marking', async () => {
    answer = () => new Promise(() => {});
    await commit(1, 'opened');
    dispatcherOf().run();
    await time.advance(1000);
    answer = () => OK;
    dispatcherOf().run();
    await time.advance(1000);
    expect(delivered.map((m) => [m.deliveryId, m.attempt, m.mayHaveArrived])).toEqual([
      ['plimsoll-eu1-INC-1-1', 1, false],
      ['plimsoll-eu1-INC-1-1', 2, true],
    ]);
  });

  it('what an attempt found out before it failed goes out with the next one', async () => {
    answer = ({ attempt }) => (attempt === 1 ? { kind: 'unknown', reason: 'no answer', remote: { id: 'SYS1' } } : OK);
    await commit(1, 'opened');
    dispatcherOf().run();
    await time.advance(60_000);
    expect(delivered.map((m) => [m.attempt, m.remote])).toEqual([
      [1, null],
      [2, { id: 'SYS1' }],
    ]);
  });

  it('a message after one that may have arrived and left nothing behind may have arrived, too', async () => {
    answer = ({ seq }) => (seq === 1 ? { kind: 'unknown', reason: 'no answer' } : OK);
    await commit(1, 'updated');
    const dispatcher = dispatcherOf();
    dispatcher.run();
    await time.advance(100);
    await commit(2, 'updated');
    dispatcher.wake();
    await time.advance(60_000);
    expect(delivered.at(-1)).toMatchObject({ seq: 2, attempt: 1, mayHaveArrived: true });
  });

  it('survives a store that fails, without sending in a circle', async () => {
    const broken = new (class extends MemoryOutbox {
      override async settle(): Promise<void> {
        throw new Error('disk full');
      }
    })();
    store = broken;
    await commit(1, 'opened');
    dispatcherOf().run();
    await time.advance(10_000);
    expect(delivered.length).toBeGreaterThan(1);
    expect(delivered.length).toBeLessThanOrEqual(11);
    expect(eventTypes()).toContain('store_failed');
  });

  it('stops when what is under way is settled, and begins nothing more', async () => {
    answer = async () => {
      await time.sleep(100);
      return OK;
    };
    await commit(1, 'opened');
    await commit(2, 'resolved', { state: 'resolved' });
    const dispatcher = dispatcherOf();
    dispatcher.run();
    await time.advance(10);
    let stopped = false;
    const stopping = dispatcher.stop().then(() => {
      stopped = true;
    });
    await time.advance(10);
    expect(stopped).toBe(false);
    await time.advance(100);
    await stopping;
    dispatcher.wake();
    await time.advance(60_000);
    expect(states()).toEqual(['delivered', 'pending']);
  });

  it('tells audit and metrics of each attempt: who, what, how it ended, how long it took', async () => {
    await commit(1, 'opened');
    answer = async () => {
      await time.sleep(250);
      return OK;
    };
    dispatcherOf().run();
    await time.advance(1000);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'attempt',
        deliveryId: 'plimsoll-eu1-INC-1-1',
        attempt: 1,
        outcome: OK,
        durationMs: 250,
        status: null,
        payloadSha256: null,
      }),
    ]);
  });
});

describe('saying it again', () => {
  let refreshed: { at: number; ids: string[] }[];
  let slow: number;
  const refreshing = (more: Partial<Sink<unknown>> = {}): Sink<unknown> =>
    sinkOf({
      class: 'page',
      deliver: async (message) => {
        delivered.push(message);
        const refreshUntil = message.transition === 'resolved' ? time.now + 300_000 : Number.MAX_SAFE_INTEGER;
        return { kind: 'ok', remote: { id: message.incident.id, refreshUntil } };
      },
      refresh: {
        everyMs: 60_000,
        send: async (known: readonly Known[]) => {
          refreshed.push({ at: time.now - START, ids: known.map(({ incident }) => incident.id) });
          if (slow > 0) await time.sleep(slow);
          return OK;
        },
      },
      ...more,
    });
  beforeEach(() => {
    refreshed = [];
    slow = 0;
  });

  it('begins at the start and goes on every minute until the sink’s time is over, across restarts', async () => {
    await commit(1, 'opened');
    const first = dispatcherOf(refreshing());
    first.run();
    await time.advance(130_000);
    await first.stop();
    expect(refreshed.map(({ at }) => at)).toEqual([60_000, 120_000]);
    dispatcherOf(refreshing()).run();
    await time.advance(0);
    expect(refreshed.at(-1)).toEqual({ at: 130_000, ids: ['INC-1'] });
    await commit(2, 'resolved', { state: 'resolved' });
    await time.advance(600_000);
    expect(refreshed.at(-1)!.at).toBeLessThanOrEqual(130_000 + 5_000 + 300_000);
    expect(refreshed.at(-1)!.at).toBeGreaterThan(130_000 + 200_000);
  });

  it('keeps the end of an incident back while it is being said again, and no other incident', async () => {
    slow = 10_000;
    await commit(1, 'opened');
    const dispatcher = dispatcherOf(refreshing());
    dispatcher.run();
    await time.advance(61_000);
    expect(refreshed).toHaveLength(1);
    await commit(2, 'resolved', { state: 'resolved' });
    await store.commit(incidentWith({ id: 'INC-2' }), 1, 'opened', time.now, ['ops']);
    dispatcher.wake();
    await time.advance(1000);
    expect(told()).toEqual(['INC-1/1', 'INC-2/1']);
    await time.advance(9000);
    expect(told()).toEqual(['INC-1/1', 'INC-2/1', 'INC-1/2']);
  });

  it('leaves out an incident that was told while it read what to say', async () => {
    const reads = new (class extends MemoryOutbox {
      override async refreshable(sink: string, now: number) {
        const known = await super.refreshable(sink, now);
        await time.sleep(500);
        return known;
      }
    })();
    store = reads;
    await commit(1, 'opened');
    const dispatcher = dispatcherOf(refreshing());
    dispatcher.run();
    await time.advance(60_100);
    await commit(2, 'resolved', { state: 'resolved' });
    dispatcher.wake();
    await time.advance(1000);
    expect(told()).toEqual(['INC-1/1', 'INC-1/2']);
    expect(refreshed).toEqual([]);
  });

  it('that fails is told, and tried again at its next time', async () => {
    await commit(1, 'opened');
    dispatcherOf(refreshing({ refresh: { everyMs: 60_000, send: async () => DOWN } })).run();
    await time.advance(125_000);
    expect(events.filter((event) => event.type === 'refresh_failed')).toHaveLength(2);
  });
});
