import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PlanData } from '../../catalog/plan-book.ts';
import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import { type Code, Dictionary } from '../../model/dictionary.ts';
import { ERROR_CLASSES, errorClassOf, finishClassOf } from '../../model/error-class.ts';
import type { TraceId } from '../../model/ids.ts';
import type { Call, Interaction } from '../../model/interaction.ts';
import { parseCountedKey } from '../../model/names.ts';
import type { Span } from '../../model/span.ts';
import { RECORD_HEADER_BYTES, readSpanBody, writeSpanBody } from '../../model/span-record.ts';
import { type Millis, type Minute, minuteOf, minuteOfTenths, type Tenths } from '../../model/time.ts';
import { type Clock, EVENT_CLOCK, LABEL_CLOCK, TallyBook } from '../../tally/book.ts';
import {
  foldCall,
  foldInteraction,
  foldRatingByEvent,
  foldRatingByLabel,
  labelMinute,
  type Sign,
} from '../../tally/fold.ts';
import { type ServicePlan, SliceValues } from '../../tally/plan.ts';
import type { RatingOutcome, Statement, WriteItem, WriteResult } from '../items.ts';
import { interactionOf } from '../join.ts';
import { type Judged, writeJudged } from '../judged.ts';
import { planOf } from '../plans.ts';
import type { NewRating, StoredRating } from '../rating.ts';
import { regroup, storedInteractions } from '../regroup.ts';
import { Dependencies } from './dependencies.ts';
import { hashId, Pointers } from './pointers.ts';
import { RatingTable } from './ratings.ts';
import { DuplicateRows, type SpanRow, SpanTable, type StoredSpan } from './spans.ts';
import { TallyTable } from './tallies.ts';

/** Domains of pointers. */
const OF_TRACE = 0;
const OF_RESPONSE = 1;
const OF_CONVERSATION = 2;

/** How long a rating waits for its interaction, ms. */
const WAIT_MS = 7 * 86_400_000;
/** How long links are kept: as long as a trace may still be regrouped. */
const LINKS_KEPT_TENTHS = 2 * 36_000;
/** More links than this are dropped, oldest first. */
const LINKS_MAX = 1_000_000;
/** So many minutes of rows are dropped at a settlement at most. */
const DROP_MINUTES = 10;
/** Clock of the marks for minutes of links. */
const LINK_MARK = 2;

interface FreshSpan {
  readonly span: Span;
  readonly body: Uint8Array;
  readonly item: number;
}

interface TraceWork {
  fresh: FreshSpan[];
  known: StoredSpan[];
}

/** How long rows and tallies are kept, ms. */
export interface Retention {
  readonly interactionsMs: Millis;
  readonly minutesMs: Millis;
  readonly hoursMs: Millis;
}

/** What the writer can be asked about itself. */
export interface LedgerStatus {
  readonly rowsSinceSettlement: number;
  readonly ratingsWaiting: number;
  readonly links: number;
  readonly linksDropped: number;
  readonly pointersForgotten: number;
}

/**
 * The one writer of the embedded store: what comes in is de-duplicated, joined, judged, stored and tallied in one
 * transaction. Tallies are collected in memory and added to the stored ones by `settle`; the minutes they touch are marked
 * in the transaction of the rows, so that they are folded again after a crash. Time is passed in.
 */
export class Ledger {
  readonly #db: DatabaseSync;
  readonly #spans: SpanTable;
  readonly #links: SpanTable;
  readonly #ratings: RatingTable;
  readonly #tallies: TallyTable;
  readonly #dependencies: Dependencies;
  #pointers: Pointers;
  readonly #dictionary: Dictionary;
  #textsStored: number;
  readonly #planData = new Map<Code, PlanData>();
  /** Plans whose fingerprints are not stored yet. */
  #freshPlans: PlanData[] = [];
  #plans = new Map<Code, ServicePlan>();
  #sliceValues = new Map<string, SliceValues>();
  #book = new TallyBook();
  #marked = new Set<number>();
  #waiting = new Map<string, Set<number>>();
  /** Conversations that ratings name and nothing else: each new interaction of one may be the one they are about. */
  #ratedConversations = new Set<string>();
  #errorClass: number[] = [];
  #rowsSinceSettlement = 0;
  #settlement = 0;
  #linkCount = 0;
  #linksDropped = 0;
  /** New slice values of the running transaction, with the minute they were first seen in. */
  #freshSlices: { service: Code; dimension: Code; value: Code; minute: Minute }[] = [];
  /** The minute that a value now seen first would be of. */
  #foldingMinute: Minute = 0;

