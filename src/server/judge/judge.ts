import { configuredOf, countedOf } from '../../catalog/objectives.ts';
import type { Listener } from '../../incidents/audience.ts';
import { type IncidentBook, inEventOrder, type ServiceFacts, type Written } from '../../incidents/book.ts';
import { caredFor } from '../../incidents/care.ts';
import { compareEpisodes, type Episode, type EpisodeChange } from '../../incidents/episodes.ts';
import { opensUntil } from '../../incidents/flapping.ts';
import { EXPLAIN_MINUTES, type Followers, follow, withEpisode } from '../../incidents/follow.ts';
import { foresee, hushed } from '../../incidents/hush.ts';
import { isUnsuspected } from '../../incidents/serious.ts';
import type { SuppressionSources } from '../../incidents/suppression.ts';
import type { ArrivalCurve } from '../../measures/label-arrivals.ts';
import type { Code } from '../../model/dictionary.ts';
import { isOpen, SYSTEM } from '../../model/incident.ts';
import { MINUTE_MS, type Millis, type Minute } from '../../model/time.ts';
import { composedReading } from '../../objectives/composed.ts';
import { readDrift } from '../../objectives/drift-reading.ts';
import type { FrozenBaseline } from '../../objectives/drift-watch.ts';
import type { EventStream } from '../../objectives/event-stream.ts';
import { detectorClockOf, type Objective } from '../../objectives/objective.ts';
import {
  burnMemory,
  type DetectorEvent,
  decodeWatchState,
  encodeWatchState,
  hasSeenNothing,
  startObjectiveWatch,
  type WatchState,
  watchUntil,
} from '../../objectives/objective-watch.ts';
import { curveOf, type Reading, readView, viewOf, type WatchView } from '../../objectives/reading.ts';
import type { SliceMinute } from '../../objectives/slice-watch.ts';
import type { Statement } from '../../store/items.ts';
import type { Due, Mark, Reader } from '../../store/reader.ts';
import { checkpointMinute, dropCheckpoints, isKept, writeCheckpoint } from '../../store/records/checkpoints.ts';
import { readEpisodes, removeEpisode, writeEpisode, writeIncident } from '../../store/records/incidents.ts';
import { type Records, statement } from '../../store/records/records.ts';
import type { Writer } from '../../store/writer.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import { breather } from '../breathe.ts';
import type { Caretaker } from '../incidents/caretaker.ts';
import { recalled } from '../incidents/recall.ts';
import type { ProblemKeeper } from '../problems/keeper.ts';
import { burnMemoryAt, detectorMinutes, EstimateFeed, seenAt, sliceMinutes, TickCache } from './feeds.ts';
import { type FindingsSources, findingsOf, signsAt } from './findings.ts';
import { guiltyOf, happened, type Lateness } from './guilty.ts';
import { labelsBefore } from './label-history.ts';
import { flagsBetween, isFlagged } from './signs.ts';
import type { Verdicts } from './verdicts.ts';

const SILENT_MINUTES = 60;
const EVERYTHING: Minute = -1;
const CHANGED = 'its objective has changed: it is judged anew from here on';
const REMOVED = 'its objective is no longer in the configuration: nobody watches it any more';

export interface JudgeOptions {
  readonly reader: Reader;
  readonly records: Records;
  readonly writer: Pick<Writer, 'settle'>;
  /** One transaction, which also changes incidents. @throws when it is not stored */
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  readonly findings: FindingsSources;
  readonly objectives: readonly Objective[];
  readonly factsOf: (objective: Objective) => ServiceFacts;
  readonly book: IncidentBook;
  /** What may keep people from being told at a moment. */
  readonly suppression: (now: Millis) => Promise<SuppressionSources>;
  /** What becomes of incidents while nobody does anything. */
  readonly caretaker: Pick<Caretaker, 'opened' | 'tend' | 'forget'>;
  /** What becomes of incidents that are alike. */
  readonly problems: Pick<ProblemKeeper, 'follow' | 'forget'>;
  /** The destinations that may be told of incidents. */
  readonly listeners: readonly Listener[];
  /** A minute is judged so long after its end. */
  readonly graceMs: Millis;
  /** What else is written by the transaction of a tick, while the marks up to its horizon are still there. */
  readonly beside?: (horizon: Minute) => readonly Statement[];
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
  /** Of it: until what was found was durable. */
  readonly writeMs: number;
}

