import { dialects } from '../../collectors/dialects/index.ts';
import { TraceDecoder } from '../../collectors/otlp/index.ts';
import { Catalog } from '../catalog/catalog.ts';
import { PlanBook } from '../catalog/plan-book.ts';
import { IncidentBook } from '../incidents/book.ts';
import type { SuppressionSources } from '../incidents/suppression.ts';
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
import { markJudged } from '../store/records/history.ts';
import { nextIncidentNumber, readOpenIncidents } from '../store/records/incidents.ts';
import { RecordsOutbox } from '../store/records/outbox.ts';
import { openRecords, type Records } from '../store/records/records.ts';
import { readServiceRecords } from '../store/records/service-records.ts';
import { silencesAt } from '../store/records/silences.ts';
import { QUEUE_MAX_BYTES, type Writer } from '../store/writer.ts';
import { openAccess } from './access/access.ts';
import { createApp } from './api/app.ts';
import type { ApiContext } from './api/context.ts';
import { Events } from './api/events.ts';
import { Presenter } from './api/present.ts';
import { Anchors } from './audit/anchors.ts';
import { configurationChanged } from './audit/configuration.ts';
import { AuditOffice } from './audit/office.ts';
import { Presence } from './audit/presence.ts';
import { Verdicts } from './audit/verdicts.ts';
import { CallCoverages } from './call-coverages.ts';
import { fileOfChange } from './changes/facts.ts';
import { CompiledObjectives } from './compiled.ts';
import { fallbackIn } from './config/fallback-checks.ts';
import { consoleFiles } from './console/files.ts';
import { declaredAttributes } from './declared.ts';
import type { Deliveries } from './delivery/destinations.ts';
import { type ConfiguredSink, Dispatcher } from './delivery/dispatcher.ts';
import { Errands } from './delivery/errands.ts';
import { Fallbacks } from './delivery/fallbacks.ts';
import { deliveryListener } from './delivery/listener.ts';
import { readSelfTests } from './delivery/self-tests.ts';
import { destinationsOf, ownersOf, waysOut } from './delivery/ways.ts';
import type { Behind } from './doors.ts';
import { type ServedStore, serveStore } from './engines.ts';
import { isBadInteraction, sliceValue } from './examples.ts';
import { ExplainTap } from './explain/tap.ts';
import type { History } from './history/history.ts';
import { beginHistory, openHistory } from './history/open-history.ts';
import { callersOf } from './inbound/callers.ts';
import { Inbox } from './inbound/inbox.ts';
import { Poller } from './inbound/poller.ts';
import { Caretaker } from './incidents/caretaker.ts';
import { Intake } from './intake.ts';
import { Judge } from './judge/judge.ts';
import { Periods } from './judge/periods.ts';
import { RecentInteractions } from './judge/recent.ts';
import { FollowedVerdicts, type Verdicts as JudgedVerdicts } from './judge/verdicts.ts';
import { keptKey } from './kept-key.ts';
import { Metrics } from './metrics/index.ts';
import { sharedMetrics } from './metrics/shared.ts';
import type { Moving } from './moving.ts';
import { movingOf } from './moving-store.ts';
import { openOtlpMetrics } from './otlp-metrics/open-otlp-metrics.ts';
import type { OtlpMetrics } from './otlp-metrics/sender.ts';
import type { PlimsollOptions } from './plimsoll.ts';
import { ProblemKeeper } from './problems/keeper.ts';
import { Configured } from './reload/configured.ts';
import type { Reconfigurable } from './reload/reconfigure.ts';
import { Replicas } from './replicas.ts';
import { tellOfMove, tellOfRestore } from './restored.ts';
import { factsOf, upstreamsOf, windowsOf } from './service-facts.ts';
import { refusalOf } from './shared-records.ts';
import { FingerprintObserver } from './sightings/fingerprints.ts';
import { JumpRecorder } from './sightings/jumps.ts';
import { ChangeObserver } from './sightings/observer.ts';
import { schedule } from './timers.ts';
import { Tls } from './tls.ts';
import { VERSION } from './version.ts';

/** No attempt to deliver takes longer: it is of a few requests at most, each of which has a deadline. */
const ATTEMPT_MS = 4 * TOTAL_MS;

/** What a running Plimsoll consists of, wired together. */
export interface Parts extends Behind {
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
  /** Null: the store is not one that is moved. */
  readonly moving: Moving | null;
  /** The token that the judge and the deliveries were begun with; null while they are not. */
  readonly leads: { by: FencingToken | null };
  readonly isJudging: () => boolean;
  readonly periods: Periods;
  readonly observer: ChangeObserver;
  readonly fingerprints: FingerprintObserver;
  readonly objectives: () => readonly Objective[];
  readonly book: IncidentBook;
  readonly dispatcher: Dispatcher;
  readonly errands: Errands;
  readonly fallbacks: Fallbacks;
  readonly inbox: Inbox;
  readonly poller: Poller;
  readonly audit: AuditOffice;
  readonly anchors: Anchors;
  /** Null where none is written. */
  readonly history: History | null;
  /** Before the first tick of the one who judges. */
  readonly beginHistory: () => Promise<void>;
  /** Null where they are sent nowhere. */
  readonly otlpMetrics: OtlpMetrics | null;
  readonly presence: Presence;
  readonly verdicts: Verdicts;
  readonly write: ApiContext['write'];
  readonly refreshObjectives: () => Promise<void>;
  /** `reason` is why nothing is taken; null while it is. */
  readonly ready: { reason: string | null };
  /** Known once it listens: the port may have been any free one. */
  readonly addresses: { http: string | null; otlpHttp: string | null };
}