  readonly #begin: StatementSync;
  readonly #commitStatement: StatementSync;
  readonly #rollback: StatementSync;
  readonly #insertText: StatementSync;
  readonly #insertSlice: StatementSync;
  readonly #mark: StatementSync;
  readonly #unjudged: StatementSync;
  readonly #prepared = new Map<string, StatementSync>();

  readonly #retention: Retention;

  constructor(db: DatabaseSync, retention: Retention) {
    this.#db = db;
    this.#retention = retention;
    this.#spans = new SpanTable(db, 'span');
    this.#links = new SpanTable(db, 'link');
    this.#ratings = new RatingTable(db);
    this.#tallies = new TallyTable(db);
    this.#dependencies = new Dependencies(db);
    this.#pointers = new Pointers(db);
    this.#begin = db.prepare('begin immediate');
    this.#commitStatement = db.prepare('commit');
    this.#rollback = db.prepare('rollback');
    this.#insertText = db.prepare('insert or ignore into dictionary values (?, ?)');
    this.#insertSlice = db.prepare('insert or ignore into slice_value values (?, ?, ?, ?, ?)');
    this.#mark = db.prepare('insert or ignore into unsettled values (?, ?)');
    this.#unjudged = db.prepare('insert or replace into unjudged values (?, ?, ?, ?)');
    this.#dictionary = new Dictionary(this.texts);
    this.#textsStored = this.texts.length;
  }

  /** The dictionary as stored: what codes are given on from. */
  get texts(): string[] {
    return (this.#db.prepare('select text from dictionary order by code').all() as { text: string }[]).map(
      (row) => row.text,
    );
  }

