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
import { createHttp, TOTAL_MS } from '../sinks/http.ts';
import { sinks as sinkTypes } from '../sinks/index.ts';
import type { Statement } from '../store/items.ts';
import type { FencingToken } from '../store/lease.ts';
import { noRatings } from '../store/rating.ts';
import type { Reader } from '../store/reader.ts';
import { auditEntry, nextIncidentNumber, readOpenIncidents } from '../store/records/incidents.ts';
import { RecordsOutbox } from '../store/records/outbox.ts';
import { openRecords, type Records, statement } from '../store/records/records.ts';
import { API_ADDRESS } from '../store/sqlite/settings.ts';
import { QUEUE_MAX_BYTES, type Writer } from '../store/writer.ts';
import { createApp } from './api/app.ts';
import type { ApiContext } from './api/context.ts';
import { Events } from './api/events.ts';
import { Presenter } from './api/present.ts';
import { CallCoverages } from './call-coverages.ts';
import { consoleFiles } from './console/files.ts';
import { declaredAttributes } from './declared.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { deliveryListener } from './delivery/listener.ts';
import { type ServedStore, serveStore } from './engines.ts';
import { isBadInteraction, sliceValue } from './examples.ts';
import { ExplainTap } from './explain/tap.ts';
import { Intake } from './intake.ts';
import { Judge, type TickReport } from './judge/judge.ts';
import { Periods } from './judge/periods.ts';
import { RecentInteractions } from './judge/recent.ts';
import { FollowedVerdicts, type Verdicts } from './judge/verdicts.ts';
import type { Role } from './leadership.ts';
import { Metrics } from './metrics/index.ts';
import { readComputed } from './metrics/reading.ts';
import { Replicas } from './replicas.ts';
import { factsOf } from './service-facts.ts';
import { refusalOf } from './shared-records.ts';
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
  /** Judging is driven from outside, and who leads is: no timer of its own. */
  readonly manualTicks?: boolean;
  /** The time of the lease among replicas; the clock of the database when nothing is said. */
  readonly leaseClock?: () => Millis;
}