/** Opens the store and makes everything behind the doors, which are still closed. @throws OperatorError when that can't be */
export async function openParts(options: PlimsollOptions): Promise<Parts> {
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
  let declared = declaredAttributes(catalog, dictionary, configured.objectives);
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
  if (configured.register.replace(await readServiceRecords(records))) {
    for (const { service, environment } of configured.register.unreadable)
      log.warn(
        { service, environment },
        'what was said of a service over the API can not be read by this build, and is passed over',
      );
    catalog.replace(configured.services);
    declared = declaredAttributes(catalog, dictionary, configured.objectives);
    intake.flushNames();
  }
  const book = new IncidentBook(
    await readOpenIncidents(records),
    await nextIncidentNumber(records),
    deployment.judge.graceMs,
    (service, environment) => upstreamsOf(configured.services, service, environment),
  );
  const suppression = async (now: Millis): Promise<SuppressionSources> => ({
    silences: await silencesAt(records, now),
    windowsOf: (service, environment) => windowsOf(configured.services, service, environment),
    byId: (id) => book.byId(id),
  });
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
  const caretaker = new Caretaker({ records, configuration: () => configured.recorded });
  const judge = new Judge({
    reader,
    records,
    caretaker,
    problems: new ProblemKeeper(records, () => configured.listeners),
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
    suppression,
    get listeners() {
      return configured.listeners;
    },
    get graceMs() {
      return configured.deployment.judge.graceMs;
    },
    ...(deployment.history !== null && { beside: markJudged }),
  });
  const followed = new FollowedVerdicts(reader, () => compiled.all, deployment.judge.graceMs);
  const isJudging = (): boolean => replicas.isAlone || (leads.by !== null && leads.by === replicas.token);
  const verdicts = (): JudgedVerdicts => (isJudging() ? judge : followed);
  const currencyOf: Parts['currencyOf'] = (counted) => {
    const { name, environment } = parseCountedKey(dictionary.text(counted))!;
    return plans.pricesOf(catalog.byName(name, environment)).currency;
  };
  if (replicas.isAlone) await judge.start(clock());
  const observer = new ChangeObserver({
    records,
    reader,
    dictionary,
    countedOf: (resource) => plans.countedOf(resource),
    write: replicas.writeLeading,
  });
  const fingerprints = new FingerprintObserver({
    records,
    reader,
    jumps: new JumpRecorder({ records, reader, dictionary }),
    write: replicas.writeLeading,
  });
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
  const deliveries: Deliveries = {
    sinks: () => destinationsOf(configured.deployment),
    outbox,
    fallbackOf: (sink) => fallbackIn(configured.deployment.sinks, sink),
    breakers: () => (isJudging() ? dispatcher.breakers() : new Map()),
    selfTests: () => readSelfTests(records, destinationsOf(configured.deployment)),
  };
  const metrics = new Metrics({
    version: VERSION,
    dictionary,
    catalog,
    currencyOf,
    objectives: () => compiled.all,
    sinks: () => configured.sinkNames,
    queue: () => ({ bytes: writer.queuedBytes, capacityBytes: QUEUE_MAX_BYTES }),
    unjoined: () => writer.status?.ratings ?? { waiting: noRatings(), unmatched: noRatings() },
    storeSizes: () => store.sizes(),
    anchors: deployment.audit.anchors,
    ...(await sharedMetrics({
      records,
      deliveries,
      history: () => (history === null ? null : { written: history, database: deployment.history!.database }),
      leads: isJudging,
      now: clock,
    })),
    now: clock,
  });
  const history = openHistory({
    deployment,
    secret: options.secret,
    metrics: metrics.self,
    reader,
    records,
    dictionary,
    catalog,
    objectives: () => compiled.all,
    currencyOf,
    baselineOf: (name) => judge.baselineOf(name),
    verdicts,
    book,
    write: replicas.writeLeading,
    isLeading: isJudging,
    now: clock,
    random: Math.random,
    schedule,
    log,
  });
  const beginToWrite = (): Promise<void> => beginHistory(history, { records, write: replicas.writeLeading });
  if (replicas.isAlone) await beginToWrite();
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
  const errands = new Errands({
    log,
    records,
    write: replicas.isAlone ? write : replicas.writeLeading,
    supportGroups: () => configured.services.flatMap(({ supportGroup }) => supportGroup ?? []),
    sinks: deliveries.sinks,
    ways: () => ways,
    breakers: deliveries.breakers,
    changeGroupOf: (change) => fileOfChange(configured.services, change)?.changeGroup ?? null,
    secret: options.secret,
    deployment: deployment.name,
    consoleUrl,
    now: clock,
    schedule,
    catchUp: () => fallbacks.catchUp(),
  });
  const fallbacks = new Fallbacks({
    log,
    records,
    book,
    events,
    fallbackOf: deliveries.fallbackOf,
    pages: () => destinations().flatMap(({ name, sink }) => (sink.class === 'page' ? [name] : [])),
    writeIncidents: replicas.writeIncidents,
    alone,
    wakeDelivery: () => dispatcher.wake(),
    now: clock,
  });
  const dispatcher = new Dispatcher({
    store: outbox,
    sinks: [...destinationsOf(deployment), ...ownersOf(deployment, configured.services)],
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
      fallbacks,
      onDead: () => errands.wake(),
    }),
  });
  const moving = replicas.isAlone
    ? movingOf({
        reader,
        writer,
        write,
        alone,
        dispatcher,
        anchors,
        others: [
          errands,
          {
            run: () => {
              if (options.manualTicks !== true) poller.run();
            },
            stop: () => poller.stop(),
          },
          { run: () => inbox.wake(), stop: () => inbox.settle() },
          ...(history === null ? [] : [history]),
        ],
        schedule,
        log,
      })
    : null;
  const { secret } = options;
  const destinations = (): ConfiguredSink[] => destinationsOf(configured.deployment);
  const callers = () => callersOf(configured.deployment);
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
    register: configured.register,
    renewRegister: async () => {
      if (configured.register.replace(await readServiceRecords(records))) tellOfServices();
    },
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
    suppression,
    caretaker,
    present,
    objectives: () => compiled.all,
    get objectiveConfigs() {
      return configured.objectives;
    },
    limits: deployment.limits,
    get modelRetirements() {
      return configured.deployment.modelRetirements;
    },
    get listeners() {
      return configured.listeners;
    },
    events,
    tap,
    deliveries,
    hooks: { callers, secret, consoleUrl, take: (sink, events) => inbox.take(sink, events) },
    wakeDelivery: () => dispatcher.wake(),
    audit,
    history,
    write,
    writeIncidents: replicas.writeIncidents,
    alone,
    moving,
    role: () => replicas.role,
    notReady: () => ready.reason ?? writer.fault,
    access,
    metrics,
    report: (error) => log.error({ err: error }, 'a request failed'),
  };
  const inbox = new Inbox({
    desk: context,
    write,
    alone,
    reporters: callers,
    schedule,
    onSettled: (sink, settled) => metrics.self.reported(sink, settled),
    report: (error) => log.error({ err: error }, 'what a tool has told could not be dealt with; it is tried again'),
  });
  const poller = new Poller({
    records,
    inbox,
    write: replicas.writeLeading,
    sinks: destinations,
    ways: () => ways,
    secret,
    deployment: deployment.name,
    consoleUrl,
    now: clock,
    random: Math.random,
    schedule,
    leads: isJudging,
    onPolled: (sink, result, reason) => {
      metrics.self.polled(sink, result);
      if (reason !== null) log.warn({ sink, reason }, 'a tool could not be asked what people have done in it');
    },
    warn: (sink, code, text) => log.warn({ sink, code }, text),
  });
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
    dispatcher.configure([...destinationsOf(now), ...ownersOf(now, configured.services)], ways);
    errands.wake();
    tap.renew();
    metrics.live.declare();
    metrics.self.declareSinks();
  };
  const tellOfServices = (): void => {
    catalog.replace(configured.services);
    tell();
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
  await tellOfMove(records, write, log, clock());
  const { presence, statements: started } = await Presence.begin(records, VERSION, clock());
  await write([...started, ...(await configurationChanged(records, configuration, SYSTEM, clock()))]);
  await signHead(audit, options, metrics.self);
  return {
    store,
    configured,
    reconfigurable,
    writer,
    reader,
    callCoverages,
    records,
    dictionary,
    currencyOf,
    intake,
    get decoder() {
      return decoder;
    },
    judge,
    followed,
    replicas,
    moving,
    leads,
    isJudging,
    observer,
    fingerprints,
    periods,
    objectives: () => compiled.all,
    book,
    dispatcher,
    errands,
    fallbacks,
    inbox,
    poller,
    audit,
    anchors,
    history,
    beginHistory: beginToWrite,
    otlpMetrics: await openOtlpMetrics({ deployment, version: VERSION, metrics, secret, log }),
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
      // Other replicas may have seen what objectives rest on, and been told of services.
      if (!replicas.isAlone) await context.renewRegister();
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

/** Signs a head, which looks at the log first; a failure is the operator's to know, and stops nothing. */
export async function signHead(
  audit: AuditOffice,
  { clock, log }: Pick<PlimsollOptions, 'clock' | 'log'>,
  metrics: Metrics['self'],
): Promise<void> {
  try {
    await audit.sign(clock());
    metrics.auditVerified(true, clock());
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'PLIM_AUDIT_BROKEN') metrics.auditVerified(false, clock());
    log.error({ err: error }, 'no head of the audit log was signed');
  }
}