  get status(): LedgerStatus {
    let ratingsWaiting = 0;
    for (const ids of this.#waiting.values()) ratingsWaiting += ids.size;
    return {
      rowsSinceSettlement: this.#rowsSinceSettlement,
      ratingsWaiting,
      links: this.#linkCount,
      linksDropped: this.#linksDropped,
      pointersForgotten: this.#pointers.forgotten,
    };
  }

  /** Makes memory what the store says, folding again what was not settled when the last process ended. Plans must be known. */
  recover(now: Millis): { minutesFolded: number } {
    this.#pointers = new Pointers(this.#db);
    this.#pointers.load(Math.floor(now / 100));
    this.#book.clear();
    this.#marked.clear();
    this.#waiting.clear();
    this.#sliceValues.clear();
    this.#dependencies.load();
    this.setPlans([...this.#planData.values()]);
    this.#linkCount = (this.#db.prepare('select count(*) as n from link').get() as { n: number }).n;
    this.#settlement = (
      this.#db.prepare('select coalesce(max(settlement), 0) as n from unjudged').get() as { n: number }
    ).n;
    for (const rating of this.#ratings.waitingSince(now - WAIT_MS)) this.#wait(rating);
    this.#ratedConversations = new Set(this.#ratings.conversationsSince(now - WAIT_MS));
    const marks = this.#db.prepare('select clock, minute from unsettled order by minute').all() as {
      clock: number;
      minute: Minute;
    }[];
    this.#begin.run();
    try {
      for (const { clock, minute } of marks) {
        this.#pointAt(clock === LINK_MARK ? this.#links : this.#spans, minute);
        if (clock !== LINK_MARK) this.#repair(clock as Clock, minute);
      }
      this.#pointers.settle();
      this.#db.exec('delete from unsettled');
      this.#markChangedPlans();
      this.#storeFreshSlices();
      this.#commitStatement.run();
    } catch (error) {
      this.#undo();
      throw error;
    }
    this.#rowsSinceSettlement = 0;
    return { minutesFolded: marks.length };
  }

  /**
   * One group, one transaction, durable when it returns. Results are in the order of the items.
   * @throws what the database throws: then nothing of the group is stored, and memory has been read back from the store
   */
  commit(items: readonly WriteItem[], now: Millis): WriteResult[] {
    try {
      return this.#attempt(items, now, false);
    } catch (error) {
      if (error instanceof DuplicateRows) return this.#attempt(items, now, true);
      throw error;
    }
  }

  /** @param careful  look every span up by its key: what pointers no longer know is found as a duplicate */
  #attempt(items: readonly WriteItem[], now: Millis, careful: boolean): WriteResult[] {
    this.#begin.run();
    let memoryTouched = false;
    try {
      for (const item of items) {
        if (item.type === 'dictionary') this.#dictionary.absorb(item.first, item.texts);
        else if (item.type === 'plans') this.setPlans(item.plans);
      }
      this.#storeTexts();
      const duplicates = new Array<number>(items.length).fill(0);
      const stored = new Array<number>(items.length).fill(0);
      const works = this.#gather(items, careful, duplicates, stored);
      const judged = this.#judge(works, now);
      memoryTouched = true;
      this.#count(judged);
      const results = items.map((item, i): WriteResult => {
        switch (item.type) {
          case 'spans':
            return { type: 'spans', stored: stored[i]!, duplicates: duplicates[i]! };
          case 'ratings':
            return { type: 'ratings', outcomes: item.ratings.map((rating) => this.#rate(rating, now)) };
          case 'statements':
            return this.#execute(item.statements);
          default:
            return { type: 'done' };
        }
      });
      this.#storeFreshSlices();
      this.#commitStatement.run();
      this.#textsStored = this.#dictionary.size;
      return results;
    } catch (error) {
      this.#undo();
      if (memoryTouched) this.recover(now);
      throw error;
    }
  }

  /** A failed commit may have ended the transaction already. */
  #undo(): void {
    if (this.#db.isTransaction) this.#rollback.run();
    this.#freshSlices = [];
  }

  // ---- spans

  /** New spans by trace, with what is stored of it; what is known already is counted and left out. */
  #gather(
    items: readonly WriteItem[],
    careful: boolean,
    duplicates: number[],
    stored: number[],
  ): Map<TraceId, TraceWork> {
    const works = new Map<TraceId, TraceWork>();
    for (const [index, item] of items.entries()) {
      if (item.type !== 'spans') continue;
      const bytes = Buffer.from(item.records);
      for (let at = 0; at < bytes.length; ) {
        const body = at + RECORD_HEADER_BYTES;
        const end = body + bytes.readUInt32LE(at);
        const traceId = bytes.toString('latin1', at + 4, at + 20);
        const key = {
          traceId,
          spanId: bytes.toString('latin1', at + 20, at + 28),
          endTenths: bytes.readDoubleLE(at + 28),
        };
        const span = readSpanBody(new ByteReader(bytes, body, end), key);
        let work = works.get(traceId);
        if (work === undefined) {
          work = { fresh: [], known: [] };
          works.set(traceId, work);
        }
        work.fresh.push({ span, body: bytes.subarray(body, end), item: index });
        at = end;
      }
    }
    for (const [traceId, work] of works) {
      const places = this.#pointers.findRecent(hashId(traceId, OF_TRACE));
      if (careful) for (const { span } of work.fresh) if (!places.includes(span.endTenths)) places.push(span.endTenths);
      if (places.length > 0) work.known = this.#load(traceId, places);
      work.fresh = withoutKnown(work, duplicates);
      for (const { item } of work.fresh) stored[item]!++;
    }
    return works;
  }

  /** Where the rows of a trace may be, however old. */
  places(traceId: TraceId): Tenths[] {
    return this.#pointers.findAny(hashId(traceId, OF_TRACE));
  }

  /** All rows of a trace, one of each span id: the first that was stored. */
  #load(traceId: TraceId, places: readonly Tenths[]): StoredSpan[] {
    const known = new Map<string, StoredSpan>();
    for (const end of places)
      for (const table of [this.#spans, this.#links])
        for (const row of table.ofTrace(end, traceId)) if (!known.has(row.span.spanId)) known.set(row.span.spanId, row);
    return [...known.values()];
  }

  /** Judges each trace, writes its rows; returns what has to be taken back and what has to be added. */
  #judge(works: ReadonlyMap<TraceId, TraceWork>, now: Millis): TraceChange[] {
    const out = new ByteWriter(1 << 16);
    const commitMinute = minuteOf(now);
    const changes: TraceChange[] = [];
    const rows: { span: Span; start: number; end: number }[] = [];
    const updates: { span: Span; start: number; end: number }[] = [];
    const write = (
      list: typeof rows,
      span: Span,
      body: Uint8Array | null,
      judged: Judged,
      commitDelay: number,
    ): void => {
      const start = out.at;
      if (body !== null) out.bytes(body);
      else writeSpanBody(out, span);
      if (span.kind !== 'none') {
        writeJudged(out, span, judged);
        out.signedVarint(commitDelay);
      }
      list.push({ span, start, end: out.at });
    };
    for (const [traceId, work] of works) {
      if (work.fresh.length === 0) continue;
      const spans = work.fresh.map((one) => one.span);
      const result = regroup(work.known, spans, this.#exchangeOf);
      for (const [i, { span, body }] of work.fresh.entries())
        write(rows, span, body, result.fresh[i]!, commitMinute - minuteOfTenths(span.endTenths));
      for (const { span, after, commitDelay } of result.changed) write(updates, span, null, after, commitDelay);
      changes.push({ traceId, known: work.known, freshSpans: spans, result });
    }
    const bytes = out.buffer;
    const rowOf = ({ span, start, end }: (typeof rows)[number]): SpanRow => ({
      end: span.endTenths,
      trace: Buffer.from(span.traceId, 'latin1'),
      span: Buffer.from(span.spanId, 'latin1'),
      data: bytes.subarray(start, end),
    });
    const inKeyOrder = (a: { span: Span }, b: { span: Span }): number =>
      a.span.endTenths - b.span.endTenths ||
      (a.span.traceId < b.span.traceId ? -1 : a.span.traceId > b.span.traceId ? 1 : 0);
    rows.sort(inKeyOrder);
    this.#spans.insert(rows.filter(({ span }) => span.kind !== 'none').map(rowOf));
    this.#links.insert(rows.filter(({ span }) => span.kind === 'none').map(rowOf));
    for (const row of updates) this.#spans.update(rowOf(row));
    return changes;
  }

  /** Counts what was judged: in memory, with marks in the store for the minutes it touches. */
  #count(changes: readonly TraceChange[]): void {
    const conversations = new Set<string>();
    for (const change of changes) {
      const { result } = change;
      for (const { before, after } of result.changed) {
        this.#contribute(before, -1);
        this.#contribute(after, 1);
      }
      for (const judged of result.fresh) this.#contribute(judged, 1);
      for (const span of change.freshSpans) this.#pointTo(span);
      for (const { conversationId, endTenths } of result.interactions)
        if (conversationId !== '') this.#pointers.add(hashId(conversationId, OF_CONVERSATION), endTenths);
      const before = storedInteractions(change.known).interactions;
      this.#rejoin(change, before);
      if (this.#ratedConversations.size > 0)
        for (const { conversationId } of [...before, ...result.interactions])
          if (this.#ratedConversations.has(conversationId)) conversations.add(conversationId);
      this.#rowsSinceSettlement += change.freshSpans.length;
    }
    for (const conversation of conversations) this.#rejoinConversation(conversation);
  }

  #pointTo(span: Span): void {
    this.#pointers.add(hashId(span.traceId, OF_TRACE), span.endTenths);
    if (span.responseRef !== '') this.#pointers.add(hashId(span.responseRef, OF_RESPONSE), span.endTenths);
    if (span.kind === 'none') this.#linkCount++;
    this.#touch(span.kind === 'none' ? LINK_MARK : EVENT_CLOCK, minuteOfTenths(span.endTenths));
  }

  #contribute(judged: Judged, sign: Sign): void {
    if (judged.interaction !== null) this.#countInteraction(this.#book, judged.interaction, sign);
    if (judged.call !== null) this.#countCall(this.#book, judged.call, sign);
  }

  #countInteraction(book: TallyBook, interaction: Interaction, sign: Sign): void {
    this.#touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
    this.#foldingMinute = minuteOfTenths(interaction.endTenths);
    foldInteraction(book, this.#planOf(interaction.service), this.#errorClassIndex, interaction, sign);
  }

  #countCall(book: TallyBook, call: Call, sign: Sign): void {
    this.#touch(EVENT_CLOCK, minuteOfTenths(call.endTenths));
    foldCall(book, this.#planOf(call.service), this.#errorClassIndex, this.#dependencies.codeOf, call, sign);
  }

  // ---- ratings

  /** A trace has changed: ratings joined to it follow their interactions, and those that waited for it are joined. */
  #rejoin(change: TraceChange, before: readonly Interaction[]): void {
    const { traceId } = change;
    if (before.length > 0)
      for (const rating of this.#ratings.ofTrace(traceId)) {
        if (!rating.active) continue;
        const owner = rating.owner!;
        const old = before.find((one) => one.anchorSpanId === owner.span) ?? this.#interactionAt(owner);
        if (old !== null) this.#countRating(rating, old, -1);
        this.#join(rating, this.#interactionOf(rating, change));
      }
    if (this.#waiting.size === 0) return;
    this.#joinWaiting(`t${traceId}`, change);
    for (const span of change.freshSpans)
      if (span.responseRef !== '') this.#joinWaiting(`r${span.responseRef}`, change);
  }

  /** Of a conversation the latest interaction before the rating is meant: a new one may be that. */
  #rejoinConversation(conversation: string): void {
    for (const rating of this.#ratings.ofConversation(conversation)) {
      const found = this.#find(rating);
      const { owner } = rating;
      if (found !== null && owner !== null && found.traceId === owner.trace && found.anchorSpanId === owner.span)
        continue;
      const old = owner === null ? null : this.#interactionAt(owner);
      if (old !== null) this.#countRating(rating, old, -1);
      this.#waiting.get(waitingKey(rating))?.delete(rating.id);
      this.#join(rating, found);
    }
  }

  #joinWaiting(key: string, change: TraceChange): void {
    const ids = this.#waiting.get(key);
    if (ids === undefined) return;
    this.#waiting.delete(key);
    for (const id of ids) {
      const rating = this.#ratings.byId(id);
      if (rating?.active) this.#join(rating, this.#interactionOf(rating, change));
    }
  }

