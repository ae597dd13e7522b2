import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import cron from 'node-cron';
import type { Logger } from 'pino';
import { dialects } from '../../collectors/dialects/index.ts';
import { limitedServer } from '../../collectors/limited-server.ts';
import { OtlpGrpcServer, OtlpHttpServer, type ReceiverOptions, TraceDecoder } from '../../collectors/otlp/index.ts';
import { Catalog } from '../catalog/catalog.ts';
import { compileObjectives } from '../catalog/objectives.ts';
import { PlanBook } from '../catalog/plan-book.ts';
import { IncidentBook } from '../incidents/book.ts';
import type { Deployment } from '../model/config/deployment.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import { Dictionary } from '../model/dictionary.ts';
import type { Interaction } from '../model/interaction.ts';
import { parseCountedKey } from '../model/names.ts';
import type { Millis } from '../model/time.ts';
import type { Objective } from '../objectives/objective.ts';
import { createHttp } from '../sinks/http.ts';
import { sinks as sinkTypes } from '../sinks/index.ts';
import type { Statement } from '../store/items.ts';
import { noRatings } from '../store/rating.ts';
import { auditEntry, nextIncidentNumber, readOpenIncidents } from '../store/records/incidents.ts';
import { RecordsOutbox } from '../store/records/outbox.ts';
import { openRecords, type Records, statement } from '../store/records/records.ts';
import { Reader } from '../store/sqlite/reader.ts';
import { API_ADDRESS } from '../store/sqlite/settings.ts';
import { storeSizes } from '../store/sqlite/sizes.ts';
import { QUEUE_MAX_BYTES, Writer } from '../store/writer.ts';
import { createApp } from './api/app.ts';
import type { ApiContext } from './api/context.ts';
import { Events } from './api/events.ts';
import { Presenter } from './api/present.ts';
import { CallCoverages } from './call-coverages.ts';
import { consoleFiles } from './console/files.ts';
import { declaredAttributes } from './declared.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { deliveryListener } from './delivery/listener.ts';
import { isBadInteraction, sliceValue } from './examples.ts';
import { ExplainTap } from './explain/tap.ts';
import { Intake } from './intake.ts';
import { Judge, type TickReport } from './judge/judge.ts';
import { Periods } from './judge/periods.ts';
import { RecentInteractions } from './judge/recent.ts';
import { Metrics } from './metrics/index.ts';
import { readComputed } from './metrics/reading.ts';
import { factsOf } from './service-facts.ts';
import { VERSION } from './version.ts';

/** A configuration that was read and found valid. */
export interface Configuration {
  readonly deployment: Deployment;
  readonly services: readonly Service[];
  readonly objectives: readonly ObjectiveConfig[];
}

export interface PlimsollOptions {
  readonly configuration: Configuration;
  readonly clock: () => Millis;
  readonly log: Logger;
  readonly secret: (reference: string) => Promise<string>;
  /** The store has failed: nothing can be acknowledged any more, the process should end. */
  readonly onFatal: (error: Error) => void;
  /** Judging is driven from outside: no timer of its own. */
  readonly manualTicks?: boolean;
}

/** Minutes folded again at a time after a change of configuration: short enough not to hold up the doors. */
const REFOLD_MINUTES = 50;
const CLOSE_GRACE_MS = 5_000;

/** One running Plimsoll: the doors, the store, the judge and the deliveries, wired together. */
export class Plimsoll {
  readonly addresses: { readonly http: string; readonly otlpHttp: string; readonly otlpGrpc: string | null };
  readonly #options: PlimsollOptions;
  readonly #parts: Parts;
  readonly #http: Server;
  readonly #otlp: readonly { close(graceMs: Millis): Promise<void> }[];
  readonly #stopTimer: () => void;
  #stopping = false;

