// Deliveries, over a real store and real HTTP: `node --no-warnings bench/delivery.ts [incidents] [seconds]`. So many incidents are
// opened, delivered and resolved through one stand-in; then one incident a second goes to 100 destinations, of which one is silent.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Incident, Transition } from '../src/model/incident.ts';
import { SYSTEM } from '../src/model/incident.ts';
import { type ConfiguredSink, type DeliveryEvent, Dispatcher } from '../src/server/delivery/dispatcher.ts';
import { schedule } from '../src/server/timers.ts';
import { createHttp } from '../src/sinks/http.ts';
import { sinks } from '../src/sinks/index.ts';
import { createMail } from '../src/sinks/mail.ts';
import type { Statement } from '../src/store/items.ts';
import { writeIncident } from '../src/store/records/incidents.ts';
import { RecordsOutbox } from '../src/store/records/outbox.ts';
import { openRecords } from '../src/store/records/records.ts';
import { openReader } from '../src/store/sqlite/reader.ts';
import { Writer } from '../src/store/writer.ts';
import { incidentWith } from '../test/incidents.ts';

const count = Number(process.argv[2] ?? 10_000);
const seconds = Number(process.argv[3] ?? 30);
const DESTINATIONS = 100;
const LIFE = { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12, daysMs: 1e12, regulatedInteractionsMs: 1e12 };

const standIn = fork(join(import.meta.dirname, 'standin.ts'));
const [port] = (await once(standIn, 'message')) as [number];

/** A store, and a dispatcher that tells these destinations of what is in it. */
async function open(configured: readonly ConfiguredSink[], onEvent: (event: DeliveryEvent) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
  const file = join(folder, 'store.db');
  const { writer } = await Writer.open({ store: { type: 'sqlite', file }, retention: LIFE }, Date.now, (error) => {
    throw error;
  });
  const reader = openReader(file);
  const records = openRecords(reader.db);
  const write = async (statements: readonly Statement[]): Promise<readonly number[]> => {
    const result = await writer.write({ type: 'statements', statements });
    if (result.type !== 'statements') throw new Error(JSON.stringify(result));
    return result.changes;
  };
  const allow = ['127.0.0.1'];
  const dispatcher = new Dispatcher({
    store: new RecordsOutbox(records, write),
    sinks: configured,
    http: createHttp({ allow }),
    mail: createMail({ allow }),
    secret: async () => 'a signing secret of some length',
    deployment: 'bench',
    consoleUrl: 'https://plimsoll.example.com',
    now: Date.now,
    random: Math.random,
    schedule,
    onEvent,
  });
  dispatcher.run();
  const listeners = configured.map(({ name, sink }) => ({
    name,
    class: sink.class,
    everyTransition: sink.everyTransition === true,
    isOfLevel: false,
    standsIn: false,
  }));
  return {
    dispatcher,
    /** As the judge does at a tick: all of it is one transaction, then somebody is told. */
    tick: async (changed: readonly { incident: Incident; transition: Transition }[]): Promise<void> => {
      const now = Date.now();
      await write(changed.flatMap((one) => writeIncident(records, one, SYSTEM, listeners, now)));
      dispatcher.wake();
    },
    close: async (): Promise<void> => {
      await dispatcher.stop();
      reader.close();
      await writer.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const webhook = (name: string, path: string): ConfiguredSink => ({
  name,
  sink: sinks.webhook,
  options: { url: `http://127.0.0.1:${port}${path}`, secret: 'env:S' },
});
const opened = (n: number): Incident => incidentWith({ id: `INC-${n}`, openedAt: Date.now() });
const resolved = (n: number): Incident => {
  const incident = opened(n);
  return {
    ...incident,
    state: 'resolved',
    resolvedAt: Date.now(),
    closeCode: 'recovered_automatically',
    timeline: [...incident.timeline, { at: Date.now(), by: SYSTEM, event: 'resolved', text: 'recovered' }],
  };
};
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;

async function throughput(): Promise<void> {
  let delivered = 0;
  let failed = 0;
  const world = await open([webhook('ops', '/in')], (event) => {
    if (event.type !== 'attempt') return;
    if (event.outcome.kind === 'ok') delivered++;
    else failed++;
  });
  const phase = async (
    name: string,
    until: number,
    changes: (n: number) => { incident: Incident; transition: Transition },
  ) => {
    const cpu = process.cpuUsage();
    const began = performance.now();
    for (let n = 1; n <= count; n += 100)
      await world.tick(Array.from({ length: Math.min(100, count - n + 1) }, (_, i) => changes(n + i)));
    const written = performance.now() - began;
    while (delivered < until) await sleep(20);
    const took = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    console.log(
      `${name}: ${count} written in ${(written / 1000).toFixed(1)} s, delivered in ${took.toFixed(1)} s: ${Math.round(count / took)} a second, ${((user + system) / count / 1000).toFixed(2)} ms of CPU each`,
    );
  };
  await phase('opened', count, (n) => ({ incident: opened(n), transition: 'opened' }));
  await phase('resolved', 2 * count, (n) => ({ incident: resolved(n), transition: 'resolved' }));
  console.log(`attempts that failed: ${failed}`);
  await world.close();
}

async function promptness(): Promise<void> {
  const waits: number[] = [];
  const down = 'd-0';
  const destinations = Array.from({ length: DESTINATIONS }, (_, n) =>
    webhook(`d-${n}`, n === 0 ? '/silent' : `/in/${n}`),
  );
  const world = await open(destinations, (event) => {
    if (event.type === 'attempt' && event.outcome.kind === 'ok') waits.push(Date.now() - event.row.createdAt);
    if (event.type === 'attempt' && event.outcome.kind !== 'ok' && event.row.sink !== down)
      console.log(`unexpected: ${event.row.sink} ${event.outcome.kind}`);
  });
  const began = performance.now();
  for (let n = 1; n <= seconds; n++) {
    await world.tick([{ incident: opened(n), transition: 'opened' }]);
    await sleep(Math.max(0, n * 1000 - (performance.now() - began)));
  }
  const wanted = seconds * (DESTINATIONS - 1);
  for (let i = 0; i < 500 && waits.length < wanted; i++) await sleep(20);
  const sorted = waits.toSorted((a, b) => a - b);
  console.log(
    `${seconds} incidents, one a second, to ${DESTINATIONS} destinations of which one is silent: ${sorted.length} of ${wanted} taken; from the tick to the answer p50 ${quantile(sorted, 0.5)} ms, p99 ${quantile(sorted, 0.99)} ms, at most ${sorted.at(-1)} ms`,
  );
  await world.close();
}

await throughput();
await promptness();
standIn.disconnect();