/** Minutes folded again at a time after a change of configuration: short enough not to hold up the doors. */
const REFOLD_MINUTES = 50;
const CLOSE_GRACE_MS = 5_000;
/** No attempt to deliver takes longer: it is of a few requests at most, each of which has a deadline. */
const ATTEMPT_MS = 4 * TOTAL_MS;

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
      parts.store.close();
      throw error;
    });
    const addresses = {
      http: urlOf(httpAt),
      otlpHttp: urlOf(otlpAt),
      otlpGrpc: grpcAt === null ? null : urlOf(grpcAt),
    };
    Object.assign(parts.doors, addresses);
    await parts.write([leaveAddress(parts.records, addresses.http)]);
    const plimsoll = new Plimsoll(options, parts, http, [otlpHttp, otlpGrpc], addresses);
    parts.replicas.listener = { onRole: (role) => plimsoll.#onRole(role) };
    parts.followed.follow(options.clock());
    await parts.replicas.start(options.manualTicks === true);
    parts.ready.reason = null;
    options.log.info({ ...addresses, role: plimsoll.role }, 'ready');
    if (parts.replicas.isAlone) {
      parts.dispatcher.run();
      void plimsoll.#refold();
    }
    return plimsoll;
  }

  /**
   * Judges what is due, or follows the replica that judges. One at a time: a second call waits for the first and then judges what
   * came in between. @returns null when nothing was judged
   */
  async tick(): Promise<TickReport | null> {
    const { clock, log } = this.#options;
    try {
      return await this.#parts.replicas.alone(async () => {
        if (this.#stopping) return null;
        const now = clock();
        return (await this.#takeUp(now)) ? this.#judge(now) : this.#follow(now);
      });
    } catch (error) {
      this.#parts.metrics.forget();
      log.error({ err: error }, 'a tick of judging failed; the next one does its work');
      return null;
    }
  }

  async #judge(now: Millis): Promise<TickReport> {
    const { judge, periods, metrics, events, dispatcher } = this.#parts;
    const { log } = this.#options;
    const report = await judge.tick(now, this.#parts.refreshObjectives);
    metrics.judged(report, () => readComputed(this.#parts, metrics.live.services, now), now);
    for (const { incident, transition } of report.written) {
      if (transition !== null) log.info({ incident: incident.id, transition, state: incident.state }, incident.summary);
      events.send('incident', { id: incident.id, state: incident.state });
    }
    if (report.written.length > 0) dispatcher.wake();
    events.send('tick', { horizon: report.horizon });
    await periods
      .close(this.#parts.objectives(), report.horizon + 1, now)
      .catch((error) => log.error({ err: error }, 'periods could not be closed; the next tick tries again'));
    return report;
  }

  /** Says what there is to be said without judging. */
  async #follow(now: Millis): Promise<null> {
    const { metrics, followed, events } = this.#parts;
    const began = performance.now();
    metrics.forget();
    await this.#parts.refreshObjectives();
    followed.follow(now);
    metrics.self.ticked(performance.now() - began, now);
    events.send('tick', { horizon: followed.horizon });
    return null;
  }

  /** Whether this process judges; when it has only just begun to, everything that it rests on is read from the store first. */
  async #takeUp(now: Millis): Promise<boolean> {
    const { replicas, judge, dispatcher, leads } = this.#parts;
    if (replicas.isAlone) return true;
    const { token } = replicas;
    if (token === null) return false;
    if (leads.by === token) return true;
    leads.by = null;
    await this.#parts.refreshObjectives();
    await judge.start(now, this.#parts.objectives());
    leads.by = token;
    dispatcher.run();
    void this.#refold();
    return true;
  }

  /** Another role begins: what the old one knew is nothing worth any more. */
  #onRole(role: Role): void {
    const { dispatcher, metrics, leads, replicas } = this.#parts;
    const { log, clock } = this.#options;
    leads.by = null;
    metrics.forget();
    if (role === 'follower') {
      log.warn('another replica judges and delivers from now on');
      dispatcher.stop().catch((error) => log.error({ err: error }, 'deliveries could not be ended'));
      return;
    }
    log.info({ token: replicas.token }, 'this replica judges and delivers from now on');
    replicas
      .alone(async () => {
        if (!this.#stopping) await this.#takeUp(clock());
      })
      .catch((error) => log.error({ err: error }, 'what was judged could not be taken up; the next tick tries again'));
  }

  /** Asks once who leads: where rounds are called for by hand. */
  round(): Promise<void> {
    return this.#parts.replicas.round();
  }

  get role(): Role | 'alone' {
    return this.#parts.replicas.role;
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
    const { dispatcher, events, tap, writer, reader, ready, replicas } = this.#parts;
    ready.reason = 'stopping';
    this.#stopTimer();
    tap.close();
    await Promise.all([...this.#otlp.map((door) => door.close(CLOSE_GRACE_MS)), closeServer(this.#http, events)]);
    await replicas.alone(async () => {
      this.#stopping = true;
    });
    await dispatcher.stop();
    // What the last deliveries left to be written.
    await replicas.alone(async () => {});
    await replicas.stop();
    await this.#parts.write([auditEntry(this.#parts.records, SYSTEM, 'process.stopped', {}, this.#options.clock())]);
    await writer.close();
    reader.close();
    this.#parts.store.close();
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
  readonly store: ServedStore;
  readonly writer: Writer;
  readonly reader: Reader;
  readonly callCoverages: CallCoverages;
  readonly records: Records;
  readonly dictionary: Dictionary;
  readonly currencyOf: (counted: number) => string;
  readonly intake: Intake;
  readonly decoder: TraceDecoder;
  readonly judge: Judge;
  readonly followed: FollowedVerdicts;
  readonly replicas: Replicas;
  /** The token that the judge and the deliveries were begun with; null while they are not. */
  readonly leads: { by: FencingToken | null };
  readonly periods: Periods;
  readonly objectives: () => readonly Objective[];
  readonly book: IncidentBook;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  readonly events: Events;
  readonly tap: ExplainTap;
  readonly app: ReturnType<typeof createApp>;
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
  const store = await serveStore({
    deployment,
    clock,
    leaseClock: options.leaseClock,
    onDeath: (error) => {
      ready.reason = 'the store has failed';
      options.onFatal(error);
    },
  });
  const { writer } = store;
  const write: Parts['write'] = async (statements: readonly Statement[]) => {
    const result = await writer.write({ type: 'statements', statements });
    if (result.type !== 'statements') throw refusalOf(result.type === 'failed' ? result.message : result.type);
    return result.changes;
  };
  const dictionary = new Dictionary(store.texts, undefined, store.names);
  dictionary.refresh();
  const catalog = new Catalog(services);
  const plans = new PlanBook(dictionary, catalog, objectiveConfigs, deployment.prices);
  let namesChanged = false;
  const intake = new Intake(dictionary, plans, writer, clock, () => {
    namesChanged = true;
  });
  writer.onBehind = () => {
    dictionary.refresh();
    intake.flushNames();
  };
  const allPlans = plans.allPlans();
  const declared = declaredAttributes(catalog, dictionary);
  intake.flushNames();
  const minutesFolded = await writer.recover(allPlans);
  if (minutesFolded > 0)
    log.warn(
      { minutesFolded },
      'the last process did not stop in order: its newest minutes were counted again from their rows',
    );

  const reader = store.openReader();
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
  const records = openRecords(reader.db, reader.engine);
  const book = new IncidentBook(
    await readOpenIncidents(records),
    await nextIncidentNumber(records),
    deployment.judge.graceMs,
  );
  const events = new Events();
  const callCoverages = new CallCoverages(reader, plans);
  const present = new Presenter(dictionary, catalog);
  const isOfService = (objective: Objective, { service }: Pick<Interaction, 'service'>): boolean =>
    plans.countedOf(service) === objective.counted;
  const replicas = new Replicas({
    lease: store.lease,
    records,
    book,
    write,
    schedule,
    elapsed: options.leaseClock ?? (() => performance.now()),
    onIncident: ({ id, state }) => events.send('incident', { id, state }),
    report: (error) => log.error({ err: error }, 'who leads could not be found out'),
  });
  const leads: Parts['leads'] = { by: null };
  const judge = new Judge({
    reader,
    records,
    writer,
    write: replicas.writeJudged,
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
  const followed = new FollowedVerdicts(reader, () => objectives, deployment.judge.graceMs);
  const isJudging = (): boolean => replicas.isAlone || (leads.by !== null && leads.by === replicas.token);
  const verdicts = (): Verdicts => (isJudging() ? judge : followed);
  if (replicas.isAlone) await judge.start(clock());
  const periods = new Periods({
    reader,
    records,
    creditsOf: (name) => objectiveConfigs.find((one) => one.name === name)?.credits ?? [],
    write: replicas.writeLeading,
  });
  const { alone } = replicas;
  const outbox = new RecordsOutbox(
    records,
    write,
    replicas.isAlone ? null : { writeLeading: replicas.writeLeading, heldUntil: () => clock() + ATTEMPT_MS },
  );
  const metrics = new Metrics({
    version: VERSION,
    dictionary,
    catalog,
    objectives: () => objectives,
    sinks: deployment.sinks.map((sink) => sink.name),
    queue: () => ({ bytes: writer.queuedBytes, capacityBytes: QUEUE_MAX_BYTES }),
    unjoined: () => writer.status?.ratings ?? { waiting: noRatings(), unmatched: noRatings() },
    storeSizes: () => store.sizes(),
    // Of what all replicas share one speaks: sums over them are right. A page is there also when the store does not answer.
    outbox: async () => (isJudging() ? outbox.backlog().catch(() => []) : []),
    leads: isJudging,
    now: clock,
  });
  writer.listener = metrics;
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
    onEvent: deliveryListener({
      log,
      metrics: metrics.self,
      records,
      book,
      events,
      write,
      writeIncidents: replicas.writeIncidents,
      alone,
      now: clock,
    }),
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
    get judge() {
      return verdicts();
    },
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
    writeIncidents: replicas.writeIncidents,
    alone,
    role: () => replicas.role,
    notReady: () => ready.reason ?? writer.fault,
    metrics,
    report: (error) => log.error({ err: error }, 'a request failed'),
  };
  await write([auditEntry(records, SYSTEM, 'process.started', { version: VERSION }, clock())]);
  return {
    store,
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
    followed,
    replicas,
    leads,
    periods,
    objectives: () => objectives,
    book,
    dispatcher,
    metrics,
    events,
    tap,
    app: createApp(context, consoleFiles()),
    write,
    ready,
    doors,
    refreshObjectives: async () => {
      // Other replicas may have seen what objectives rest on.
      dictionary.refresh();
      intake.flushNames();
      const isKnown =
        reader.evaluatorsSeen() === sizeOf(evaluators) && reader.labelsAtRandomSeen() === sizeOf(labelsAtRandom);
      if (!namesChanged && isKnown) return;
      namesChanged = false;
      evaluators = reader.evaluators();
      labelsAtRandom = reader.labelsAtRandom();
      objectives = compile();
      intake.flushNames();
      if (!isJudging()) return;
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
  const value = randomBytes(32).toString('hex');
  await write([
    statement(
      records
        .insertInto('setting')
        .values({ name, value })
        .onConflict((conflict) => conflict.doNothing()),
    ),
  ]);
  // Another replica may have been quicker.
  const kept = await records.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirstOrThrow();
  return Buffer.from(kept.value, 'hex');
}

/** For `plimsoll verify`, which asks the running server to settle first. */
const leaveAddress = (records: Records, value: string): Statement =>
  statement(
    records
      .insertInto('setting')
      .values({ name: API_ADDRESS, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
  );

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
