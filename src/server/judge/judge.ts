import { type IncidentBook, inEventOrder, type ServiceFacts, type Written } from '../../incidents/book.ts';
import { compareEpisodes, type Episode, type EpisodeChange } from '../../incidents/episodes.ts';
import { EXPLAIN_MINUTES, type Followers, follow, withEpisode } from '../../incidents/follow.ts';
import { type Actor, isOpen } from '../../model/incident.ts';
import { MINUTE_MS, type Millis, type Minute } from '../../model/time.ts';
import { inOrder, readComposite } from '../../objectives/composite-reading.ts';
import { readDrift } from '../../objectives/drift-reading.ts';
import type { FrozenBaseline } from '../../objectives/drift-watch.ts';
import type { EventStream } from '../../objectives/event-stream.ts';
import type { Objective } from '../../objectives/objective.ts';
import {
  BURN_MEMORY_MINUTES,
  burnMemory,
  type DetectorEvent,
  decodeWatchState,
  encodeWatchState,
  lastSeenOf,
  startObjectiveWatch,
  type WatchState,
  watchUntil,
} from '../../objectives/objective-watch.ts';
import { type Reading, read } from '../../objectives/reading.ts';
import type { Statement } from '../../store/items.ts';
import { readEpisodes, removeEpisode, writeEpisode, writeIncident } from '../../store/records/incidents.ts';
import { type Records, statement } from '../../store/records/records.ts';
import type { Mark, Reader } from '../../store/sqlite/reader.ts';
import type { Writer } from '../../store/writer.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { detectorMinutes, EstimateFeed, TickCache } from './feeds.ts';
import { type FindingsSources, findingsOf } from './findings.ts';
import { guiltyOf, happened } from './guilty.ts';

/** The minute of a change that was approved only after its time had been judged: from there on the baseline is another one. */
function renewedBehind({ objective, state, since }: Watched, cache: TickCache): Minute {
  if (objective.drift === undefined) return Number.POSITIVE_INFINITY;
  const newest = cache.renewals(objective).findLast((minute) => minute <= state.lastSeen) ?? -1;
  return newest > Math.max(state.drift!.renewed, since) ? newest : Number.POSITIVE_INFINITY;
}

const SYSTEM: Actor = { kind: 'system', id: 'plimsoll' };
/** Checkpoints: each hour for so long, each day after that. */
const HOURLY_CHECKPOINT_MINUTES = 48 * 60;
const MINUTES_PER_DAY = 1440;
const SILENT_MINUTES = 60;
const EVERYTHING: Minute = -1;
const CHANGED = 'its objective has changed: it is judged anew from here on';
const REMOVED = 'its objective is no longer in the configuration: nobody watches it any more';

export interface JudgeOptions {
  readonly reader: Reader;
  readonly records: Records;
  readonly writer: Writer;
  readonly findings: FindingsSources;
  readonly objectives: readonly Objective[];
  readonly factsOf: (objective: Objective) => ServiceFacts;
  readonly book: IncidentBook;
  /** Names of the destinations that are told of incidents. */
  readonly sinks: readonly string[];
  /** A minute is judged so long after its end. */
  readonly graceMs: Millis;
}

/** What one tick did: for gauges, logs and those who wait for it. */
export interface TickReport {
  readonly horizon: Minute;
  readonly judgedObjectives: number;
  readonly replays: number;
  readonly written: readonly Written[];
  readonly durationMs: number;
  /** Of it: until the tallies of what came in were in the store. */
  readonly settleMs: number;
}

interface Watched {
  readonly objective: Objective;
  /** Minutes up to here are none of its business: they were judged by what it was before. EVERYTHING for a new one. */
  readonly since: Minute;
  state: WatchState;
  /** What burn-rate rules remember as of `state.through`; null when it has to be read. */
  memory: EventStream | null;
  /**
   * While minutes of before are counted again: `past`, a new objective waits for them and is not judged; `estimate`, one
   * that has changed is judged from here on, and has no estimate before they are right.
   */
  readonly waitsFor: 'past' | 'estimate' | null;
  feed: EstimateFeed | null;
  reading: Reading | null;
}