  /** The interaction of a changed trace that a rating is about. */
  #interactionOf({ target }: StoredRating, { known, freshSpans, result }: TraceChange): Interaction | null {
    const { interactions, leadOf } = result;
    if (target.trace !== '') return interactionOf(target, interactions, leadOf, this.#serviceNameOf);
    if (target.response !== '') {
      const has = (span: Span): boolean => span.responseRef === target.response;
      const span = known.find((stored) => has(stored.span))?.span ?? freshSpans.find(has);
      return span === undefined
        ? null
        : interactionOf({ ...target, span: span.spanId }, interactions, leadOf, this.#serviceNameOf);
    }
    const ofConversation = interactions.filter((one) => one.conversationId === target.conversation);
    return interactionOf(target, ofConversation, leadOf, this.#serviceNameOf);
  }

  /** Counts a rating with its interaction and remembers whose it is; without one it waits. */
  #join(rating: StoredRating, interaction: Interaction | null): void {
    if (interaction === null) {
      if (rating.owner !== null) this.#ratings.release(rating.id);
      this.#wait(rating);
      return;
    }
    this.#countRating(rating, interaction, 1);
    const owner = { end: interaction.endTenths, trace: interaction.traceId, span: interaction.anchorSpanId };
    this.#ratings.join(rating.id, owner, minuteOfTenths(interaction.endTenths), labelMinute(interaction, rating.at));
  }

  #countRating(rating: StoredRating, interaction: Interaction, sign: Sign): void {
    const plan = this.#planOf(interaction.service);
    this.#touch(EVENT_CLOCK, minuteOfTenths(interaction.endTenths));
    this.#touch(LABEL_CLOCK, labelMinute(interaction, rating.at));
    foldRatingByEvent(this.#book, plan, interaction, rating.rating, sign);
    foldRatingByLabel(this.#book, plan, interaction, rating.rating, rating.at, sign);
  }

  #wait(rating: StoredRating): void {
    const key = waitingKey(rating);
    const ids = this.#waiting.get(key);
    if (ids === undefined) this.#waiting.set(key, new Set([rating.id]));
    else ids.add(rating.id);
  }

  #rate(rating: NewRating, now: Millis): RatingOutcome {
    const current = this.#ratings.activeOf(rating.identity);
    if (current !== null && sameValue(current, rating)) return 'duplicate';
    const commitMinute = minuteOf(now);
    if (current !== null && rating.at < current.at) {
      this.#ratings.insert(rating, false, commitMinute);
      return 'accepted';
    }
    if (current !== null) this.#takeBack(current);
    const stored = this.#ratings.insert(rating, true, commitMinute);
    if (namesConversation(stored)) this.#ratedConversations.add(stored.target.conversation);
    const found = this.#find(stored);
    this.#join(stored, found);
    this.#rowsSinceSettlement++;
    return found === null ? 'pending' : 'accepted';
  }

