import type { Logger } from 'pino';
import type { Deployment } from '../model/config/deployment.ts';
import type { Objective as ObjectiveConfig } from '../model/config/objective.ts';
import type { Service } from '../model/config/service.ts';
import { OperatorError } from '../model/errors.ts';
import { SYSTEM } from '../model/incident.ts';
import type { Millis, Minute } from '../model/time.ts';
import type { Statement } from '../store/items.ts';
import { auditEntry } from '../store/records/audit.ts';
import { type Records, statement } from '../store/records/records.ts';
import { API_ADDRESS } from '../store/sqlite/settings.ts';
import type { Access } from './access/access.ts';
import { STOPPED } from './audit/presence.ts';
import { tendChanges } from './changes/tend.ts';
import type { ConfigurationDifference, WrittenDocument } from './config/written.ts';
import { Doors } from './doors.ts';
import type { History } from './history/history.ts';
import type { Judge, TickReport } from './judge/judge.ts';
import type { Role } from './leadership.ts';
import { readComputed } from './metrics/reading.ts';
import type { OtlpMetrics } from './otlp-metrics/sender.ts';
import { openParts, type Parts, signHead } from './parts.ts';
import { reconfigure } from './reload/reconfigure.ts';
import { type ConfigurationState, refusal } from './reload/state.ts';
import { nameInIncidents } from './sightings/suspects.ts';
import { StoreCheck } from './store-check/store-check.ts';
import { everyHour, everyTick } from './timers.ts';

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
  /** The store was moved to another place: this process should stop in order. */
  readonly onMoved?: () => void;
  /** Judging is driven from outside, and who leads is: no timer of its own. */
  readonly manualTicks?: boolean;
  /** The time of the lease among replicas; the clock of the database when nothing is said. */
  readonly leaseClock?: () => Millis;
}

/** Minutes folded again at a time after a change of configuration: short enough not to hold up the doors. */
const REFOLD_MINUTES = 50;

/** One running Plimsoll: the doors, the store, the judge and the deliveries, wired together. */
export class Plimsoll {
  readonly #options: PlimsollOptions;
  readonly #parts: Parts;
  readonly #doors: Doors;
  #stopTimer: () => void;
  readonly #stopHours: () => void;
  readonly #storeCheck: StoreCheck;
  #stopping = false;
  #refolding: Promise<void> = Promise.resolve();