interface Watched {
  readonly objective: Objective;
  /** Minutes up to here are none of its business: they were judged by what it was before. EVERYTHING for a new one. */
  readonly since: Minute;
  /** Of each hour, the minute behind which its state is kept. */
  readonly checkpointMinute: number;
  state: WatchState;
  /** What burn-rate rules remember as of `state.through`; null when it has to be read. */
  memory: EventStream | null;
  /**
   * While minutes of before are counted again: `past`, a new objective waits for them and is not judged; `estimate`, one
   * that has changed is judged from here on, and has no estimate before they are right.
   */
  readonly waitsFor: 'past' | 'estimate' | null;
  feed: EstimateFeed | null;
  /** The tick behind which it was begun to be watched: until the next one it says nothing. */
  readonly takenAt: number;
  /** How the watch stood behind one tick, from when somebody has asked or the next one moves it on. */
  view: WatchView | null;
  viewAt: number;
  /** Its place among those that the present tick judges. */
  place: number;
  /** What its watch and `feed` said behind one tick, from when somebody has asked. */
  reading: Reading | null;
  readingAt: number;
}

const NEVER = -1;

interface Judged {
  readonly watched: Watched;
  readonly state: WatchState;
  readonly memory: EventStream | null;
  readonly isReplay: boolean;
  readonly events: readonly DetectorEvent[];
  /** The minute that the events lie behind. */
  readonly after: Minute;
  readonly checkpoints: readonly Checkpoint[];
}

interface Checkpoint {
  readonly minute: Minute;
  readonly state: Uint8Array;
}

/** An objective, and what is said of it when it is asked. */
class Said {
  readonly objective: Objective;
  readonly #judge: Judge;

  constructor(judge: Judge, objective: Objective) {
    this.#judge = judge;
    this.objective = objective;
  }

  get reading(): Reading | null {
    return this.#judge.readingOf(this.objective.name);
  }
}

/**
 * One minute of judging: read what changed, move the detectors on (or replay them from a checkpoint, when late data
 * changed the past), let the incidents follow, and write all of it as one transaction. When that fails, memory goes back to what is stored.
 */
