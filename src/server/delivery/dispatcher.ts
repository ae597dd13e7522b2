import type { Failure, Message, Outcome, ProblemMessage, Remote } from '../../model/delivery.ts';
import { correlationId, type Transition } from '../../model/incident.ts';
import type { ProblemTransition } from '../../model/problem.ts';
import { HOUR_MS, type Millis } from '../../model/time.ts';
import type { Http, Mail, Sink, SinkContext } from '../../sinks/sink.ts';
import { backoffMs } from '../../store/outbox/backoff.ts';
import { afterAttempt, type Breaker, CLOSED } from '../../store/outbox/breaker.ts';
import { isPage, OVERDUE_MS, overduePages } from '../../store/outbox/overdue.ts';
import { type Destination, planDelivery } from '../../store/outbox/plan.ts';
import type { OutboxRow } from '../../store/outbox/row.ts';
import type { Departure, OutboxStore, ProblemDeparture, Settlement } from '../../store/outbox/store.ts';
import { type Attempt, attemptedEntry, deadEntry, supersededEntry } from './entries.ts';
import { guarded } from './guarded.ts';
import { type Ways, watched } from './watched.ts';

/** One destination of the configuration: a sink and its options. */
export interface ConfiguredSink {
  /** The operator's name for it. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each sink has options of its own; the configuration has checked them
  readonly sink: Sink<any>;
  readonly options: unknown;
}

/** What happened, for metrics and logs. Nothing in it is a secret or what a destination said. */
export type DeliveryEvent =
  | ({ readonly type: 'attempt' } & Attempt)
  | { readonly type: 'superseded'; readonly row: OutboxRow; readonly by: string | null }
  | { readonly type: 'dead'; readonly row: OutboxRow; readonly reason: string }
  | { readonly type: 'breaker'; readonly sink: string; readonly from: Breaker['state']; readonly to: Breaker['state'] }
  /** A destination that wakes people has been out of reach, or gone for good, for five minutes: tell them another way. */
  | { readonly type: 'page_path_down'; readonly sink: string; readonly since: Millis }
  /** A page has not arrived for five minutes, or never will: somebody has to hear of its incident another way. */
  | { readonly type: 'page_missed'; readonly sink: string; readonly incident: string; readonly why: 'waits' | 'dead' }
  | { readonly type: 'refresh_failed'; readonly sink: string; readonly reason: string }
  | { readonly type: 'warning'; readonly sink: string; readonly code: string; readonly text: string }
  /** The outbox can't be read or written: nothing is lost, something may be sent twice. */
  | { readonly type: 'store_failed'; readonly error: unknown };

export interface DispatcherOptions {
  readonly store: OutboxStore;
  readonly sinks: readonly ConfiguredSink[];
  readonly http: Http;
  readonly mail: Mail;
  readonly secret: (reference: string) => Promise<string>;
  readonly deployment: string;
  readonly consoleUrl: string;
  readonly now: () => Millis;
  /** In [0, 1). */
  readonly random: () => number;
  /** Runs something later, once; the answer takes it back. */
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  readonly onEvent: (event: DeliveryEvent) => void;
}

/** How many streams of one destination may be under way at once. */
export const STREAMS_AT_ONCE = 4;
const STREAMS_READ = 500;
/** Rows that others write (`outbox replay`) are seen after this, without being told. */
const LOOK_AGAIN_MS: Millis = 5_000;
const STORE_PAUSE_MS: Millis = 1_000;
/** So long what was read of the outbox holds for those that found no room: news are read at once in any case. */
const QUEUED_FOR_MS: Millis = 250;
const SAME_WARNING_MS: Millis = HOUR_MS;

interface Line {
  configured: ConfiguredSink;
  breaker: Breaker;
  /** Incidents that are being told. */
  readonly underWay: Set<string>;
  /** Found no room when the outbox was read; they follow one by one. */
  queued: OutboxRow[];
  queuedUntil: Millis;
  refreshAt: Millis;
  /** Incidents that are being said again; null when no refresh is under way. */
  refreshing: ReadonlySet<string> | null;
  /** While a refresh reads: incidents that were told in the meantime, of which it has read something old. */
  overtaken: Set<string>;
  pagePathTold: boolean;
  /** Incidents whose pages were said to be overdue, as long as they are. */
  overdue: ReadonlySet<string>;
  readonly warnedAt: Map<string, Millis>;
}

/**
 * Takes what waits in the outbox to its destinations. What may leave is decided by `planDelivery`; this is the shell
 * around it, which keeps the breakers (forgotten at a restart: the next attempt finds out again).
 *
 * The row is marked as begun before it is sent and settled after, so a crash in between is a repeat and never a
 * loss. An incident is either told or said again, never both at once: an alert said again must not overtake its end.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  #ways: Ways;
  #lines: ReadonlyMap<string, Line>;
  readonly #work = new Set<Promise<void>>();
  #cancelTimer: () => void = () => {};
  #running = false;
  #pumping = false;
  #again = false;
  /** Something came to its end while the outbox was read. */
  #soon = false;
  #pausedUntil: Millis = 0;
  /** How many attempts were begun. */
  #departed = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#ways = { http: options.http, mail: options.mail };
    this.#lines = new Map(options.sinks.map((configured) => [configured.name, newLine(configured)]));
  }

  /** Other destinations, or other ways out, from the next attempt on. What is under way to one that stays counts for it. */
  configure(sinks: readonly ConfiguredSink[], ways: Ways): void {
    this.#ways = ways;
    this.#lines = new Map(
      sinks.map((configured) => {
        const known = this.#lines.get(configured.name);
        if (known === undefined) return [configured.name, newLine(configured)];
        if (known.configured.sink !== configured.sink)
          return [configured.name, { ...newLine(configured), underWay: known.underWay }];
        const isSame = JSON.stringify(known.configured.options) === JSON.stringify(configured.options);
        known.configured = configured;
        // It may have been out of reach for the reason that was mended.
        if (!isSame) known.breaker = CLOSED;
        return [configured.name, known];
      }),
    );
    this.wake();
  }

  run(): void {
    this.#running = true;
    this.wake();
  }

  /** Something has changed: new rows, most of the time. */
  wake(): void {
    if (!this.#running) return;
    this.#again = true;
    if (!this.#pumping) this.#track(this.#pump());
  }

  /** Resolves when all that may leave by now has left, and nothing is under way: what waits then waits for time to pass. */
  async settle(): Promise<void> {
    for (let departed = -1; this.#running && departed !== this.#departed; ) {
      departed = this.#departed;
      this.wake();
      while (this.#work.size > 0) await Promise.all(this.#work);
    }
  }

  /** Begins nothing more; resolves when what is under way is settled. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** For metrics and the console. */
  breakers(): ReadonlyMap<string, Breaker> {
    return new Map([...this.#lines].map(([name, line]) => [name, line.breaker]));
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    let wakeAt: Millis | null = null;
    while (this.#again && this.#running) {
      this.#again = false;
      this.#cancelTimer();
      try {
        wakeAt = await this.#round();
      } catch (error) {
        this.#storeFailed(error);
        wakeAt = this.#pausedUntil;
      }
    }
    this.#pumping = false;
    if (!this.#running) return;
    const now = this.#options.now();
    const longestMs = this.#soon ? QUEUED_FOR_MS : LOOK_AGAIN_MS;
    const waitMs = Math.min(longestMs, Math.max(0, (wakeAt ?? now + longestMs) - now));
    if (this.#soon) for (const line of this.#lines.values()) this.#follow(line);
    this.#soon = false;
    this.#cancelTimer = this.#options.schedule(waitMs, () => this.wake());
  }

  async #round(): Promise<Millis | null> {
    const { store, now } = this.#options;
    if (now() < this.#pausedUntil) return this.#pausedUntil;
    for (const line of this.#lines.values()) this.#watchPagePath(line);
    this.#beginRefreshes();
    // What is under way now may be settled while the rows are read: they would be old news, and wait for the next round.
    const busy = new Map([...this.#lines].map(([name, line]) => [name, [...line.underWay]]));
    const rows = await store.pending(STREAMS_READ);
    const seen = new Map([...this.#lines].map(([name, line]) => [name, this.#seen(line, busy.get(name) ?? [])]));
    const plan = planDelivery(rows, now(), seen);
    this.#missPages(rows, seen, new Set(plan.superseded.map(({ row }) => row)));
    for (const [name, line] of this.#lines) {
      line.queued = plan.queued.filter(({ sink }) => sink === name);
      line.queuedUntil = now() + QUEUED_FOR_MS;
    }
    // What leaves is marked before anything is awaited: a refresh must not take up the same incident in between.
    for (const row of plan.send) this.#depart(row);
    for (const { row, by } of plan.superseded) await this.#supersede(row, by);
    for (const row of plan.dead) await this.#bury(row, 'not delivered within 72 h');
    const againAt = plan.queued.length > 0 ? now() + QUEUED_FOR_MS : null;
    return earliest([plan.wakeAt, againAt, ...[...this.#lines.values()].map((line) => this.#nextOf(line))]);
  }

  /** Says once of each page that it is overdue; of what is over by now nobody has to hear. */
  #missPages(
    rows: readonly OutboxRow[],
    seen: ReadonlyMap<string, Destination>,
    superseded: ReadonlySet<OutboxRow>,
  ): void {
    const overdue = Map.groupBy(
      overduePages(rows, this.#options.now(), seen).filter((row) => !superseded.has(row)),
      ({ sink }) => sink,
    );
    for (const [sink, line] of this.#lines) {
      const incidents = new Set((overdue.get(sink) ?? []).map(({ incident }) => incident));
      for (const incident of incidents)
        if (!line.overdue.has(incident)) this.#options.onEvent({ type: 'page_missed', sink, incident, why: 'waits' });
      line.overdue = incidents;
    }
  }

  #depart(row: OutboxRow): void {
    const line = this.#lines.get(row.sink)!;
    this.#departed++;
    line.underWay.add(row.incident);
    line.overtaken.add(row.incident);
    this.#track(this.#send(line, row));
  }

  #seen(line: Line, busy: readonly string[]): Destination {
    const { sink } = line.configured;
    return {
      class: sink.class,
      everyTransition: sink.everyTransition === true,
      breaker: line.breaker,
      busy: new Set([...busy, ...(line.refreshing ?? NONE)]),
      underWay: line.underWay.size,
      limit: STREAMS_AT_ONCE,
    };
  }

  #nextOf(line: Line): Millis | null {
    const { sink } = line.configured;
    const refreshAt = sink.refresh !== undefined && line.refreshing === null ? line.refreshAt : null;
    const pagePathAt =
      line.breaker.state !== 'closed' && sink.class === 'page' && !line.pagePathTold
        ? line.breaker.since + OVERDUE_MS
        : null;
    return earliest([refreshAt, pagePathAt]);
  }

  async #send(line: Line, row: OutboxRow): Promise<void> {
    try {
      await this.#attempt(line, row);
    } catch (error) {
      this.#storeFailed(error);
    } finally {
      line.underWay.delete(row.incident);
      // The plan that is being made sees the room; what this stream has to say next is read soon enough.
      if (this.#pumping && line.queued.length > 0) this.#soon = true;
      else if (!this.#follow(line)) this.wake();
    }
  }

  /**
   * Where one has come to its end the next of the queue leaves, without the outbox being read for each of them.
   * @returns false: the outbox has to be read, because nothing is queued, or what is may be old
   */
  #follow(line: Line): boolean {
    const { breaker, queued, underWay } = line;
    const at = this.#options.now();
    if (!this.#running || this.#pumping || at < this.#pausedUntil || at >= line.queuedUntil) return false;
    if (breaker.state !== 'closed' || breaker.pausedUntil > at) return false;
    while (underWay.size < STREAMS_AT_ONCE) {
      const next = queued.shift();
      if (next === undefined) return false;
      if (!underWay.has(next.incident) && !line.refreshing?.has(next.incident)) this.#depart(next);
    }
    return true;
  }

  async #attempt(line: Line, row: OutboxRow): Promise<void> {
    const { store, now, random, onEvent, deployment } = this.#options;
    const departure = await store.begin(row.id);
    if (departure === null) return;
    const attempt = row.attempts + 1;
    const deliveryId = `${correlationId(deployment, row.incident)}-${row.seq}`;
    const startedAt = now();
    const watch = watched(this.#ways);
    const context = this.#context(line, watch.ways);
    const outcome = await guarded(() => tell(line.configured.sink, row, departure, deliveryId, context), watch.hasSent);
    const endedAt = now();
    const pauseMs =
      outcome.kind === 'retry' || outcome.kind === 'unknown' ? backoffMs(attempt, random(), outcome.afterMs) : 0;
    this.#turnBreaker(line, afterAttempt(line.breaker, { startedAt, endedAt, outcome, pauseMs }));
    const made: Attempt = {
      row,
      deliveryId,
      attempt,
      outcome,
      durationMs: endedAt - startedAt,
      status: watch.status(),
      payloadSha256: watch.payloadSha256(),
    };
    onEvent({ type: 'attempt', ...made });
    await store.settle(row.id, settlementOf(row, outcome, endedAt, pauseMs), [
      attemptedEntry(made, endedAt),
      ...(outcome.kind === 'permanent' ? [deadEntry(row, outcome.reason, endedAt)] : []),
    ]);
    if (outcome.kind === 'permanent') this.#died(row, outcome.reason);
  }

  #context(line: Line, ways: Ways): SinkContext<unknown> {
    const { now, secret, deployment, consoleUrl } = this.#options;
    const { name, options } = line.configured;
    const warn = (code: string, text: string): void => {
      const at = now();
      if (at - (line.warnedAt.get(code) ?? Number.NEGATIVE_INFINITY) < SAME_WARNING_MS) return;
      line.warnedAt.set(code, at);
      this.#options.onEvent({ type: 'warning', sink: name, code, text });
    };
    return { options, ...ways, now, secret, deployment, consoleUrl, warn };
  }

  async #supersede(row: OutboxRow, by: OutboxRow | null): Promise<void> {
    const { store, now, onEvent } = this.#options;
    const at = now();
    await store.settle(row.id, { state: 'superseded', at, by: by?.id ?? null }, [
      supersededEntry(row, by?.id ?? null, at),
    ]);
    onEvent({ type: 'superseded', row, by: by?.id ?? null });
  }

  async #bury(row: OutboxRow, reason: string): Promise<void> {
    const { store, now } = this.#options;
    const at = now();
    await store.settle(row.id, { state: 'dead', at, lastError: reason }, [deadEntry(row, reason, at)]);
    this.#died(row, reason);
  }

  #died(row: OutboxRow, reason: string): void {
    const { onEvent } = this.#options;
    onEvent({ type: 'dead', row, reason });
    if (this.#lines.get(row.sink)?.configured.sink.class === 'page' && isPage(row))
      onEvent({ type: 'page_missed', sink: row.sink, incident: row.incident, why: 'dead' });
  }

  #turnBreaker(line: Line, to: Breaker): void {
    const from = line.breaker.state;
    line.breaker = to;
    if (from === to.state) return;
    line.pagePathTold = false;
    this.#options.onEvent({ type: 'breaker', sink: line.configured.name, from, to: to.state });
  }

  #watchPagePath(line: Line): void {
    const { breaker, configured } = line;
    if (configured.sink.class !== 'page' || breaker.state === 'closed' || line.pagePathTold) return;
    if (this.#options.now() - breaker.since < OVERDUE_MS) return;
    line.pagePathTold = true;
    this.#options.onEvent({ type: 'page_path_down', sink: configured.name, since: breaker.since });
  }

  #beginRefreshes(): void {
    for (const line of this.#lines.values()) {
      const { refresh } = line.configured.sink;
      if (refresh === undefined || line.refreshing !== null || line.breaker.state === 'disabled') continue;
      if (this.#options.now() < line.refreshAt) continue;
      line.refreshAt = this.#options.now() + refresh.everyMs;
      line.refreshing = NONE;
      line.overtaken = new Set(line.underWay);
      this.#track(this.#refresh(line, refresh.send));
    }
  }

  async #refresh(line: Line, send: NonNullable<Sink<unknown>['refresh']>['send']): Promise<void> {
    const { store, now, onEvent } = this.#options;
    const { name } = line.configured;
    try {
      const read = await store.refreshable(name, now());
      const known = read.filter(isKnown).filter(({ incident }) => !line.overtaken.has(incident.id));
      if (known.length === 0) return;
      line.refreshing = new Set(known.map(({ incident }) => incident.id));
      const outcome = await guarded(
        () => send(known, this.#context(line, this.#ways)),
        () => true,
      );
      if (outcome.kind !== 'ok') onEvent({ type: 'refresh_failed', sink: name, reason: outcome.reason });
    } catch (error) {
      this.#storeFailed(error);
    } finally {
      line.refreshing = null;
      this.wake();
    }
  }

  #storeFailed(error: unknown): void {
    this.#pausedUntil = this.#options.now() + STORE_PAUSE_MS;
    this.#options.onEvent({ type: 'store_failed', error });
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }
}

const NONE: ReadonlySet<string> = new Set();

/** What was written into the outbox for a sink, in its words. */
function tell(
  sink: Sink<unknown>,
  row: OutboxRow,
  departure: Departure | ProblemDeparture,
  deliveryId: string,
  context: SinkContext<unknown>,
): Promise<Outcome> {
  const said = { deliveryId, seq: row.seq, at: row.createdAt };
  if ('problem' in departure) {
    const transition = row.transition as ProblemTransition;
    const message: ProblemMessage = { ...said, transition, problem: departure.problem };
    // Its name may be that of another kind of sink by now.
    return sink.problem?.(message, context) ?? Promise.resolve(NO_PROBLEMS);
  }
  const message: Message = {
    ...said,
    transition: row.transition as Transition,
    incident: departure.incident,
    attempt: row.attempts + 1,
    mayHaveArrived: row.uncertain || (row.announced && departure.remote === null),
    announced: row.announced,
    remote: departure.remote,
  };
  return sink.deliver(message, context);
}

const NO_PROBLEMS: Outcome = { kind: 'permanent', reason: 'a destination of this type is not told of problems' };

const newLine = (configured: ConfiguredSink): Line => ({
  configured,
  breaker: CLOSED,
  underWay: new Set(),
  queued: [],
  queuedUntil: 0,
  refreshAt: 0,
  refreshing: null,
  overtaken: new Set(),
  pagePathTold: false,
  overdue: NONE,
  warnedAt: new Map(),
});

const isKnown = (departure: Departure): departure is Departure & { remote: NonNullable<Departure['remote']> } =>
  departure.remote !== null;

const earliest = (times: readonly (Millis | null)[]): Millis | null =>
  times.reduce((first, at) => (at === null ? first : first === null ? at : Math.min(first, at)), null);

const leftBehind = ({ remote }: Failure): { remote?: Remote } => (remote === undefined ? {} : { remote });

function settlementOf(row: OutboxRow, outcome: Outcome, at: Millis, pauseMs: Millis): Settlement {
  switch (outcome.kind) {
    case 'ok':
      return { state: 'delivered', at, remote: outcome.remote ?? null };
    case 'permanent':
      return { state: 'dead', at, uncertain: row.uncertain, lastError: outcome.reason, ...leftBehind(outcome) };
    default:
      return {
        state: 'pending',
        nextAttemptAt: at + pauseMs,
        uncertain: row.uncertain || outcome.kind === 'unknown',
        lastError: outcome.reason,
        ...leftBehind(outcome),
      };
  }
}
