import type { Logger } from 'pino';
import type { IncidentBook } from '../../incidents/book.ts';
import { MINUTES_PER_HOUR, type Millis, type Minute } from '../../model/time.ts';
import type { Policy } from '../../sinks/influx/schema.ts';
import { InfluxFailure, type InfluxServer } from '../../sinks/influx/server.ts';
import type { Written } from '../../sinks/influx/write.ts';
import type { Statement } from '../../store/items.ts';
import type { Reader } from '../../store/reader.ts';
import {
  beginSweep,
  type DueHistory,
  type DueKind,
  dueHistory,
  forgetHistory,
  type HistoryCursor,
  historyBacklog,
  markHour,
  readHistoryCursor,
  sweptTo,
  writtenHistory,
} from '../../store/records/history.ts';
import type { Records } from '../../store/records/records.ts';
import type { Verdicts } from '../judge/verdicts.ts';
import { pacer } from '../metrics/paced.ts';
import { Batches, Interrupted } from './batches.ts';
import { HistoryIncidents } from './incidents.ts';
import { secondsOfMinute, verdictLine } from './record-points.ts';
import { unlessRefused } from './refused.ts';
import { HistoryTimes, type PolicyLine, type Revisions, type TimesSources } from './times.ts';
import { WaitingLines } from './waiting-lines.ts';

/** Marks that are worked off in one pass: what is written of them is repeated when it is broken off. */
const MARKS_AT_A_TIME = 500;
/** Verdicts that wait while nothing can be written, at most: they are not in the store, so that the oldest are lost. */
const VERDICTS_MAX = 20_000;
/** Hours that are swept before it is noted how far it has come, at most. */
const SWEPT_HOURS = 24;
const SWEPT_LINES = 5000;
const RETRY_MS = { first: 1000, most: 60_000 } as const;
/** What somebody has to see to is looked at again so much later. */
const STOPPED_MS: Millis = 300_000;

export interface HistoryState {
  readonly marks: number;
  /** The oldest minute that waits to be written; null: none does. */
  readonly oldest: Minute | null;
  /** Why nothing is written; null while it is. */
  readonly stopped: string | null;
  /** All that is stored is being written, and this hour comes next; null: it has been. */
  readonly sweepHour: number | null;
}

export interface HistoryListener {
  points(result: 'written' | 'refused' | 'lost', n: number): void;
  wrote(at: Millis): void;
}

export interface HistoryOptions extends Omit<TimesSources, 'onRefused'> {
  readonly records: Records;
  readonly reader: Reader;
  readonly verdicts: () => Verdicts;
  readonly book: Pick<IncidentBook, 'byId'>;
  readonly server: Pick<InfluxServer, 'prepare' | 'dropSeries' | 'deleteSince'>;
  readonly send: (policy: Policy, lines: readonly string[]) => Promise<Written>;
  /** What tells one target from another. */
  readonly target: string;
  /** What only a leader writes. */
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  readonly isLeading: () => boolean;
  /** How long tallies by hour are kept. */
  readonly hoursKeptMs: Millis;
  readonly now: () => Millis;
  readonly random: () => number;
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly listener: HistoryListener;
}