interface Judged {
  readonly watched: Watched;
  readonly state: WatchState;
  readonly memory: EventStream | null;
  readonly isReplay: boolean;
  readonly events: readonly DetectorEvent[];
  /** The minute that the events lie behind. */
  readonly after: Minute;
  readonly checkpoints: readonly { minute: Minute; state: Uint8Array }[];
}

/**
 * One minute of judging: read what changed, move the detectors on (or replay them from a checkpoint, when late data
 * changed the past), let the incidents follow, and write all of it as one transaction. When that fails, memory goes back to what is stored.
 */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #followers: Followers;
  #watched = new Map<string, Watched>();
  #episodes = new Map<string, Episode[]>();
  /** What drift objectives are compared with, as of the tick. */
  readonly #baselines = new Map<string, FrozenBaseline>();
  #firstMinute: Minute | null = null;
  #horizon: Minute = -1;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#followers = {
      book: options.book,
      factsOf: options.factsOf,
      findingsOf: (objective, episode) =>
        findingsOf(options.findings, objective, episode, this.#baselines.get(objective.name) ?? null),
      explain: (...breach) => this.#explain(...breach),
    };
  }

  get horizon(): Minute {
    return this.#horizon;
  }

  readingOf(objective: string): Reading | null {
    return this.#watched.get(objective)?.reading ?? null;
  }

  readings(): { objective: Objective; reading: Reading | null }[] {
    return [...this.#watched.values()].map(({ objective, reading }) => ({ objective, reading }));
  }

  episodesOf(objective: string): readonly Episode[] {
    return this.#episodes.get(objective) ?? [];
  }

  /** The last minute that may be judged now. */
  horizonAt(now: Millis): Minute {
    return Math.floor((now - this.#options.graceMs) / MINUTE_MS) - 1;
  }

  /** Takes up where the last process ended; what is judged for the first time begins with the past that is stored. */
  async start(now: Millis): Promise<void> {
    const { records, reader, objectives } = this.#options;
    this.#episodes = Map.groupBy(await readEpisodes(records), (episode) => episode.objective);
    const horizon = this.horizonAt(now);
    this.#horizon = horizon;
    this.#firstMinute = reader.extent(EVENT_CLOCK)?.first ?? null;
    const statements: Statement[] = [];
    const names = new Set(objectives.map(({ name }) => name));
    for (const name of this.#episodes.keys())
      if (!names.has(name)) statements.push(...this.#retire(name, REMOVED, now));
    for (const objective of objectives) statements.push(...(await this.#take(objective, horizon, now)));
    await this.#write(statements);
  }

  /** Objectives as they are from now on: the detectors of those that changed begin anew at the last judged minute. */
  async replace(objectives: readonly Objective[], now: Millis): Promise<void> {
    await this.#together(async () => {
      const statements: Statement[] = [];
      for (const objective of objectives) {
        const watched = this.#watched.get(objective.name);
        if (watched?.objective.fingerprint !== objective.fingerprint)
          statements.push(...(await this.#take(objective, this.#horizon, now)));
        else if (watched.objective.codes.join() !== objective.codes.join())
          this.#watched.set(objective.name, { ...watched, objective, memory: null, feed: null });
      }
      return statements;
    });
  }

  /** What is watched changes, and what has to be stored of it is stored; or neither. */
  async #together(change: () => Promise<Statement[]>): Promise<void> {
    const forget = this.#options.book.remember();
    const watched = new Map(this.#watched);
    const episodes = new Map(this.#episodes);
    try {
      await this.#write(await change());
    } catch (error) {
      forget();
      this.#watched = watched;
      this.#episodes = episodes;
      throw error;
    }
  }

  /** What is open of an objective is over, because nobody watches it any more. */
  #retire(name: string, reason: string, now: Millis): Statement[] {
    const { records, book, sinks } = this.#options;
    const statements: Statement[] = [];
    const list = (this.#episodes.get(name) ?? []).map((episode) => {
      if (episode.resolved !== null) return episode;
      const ended = { ...episode, resolved: this.#horizon };
      statements.push(writeEpisode(records, ended));
      const written = book.abandon(ended, reason, now);
      if (written !== null) statements.push(...writeIncident(records, written, SYSTEM, sinks, now));
      return ended;
    });
    this.#episodes.set(name, list);
    return statements;
  }

  /** Begins to watch an objective, from where it stood or anew. @returns what has to be stored for it */
  async #take(objective: Objective, horizon: Minute, now: Millis): Promise<Statement[]> {
    const { records } = this.#options;
    const known = await records
      .selectFrom('objective_state')
      .selectAll()
      .where('objective', '=', objective.name)
      .executeTakeFirst();
    const watch = (since: Minute, state: WatchState, waitsFor: Watched['waitsFor'] = null): void => {
      this.#watched.set(objective.name, { objective, since, state, memory: null, waitsFor, feed: null, reading: null });
    };
    if (known?.fingerprint === objective.fingerprint) {
      const { since } = known;
      watch(since, await this.#standing(objective, since, horizon));
      return [];
    }
    // What is judged otherwise begins now, unless it had nothing to judge; what is new learns from the past.
    const isNew = known === undefined;
    const isRecounting = this.#options.reader.isRecounting();
    if (isNew && isRecounting) {
      watch(EVERYTHING, startObjectiveWatch(objective, horizon), 'past');
      return [];
    }
    const since = isNew || (await this.#hasSeenNothing(objective.name)) ? EVERYTHING : horizon;
    const from = isNew ? this.#beginning(EVERYTHING, horizon) : horizon;
    const retired = this.#retire(objective.name, CHANGED, now);
    watch(since, startObjectiveWatch(objective, from), isRecounting ? 'estimate' : null);
    const row = { objective: objective.name, fingerprint: objective.fingerprint, since };
    return [
      ...retired,
      statement(records.deleteFrom('checkpoint').where('objective', '=', objective.name)),
      statement(
        records
          .insertInto('objective_state')
          .values(row)
          .onConflict((conflict) => conflict.column('objective').doUpdateSet(row)),
      ),
      ...this.#learn(objective, from, horizon),
    ];
  }

  /** Minutes of before have been counted again: those that waited for it need not any more. */
  async #stopWaiting(now: Millis): Promise<void> {
    const waiting = [...this.#watched.values()].filter(({ waitsFor }) => waitsFor !== null);
    if (waiting.length === 0 || this.#options.reader.isRecounting()) return;
    await this.#together(async () => {
      const statements: Statement[] = [];
      for (const watched of waiting)
        if (watched.waitsFor === 'past') statements.push(...(await this.#take(watched.objective, this.#horizon, now)));
        else this.#watched.set(watched.objective.name, { ...watched, waitsFor: null });
      return statements;
    });
  }

  /** The minute before the first that is judged. */
  #beginning(since: Minute, horizon: Minute): Minute {
    return since === EVERYTHING ? Math.min(horizon, (this.#firstMinute ?? horizon + 1) - 1) : since;
  }

  async #hasSeenNothing(objective: string): Promise<boolean> {
    const watched = this.#watched.get(objective);
    if (watched !== undefined) return watched.state.lastSeen < 0;
    const row = await this.#options.records
      .selectFrom('checkpoint')
      .select('state')
      .where('objective', '=', objective)
      .orderBy('minute', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row === undefined || lastSeenOf(row.state) < 0;
  }

  /** Runs a new objective over the stored past: breaches that are over become episodes without a record. */
  #learn(objective: Objective, after: Minute, horizon: Minute): Statement[] {
    if (after >= horizon) return [];
    const { records, reader } = this.#options;
    const counts = detectorMinutes(new TickCache(reader), objective, after + 1, horizon);
    const events = watchUntil(
      objective,
      startObjectiveWatch(objective, after),
      burnMemory(objective, [], after),
      counts,
      horizon,
    );
    const ended = compareEpisodes(objective.name, [], after, events).flatMap((change) =>
      change.type === 'ended' ? [change.episode] : [],
    );
    this.#episodes.set(objective.name, ended);
    return ended.map((episode) => writeEpisode(records, episode));
  }

  /**
   * Judges every minute that is due, and every earlier one that changed. Everything it finds is durable when it resolves.
   * @param refresh  called when it is settled what will be judged: replaces objectives that read what came with it by new names
   */
  async tick(now: Millis, refresh: () => Promise<void>): Promise<TickReport> {
    const began = performance.now();
    const { reader, writer } = this.#options;
    await writer.settle();
    const settleMs = performance.now() - began;
    const horizon = Math.max(this.#horizon, this.horizonAt(now));
    const marks = reader.marks().filter((mark) => mark.minute <= horizon);
    await refresh();
    await this.#stopWaiting(now);
    this.#options.findings.recent.forget();
    for (const { minute } of marks)
      if (this.#firstMinute === null || minute < this.#firstMinute) this.#firstMinute = minute;
    const marksOf = Map.groupBy(marks, (mark) => mark.service);
    const cache = new TickCache(reader);
    const forget = this.#options.book.remember();
    try {
      const judged: Judged[] = [];
      for (const watched of this.#watched.values())
        if (watched.waitsFor !== 'past')
          judged.push(await this.#judge(watched, cache, marksOf.get(watched.objective.counted) ?? [], horizon));
      const { statements, written, episodes } = await this.#follow(judged, now);
      statements.push(...this.#bookkeeping(judged, marks, horizon));
      await this.#write(statements);
      this.#episodes = episodes;
      for (const { watched, state, memory } of judged) Object.assign(watched, { state, memory });
      this.#horizon = horizon;
      for (const watched of this.#watched.values())
        this.#read(watched, cache, marksOf.get(watched.objective.counted) ?? [], horizon);
      this.#compose(horizon);
      const replays = judged.filter((one) => one.isReplay).length;
      return {
        horizon,
        judgedObjectives: judged.length,
        replays,
        written,
        durationMs: performance.now() - began,
        settleMs,
      };
    } catch (error) {
      forget();
      await this.#fallBack();
      throw error;
    }
  }

  /** After a tick that failed: detectors stand where a restart would find them. */
  async #fallBack(): Promise<void> {
    for (const watched of this.#watched.values()) {
      watched.memory = null;
      watched.feed = null;
      watched.state = await this.#standing(watched.objective, watched.since, this.#horizon);
    }
  }

  /** Where the detectors of an objective stood last, as far as it is stored. */
  async #standing(objective: Objective, since: Minute, horizon: Minute): Promise<WatchState> {
    const checkpoint = await this.#checkpointBefore(objective, horizon + 1);
    return checkpoint ?? startObjectiveWatch(objective, this.#beginning(since, horizon));
  }

  async #judge(watched: Watched, cache: TickCache, marks: readonly Mark[], horizon: Minute): Promise<Judged> {
    const { objective } = watched;
    const { detectorClock: clock } = objective.drift?.feature ?? objective.events;
    let earliest = renewedBehind(watched, cache);
    for (const mark of marks)
      if (mark.clock === clock && mark.minute <= watched.state.through && mark.minute > watched.since)
        earliest = Math.min(earliest, mark.minute);
    const isReplay = earliest !== Number.POSITIVE_INFINITY;
    const state = isReplay ? await this.#stateBefore(watched, earliest) : watched.state;
    const after = state.through;
    const remembered = isReplay ? null : watched.memory;
    const memoryFrom = Math.max(after - BURN_MEMORY_MINUTES, watched.since + 1);
    const memory =
      objective.burn === null
        ? null
        : (remembered ?? burnMemory(objective, detectorMinutes(cache, objective, memoryFrom, after), after));
    const counts = after >= horizon ? [] : detectorMinutes(cache, objective, after + 1, horizon);
    const checkpoints: { minute: Minute; state: Uint8Array }[] = [];
    const events = watchUntil(objective, state, memory, counts, horizon, (minute) => {
      if (minute > horizon - HOURLY_CHECKPOINT_MINUTES || (minute + 1) % MINUTES_PER_DAY === 0)
        checkpoints.push({ minute, state: encodeWatchState({ ...state, through: minute }) });
    });
    return { watched, state, memory, events, after, checkpoints, isReplay };
  }

  /** The newest state that knows nothing of the changed minute, or the beginning. */
  async #stateBefore({ objective, since }: Watched, changed: Minute): Promise<WatchState> {
    const checkpoint = await this.#checkpointBefore(objective, changed);
    const first = Math.min(changed, this.#firstMinute ?? changed) - 1;
    return checkpoint ?? startObjectiveWatch(objective, Math.max(since, first));
  }

  async #checkpointBefore(objective: Objective, minute: Minute): Promise<WatchState | null> {
    const row = await this.#options.records
      .selectFrom('checkpoint')
      .select('state')
      .where('objective', '=', objective.name)
      .where('minute', '<', minute)
      .orderBy('minute', 'desc')
      .limit(1)
      .executeTakeFirst();
    try {
      return row === undefined ? null : decodeWatchState(objective, row.state);
    } catch (error) {
      // Of a form that another version wrote: it is judged from the beginning.
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** Lets the incidents follow what the detectors found, in event order. */
  async #follow(
    judged: readonly Judged[],
    now: Millis,
  ): Promise<{ statements: Statement[]; written: Written[]; episodes: Map<string, Episode[]> }> {
    const { records, book, sinks } = this.#options;
    for (const { watched, state } of judged)
      if (state.drift !== null && state.drift.frozen !== null)
        this.#baselines.set(watched.objective.name, state.drift.frozen);
    const statements: Statement[] = [];
    const written: Written[] = [];
    const episodes = new Map([...this.#episodes].map(([name, list]) => [name, [...list]]));
    const note = (one: Written | null): void => {
      if (one === null) return;
      written.push(one);
      statements.push(...writeIncident(records, one, SYSTEM, sinks, now));
    };
    const changes = judged.flatMap(({ watched, events, after }) =>
      compareEpisodes(watched.objective.name, episodes.get(watched.objective.name) ?? [], after, events).map(
        (change) => ({
          change,
          objective: watched.objective.name,
        }),
      ),
    );
    for (const { change, objective } of inEventOrder(changes)) {
      const list = episodes.get(objective) ?? [];
      const { episode, one } = await follow(
        this.#followers,
        this.#watched.get(objective)!.objective,
        list,
        change,
        now,
      );
      note(one);
      episodes.set(objective, this.#place(list, change, episode, statements));
    }
    const silent = new Map<string, boolean>();
    for (const { watched, state } of judged) {
      const isSilent = state.through - state.lastSeen >= SILENT_MINUTES;
      for (const episode of episodes.get(watched.objective.name) ?? []) {
        if (episode.resolved !== null || episode.incident === null) continue;
        silent.set(episode.incident, isSilent && (silent.get(episode.incident) ?? true));
        note(book.reopenStillBroken(episode.incident, now));
        note(await this.#explain(watched.objective, episode, state.through, now));
      }
    }
    // Of several broken promises one that is still heard of is enough.
    for (const [incident, isSilent] of silent) note(book.flag(incident, 'stale', isSilent, now));
    for (const one of book.closeOld(now)) note(one);
    return { statements, written, episodes };
  }

  /** With more minutes the guilty slice may show that did not at the alarm. */
  async #explain(objective: Objective, episode: Episode, through: Minute, now: Millis): Promise<Written | null> {
    const { book, findings } = this.#options;
    const incident = book.byId(episode.incident!);
    const isWanted =
      incident !== undefined && isOpen(incident) && incident.slices.length === 0 && objective.drift === undefined;
    if (!isWanted || through <= episode.alarm || through - episode.alarm > EXPLAIN_MINUTES) return null;
    const seen = { ...episode, alarm: through };
    if (guiltyOf(findings, objective, happened(findings, objective, seen)).length === 0) return null;
    return book.explain(incident.id, await findingsOf(findings, objective, seen), now);
  }

  /** The episodes of an objective with one of them changed, and what has to be stored for it. */
  #place(list: readonly Episode[], change: EpisodeChange, episode: Episode, statements: Statement[]): Episode[] {
    const { records } = this.#options;
    const replaced = change.type === 'moved' ? change.before : episode.alarm;
    if (replaced !== episode.alarm) statements.push(removeEpisode(records, { ...episode, alarm: replaced }));
    const isGone = change.type === 'withdrawn' || change.type === 'merged';
    statements.push(isGone ? removeEpisode(records, episode) : writeEpisode(records, episode));
    return withEpisode(list, change, episode);
  }

  #bookkeeping(judged: readonly Judged[], marks: readonly Mark[], horizon: Minute): Statement[] {
    const { records } = this.#options;
    const statements: Statement[] = [];
    for (const { watched, checkpoints } of judged)
      for (const { minute, state } of checkpoints) {
        const row = { objective: watched.objective.name, minute, state };
        statements.push(
          statement(
            records
              .insertInto('checkpoint')
              .values(row)
              .onConflict((conflict) => conflict.columns(['objective', 'minute']).doUpdateSet(row)),
          ),
        );
      }
    if (judged.some((one) => one.checkpoints.length > 0))
      statements.push({
        sql: `delete from checkpoint where minute <= ? and (minute + 1) % ${MINUTES_PER_DAY} <> 0`,
        parameters: [horizon - HOURLY_CHECKPOINT_MINUTES],
      });
    const newest = marks.reduce((latest, mark) => Math.max(latest, mark.settlement), 0);
    // By its settlement: a mark that was set anew in the meantime stays.
    if (marks.length > 0)
      statements.push({
        sql: 'delete from unjudged where minute <= ? and settlement <= ?',
        parameters: [horizon, newest],
      });
    return statements;
  }

  #read(watched: Watched, cache: TickCache, marks: readonly Mark[], horizon: Minute): void {
    if (watched.waitsFor !== null || watched.objective.composition !== undefined) return;
    if (watched.feed === null) watched.feed = new EstimateFeed(watched.objective, cache, horizon);
    else watched.feed.advance(cache, horizon, marks);
    const readOf = watched.objective.drift === undefined ? read : readDrift;
    watched.reading = readOf(watched.objective, watched.state, horizon, watched.feed.counts());
  }

  /** Objectives that are made of others are read last, those of which others are made first. */
  #compose(horizon: Minute): void {
    const compositions = new Map(
      [...this.#watched.values()].flatMap(({ objective: { name, composition } }) =>
        composition === undefined ? [] : [[name, composition] as const],
      ),
    );
    for (const name of inOrder(compositions).order ?? []) {
      const watched = this.#watched.get(name)!;
      const composition = compositions.get(name)!;
      const members = composition.members.map(({ objective, weight }) => {
        const reading = this.readingOf(objective);
        return { objective, weight, estimate: reading?.estimate ?? null, lastHour: reading?.lastHour ?? null };
      });
      watched.reading = readComposite(watched.objective, composition, horizon, members);
    }
  }

  async #write(statements: readonly Statement[]): Promise<void> {
    if (statements.length === 0) return;
    const result = await this.#options.writer.write({ type: 'statements', statements });
    if (result.type !== 'statements')
      throw new Error(`judging could not be stored: ${result.type === 'failed' ? result.message : result.type}`);
  }
}