  private constructor(
    options: PlimsollOptions,
    parts: Parts,
    http: Server,
    otlp: readonly { close(graceMs: Millis): Promise<void> }[],
    addresses: Plimsoll['addresses'],
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#http = http;
    this.#otlp = otlp;
    this.addresses = addresses;
    this.#stopTimer =
      options.manualTicks === true ? () => {} : everyTick(options.configuration.deployment, () => void this.tick());
  }

  static async start(options: PlimsollOptions): Promise<Plimsoll> {
    const { deployment } = options.configuration;
    const parts = await open(options);
    const http = limitedServer(
      deployment.limits,
      (limit) => parts.metrics.self.limited('rest', limit),
      (request, response, awaitsContinue) => {
        if (awaitsContinue) response.writeContinue();
        parts.app(request, response);
      },
    );
    const door = (source: 'otlp_http' | 'otlp_grpc'): ReceiverOptions => ({
      sink: parts.intake,
      decoder: () => parts.decoder,
      clock: options.clock,
      retention: () => deployment.retention.interactionsMs,
      counters: parts.metrics.self.door(source),
      tap: (request) => parts.tap.offer(request),
      limits: deployment.limits,
      report: (error) => options.log.error({ err: error }, 'a request for telemetry failed'),
    });
    const otlpHttp = new OtlpHttpServer(door('otlp_http'));
    const otlpGrpc = new OtlpGrpcServer(door('otlp_grpc'));
    const [httpAt, otlpAt, grpcAt] = await openDoors(http, otlpHttp, otlpGrpc, options).catch(async (error) => {
      http.close();
      await Promise.allSettled([otlpHttp.close(0), otlpGrpc.close(0), parts.writer.close()]);
      parts.reader.close();
      throw error;
    });
    const addresses = {
      http: urlOf(httpAt),
      otlpHttp: urlOf(otlpAt),
      otlpGrpc: grpcAt === null ? null : urlOf(grpcAt),
    };
    Object.assign(parts.doors, addresses);
    await parts.write([leaveAddress(parts.records, addresses.http)]);
    parts.ready.reason = null;
    parts.dispatcher.run();
    options.log.info(addresses, 'ready');
    const plimsoll = new Plimsoll(options, parts, http, [otlpHttp, otlpGrpc], addresses);
    void plimsoll.#refold();
    return plimsoll;
  }