export class Judge implements Verdicts {
  readonly #options: JudgeOptions;
  readonly #followers: Followers;
  #watched = new Map<string, Watched>();
  #episodes = new Map<string, Episode[]>();
  /** How late labels come, by objective, as of the minutes judged last. */
  readonly #curves = new Map<string, ArrivalCurve | null>();
  /** What drift objectives are compared with, as of the tick. */
  readonly #baselines = new Map<string, FrozenBaseline>();
  #firstMinute: Minute | null = null;
  #horizon: Minute = -1;
  /** Ticks that are over. */
  #ticks = 0;
  /** Some of what is watched may wait for minutes that are counted again. */
  #mayWait = false;
  /** The last minute of the tick that goes on: labels are counted up to its end. */
  #reading: Minute = -1;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#followers = {
      book: options.book,
      factsOf: options.factsOf,
      findingsOf: (objective, episode) =>
        findingsOf(
          options.findings,
          objective,
          episode,
          this.#latenessOf(objective),
          this.#baselines.get(objective.name) ?? null,
        ),
      signsOf: (objective, episode) => signsAt(options.findings, objective, episode),
      explain: (...breach) => this.#explain(...breach),
    };
  }

  get horizon(): Minute {
    return this.#horizon;
  }

  readingOf(objective: string): Reading | null {
    const watched = this.#watched.get(objective);
    return watched === undefined ? null : this.#readingOf(watched);
  }

  /** What a drift objective is compared with; null while there is nothing. */
  baselineOf(objective: string): FrozenBaseline | null {
    return this.#baselines.get(objective) ?? null;
  }

  /** Of every objective, each made when it is looked at: a tick makes none. */
  readings(): Said[] {
    return Array.from(this.#watched.values(), ({ objective }) => new Said(this, objective));
  }

  #readingOf(watched: Watched): Reading | null {
    const { objective, feed, takenAt } = watched;
    if (watched.readingAt === this.#ticks) return watched.reading;
    // What others say together. That nothing is made of itself was seen to when it was read.
    if (objective.composition !== undefined) {
      if (takenAt === this.#ticks) return null;
      const { minute } = this.#viewOf(watched);
      watched.reading = composedReading(objective, minute, (name) => this.readingOf(name));
    } else if (feed === null) return null;
    else
      watched.reading = (objective.drift === undefined ? readView : readDrift)(
        objective,
        this.#viewOf(watched),
        feed.counts(),
      );
    watched.readingAt = this.#ticks;
    return watched.reading;
  }

  /** How a watch stood behind the last tick, though the one that goes on moves its state. */
  #viewOf(watched: Watched): WatchView {
    if (watched.view !== null && watched.viewAt === this.#ticks) return watched.view;
    watched.view = viewOf(watched.state, this.#horizon, watched.view);
    watched.viewAt = this.#ticks;
    return watched.view;
  }

  episodesOf(objective: string): readonly Episode[] {
    return this.#episodes.get(objective) ?? [];
  }

  /** The last minute that may be judged now. */
  horizonAt(now: Millis): Minute {
    return Math.floor((now - this.#options.graceMs) / MINUTE_MS) - 1;
  }

  /** Takes up where the last one who judged ended, and forgets what this one knew; what is judged for the first time begins with the past that is stored. */
  async start(now: Millis, objectives = this.#options.objectives): Promise<void> {
    const { records, reader } = this.#options;
    this.#watched.clear();
    this.#curves.clear();
    this.#baselines.clear();
    this.#episodes = Map.groupBy(await readEpisodes(records), (episode) => episode.objective);
    const horizon = this.horizonAt(now);
    this.#horizon = horizon;
    this.#firstMinute = reader.extent(EVENT_CLOCK)?.first ?? null;
    const statements: Statement[] = [];
    const names = new Set(objectives.map(({ name }) => name));
    for (const name of this.#episodes.keys())
      if (!names.has(name)) statements.push(...this.#retire(name, REMOVED, now));
    statements.push(...(await this.#forgetOthers(names)));
    const breath = breather();
    for (const objective of objectives) {
      await breath();
      statements.push(...(await this.#take(objective, horizon, now)));
    }
    await this.#write(statements);
  }

  /** What is no longer in the configuration is new when it comes again: nobody wanted to know of the time between. */
  async #forgetOthers(names: ReadonlySet<string>): Promise<Statement[]> {
    const { records } = this.#options;
    const known = await records.selectFrom('objective_state').select('objective').execute();
    return known
      .filter(({ objective }) => !names.has(objective))
      .flatMap(({ objective }) => [
        statement(records.deleteFrom('checkpoint').where('objective', '=', objective)),
        statement(records.deleteFrom('objective_state').where('objective', '=', objective)),
      ]);
  }

  /** Objectives as they are from now on: the detectors of those that changed begin anew at the last judged minute. */
  async replace(objectives: readonly Objective[], now: Millis): Promise<void> {
    // What is made of others says until the next tick what they said together.
    for (const watched of this.#watched.values())
      if (watched.objective.composition !== undefined) this.#readingOf(watched);
    await this.#together(async () => {
      const statements: Statement[] = [];
      for (const objective of objectives) {
        const watched = this.#watched.get(objective.name);
        if (watched?.objective.fingerprint !== objective.fingerprint)
          statements.push(...(await this.#take(objective, this.#horizon, now)));
        else if (watched.objective.codes.join() !== objective.codes.join())
          this.#watched.set(objective.name, this.#renewed(watched, objective));
      }
      return statements;
    });
  }

  /** The objectives of another configuration: those that it does not change stand where they stood. */
  async configure(objectives: readonly Objective[], now: Millis): Promise<void> {
    for (const watched of this.#watched.values())
      if (watched.objective.composition !== undefined) this.#readingOf(watched);
    const names = new Set(objectives.map(({ name }) => name));
    await this.#together(async () => {
      const statements = await this.#forgetOthers(names);
      for (const name of this.#watched.keys()) {
        if (names.has(name)) continue;
        statements.push(...this.#retire(name, REMOVED, now));
        this.#watched.delete(name);
      }
      for (const objective of objectives) {
        const watched = this.#watched.get(objective.name);
        if (watched?.objective.fingerprint !== objective.fingerprint)
          statements.push(...(await this.#take(objective, this.#horizon, now)));
        else this.#watched.set(objective.name, this.#renewed(watched, objective));
      }
      this.#watched = new Map(objectives.map(({ name }) => [name, this.#watched.get(name)!]));
      return statements;
    });
  }

  /** Its detectors stand where they stood; what it is made from is read anew. */
  #renewed(watched: Watched, objective: Objective): Watched {
    const reading = this.#readingOf(watched);
    return { ...watched, objective, memory: null, reading, readingAt: this.#ticks, feed: null };
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
    const { records, book, listeners } = this.#options;
    const statements: Statement[] = [];
    const list = (this.#episodes.get(name) ?? []).map((episode) => {
      if (episode.resolved !== null) return episode;
      const ended = { ...episode, resolved: this.#horizon };
      statements.push(writeEpisode(records, ended));
      const written = book.abandon(ended, reason, now);
      if (written !== null) statements.push(...writeIncident(records, written, SYSTEM, listeners, now));
      return ended;
    });
    if (list.length > 0) this.#episodes.set(name, list);
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
      this.#watched.set(objective.name, {
        objective,
        since,
        checkpointMinute: checkpointMinute(objective.name),
        state,
        memory: null,
        waitsFor,
        feed: null,
        takenAt: this.#ticks,
        view: null,
        viewAt: NEVER,
        reading: null,
        readingAt: NEVER,
        place: -1,
      });
      if (waitsFor !== null) this.#mayWait = true;
    };
    if (known?.fingerprint === objective.fingerprint) {
      const { since } = known;
      watch(since, await this.#standing(objective, since, horizon));
      return [];
    }
    // What is judged otherwise begins now; what is new learns from the past, and so does what had nothing to judge until its
    // configuration was changed: what is counted from now on (a label whose name is right at last) may have been stored all the time.
    // What had nothing because nobody had rated yet is about the same minutes as before: what is said late of them is judged late.
    const hadNothing = known !== undefined && (await this.#hasSeenNothing(objective, known.fingerprint, horizon));
    const goesOn = hadNothing && configuredOf(known.fingerprint) === configuredOf(objective.fingerprint);
    const isNew = known === undefined || (hadNothing && !goesOn && known.since === EVERYTHING);
    const isRecounting = this.#options.reader.isRecounting();
    if (isNew && isRecounting) {
      watch(EVERYTHING, this.#startWatch(objective, horizon), 'past');
      return [];
    }
    const since = isNew ? EVERYTHING : goesOn ? known.since : horizon;
    const from = isNew ? this.#beginning(EVERYTHING, horizon) : horizon;
    const retired = this.#retire(objective.name, CHANGED, now);
    watch(since, this.#startWatch(objective, from), isRecounting ? 'estimate' : null);
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
    if (!this.#mayWait) return;
    const waiting = [...this.#watched.values()].filter(({ waitsFor }) => waitsFor !== null);
    this.#mayWait = waiting.length > 0;
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

  /** Whether there was nothing to judge until now. @param before  its fingerprint until now */
  async #hasSeenNothing(objective: Objective, before: string, horizon: Minute): Promise<boolean> {
    const { name, fingerprint } = objective;
    if (this.episodesOf(name).length > 0) return false;
    const watched = this.#watched.get(name);
    if (watched !== undefined) return watched.objective.judgedBy !== 'report' && watched.state.lastSeen < 0;
    const row = await this.#options.records
      .selectFrom('checkpoint')
      .select('state')
      .where('objective', '=', name)
      .orderBy('minute', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) return hasSeenNothing(row.state);
    // In its first hour nothing is kept of it: what counts the same as before has seen what is stored.
    if (countedOf(before) !== countedOf(fingerprint)) return true;
    const first = this.#beginning(EVERYTHING, horizon) + 1;
    return (
      first > horizon || detectorMinutes(new TickCache(this.#options.reader), objective, first, horizon).length === 0
    );
  }

  /** Runs a new objective over the stored past: breaches that are over become episodes without a record. */
  #learn(objective: Objective, after: Minute, horizon: Minute): Statement[] {
    if (after >= horizon) return [];
    const { records, reader } = this.#options;
    const cache = new TickCache(reader);
    const events = watchUntil(
      objective,
      this.#startWatch(objective, after),
      burnMemory(objective, [], after),
      detectorMinutes(cache, objective, after + 1, horizon),
      horizon,
      undefined,
      undefined,
      sliceMinutes(cache, objective, after + 1, horizon),
    );
    // One that had been in the configuration before may have records of some of them.
    const known = this.episodesOf(objective.name);
    const ended = compareEpisodes(objective.name, [], after, events).flatMap(({ type, episode }) => {
      if (type !== 'ended') return [];
      const told = known.find(({ detector, alarm }) => detector === episode.detector && alarm === episode.alarm);
      return [{ ...episode, incident: told?.incident ?? null }];
    });
    if (ended.length > 0 || known.length > 0) this.#episodes.set(objective.name, ended);
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
    this.#reading = horizon;
    const due = reader.due(horizon);
    // What nobody has judged yet is read anyway: what matters is what lies before.
    const marks = reader.marks(Math.min(horizon, this.#horizon));
    await refresh();
    await this.#stopWaiting(now);
    this.#options.findings.recent.forget();
    if (due !== null && (this.#firstMinute === null || due.first < this.#firstMinute)) this.#firstMinute = due.first;
    const marksOf = Map.groupBy(marks, (mark) => mark.service);
    const cache = new TickCache(reader);
    const forget = this.#options.book.remember();
    /** Of those that are judged the ones that something is to be done about: few. */
    const told: Judged[] = [];
    let judgedObjectives = 0;
    let replays = 0;
    let written: Written[];
    let writeMs = 0;
    try {
      // All that is to be known of an objective is asked here, and of those alone that it is about behind it: of thousands each is out of
      // the processor's cache again when the next loop comes to it.
      const breath = breather();
      for (const watched of this.#watched.values()) {
        await breath();
        if (watched.waitsFor === 'past') continue;
        const changed = earliestChange(watched, marksOf.get(watched.objective.counted) ?? NO_MARKS, cache);
        const state = changed === null ? watched.state : await this.#stateBefore(watched, changed);
        // Whoever asks during the tick is told what was so before it.
        this.#viewOf(watched);
        const one = this.#judge(watched, state, changed !== null, cache, horizon);
        if (one.isReplay) replays++;
        this.#noteBaselines(watched.objective, state);
        watched.place = judgedObjectives++;
        if (!this.#isUneventful(one)) told.push(one);
      }
      const followed = await this.#follow(told, marksOf, now);
      written = followed.written;
      const statements = [...followed.statements, ...this.#bookkeeping(told, due, horizon)];
      const beganWriting = performance.now();
      await this.#write(statements);
      writeMs = performance.now() - beganWriting;
      for (const [name, list] of followed.episodes) this.#episodes.set(name, list);
      for (const { watched, state, memory } of told) {
        watched.state = state;
        watched.memory = memory;
      }
      this.#horizon = horizon;
    } catch (error) {
      forget();
      this.#options.caretaker.forget();
      this.#options.problems.forget();
      await this.#fallBack();
      throw error;
    }
    this.#ticks++;
    this.#advance(cache, marksOf, horizon);
    return {
      horizon,
      judgedObjectives,
      replays,
      written,
      durationMs: performance.now() - began,
      settleMs,
      writeMs,
    };
  }

  /** Its detectors stand where they stood but for a minute: nothing happened, nothing is to be kept. */
  #isUneventful({ watched, state, memory, events, after, checkpoints }: Judged): boolean {
    return (
      state === watched.state &&
      memory === watched.memory &&
      events.length === 0 &&
      checkpoints.length === 0 &&
      after >= this.#horizon
    );
  }

  /** Windows move on with what has been judged; what is said of an objective follows when somebody asks. */
  #advance(cache: TickCache, marksOf: ReadonlyMap<Code, readonly Mark[]>, horizon: Minute): void {
    try {
      for (const watched of this.#watched.values()) {
        const { objective, waitsFor, feed } = watched;
        if (objective.composition !== undefined || waitsFor !== null) continue;
        if (feed === null) watched.feed = new EstimateFeed(objective, cache, horizon);
        else feed.advance(cache, horizon, marksOf.get(objective.counted) ?? NO_MARKS);
      }
    } catch (error) {
      // The marks are gone: what was not read is read anew by the next tick.
      for (const watched of this.#watched.values()) watched.feed = null;
      throw error;
    }
  }

  /** After a tick that failed: detectors stand where a restart would find them. */
  async #fallBack(): Promise<void> {
    for (const watched of this.#watched.values()) {
      this.#viewOf(watched);
      watched.memory = null;
      watched.state = await this.#standing(watched.objective, watched.since, this.#horizon);
    }
  }

  /** Detectors that have seen nothing, of an objective that knows how late its labels came before. */
  #startWatch(objective: Objective, before: Minute): WatchState {
    return startObjectiveWatch(objective, before, labelsBefore(this.#options.reader, objective, before));
  }

  /** Where the detectors of an objective stood last, as far as it is stored. */
  async #standing(objective: Objective, since: Minute, horizon: Minute): Promise<WatchState> {
    const checkpoint = await this.#checkpointBefore(objective, horizon + 1);
    return checkpoint ?? this.#startWatch(objective, this.#beginning(since, horizon));
  }

  /** @param state  as of the last minute that is not judged now */
  #judge(watched: Watched, state: WatchState, isReplay: boolean, cache: TickCache, horizon: Minute): Judged {
    const { objective } = watched;
    const after = state.through;
    const memory = this.#memory(watched, isReplay, cache, after);
    const counts = after >= horizon ? [] : detectorMinutes(cache, objective, after + 1, horizon);
    const slices = objective.sliced === undefined ? NO_SLICES : sliceMinutes(cache, objective, after + 1, horizon);
    // Of sixty ticks one takes a checkpoint.
    const isDue = isWithin(watched.checkpointMinute, after, horizon);
    const checkpoints: Checkpoint[] = isDue ? [] : NO_CHECKPOINTS;
    const take = isDue
      ? (minute: Minute): void => {
          if (isKept(minute, horizon))
            checkpoints.push({ minute, state: encodeWatchState({ ...state, through: minute }) });
        }
      : undefined;
    const events = watchUntil(objective, state, memory, counts, horizon, take, watched.checkpointMinute, slices);
    return { watched, state, memory, events, after, checkpoints, isReplay };
  }

  #memory(
    { objective, memory, since }: Watched,
    isReplay: boolean,
    cache: TickCache,
    after: Minute,
  ): EventStream | null {
    if (memory !== null && !isReplay) return memory;
    return burnMemoryAt(cache, objective, since, after);
  }

  /** The newest state that knows nothing of the changed minute, or the beginning. */
  async #stateBefore({ objective, since }: Watched, changed: Minute): Promise<WatchState> {
    const checkpoint = await this.#checkpointBefore(objective, changed);
    const first = Math.min(changed, this.#firstMinute ?? changed) - 1;
    return checkpoint ?? this.#startWatch(objective, Math.max(since, first));
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

  /** Lets the incidents follow what the detectors found, in event order. @param told  those that anything happened to */
  async #follow(
    told: readonly Judged[],
    marksOf: ReadonlyMap<Code, readonly Mark[]>,
    now: Millis,
  ): Promise<{ statements: Statement[]; written: Written[]; episodes: Map<string, Episode[]> }> {
    const { records, book, caretaker, listeners } = this.#options;
    const statements: Statement[] = [];
    const found: Written[] = [];
    /** Those that differ from what was known. */
    const changed = new Map<string, Episode[]>();
    const episodesOf = (name: string): readonly Episode[] => changed.get(name) ?? this.episodesOf(name);
    const note = (one: Written | null): void => {
      if (one !== null) found.push(one);
    };
    /** What comes and goes is over when it has stayed away: looked at before anything else happens. */
    const settle = (minute: Minute): void => {
      const opensOf = (name: string): number => opensUntil(recordedIn(episodesOf(name)), minute);
      found.push(...book.settleFlapping(opensOf, now));
    };
    for (const one of this.#suspects(marksOf, now)) note(one);
    const changes = told
      // Nothing happened, and nothing was judged again that something had happened in: late data, or what a checkpoint did not know.
      .filter(({ events, after }) => events.length > 0 || after < this.#horizon)
      .flatMap(({ watched: { objective }, events, after }) =>
        compareEpisodes(objective.name, episodesOf(objective.name), after, events).map((change) => ({
          change,
          objective: objective.name,
        })),
      );
    for (const { change, objective } of inEventOrder(changes)) {
      settle(change.minute);
      const list = episodesOf(objective);
      const { episode, written } = await follow(
        this.#followers,
        this.#watched.get(objective)!.objective,
        list,
        change,
        now,
      );
      found.push(...written);
      changed.set(objective, this.#place(list, change, episode, statements));
    }
    const silent = new Map<string, boolean>();
    for (const { watched, state } of this.#broken(changed, told)) {
      const isSilent = state.through - state.lastSeen >= SILENT_MINUTES;
      for (const episode of episodesOf(watched.objective.name)) {
        if (episode.resolved !== null || episode.incident === null) continue;
        silent.set(episode.incident, isSilent && (silent.get(episode.incident) ?? true));
        note(book.reopenStillBroken(episode.incident, now));
        note(await this.#explain(watched.objective, episode, state.through, now));
      }
    }
    // Of several broken promises one that is still heard of is enough.
    for (const [incident, isSilent] of silent) note(book.flag(incident, 'stale', isSilent, now));
    settle(this.#reading);
    for (const one of book.closeOld(now)) note(one);
    const sources = await this.#options.suppression(now);
    foresee(found, book, sources, now);
    const cared = caredFor(found, book, (one) => caretaker.opened(one, now));
    const tended = await caretaker.tend(book.incidents, now);
    for (const { incident } of tended) book.put(incident);
    const alike = await this.#options.problems.follow([...cared, ...tended], book, now);
    statements.push(...alike.statements);
    const kept = hushed(alike.written, book, sources, now);
    const { written, statements: takenBack } = await recalled(kept, { records, book, listeners }, now);
    statements.push(...takenBack);
    for (const one of written) statements.push(...writeIncident(records, one, SYSTEM, listeners, now));
    return { statements, written, episodes: changed };
  }

  /** Those judged of which a breach is not over, in their order. @param changed  of these other episodes than are known */
  #broken(
    changed: ReadonlyMap<string, readonly Episode[]>,
    told: readonly Judged[],
  ): Pick<Judged, 'watched' | 'state'>[] {
    const broken = new Set<Watched>();
    for (const episodes of [this.#episodes, changed])
      for (const [name, list] of episodes) {
        const watched = list.some(({ resolved }) => resolved === null) ? this.#watched.get(name) : undefined;
        if (watched !== undefined && watched.waitsFor !== 'past') broken.add(watched);
      }
    const states = new Map(told.map(({ watched, state }) => [watched, state]));
    return Array.from(broken)
      .sort((a, b) => a.place - b.place)
      .map((watched) => ({ watched, state: states.get(watched) ?? watched.state }));
  }

  /** Incidents that may be serious ones by what people have flagged since the last tick: known before anything resolves by itself. */
  *#suspects(marksOf: ReadonlyMap<Code, readonly Mark[]>, now: Millis): Generator<Written> {
    const { book, reader } = this.#options;
    const through = this.#reading;
    for (const [name, episodes] of this.#episodes) {
      const counted = this.#watched.get(name)?.objective.counted;
      if (counted === undefined) continue;
      for (const { incident, onset, resolved } of episodes) {
        const known = incident === null ? undefined : book.byId(incident);
        if (known === undefined || resolved !== null || !isOpen(known) || !isUnsuspected(known)) continue;
        // Few incidents have flags, and fewer have new ones: the time since the onset is read for those alone.
        const isNews =
          marksOf.get(counted)?.some(isOfLabels) === true ||
          isFlagged(flagsBetween(reader, counted, Math.max(onset, this.#horizon + 1), through));
        const one = isNews ? book.suspect(known.id, flagsBetween(reader, counted, onset, through), now) : null;
        if (one !== null) yield one;
      }
    }
  }

  #noteBaselines({ name }: Objective, state: WatchState): void {
    if (state.labels !== null) this.#curves.set(name, curveOf(state));
    if (state.drift !== null && state.drift.frozen !== null) this.#baselines.set(name, state.drift.frozen);
  }

  /** With more minutes the guilty slice may show that did not at the alarm. */
  async #explain(objective: Objective, episode: Episode, through: Minute, now: Millis): Promise<Written | null> {
    const { book, findings } = this.#options;
    const incident = book.byId(episode.incident!);
    const isWanted =
      incident !== undefined && isOpen(incident) && incident.slices.length === 0 && objective.drift === undefined;
    if (!isWanted || through <= episode.alarm || through - episode.alarm > EXPLAIN_MINUTES) return null;
    const seen = { ...episode, alarm: through };
    const late = this.#latenessOf(objective);
    if (guiltyOf(findings, objective, happened(findings, objective, seen), late).length === 0) return null;
    return book.explain(incident.id, await findingsOf(findings, objective, seen, late), now);
  }

  /** How late the labels of an objective come; null where none are counted, or while it is not known. */
  #latenessOf({ name }: Objective): Lateness | null {
    const curve = this.#curves.get(name) ?? null;
    return curve === null ? null : { curve, known: this.#reading };
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

  #bookkeeping(told: readonly Judged[], due: Due | null, horizon: Minute): Statement[] {
    const statements: Statement[] = [];
    for (const { watched, after, checkpoints } of told) {
      if (checkpoints.length === 0) continue;
      const { name } = watched.objective;
      for (const { minute, state } of checkpoints) statements.push(writeCheckpoint(name, minute, state));
      statements.push(dropCheckpoints(name, after, horizon));
    }
    if (due !== null) statements.push(...(this.#options.beside?.(horizon) ?? []), due.judged);
    return statements;
  }

  async #write(statements: readonly Statement[]): Promise<void> {
    if (statements.length === 0) return;
    await this.#options.write(statements);
  }
}

const recordedIn = (episodes: readonly Episode[]): Episode[] => episodes.filter(({ incident }) => incident !== null);
const isOfLabels = ({ clock }: Mark): boolean => clock === LABEL_CLOCK;

const NO_MARKS: readonly Mark[] = [];
const NO_SLICES: readonly SliceMinute[] = [];
const NO_CHECKPOINTS: Checkpoint[] = [];

/** Whether that minute of an hour lies behind one minute and not behind another. */
const isWithin = (minuteOfHour: number, after: Minute, until: Minute): boolean =>
  until - after >= 60 || (minuteOfHour - after - 1 + 60 * Math.ceil((after + 1) / 60)) % 60 < until - after;

/** The first minute of those that an objective's detectors have seen which is another now; null when there is none. */
function earliestChange(watched: Watched, marks: readonly Mark[], cache: TickCache): Minute | null {
  const { objective, state, since } = watched;
  if ((marks.length === 0 && objective.drift === undefined) || objective.judgedBy === 'report') return null;
  const detectorClock = detectorClockOf(objective);
  let earliest = renewedBehind(watched, cache);
  for (const { clock, minute } of marks) {
    const seen = seenAt(objective, minute);
    if (clock === detectorClock && seen <= state.through && seen > since) earliest = Math.min(earliest ?? seen, seen);
  }
  return earliest;
}

/** The minute of a change that was approved only after its time had been judged: from there on the baseline is another one; null when there is none. */
function renewedBehind({ objective, state, since }: Watched, cache: TickCache): Minute | null {
  if (objective.drift === undefined) return null;
  const { renewed, renewals } = state.drift!;
  const known = cache.renewals(objective).filter((minute) => minute <= state.lastSeen);
  if (known.length === renewals) return null;
  const later = known.filter((minute) => minute > renewed);
  // Which of the earlier ones are new is not known: from the first of them on.
  const changed = known.length - renewals === later.length ? later : known;
  return changed.find((minute) => minute > since) ?? null;
}