  #takeBack(rating: StoredRating): void {
    if (rating.owner !== null) {
      const interaction = this.#interactionAt(rating.owner);
      if (interaction !== null) this.#countRating(rating, interaction, -1);
    }
    this.#ratings.retire(rating.id);
  }

  #interactionAt(owner: { end: Tenths; trace: TraceId; span: string }): Interaction | null {
    const row = this.#spans.ofTrace(owner.end, owner.trace).find((one) => one.span.spanId === owner.span);
    return row?.judged.interaction ?? null;
  }

  /** The stored interaction a rating is about, however old. */
  #find(rating: StoredRating): Interaction | null {
    const { target } = rating;
    if (target.trace !== '') return this.#findInTrace(rating, target.trace);
    if (target.response !== '') {
      for (const end of this.#pointers.findAny(hashId(target.response, OF_RESPONSE)))
        for (const { span } of this.#spans.between(end, end + 1))
          if (span.responseRef === target.response)
            return this.#findInTrace({ ...rating, target: { ...target, span: span.spanId } }, span.traceId);
      return null;
    }
    let latest: Interaction | null = null;
    for (const end of this.#pointers.findAny(hashId(target.conversation, OF_CONVERSATION)))
      for (const { judged } of this.#spans.between(end, end + 1)) {
        const one = judged.interaction;
        if (one === null || one.conversationId !== target.conversation || one.endTenths * 100 > rating.at) continue;
        if (target.service !== '' && this.#serviceNameOf(one) !== target.service) continue;
        if (latest === null || endedLater(one, latest)) latest = one;
      }
    return latest;
  }

  #findInTrace(rating: StoredRating, traceId: TraceId): Interaction | null {
    const places = this.places(traceId);
    if (places.length === 0) return null;
    const { interactions, leadOf } = storedInteractions(this.#load(traceId, places));
    return interactionOf(rating.target, interactions, leadOf, this.#serviceNameOf);
  }

  // ---- records of others

  #execute(statements: readonly Statement[]): WriteResult {
    this.#db.exec('savepoint item');
    try {
      const changes = statements.map(({ sql, parameters }) => {
        let statement = this.#prepared.get(sql);
        if (statement === undefined) {
          statement = this.#db.prepare(sql);
          this.#prepared.set(sql, statement);
        }
        return Number(statement.run(...parameters).changes);
      });
      this.#db.exec('release item');
      return { type: 'statements', changes };
    } catch (error) {
      this.#db.exec('rollback to item');
      this.#db.exec('release item');
      return { type: 'failed', message: (error as Error).message };
    }
  }

  // ---- settling, repairing, verifying

  /** Adds the tallies in memory to the stored ones, in one transaction, and says which minutes are to be judged again. */
  settle(now: Millis): void {
    this.#begin.run();
    try {
      this.#settlement++;
      this.#tallies.addAll(this.#book);
      for (let row = 0; row < this.#book.rows; row++) {
        const key = this.#book.keyOf(row);
        if (key.dimension === 0 && this.#book.tallyOf(row).size > 0)
          this.#unjudged.run(key.clock, key.minute, key.service, this.#settlement);
      }
      this.#pointers.settle();
      this.#db.exec('delete from unsettled');
      this.#dropLinks(now);
      this.#dropOld(now);
      for (const data of this.#freshPlans) this.#set(`plan ${data.resource}`, JSON.stringify(data));
      this.#commitStatement.run();
      this.#freshPlans = [];
    } catch (error) {
      this.#undo();
      this.recover(now);
      throw error;
    }
    this.#book.clear();
    this.#marked.clear();
    this.#rowsSinceSettlement = 0;
  }

  #dropLinks(now: Millis): void {
    const cutoff = Math.floor(now / 100) - LINKS_KEPT_TENTHS;
    this.#linkCount -= Number(this.#db.prepare('delete from link where end < ?').run(cutoff).changes);
    if (this.#linkCount <= LINKS_MAX) return;
    const excess = Number(
      this.#db
        .prepare('delete from link where end <= (select end from link order by end limit 1 offset ?)')
        .run(this.#linkCount - LINKS_MAX + LINKS_MAX / 10).changes,
    );
    this.#linkCount -= excess;
    this.#linksDropped += excess;
  }

  /** Rows and tallies past their retention, a little at a time: by ranges of their keys, never row by row. */
  #dropOld(now: Millis): void {
    const { interactionsMs, minutesMs, hoursMs } = this.#retention;
    const oldest = (this.#db.prepare('select min(end) as end from span').get() as { end: Tenths | null }).end;
    const cutoff = minuteOf(now - interactionsMs);
    if (oldest !== null && minuteOfTenths(oldest) < cutoff) {
      const until = Math.min(cutoff, minuteOfTenths(oldest) + DROP_MINUTES);
      this.#set('raw since', String(until));
      this.#db.prepare('delete from span where end < ?').run(until * 600);
      this.#db.prepare('delete from rating where event_minute < ?').run(until);
    }
    for (const clock of [EVENT_CLOCK, LABEL_CLOCK]) {
      this.#db.prepare('delete from tally where clock = ? and minute < ?').run(clock, minuteOf(now - minutesMs));
      this.#db
        .prepare('delete from tally_hour where clock = ? and hour < ?')
        .run(clock, Math.floor(minuteOf(now - hoursMs) / 60));
    }
  }

  #setting(name: string): string | null {
    const row = this.#db.prepare('select value from setting where name = ?').get(name) as { value: string } | undefined;
    return row?.value ?? null;
  }

  #set(name: string, value: string): void {
    this.#db.prepare('insert or replace into setting values (?, ?)').run(name, value);
  }

  /** Folds a minute again from its rows and corrects the stored tallies by what differs. Settled first, by the caller. */
  #repair(clock: Clock, minute: Minute): number {
    const differences = this.#tallies.differences(clock, minute, this.foldMinute(clock, minute));
    for (const { key, difference } of differences) {
      this.#tallies.add(key, difference);
      if (key.dimension === 0) this.#unjudged.run(clock, minute, key.service, this.#settlement + 1);
    }
    return differences.length;
  }

  /** What is counted of a service has changed since its minutes were counted: they are marked to be folded again. */
  #markChangedPlans(): void {
    for (const data of this.#planData.values()) {
      const name = `plan ${data.resource}`;
      const known = this.#setting(name);
      const fingerprint = JSON.stringify(data);
      if (known === fingerprint) continue;
      if (known !== null) {
        const services = [data.service, (JSON.parse(known) as PlanData).service];
        for (const service of services)
          this.#db
            .prepare(
              'insert or ignore into refold select distinct clock, minute from tally where service = ? and minute >= ?',
            )
            .run(service, this.rawSince);
      }
      this.#set(name, fingerprint);
    }
  }

  /** The first minute whose rows are all still there: what can be folded again. */
  get rawSince(): Minute {
    return Number(this.#setting('raw since') ?? 0);
  }

  /** Folds at most so many marked minutes again. @returns how many are left */
  refold(minutes: number, now: Millis): number {
    const marks = this.#db.prepare('select clock, minute from refold order by minute desc limit ?').all(minutes) as {
      clock: Clock;
      minute: Minute;
    }[];
    if (marks.length === 0) return 0;
    this.settle(now);
    this.#begin.run();
    try {
      for (const { clock, minute } of marks) {
        if (minute >= this.rawSince) this.#repair(clock, minute);
        this.#db.prepare('delete from refold where clock = ? and minute = ?').run(clock, minute);
      }
      this.#storeFreshSlices();
      this.#commitStatement.run();
    } catch (error) {
      this.#undo();
      throw error;
    }
    return (this.#db.prepare('select count(*) as n from refold').get() as { n: number }).n;
  }

  /** What the tallies of a minute must be, by the rows alone. */
  foldMinute(clock: Clock, minute: Minute): TallyBook {
    const book = new TallyBook();
    this.#foldingMinute = minute;
    if (clock === EVENT_CLOCK) {
      for (const { judged } of this.#spans.between(minute * 600, (minute + 1) * 600)) {
        if (judged.interaction !== null)
          foldInteraction(book, this.#planOf(judged.interaction.service), this.#errorClassIndex, judged.interaction, 1);
        if (judged.call !== null)
          foldCall(
            book,
            this.#planOf(judged.call.service),
            this.#errorClassIndex,
            this.#dependencies.codeOf,
            judged.call,
            1,
          );
      }
    }
    for (const rating of this.#ratings.countedIn(clock === EVENT_CLOCK ? 'event' : 'label', minute)) {
      if (!rating.active || rating.owner === null) continue;
      const interaction = this.#interactionAt(rating.owner);
      if (interaction === null) continue;
      const plan = this.#planOf(interaction.service);
      if (clock === EVENT_CLOCK) foldRatingByEvent(book, plan, interaction, rating.rating, 1);
      else foldRatingByLabel(book, plan, interaction, rating.rating, rating.at, 1);
    }
    return book;
  }

  /** Compares the stored tallies of a minute with the fold of its rows: empty when they agree. */
  verifyMinute(clock: Clock, minute: Minute): ReturnType<TallyTable['differences']> {
    return this.#tallies.differences(clock, minute, this.foldMinute(clock, minute));
  }

  #pointAt(table: SpanTable, minute: Minute): void {
    for (const { span, judged } of table.between(minute * 600, (minute + 1) * 600)) {
      this.#pointers.add(hashId(span.traceId, OF_TRACE), span.endTenths);
      if (span.responseRef !== '') this.#pointers.add(hashId(span.responseRef, OF_RESPONSE), span.endTenths);
      const conversation = judged.interaction?.conversationId ?? '';
      if (conversation !== '') this.#pointers.add(hashId(conversation, OF_CONVERSATION), span.endTenths);
    }
  }

  #touch(clock: number, minute: Minute): void {
    const mark = minute * 4 + clock;
    if (this.#marked.has(mark)) return;
    this.#marked.add(mark);
    this.#mark.run(clock, minute);
  }

  // ---- plans and names

  /** Stores the entries that no committed transaction holds yet. */
  #storeTexts(): void {
    for (let code = this.#textsStored; code < this.#dictionary.size; code++)
      this.#insertText.run(code, this.#dictionary.text(code));
  }

  /** How resources are counted from now on. */
  setPlans(plans: readonly PlanData[]): void {
    for (const data of plans) {
      this.#planData.set(data.resource, data);
      this.#freshPlans.push(data);
      this.#plans.set(data.resource, planOf(data, this.#valuesOf, this.#classes));
    }
  }

  readonly #exchangeOf = (service: Code): 'entry' | 'head' => this.#planData.get(service)?.exchange ?? 'entry';

  readonly #valuesOf = (service: Code, dimension: Code): SliceValues => {
    const key = `${service} ${dimension}`;
    let values = this.#sliceValues.get(key);
    if (values === undefined) {
      const known = this.#db
        .prepare('select value from slice_value where service = ? and dimension = ? order by ordinal')
        .all(service, dimension) as { value: Code }[];
      values = new SliceValues(
        known.map((row) => row.value),
        (value) => this.#freshSlices.push({ service, dimension, value, minute: this.#foldingMinute }),
      );
      this.#sliceValues.set(key, values);
    }
    return values;
  };

  #storeFreshSlices(): void {
    for (const { service, dimension, value, minute } of this.#freshSlices) {
      const { n } = this.#db
        .prepare('select count(*) as n from slice_value where service = ? and dimension = ?')
        .get(service, dimension) as { n: number };
      this.#insertSlice.run(service, dimension, value, n, minute);
    }
    this.#freshSlices = [];
    this.#dependencies.store();
  }

  #planOf(resource: Code): ServicePlan {
    const plan = this.#plans.get(resource);
    if (plan === undefined)
      throw new RangeError(`the resource ${resource} has no plan: it must be sent before its spans`);
    return plan;
  }

  readonly #serviceNameOf = (interaction: Interaction): string =>
    parseCountedKey(this.#dictionary.text(this.#planOf(interaction.service).service))!.name;

  /** The names of classes are given codes before anything is counted by them. */
  readonly #classes = {
    finish: ({ finishReason }: Interaction): Code => {
      const name = finishClassOf(this.#dictionary.textOrNull(finishReason));
      return name === null ? 0 : this.#dictionary.code(name);
    },
    error: ({ isError, errorType, httpStatus }: Interaction): Code =>
      isError ? this.#dictionary.code(ERROR_CLASSES[this.#errorClassIndex(errorType, httpStatus)]!) : 0,
  };

  readonly #errorClassIndex = (errorType: Code, httpStatus: number): number => {
    if (httpStatus !== 0) return ERROR_CLASSES.indexOf(errorClassOf(this.#dictionary.text(errorType), httpStatus));
    let index = this.#errorClass[errorType];
    if (index === undefined) {
      index = ERROR_CLASSES.indexOf(errorClassOf(this.#dictionary.text(errorType), 0));
      this.#errorClass[errorType] = index;
    }
    return index;
  };
}

interface TraceChange {
  readonly traceId: TraceId;
  readonly known: readonly StoredSpan[];
  readonly freshSpans: readonly Span[];
  readonly result: ReturnType<typeof regroup>;
}

/** A span that is stored already, or that came earlier in the group, is a duplicate: the first one counts. */
function withoutKnown(work: TraceWork, duplicates: number[]): FreshSpan[] {
  if (work.known.length === 0 && work.fresh.length === 1) return work.fresh;
  const seen = new Set(work.known.map((stored) => stored.span.spanId));
  return work.fresh.filter(({ span, item }) => {
    if (seen.has(span.spanId)) {
      duplicates[item]!++;
      return false;
    }
    seen.add(span.spanId);
    return true;
  });
}

function sameValue(a: NewRating, b: NewRating): boolean {
  return JSON.stringify(a.rating) === JSON.stringify(b.rating);
}

const namesConversation = ({ target }: NewRating): boolean => target.trace === '' && target.response === '';

/** What a rating waits for: a trace, a response, or a conversation. */
function waitingKey({ target }: NewRating): string {
  if (target.trace !== '') return `t${target.trace}`;
  return target.response !== '' ? `r${target.response}` : `c${target.conversation}`;
}

/** Of two that ended together the one with the higher id, so that the choice does not depend on the order of arrival. */
function endedLater(a: Interaction, b: Interaction): boolean {
  if (a.endTenths !== b.endTenths) return a.endTenths > b.endTenths;
  if (a.endNanos !== b.endNanos) return a.endNanos > b.endNanos;
  return a.traceId + a.spanId > b.traceId + b.spanId;
}
