import type { Logger } from 'pino';
import { dialects } from '../../collectors/dialects/index.ts';
import { TraceDecoder } from '../../collectors/otlp/index.ts';
import { Catalog } from '../catalog/catalog.ts';
import { PlanBook } from '../catalog/plan-book.ts';
import { IncidentBook } from '../incidents/book.ts';
import type { Deployment } from '../model/config/deployment.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import { Dictionary } from '../model/dictionary.ts';
import { OperatorError } from '../model/errors.ts';
import { SYSTEM } from '../model/incident.ts';
import type { Interaction } from '../model/interaction.ts';
import { parseCountedKey } from '../model/names.ts';
import type { Millis } from '../model/time.ts';
import type { Objective } from '../objectives/objective.ts';
import { TOTAL_MS } from '../sinks/egress.ts';
import type { Statement } from '../store/items.ts';
import type { FencingToken } from '../store/lease.ts';
import { noRatings } from '../store/rating.ts';
import type { Reader } from '../store/reader.ts';
import { auditEntry } from '../store/records/audit.ts';
import { nextIncidentNumber, readOpenIncidents } from '../store/records/incidents.ts';
import { RecordsOutbox } from '../store/records/outbox.ts';
import { openRecords, type Records, statement } from '../store/records/records.ts';
import { API_ADDRESS } from '../store/sqlite/settings.ts';
import { QUEUE_MAX_BYTES, type Writer } from '../store/writer.ts';
import { type Access, openAccess } from './access/access.ts';
import { createApp } from './api/app.ts';
import type { ApiContext } from './api/context.ts';
import { Events } from './api/events.ts';
import { Presenter } from './api/present.ts';
import { Anchors } from './audit/anchors.ts';
import { configurationChanged } from './audit/configuration.ts';
import { AuditOffice } from './audit/office.ts';
import { Presence, STOPPED } from './audit/presence.ts';
import { auditState } from './audit/state.ts';
import { Verdicts } from './audit/verdicts.ts';
import { CallCoverages } from './call-coverages.ts';
import { CompiledObjectives } from './compiled.ts';
import type { ConfigurationDifference, WrittenDocument } from './config/written.ts';
import { consoleFiles } from './console/files.ts';
import { declaredAttributes } from './declared.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { deliveryListener } from './delivery/listener.ts';
import { destinationsOf, waysOut } from './delivery/ways.ts';
import { type Behind, Doors } from './doors.ts';
import { type ServedStore, serveStore } from './engines.ts';
import { isBadInteraction, sliceValue } from './examples.ts';
import { ExplainTap } from './explain/tap.ts';
import { Intake } from './intake.ts';
import { Judge, type TickReport } from './judge/judge.ts';
import { Periods } from './judge/periods.ts';
import { RecentInteractions } from './judge/recent.ts';
import { FollowedVerdicts, type Verdicts as JudgedVerdicts } from './judge/verdicts.ts';
import { keptKey } from './kept-key.ts';
import type { Role } from './leadership.ts';
import { Metrics } from './metrics/index.ts';
import { readComputed } from './metrics/reading.ts';
import { Configured } from './reload/configured.ts';
import { type Reconfigurable, reconfigure } from './reload/reconfigure.ts';
import { type ConfigurationState, refusal } from './reload/state.ts';
import { Replicas } from './replicas.ts';
import { tellOfRestore } from './restored.ts';
import { factsOf } from './service-facts.ts';
import { refusalOf } from './shared-records.ts';
import { everyHour, everyTick, schedule } from './timers.ts';
import { Tls } from './tls.ts';
import { VERSION } from './version.ts';

/** A configuration that was read and found valid. */
export interface Configuration {
  readonly deployment: Deployment;
  readonly services: readonly Service[];
  readonly objectives: readonly ObjectiveConfig[];
  /** As it is written; absent when it was read from no file. */
  readonly documents?: readonly WrittenDocument[];
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
/** No attempt to deliver takes longer: it is of a few requests at most, each of which has a deadline. */
const ATTEMPT_MS = 4 * TOTAL_MS;

/** One running Plimsoll: the doors, the store, the judge and the deliveries, wired together. */
export class Plimsoll {
  readonly #options: PlimsollOptions;
  readonly #parts: Parts;
  readonly #doors: Doors;
  #stopTimer: () => void;
  readonly #stopHours: () => void;
  #stopping = false;
  #refolding: Promise<void> = Promise.resolve();