  private constructor(options: PlimsollOptions, parts: Parts, doors: Doors) {
    this.#options = options;
    this.#parts = parts;
    this.#doors = doors;
    const { clock, log, configuration } = options;
    this.#storeCheck = new StoreCheck({
      store: configuration.deployment.store,
      clock,
      log,
      onChecked: (isRight) => parts.metrics.self.storeVerified(isRight, clock()),
    });
    this.#stopTimer = this.#startTimer();
    this.#stopHours = options.manualTicks === true ? () => {} : everyHour(() => void this.#eachHour());
  }

  async #eachHour(): Promise<void> {
    await this.signAudit();
    await this.checkStore();
  }

  #startTimer(): () => void {
    return this.#options.manualTicks === true
      ? () => {}
      : everyTick(this.#parts.configured.deployment, () => void this.tick());
  }

  static async start(options: PlimsollOptions): Promise<Plimsoll> {
    const { deployment } = options.configuration;
    const parts = await openParts(options);
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
    if (parts.moving !== null)
      parts.moving.listener = { onReleased: () => plimsoll.#refold(), onGone: () => options.onMoved?.() };
    parts.replicas.listener = { onRole: (role) => plimsoll.#onRole(role) };
    parts.followed.follow(options.clock());
    await parts.replicas.start(options.manualTicks === true);
    parts.ready.reason = null;
    options.log.info({ ...doors.addresses, role: plimsoll.role }, 'ready');
    parts.inbox.wake();
    if (options.manualTicks !== true) parts.poller.run();
    if (parts.replicas.isAlone) {
      parts.dispatcher.run();
      parts.errands.run();
      parts.anchors.wake();
      parts.history?.run();
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
      if (this.#stopping || this.#isHeld) throw stopping();
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
    // What another replica has kept, and did not come to deal with.
    if (this.#parts.isJudging()) this.#parts.inbox.wake();
    try {
      return await this.#parts.replicas.alone(async () => {
        if (this.#stopping || this.#isHeld) return null;
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
    metrics.judged(report, () => readComputed(this.#parts, metrics.live, now), now);
    for (const { incident, transition } of report.written) {
      if (transition !== null) {
        const why = incident.timeline.at(-1)?.text;
        log.info({ incident: incident.id, transition, state: incident.state, why }, incident.summary);
      }
      events.send('incident', { id: incident.id, state: incident.state }, incident.service);
    }
    if (report.written.length > 0) dispatcher.wake();
    events.send('tick', { horizon: report.horizon });
    await periods
      .close(this.#parts.objectives(), report.horizon + 1, now)
      .catch((error) => log.error({ err: error }, 'periods could not be closed; the next tick tries again'));
    await this.#observe(report.horizon, now).catch((error) =>
      log.error({ err: error }, 'what changed without a word was not looked for; the next tick tries again'),
    );
    const { reader, dictionary, records, book, replicas } = this.#parts;
    const watched = { reader, dictionary, objectives: this.#parts.objectives(), through: report.horizon + 1 };
    await tendChanges(
      { ...watched, records, book, writeIncidents: replicas.writeIncidents, now },
      report.written,
    ).catch((error) => log.error({ err: error }, 'changes could not be followed; the next tick tries again'));
    this.#parts.history?.judged();
    await this.#noteTick(now).catch((error) =>
      log.error({ err: error }, 'verdicts were not written into the audit log; the next tick tries again'),
    );
    return report;
  }

  /** Records what the traffic shows and nobody has declared. */
  async #observe(horizon: Minute, now: Millis): Promise<void> {
    const { observer, fingerprints, records, book, replicas } = this.#parts;
    for (const finder of [observer, fingerprints]) {
      const found = await finder.look(horizon, now);
      if (found.length === 0) continue;
      for (const { id } of found) this.#options.log.info({ change: id }, 'a change was seen that nobody has declared');
      this.#parts.events.send('change', {});
      await nameInIncidents({ records, book, writeIncidents: replicas.writeIncidents }, found, now);
    }
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
    const { replicas, judge, dispatcher, errands, leads } = this.#parts;
    if (replicas.isAlone) return true;
    const { token } = replicas;
    if (token === null) return false;
    if (leads.by === token) return true;
    leads.by = null;
    await this.#parts.refreshObjectives();
    await judge.start(now, this.#parts.objectives());
    await this.#parts.beginHistory();
    leads.by = token;
    dispatcher.run();
    errands.run();
    this.#parts.anchors.wake();
    this.#parts.history?.run();
    this.#refold();
    return true;
  }

  /** Another role begins: what the old one knew is nothing worth any more. */
  #onRole(role: Role): void {
    const { dispatcher, errands, metrics, leads, replicas } = this.#parts;
    const { log, clock } = this.#options;
    leads.by = null;
    this.#parts.fingerprints.forget();
    metrics.forget();
    if (role === 'follower') {
      log.warn('another replica judges and delivers from now on');
      for (const part of [dispatcher, errands])
        part.stop().catch((error) => log.error({ err: error }, 'deliveries could not be ended'));
      this.#parts.history?.stop().catch((error) => log.error({ err: error }, 'the history could not be ended'));
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

  /** Asks the tools whose time has come what people have done in them, and deals with all that tools have told. */
  async hear(): Promise<void> {
    await this.#parts.poller.round();
    await this.#parts.inbox.settle();
  }

  /** Resolves when all that is due has been sent: where time is moved by hand, an attempt ends in the time in which it began. */
  deliver(): Promise<void> {
    return this.#parts.dispatcher.settle();
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
    if (this.#parts.isJudging() && !this.#isHeld)
      await signHead(this.#parts.audit, this.#options, this.#parts.metrics.self);
  }

  /** Holds some of what was counted against its rows; one of several processes does. */
  async checkStore(): Promise<void> {
    if (this.#parts.isJudging() && !this.#isHeld && !this.#stopping) await this.#storeCheck.run();
  }

  /** Looks at the files of `listen.tls` now; by itself it does so from time to time. */
  lookAtTls(): void {
    this.#parts.tls?.look((keys) => this.#doors.renewTls(keys));
  }

  /** Nothing is written: the store is being moved. */
  get #isHeld(): boolean {
    return this.#parts.writer.heldFor !== null;
  }

  get judge(): Judge {
    return this.#parts.judge;
  }

  get otlpMetrics(): OtlpMetrics | null {
    return this.#parts.otlpMetrics;
  }

  get history(): History | null {
    return this.#parts.history;
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
    await this.#parts.moving?.close();
    await replicas.alone(async () => {
      this.#stopping = true;
    });
    this.#parts.metrics.forget();
    await this.#parts.poller.stop();
    await this.#parts.inbox.stop();
    await dispatcher.stop();
    await this.#parts.errands.stop();
    // What the last deliveries left to be written.
    await replicas.alone(async () => {});
    await this.#parts.anchors.stop();
    await this.#parts.history?.stop();
    await this.#storeCheck.stop();
    await this.#parts.otlpMetrics?.stop().catch(() => {});
    // Of a store that has moved the log goes on there.
    if (!this.#isHeld) await this.#parts.write([auditEntry(SYSTEM, STOPPED, {}, this.#options.clock())]);
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
      for (let left = 1; left > 0 && !this.#stopping && !this.#isHeld; )
        left = await this.#parts.writer.refold(REFOLD_MINUTES);
    } catch (error) {
      if (!this.#stopping)
        this.#options.log.error({ err: error }, 'counting again after a change of configuration failed');
    }
  }
}

const stopping = (): OperatorError =>
  new OperatorError('PLIM_RELOAD_STOPPING', {
    what: 'Plimsoll is stopping, or its store is being moved',
    fix: 'the next start reads the files; where a move was given up, send SIGHUP',
    retryable: false,
  });

/** For `plimsoll verify`, which asks the running server to settle first. */
const leaveAddress = (records: Records, value: string): Statement =>
  statement(
    records
      .insertInto('setting')
      .values({ name: API_ADDRESS, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
  );