  /** Judges what is due. One at a time: a second call waits for the first and then judges what came in between. */
  tick(): Promise<TickReport | null> {
    const { judge, periods, metrics, events, dispatcher } = this.#parts;
    const { clock, log } = this.#options;
    return this.#parts.alone(async () => {
      if (this.#stopping) return null;
      try {
        const now = clock();
        const report = await judge.tick(now, this.#parts.refreshObjectives);
        metrics.judged(report, () => readComputed(this.#parts, metrics.live.services, now), now);
        for (const { incident, transition } of report.written) {
          if (transition !== null)
            log.info({ incident: incident.id, transition, state: incident.state }, incident.summary);
          events.send('incident', { id: incident.id, state: incident.state });
        }
        if (report.written.length > 0) dispatcher.wake();
        events.send('tick', { horizon: report.horizon });
        await periods
          .close(this.#parts.objectives(), report.horizon + 1, now)
          .catch((error) => log.error({ err: error }, 'periods could not be closed; the next tick tries again'));
        return report;
      } catch (error) {
        metrics.forget();
        log.error({ err: error }, 'a tick of judging failed; the next one does its work');
        return null;
      }
    });
  }

  get judge(): Judge {
    return this.#parts.judge;
  }

  get records(): Records {
    return this.#parts.records;
  }

  /** Takes nothing more, finishes what is under way, and leaves a settled store behind. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    const { dispatcher, events, tap, writer, reader, ready } = this.#parts;
    ready.reason = 'stopping';
    this.#stopTimer();
    tap.close();
    await Promise.all([...this.#otlp.map((door) => door.close(CLOSE_GRACE_MS)), closeServer(this.#http, events)]);
    await this.#parts.alone(async () => {
      this.#stopping = true;
    });
    await dispatcher.stop();
    // What the last deliveries left to be written.
    await this.#parts.alone(async () => {});
    await this.#parts.write([auditEntry(this.#parts.records, SYSTEM, 'process.stopped', {}, this.#options.clock())]);
    await writer.close();
    reader.close();
  }

  /** Counts again, a little at a time, what a change of configuration left counted the old way. */
  async #refold(): Promise<void> {
    try {
      for (let left = 1; left > 0 && !this.#stopping; ) left = await this.#parts.writer.refold(REFOLD_MINUTES);
    } catch (error) {
      if (!this.#stopping)
        this.#options.log.error({ err: error }, 'counting again after a change of configuration failed');
    }
  }
}

async function openDoors(
  http: Server,
  otlpHttp: OtlpHttpServer,
  otlpGrpc: OtlpGrpcServer,
  { configuration, log }: PlimsollOptions,
): Promise<[AddressInfo, AddressInfo, AddressInfo | null]> {
  const at = configuration.deployment.listen;
  return [
    await listen(http, at.http),
    await otlpHttp.listen(at.otlpHttp.port, at.otlpHttp.host),
    await listenGrpc(otlpGrpc, at.otlpGrpc, log),
  ];
}

const SYSTEM = { kind: 'system', id: 'plimsoll' } as const;

interface Parts {
  readonly writer: Writer;
  readonly reader: Reader;
  readonly callCoverages: CallCoverages;
  readonly records: Records;
  readonly dictionary: Dictionary;
  readonly currencyOf: (counted: number) => string;
  readonly intake: Intake;
  readonly decoder: TraceDecoder;
  readonly judge: Judge;
  readonly periods: Periods;
  readonly objectives: () => readonly Objective[];
  readonly book: IncidentBook;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  readonly events: Events;
  readonly tap: ExplainTap;
  readonly app: ReturnType<typeof createApp>;
  readonly alone: ApiContext['alone'];
  readonly write: ApiContext['write'];
  readonly refreshObjectives: () => Promise<void>;
  /** `reason` is why nothing is taken; null while it is. */
  readonly ready: { reason: string | null };
  /** Known once it listens: the port may have been any free one. */
  readonly doors: { http: string | null; otlpHttp: string | null };
}

async function open(options: PlimsollOptions): Promise<Parts> {
  const { clock, log, configuration } = options;
  const { deployment, services, objectives: objectiveConfigs } = configuration;
  const ready: Parts['ready'] = { reason: 'starting' };
  const doors: Parts['doors'] = { http: null, otlpHttp: null };
  const { writer, texts } = await Writer.open(
    { file: deployment.store.path, retention: deployment.retention },
    clock,
    (error) => {
      ready.reason = 'the store has failed';
      options.onFatal(error);
    },
  );
  const write: Parts['write'] = async (statements: readonly Statement[]) => {
    const result = await writer.write({ type: 'statements', statements });
    if (result.type !== 'statements')
      throw new Error(`not stored: ${result.type === 'failed' ? result.message : result.type}`);
    return result.changes;
  };
  const dictionary = new Dictionary(texts);
  const catalog = new Catalog(services);
  const plans = new PlanBook(dictionary, catalog, objectiveConfigs, deployment.prices);
  let namesChanged = false;
  const intake = new Intake(dictionary, plans, writer, clock, () => {
    namesChanged = true;
  });
  const allPlans = plans.allPlans();
  const declared = declaredAttributes(catalog, dictionary, objectiveConfigs);
  intake.flushNames();
  const minutesFolded = await writer.recover(allPlans);
  if (minutesFolded > 0)
    log.warn(
      { minutesFolded },
      'the last process did not stop in order: its newest minutes were counted again from their rows',
    );

  const reader = new Reader(deployment.store.path);
  let evaluators = reader.evaluators();
  let labelsAtRandom = reader.labelsAtRandom();
  const compile = (): Objective[] =>
    compileObjectives({
      objectives: objectiveConfigs,
      services,
      falseIncidentsPer30Days: deployment.falseIncidents.per30Days,
      dictionary,
      plans,
      evaluatorsOf: (counted) => evaluators.get(counted) ?? [],
      labelsAtRandomOf: (counted) => labelsAtRandom.get(counted) ?? [],
    });
  let objectives = compile();
  intake.flushNames();
  const records = openRecords(reader.db);
  const book = new IncidentBook(
    await readOpenIncidents(records),
    await nextIncidentNumber(records),
    deployment.judge.graceMs,
  );
  const callCoverages = new CallCoverages(reader, plans);
  const present = new Presenter(dictionary, catalog);
  const isOfService = (objective: Objective, { service }: Pick<Interaction, 'service'>): boolean =>
    plans.countedOf(service) === objective.counted;
  const judge = new Judge({
    reader,
    records,
    writer,
    findings: {
      reader,
      recent: new RecentInteractions(reader),
      records,
      dictionary,
      isOfService,
      isBad: (objective, interaction) => isBadInteraction(reader, plans, dictionary, objective, interaction),
      sliceOf: (_objective, dimension, interaction) => sliceValue(dictionary, dimension, interaction),
    },
    objectives,
    factsOf: (objective) => factsOf(services, objective),
    book,
    sinks: deployment.sinks.map((sink) => sink.name),
    graceMs: deployment.judge.graceMs,
  });
  await judge.start(clock());
  const periods = new Periods({
    reader,
    records,
    creditsOf: (name) => objectiveConfigs.find((one) => one.name === name)?.credits ?? [],
    write,
  });
  const alone = oneAtATime();
  const outbox = new RecordsOutbox(records, write);
  const metrics = new Metrics({
    version: VERSION,
    dictionary,
    catalog,
    objectives: () => objectives,
    sinks: deployment.sinks.map((sink) => sink.name),
    queue: () => ({ bytes: writer.queuedBytes, capacityBytes: QUEUE_MAX_BYTES }),
    unjoined: () => writer.status?.ratings ?? { waiting: noRatings(), unmatched: noRatings() },
    storeSizes: () => storeSizes(deployment.store.path),
    outbox: () => outbox.backlog(),
    now: clock,
  });
  writer.listener = metrics;
  const events = new Events();
  const tap = new ExplainTap({
    catalog,
    schedule,
    report: (error) => log.error({ err: error }, 'what arrived could not be explained'),
  });
  const promptKey = await promptKeyOf(records, write);
  const decoder = new TraceDecoder({ dialects, dictionary, declared, promptKey }, deployment.limits);
  const dispatcher = new Dispatcher({
    store: outbox,
    sinks: deployment.sinks.map(({ name, type, ...sinkOptions }) => ({
      name,
      sink: sinkTypes[type],
      options: sinkOptions,
    })),
    http: createHttp({ allow: deployment.egress.allow }),
    secret: options.secret,
    deployment: deployment.name,
    // Deliveries begin when the doors are open: then the port is known, which may have been any free one.
    get consoleUrl() {
      return deployment.consoleUrl ?? doors.http?.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//localhost:') ?? '';
    },
    now: clock,
    random: Math.random,
    schedule,
    onEvent: deliveryListener({ log, metrics: metrics.self, records, book, events, write, alone, now: clock }),
  });
  const context: ApiContext = {
    deployment: deployment.name,
    version: VERSION,
    now: clock,
    startedAt: clock(),
    otlpHttp: () => doors.otlpHttp,
    feedbackFrom: deployment.listen.cors,
    intake,
    dictionary,
    catalog,
    plans,
    instrumentationsOf: (resource) => decoder.instrumentations.of(resource),
    callCoverages,
    reader,
    records,
    writer,
    judge,
    periods,
    book,
    present,
    objectives: () => objectives,
    objectiveConfigs,
    limits: deployment.limits,
    sinks: deployment.sinks.map((sink) => sink.name),
    events,
    tap,
    wakeDelivery: () => dispatcher.wake(),
    write,
    alone,
    notReady: () => ready.reason ?? writer.fault,
    metrics,
    report: (error) => log.error({ err: error }, 'a request failed'),
  };
  await write([auditEntry(records, SYSTEM, 'process.started', { version: VERSION }, clock())]);
  return {
    writer,
    reader,
    callCoverages,
    records,
    dictionary,
    currencyOf: (counted) => {
      const { name, environment } = parseCountedKey(dictionary.text(counted))!;
      return plans.pricesOf(catalog.byName(name, environment)).currency;
    },
    intake,
    decoder,
    judge,
    periods,
    objectives: () => objectives,
    book,
    dispatcher,
    metrics,
    events,
    tap,
    app: createApp(context, consoleFiles()),
    alone,
    write,
    ready,
    doors,
    refreshObjectives: async () => {
      const isKnown =
        reader.evaluatorsSeen() === sizeOf(evaluators) && reader.labelsAtRandomSeen() === sizeOf(labelsAtRandom);
      if (!namesChanged && isKnown) return;
      namesChanged = false;
      evaluators = reader.evaluators();
      labelsAtRandom = reader.labelsAtRandom();
      objectives = compile();
      intake.flushNames();
      await judge.replace(objectives, clock()).catch((error) => {
        namesChanged = true;
        throw error;
      });
    },
  };
}

/** Runs something later, unless what is returned is called before. */
function schedule(ms: Millis, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

const sizeOf = (lists: ReadonlyMap<unknown, readonly unknown[]>): number =>
  [...lists.values()].reduce((sum, list) => sum + list.length, 0);

/** The key under which instructions are hashed to a prompt version: made once for an installation. */
async function promptKeyOf(records: Records, write: Parts['write']): Promise<Uint8Array> {
  const name = 'prompt key';
  const row = await records.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst();
  if (row !== undefined) return Buffer.from(row.value, 'hex');
  const key = randomBytes(32);
  await write([statement(records.insertInto('setting').values({ name, value: key.toString('hex') }))]);
  return key;
}

/** For `plimsoll verify`, which asks the running server to settle first. */
const leaveAddress = (records: Records, value: string): Statement =>
  statement(
    records
      .insertInto('setting')
      .values({ name: API_ADDRESS, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
  );

/** Runs work one after the other. */
function oneAtATime(): ApiContext['alone'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}

/** Wakes the judge: at the minute's end and its grace, or oftener where the configuration says so. */
function everyTick({ judge }: Deployment, tick: () => void): () => void {
  const seconds = judge.everyMs / 1000;
  const grace = Math.ceil(judge.graceMs / 1000) % 60;
  if (judge.everyMs % 60_000 === 0) {
    const task = cron.schedule(`${grace} */${Math.min(59, seconds / 60)} * * * *`, tick);
    return () => void task.stop();
  }
  if (Number.isInteger(seconds) && 60 % seconds === 0) {
    const task = cron.schedule(`*/${seconds} * * * * *`, tick);
    return () => void task.stop();
  }
  const timer = setInterval(tick, judge.everyMs);
  return () => clearInterval(timer);
}

const GRPC_DEFAULT = { host: '127.0.0.1', port: 4317 } as const;

/** The standard port is a wish: where nobody asked for it, a Plimsoll without this door is better than none. */
async function listenGrpc(
  server: OtlpGrpcServer,
  wanted: Deployment['listen']['otlpGrpc'],
  log: Logger,
): Promise<AddressInfo | null> {
  const { host, port } = wanted ?? GRPC_DEFAULT;
  try {
    return await server.listen(port, host);
  } catch (error) {
    if (wanted !== null || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    log.warn(
      { port },
      'OTLP over gRPC is not taken: another program has its port. Name one under spec.listen.otlpGrpc (127.0.0.1:0 is any free one)',
    );
    return null;
  }
}

const listen = (server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });

async function closeServer(server: Server, events: Events): Promise<void> {
  events.close();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}

const urlOf = ({ address, port, family }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