  private constructor(options: PlimsollOptions, parts: Parts, doors: Doors) {
    this.#options = options;
    this.#parts = parts;
    this.#doors = doors;
    this.#stopTimer = this.#startTimer();
    this.#stopHours = options.manualTicks === true ? () => {} : everyHour(() => void this.signAudit());
  }

  #startTimer(): () => void {
    return this.#options.manualTicks === true
      ? () => {}
      : everyTick(this.#parts.configured.deployment, () => void this.tick());
  }

  static async start(options: PlimsollOptions): Promise<Plimsoll> {
    const { deployment } = options.configuration;
    const parts = await open(options);
    const doors = await Doors.open(parts, deployment, options.clock, options.log).catch(async (error) => {
      await parts.access.close();
      parts.reader.close();
      await Promise.allSettled([parts.writer.close()]);
      parts.store.close();
      throw error;
    });
    Object.assign(parts.addresses, doors.addresses);
    await parts.write([leaveAddress(parts.records, doors.addresses.http)]);
    const plimsoll = new Plimsoll(options, parts, doors);
    parts.tls?.watch((keys) => doors.renewTls(keys));
    parts.replicas.listener = { onRole: (role) => plimsoll.#onRole(role) };
    parts.followed.follow(options.clock());
    await parts.replicas.start(options.manualTicks === true);
    parts.ready.reason = null;
    options.log.info({ ...doors.addresses, role: plimsoll.role }, 'ready');
    if (parts.replicas.isAlone) {
      parts.dispatcher.run();
      parts.anchors.wake();
      plimsoll.#refold();
    }
    return plimsoll;
  }

  get addresses(): Doors['addresses'] {
    return this.#doors.addresses;
  }

  /** Which configuration is in force, and whether it is the one that its files hold. */
  get configured(): ConfigurationState {
    return this.#parts.configured.state;
  }

  /**
   * Puts another configuration in force, whole or not at all.
   * @throws OperatorError when it changes what only a start can change, or when Plimsoll is stopping
   */
  async reconfigure(configuration: Configuration): Promise<ConfigurationDifference> {
    const difference = await this.#parts.replicas.alone(() => {
      if (this.#stopping) throw stopping();
      return reconfigure(this.#parts.reconfigurable, configuration, this.#options.clock());
    });
    this.#stopTimer();
    if (!this.#stopping) this.#stopTimer = this.#startTimer();
    this.#refold();
    return difference;
  }

  /** Resolves when what a change of configuration left counted the old way has been counted again. */
  get recounted(): Promise<void> {
    return this.#refolding;
  }

  /** What the files hold is what is in force. */
  confirmConfiguration(): void {
    this.#parts.configured.confirm(this.#options.clock());
  }

  /** What the files hold can't be put in force. @param problems  in words that everybody may read */
  refuseConfiguration(problems: readonly string[]): void {
    this.#parts.configured.refuse(refusal(this.#options.clock(), problems));
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
    // Replicas whose files changed later have counted the old way until then.
    if (!this.#parts.replicas.isAlone && this.#parts.reader.isRecounting()) this.#refold();
    metrics.judged(report, () => readComputed(this.#parts, metrics.live.services, now), now);
    for (const { incident, transition } of report.written) {
      if (transition !== null) log.info({ incident: incident.id, transition, state: incident.state }, incident.summary);
      events.send('incident', { id: incident.id, state: incident.state }, incident.service);
    }
    if (report.written.length > 0) dispatcher.wake();
    events.send('tick', { horizon: report.horizon });
    await periods
      .close(this.#parts.objectives(), report.horizon + 1, now)
      .catch((error) => log.error({ err: error }, 'periods could not be closed; the next tick tries again'));
    await this.#noteTick(now).catch((error) =>
      log.error({ err: error }, 'verdicts were not written into the audit log; the next tick tries again'),
    );
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
    this.#parts.anchors.wake();
    this.#refold();
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

  /** Into the audit log: that Plimsoll is there, and what it says otherwise than before. */
  async #noteTick(now: Millis): Promise<void> {
    const { judge, verdicts, presence, write } = this.#parts;
    const { statements, written } = verdicts.follow(judge.readings(), now);
    await write([...presence.at(now), ...statements]);
    written();
  }

  /**
   * A head over what the audit log has come to; a log that is not what was signed gets none, and the operator is told. Of several
   * replicas the one that judges signs.
   */
  async signAudit(): Promise<void> {
    if (this.#parts.isJudging()) await signHead(this.#parts.audit, this.#options);
  }

  /** Looks at the files of `listen.tls` now; by itself it does so from time to time. */
  lookAtTls(): void {
    this.#parts.tls?.look((keys) => this.#doors.renewTls(keys));
  }

  get judge(): Judge {
    return this.#parts.judge;
  }

  get access(): Access {
    return this.#parts.access;
  }

  get records(): Records {
    return this.#parts.records;
  }

  /** Takes nothing more, finishes what is under way, and leaves a settled store behind. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    const { dispatcher, tap, writer, reader, ready, replicas } = this.#parts;
    ready.reason = 'stopping';
    this.#stopTimer();
    this.#stopHours();
    tap.close();
    this.#parts.tls?.close();
    await this.#doors.close();
    await replicas.alone(async () => {
      this.#stopping = true;
    });
    this.#parts.metrics.forget();
    await dispatcher.stop();
    // What the last deliveries left to be written.
    await replicas.alone(async () => {});
    await this.#parts.anchors.stop();
    await this.#parts.write([auditEntry(SYSTEM, STOPPED, {}, this.#options.clock())]);
    await this.signAudit();
    await replicas.stop();
    await this.#parts.access.close();
    // The last connection puts its log into the file of an embedded store, and one that only reads can't.
    reader.close();
    await writer.close();
    this.#parts.store.close();
  }

  /** Counts again, a little at a time, what a change of configuration left counted the old way. */
  #refold(): void {
    this.#refolding = this.#refolding.then(() => this.#refoldAll());
  }

  async #refoldAll(): Promise<void> {
    try {
      for (let left = 1; left > 0 && !this.#stopping; ) left = await this.#parts.writer.refold(REFOLD_MINUTES);
    } catch (error) {
      if (!this.#stopping)
        this.#options.log.error({ err: error }, 'counting again after a change of configuration failed');
    }
  }
}

const stopping = (): OperatorError =>
  new OperatorError('PLIM_RELOAD_STOPPING', {
    what: 'Plimsoll is stopping',
    fix: 'start it again: the files are read then',
    retryable: false,
  });

interface Parts extends Behind {
  readonly store: ServedStore;
  readonly reconfigurable: Reconfigurable;
  readonly writer: Writer;
  readonly reader: Reader;
  readonly callCoverages: CallCoverages;
  readonly records: Records;
  readonly dictionary: Dictionary;
  readonly currencyOf: (counted: number) => string;
  readonly judge: Judge;
  readonly followed: FollowedVerdicts;
  readonly replicas: Replicas;
  /** The token that the judge and the deliveries were begun with; null while they are not. */
  readonly leads: { by: FencingToken | null };
  readonly isJudging: () => boolean;
  readonly periods: Periods;
  readonly objectives: () => readonly Objective[];
  readonly book: IncidentBook;
  readonly dispatcher: Dispatcher;
  readonly audit: AuditOffice;
  readonly anchors: Anchors;
  readonly presence: Presence;
  readonly verdicts: Verdicts;
  readonly write: ApiContext['write'];
  readonly refreshObjectives: () => Promise<void>;
  /** `reason` is why nothing is taken; null while it is. */
  readonly ready: { reason: string | null };
  /** Known once it listens: the port may have been any free one. */
  readonly addresses: { http: string | null; otlpHttp: string | null };
}

async function open(options: PlimsollOptions): Promise<Parts> {
  const { clock, log, configuration } = options;
  const { deployment } = configuration;
  const configured = new Configured(configuration, clock(), (state) => metrics.self.configured(state));
  const ready: Parts['ready'] = { reason: 'starting' };
  const addresses: Parts['addresses'] = { http: null, otlpHttp: null };
  const tls = deployment.listen.tls === null ? null : new Tls(deployment.listen.tls, log, clock);
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
  const catalog = new Catalog(configured.services);
  const plans = new PlanBook(
    dictionary,
    catalog,
    configured.objectives,
    deployment.prices,
    deployment.retention.regulatedInteractionsMs,
  );
  let namesChanged = false;
  const intake = new Intake(dictionary, plans, writer, clock, () => {
    namesChanged = true;
  });
  writer.onBehind = () => {
    dictionary.refresh();
    intake.flushNames();
  };
  const allPlans = plans.allPlans();
  const declared = declaredAttributes(catalog, dictionary, configured.objectives);
  intake.flushNames();
  const minutesFolded = await writer.recover(allPlans);
  if (minutesFolded > 0)
    log.warn(
      { minutesFolded },
      'the last process did not stop in order: its newest minutes were counted again from their rows',
    );

  const reader = store.openReader();
  const compiled = new CompiledObjectives(configured, dictionary, plans, reader);
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
    objectives: compiled.all,
    factsOf: (objective) => factsOf(configured.services, objective),
    book,
    get sinks() {
      return configured.sinkNames;
    },
    get graceMs() {
      return configured.deployment.judge.graceMs;
    },
  });
  const followed = new FollowedVerdicts(reader, () => compiled.all, deployment.judge.graceMs);
  const isJudging = (): boolean => replicas.isAlone || (leads.by !== null && leads.by === replicas.token);
  const verdicts = (): JudgedVerdicts => (isJudging() ? judge : followed);
  if (replicas.isAlone) await judge.start(clock());
  const periods = new Periods({
    reader,
    records,
    creditsOf: (name) => configured.objectives.find((one) => one.name === name)?.credits ?? [],
    write: replicas.writeLeading,
  });
  const { alone } = replicas;
  const outbox = new RecordsOutbox(
    records,
    write,
    replicas.isAlone ? null : { writeLeading: replicas.writeLeading, heldUntil: () => clock() + ATTEMPT_MS },
  );
  let audited = await auditState(records);
  const metrics = new Metrics({
    version: VERSION,
    dictionary,
    catalog,
    objectives: () => compiled.all,
    sinks: () => configured.sinkNames,
    queue: () => ({ bytes: writer.queuedBytes, capacityBytes: QUEUE_MAX_BYTES }),
    unjoined: () => writer.status?.ratings ?? { waiting: noRatings(), unmatched: noRatings() },
    storeSizes: () => store.sizes(),
    // Of what all replicas share one speaks: sums over them are right. A page is there also when the store does not answer.
    outbox: async () => (isJudging() ? outbox.backlog().catch(() => []) : []),
    leads: isJudging,
    anchors: deployment.audit.anchors,
    // While the store does not answer it is what it was.
    audit: async () => {
      audited = await auditState(records).catch(() => audited);
      return audited;
    },
    now: clock,
  });
  metrics.self.configured(configured.state);
  writer.listener = metrics;
  const tap = new ExplainTap({
    catalog,
    schedule,
    report: (error) => log.error({ err: error }, 'what arrived could not be explained'),
  });
  const promptKey = await keptKey(records, write, 'prompt key');
  // Asked for when the doors are open: then the port is known, which may have been any free one.
  const consoleUrl = (): string =>
    configured.deployment.consoleUrl ?? addresses.http?.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//localhost:') ?? '';
  let decoder = new TraceDecoder({ dialects, dictionary, declared, promptKey }, deployment.limits);
  let ways = waysOut(deployment.egress);
  const anchors = new Anchors({
    records,
    write,
    get sinks() {
      return destinationsOf(configured.deployment).filter(({ name }) => deployment.audit.anchors.includes(name));
    },
    get http() {
      return ways.http;
    },
    get mail() {
      return ways.mail;
    },
    secret: options.secret,
    deployment: deployment.name,
    consoleUrl,
    now: clock,
    random: Math.random,
    schedule,
    onAttempt: (sink, result, reason) => {
      metrics.self.anchored(sink, result);
      if (reason !== null) log.warn({ sink, reason }, 'a head of the audit log was not taken by the one who keeps it');
    },
    onFailure: (error) => log.error({ err: error }, 'heads of the audit log could not be sent; it is tried again'),
  });
  const audit = await AuditOffice.open(
    { deployment, records, write, secret: options.secret, log, onSigned: () => anchors.wake() },
    clock(),
  ).catch(async (error) => {
    reader.close();
    await writer.close();
    throw error;
  });
  const dispatcher = new Dispatcher({
    store: outbox,
    sinks: destinationsOf(deployment),
    ...ways,
    secret: options.secret,
    deployment: deployment.name,
    get consoleUrl() {
      return consoleUrl();
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
      writeIncidents: replicas.writeIncidents,
      alone,
      now: clock,
    }),
  });
  const { secret } = options;
  const hosts = (): string[] => {
    const { listen, consoleUrl } = configured.deployment;
    return consoleUrl === null ? listen.hosts : [...listen.hosts, new URL(consoleUrl).hostname];
  };
  const access = await openAccess({ deployment, catalog, records, write, clock, log, secret, consoleUrl, hosts });
  const context: ApiContext = {
    deployment: deployment.name,
    version: VERSION,
    now: clock,
    configuration: () => configured.state,
    startedAt: clock(),
    otlpHttp: () => addresses.otlpHttp,
    get feedbackFrom() {
      return configured.deployment.listen.cors;
    },
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
    objectives: () => compiled.all,
    get objectiveConfigs() {
      return configured.objectives;
    },
    limits: deployment.limits,
    get sinks() {
      return configured.sinkNames;
    },
    events,
    tap,
    wakeDelivery: () => dispatcher.wake(),
    audit,
    write,
    writeIncidents: replicas.writeIncidents,
    alone,
    role: () => replicas.role,
    notReady: () => ready.reason ?? writer.fault,
    access,
    metrics,
    report: (error) => log.error({ err: error }, 'a request failed'),
  };
  const tell = (): void => {
    const now = configured.deployment;
    const reading = {
      dialects,
      dictionary,
      declared: declaredAttributes(catalog, dictionary, configured.objectives),
      promptKey,
    };
    decoder = new TraceDecoder(reading, now.limits, undefined, decoder.instrumentations);
    intake.flushNames();
    ways = waysOut(now.egress);
    dispatcher.configure(destinationsOf(now), ways);
    tap.renew();
    metrics.live.declare();
    metrics.self.declareSinks();
  };
  const reconfigurable: Reconfigurable = {
    configured,
    catalog,
    plans,
    intake,
    writer,
    book,
    periods,
    records,
    write,
    recompile: () => compiled.compile(),
    judge: async (objectives, now) => {
      if (isJudging()) await judge.configure(objectives, now);
      else followed.follow(now);
    },
    tell,
  };
  await tellOfRestore(records, write, log, clock());
  const { presence, statements: started } = await Presence.begin(records, VERSION, clock());
  await write([...started, ...(await configurationChanged(records, configuration, SYSTEM, clock()))]);
  await signHead(audit, options);
  return {
    store,
    configured,
    reconfigurable,
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
    get decoder() {
      return decoder;
    },
    judge,
    followed,
    replicas,
    leads,
    isJudging,
    periods,
    objectives: () => compiled.all,
    book,
    dispatcher,
    audit,
    anchors,
    presence,
    verdicts: await Verdicts.load(records),
    metrics,
    access,
    tls,
    events,
    tap,
    app: createApp(context, consoleFiles()),
    write,
    ready,
    addresses,
    refreshObjectives: async () => {
      // Other replicas may have seen what objectives rest on.
      dictionary.refresh();
      intake.flushNames();
      if (!namesChanged && !compiled.isOutdated) return;
      namesChanged = false;
      compiled.refresh();
      intake.flushNames();
      if (!isJudging()) return;
      await judge.replace(compiled.all, clock()).catch((error) => {
        namesChanged = true;
        throw error;
      });
    },
  };
}

/** Signs a head; a failure is the operator's to know, and stops nothing. */
async function signHead(audit: AuditOffice, { clock, log }: Pick<PlimsollOptions, 'clock' | 'log'>): Promise<void> {
  await audit.sign(clock()).catch((error) => log.error({ err: error }, 'no head of the audit log was signed'));
}

/** For `plimsoll verify`, which asks the running server to settle first. */
const leaveAddress = (records: Records, value: string): Statement =>
  statement(
    records
      .insertInto('setting')
      .values({ name: API_ADDRESS, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
  );