/**
 * Writes what is known now about then to an InfluxDB, beside the judging and never in its way: what changed is marked in the store by
 * the transaction that judged it (`markJudged`), and worked off from there, the newest first, one request at a time. After an
 * outage of either side the marks say what is missing. Where nothing was written yet, all that is stored is swept, from now back.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #times: HistoryTimes;
  readonly #incidents: HistoryIncidents;
  readonly #waiting: WaitingLines;
  #verdictsOf: Minute = -1;
  #isPrepared = false;
  /** Minutes up to it may have been written by an earlier pass. */
  #through: Minute | null = null;
  #failures = 0;
  #stopped: string | null = null;
  #running: Promise<void> | null = null;
  #taking: Promise<void> | null = null;
  /** Of the marks, as of the last pass. */
  #revision = 0;
  #isWanted = false;
  #isEnded = false;
  #cancel: (() => void) | null = null;

  constructor(options: HistoryOptions) {
    this.#options = options;
    const onRefused = this.#refusedOne;
    this.#times = new HistoryTimes({ ...options, onRefused });
    const { records, book, write, server, listener } = options;
    this.#waiting = new WaitingLines(VERDICTS_MAX, (lost) => listener.points('lost', lost));
    this.#incidents = new HistoryIncidents({
      records,
      byId: (id) => book.byId(id),
      write,
      drop: (id) => server.dropSeries('incident', 'id', id),
      onRefused,
    });
  }

  /** Before the first tick of a leader: marks are made from now on, and what was written before goes on from where it stood. */
  async begin(): Promise<void> {
    const { records, target, write, verdicts } = this.#options;
    this.#incidents.forget();
    this.#isPrepared = false;
    this.#through = null;
    this.#verdictsOf = verdicts().horizon;
    const cursor = await readHistoryCursor(records);
    this.#revision = cursor?.revision ?? 0;
    if (cursor?.target === target) return;
    await write([...forgetHistory(records), this.#sweep(null)]);
  }

  /** Begins to write, at once where it waited, and goes on until it is ended. */
  run(): void {
    this.#isEnded = false;
    this.#cancel?.();
    this.#cancel = null;
    this.wake();
  }

  /** After a tick: what is believed now is in no store, it is put together at once and waits in memory. */
  judged(): void {
    this.#taking ??= this.#takeVerdicts()
      .catch((error) => this.#options.log.error({ err: error }, 'verdicts were left out of the history'))
      .finally(() => {
        this.#taking = null;
      });
    this.wake();
  }

  /** Something may have changed. While it waits after a failure, it goes on waiting. */
  wake(): void {
    this.#isWanted = true;
    if (this.#cancel !== null || this.#isEnded || !this.#options.isLeading()) return;
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (this.#isWanted) this.wake();
    });
  }

  /** Ends behind the request that is under way. */
  async stop(): Promise<void> {
    this.#isEnded = true;
    this.#cancel?.();
    this.#cancel = null;
    await this.#running;
  }

  /** Resolves when all that was due has been written, or could not be. */
  async settled(): Promise<void> {
    await this.#taking;
    while (this.#running !== null) await this.#running;
  }

  /**
   * Takes away what can be made again from the store, and makes it again. What the store no longer holds stays.
   * @param since  seconds; null: all of it  @returns from when on, seconds  @throws InfluxFailure
   */
  async rebuild(since: number | null): Promise<number> {
    const { server, records, write, reader } = this.#options;
    await this.stop();
    await server.prepare();
    const extent = reader.extent(0);
    const firstMinute = extent === null ? this.#options.verdicts().horizon + 1 : extent.first;
    const whole = Math.ceil(firstMinute / MINUTES_PER_HOUR) * MINUTES_PER_HOUR;
    const from = Math.max(since ?? 0, secondsOfMinute(whole));
    const hour = Math.floor(from / 3600);
    // Noted first: what is taken away is made again, whatever ends this.
    await write([...forgetHistory(records), this.#sweep(since === null ? null : hour)]);
    for (const measurement of ['tally', 'latency', 'cost', 'drift_bin'] as const)
      await server.deleteSince(measurement, hour * 3600);
    await server.deleteSince('incident', since ?? 0);
    this.#incidents.forget();
    this.#through = null;
    this.run();
    return hour * 3600;
  }

  async state(): Promise<HistoryState> {
    const { records } = this.#options;
    const [backlog, cursor] = [await historyBacklog(records), await readHistoryCursor(records)];
    return { ...backlog, stopped: this.#stopped, sweepHour: cursor?.sweepHour ?? null };
  }

  #sweep(from: number | null): Statement {
    const { target, verdicts, reader, hoursKeptMs, now } = this.#options;
    const newest = Math.floor(verdicts().horizon / MINUTES_PER_HOUR);
    const firsts = reader.countedServices().flatMap((service) => reader.firstMinute(service) ?? []);
    const first = firsts.reduce((least, one) => Math.min(least, one), newest * MINUTES_PER_HOUR);
    const kept = Math.floor((now() - hoursKeptMs) / 3_600_000);
    return beginSweep(target, newest, from ?? Math.max(Math.floor(first / MINUTES_PER_HOUR), kept));
  }

  async #work(): Promise<void> {
    const { isLeading, log } = this.#options;
    try {
      while (this.#isWanted && !this.#isEnded && isLeading()) {
        this.#isWanted = false;
        await this.#pass();
      }
      if (this.#failures > 0 || this.#stopped !== null) log.info('the history is written again');
      this.#failures = 0;
      this.#stopped = null;
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { log, random, schedule } = this.#options;
    this.#isWanted = true;
    const isStopped =
      error instanceof Interrupted ? error.isStopped : error instanceof InfluxFailure && !error.isPassing;
    const isOurs = !(error instanceof Interrupted) && !(error instanceof InfluxFailure);
    const wait = isStopped ? STOPPED_MS : Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** this.#failures);
    this.#failures++;
    if (isOurs) log.error({ err: error }, 'the history could not be written; it is tried again');
    else if (isStopped && this.#stopped !== error.message)
      log.error({ reason: error.message }, 'the history is not written: somebody has to see to it');
    else if (this.#failures === 1)
      log.warn({ reason: error.message }, 'the history could not be written; it is tried again');
    this.#stopped = isStopped ? (error as Error).message : null;
    if (this.#isEnded) return;
    this.#isPrepared = false;
    this.#cancel = schedule(wait * (0.5 + random() / 2), () => {
      this.#cancel = null;
      this.wake();
    });
  }

  /** Some of everything that is to be written. */
  async #pass(): Promise<void> {
    const { server, records, verdicts } = this.#options;
    if (!this.#isPrepared) await server.prepare();
    this.#isPrepared = true;
    const cursor = await readHistoryCursor(records);
    if (cursor === null) return;
    this.#revision = cursor.revision;
    const { horizon } = verdicts();
    this.#through ??= horizon;
    this.#times.begin();
    await this.#taking;
    if (await this.#writeIncidents(horizon, cursor.revision)) this.#isWanted = true;
    await this.#writeVerdicts();
    const overHour = Math.floor((horizon + 1) / MINUTES_PER_HOUR);
    for (const kind of ['minutes', 'hour'] as const) if (await this.#writeDue(kind, overHour)) this.#isWanted = true;
    if (!this.#isWanted) this.#through = horizon;
    if (await this.#sweepOn(cursor, horizon)) this.#isWanted = true;
  }

  async #takeVerdicts(): Promise<void> {
    const { verdicts } = this.#options;
    const { horizon } = verdicts();
    if (horizon <= this.#verdictsOf) return;
    this.#verdictsOf = horizon;
    const pause = pacer();
    const lines: string[] = [];
    for (const { objective, reading } of verdicts().readings()) {
      if (reading === null) continue;
      const line = unlessRefused(this.#refusedOne, () => verdictLine(objective, reading, this.#revision));
      if (line !== null) lines.push(line);
      await pause();
    }
    this.#waiting.add(lines);
  }

  async #writeVerdicts(): Promise<void> {
    const batches = this.#batches();
    await this.#waiting.handOver(async (lines) => {
      for (const line of lines) await batches.add('minutes', line);
      await batches.flush();
    });
  }

  async #writeIncidents(horizon: Minute, revision: number): Promise<boolean> {
    const batches = this.#batches();
    return this.#incidents.write(
      horizon,
      revision,
      async (line) => {
        for (const policy of ['minutes', 'hourly'] as const) await batches.add(policy, line);
      },
      () => batches.flush(),
    );
  }

  /** @returns whether there is more of it */
  async #writeDue(kind: DueKind, overHour: number): Promise<boolean> {
    const { records, write } = this.#options;
    const due = await dueHistory(records, kind, overHour, MARKS_AT_A_TIME);
    if (due.length === 0) return false;
    const batches = this.#batches();
    const lines = kind === 'minutes' ? this.#minutesOf(due) : this.#hoursOf(due);
    await this.#writeAll(lines, batches);
    await batches.flush();
    await write(writtenHistory(due));
    return due.length === MARKS_AT_A_TIME;
  }

  *#minutesOf(due: readonly DueHistory[]): Generator<PolicyLine[]> {
    const byMinute = new Map<Minute, Map<number, number>>();
    for (const { service, minutes, revision } of due)
      for (const minute of minutes) byMinute.set(minute, (byMinute.get(minute) ?? new Map()).set(service, revision));
    const now = this.#options.now();
    for (const [minute, services] of byMinute)
      yield* this.#times.minute(minute, services, now, minute <= this.#through!);
  }

  *#hoursOf(due: readonly DueHistory[]): Generator<PolicyLine[]> {
    const now = this.#options.now();
    for (const [hour, list] of Map.groupBy(due, ({ at }) => at)) {
      const services = new Map(list.map(({ service, revision }) => [service, revision]));
      yield* this.#times.hour(hour, services, now, (hour + 1) * MINUTES_PER_HOUR <= this.#through!);
    }
  }

  /** @returns whether there is more of it */
  async #sweepOn({ sweepHour, sweepUntil, revision }: HistoryCursor, horizon: Minute): Promise<boolean> {
    if (sweepHour === null) return false;
    const { reader, write } = this.#options;
    const services = new Map(reader.countedServices().map((service) => [service, revision]));
    const batches = this.#batches();
    const until = Math.max(sweepUntil, sweepHour - SWEPT_HOURS + 1);
    let hour = sweepHour;
    for (let lines = 0; hour >= until && lines < SWEPT_LINES && !this.#isEnded; hour--)
      lines += await this.#writeAll(this.#wholeHour(hour, services, horizon), batches);
    await batches.flush();
    const isOver = (sweepHour + 1) * MINUTES_PER_HOUR <= horizon + 1;
    const later = isOver ? [] : [markHour(sweepHour, revision)];
    await write([...later, sweptTo(sweepHour, hour < sweepUntil ? null : hour)]);
    return hour >= sweepUntil;
  }

  *#wholeHour(hour: number, services: Revisions, horizon: Minute): Generator<PolicyLine[]> {
    const first = hour * MINUTES_PER_HOUR;
    const last = first + MINUTES_PER_HOUR - 1;
    const now = this.#options.now();
    const { reader } = this.#options;
    for (let minute = first; minute <= Math.min(last, horizon); minute++) {
      const counted = only(services, reader.countedIn('minute', minute));
      if (counted.size > 0) yield* this.#times.minute(minute, counted, now, false);
    }
    if (last > horizon) return;
    const counted = only(services, reader.countedIn('hour', hour));
    if (counted.size > 0) yield* this.#times.hour(hour, counted, now, false);
  }

  /** In slices, so that the doors and the judge have their turn. @returns how many lines */
  async #writeAll(pieces: Iterable<readonly PolicyLine[]>, batches: Batches): Promise<number> {
    const pause = pacer();
    let lines = 0;
    for (const piece of pieces) {
      for (const { policy, line } of piece) {
        const sent = batches.add(policy, line);
        if (sent !== null) await sent;
      }
      lines += piece.length;
      await pause();
    }
    return lines;
  }

  #batches(): Batches {
    const { send, listener, now } = this.#options;
    return new Batches({
      send,
      onWritten: ({ lines, refused, reason }) => {
        listener.points('written', lines);
        listener.wrote(now());
        if (refused > 0) this.#refused(refused, reason ?? 'points were left out');
      },
    });
  }

  readonly #refusedOne = (reason: string): void => this.#refused(1, reason);

  /** Reasons that were told of, each once. */
  readonly #said = new Set<string>();

  #refused(points: number, reason: string): void {
    this.#options.listener.points('refused', points);
    if (this.#said.has(reason)) return;
    this.#said.add(reason);
    this.#options.log.warn({ points, reason }, 'points of the history were not taken, and will not be');
  }
}

const only = (services: Revisions, codes: readonly number[]): Revisions =>
  new Map(codes.flatMap((code) => (services.has(code) ? [[code, services.get(code)!] as const] : [])));
