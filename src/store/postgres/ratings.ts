import type { TraceId } from '../../model/ids.ts';
import type { Millis, Minute } from '../../model/time.ts';
import { hashId, OF_IDENTITY, OF_TRACE } from '../id-hash.ts';
import { bySayingTime, CLOCK, type NewRating, type Owner, type StoredRating } from '../rating.ts';
import type { SqlStatement } from '../sql.ts';
import { packRating, RATING_COLUMNS, RatingTable, type ReplacedBeside, unpackRating } from '../sqlite/ratings.ts';
import { ids, numbers, storable, texts } from './arrays.ts';
import type { PgConnection } from './connection.ts';
import { CopyWriter } from './copy-writer.ts';
import type { Locks } from './locks.ts';
import type { Shards } from './shards.ts';

/** The names that new spans have, or that their interactions have had: ratings may wait for one of them. */
export interface OpenNames {
  readonly traces: ReadonlySet<TraceId>;
  readonly responses: ReadonlySet<string>;
  readonly interactions: ReadonlySet<string>;
  readonly conversations: ReadonlySet<string>;
}

/** A row as the transaction has it so far. */
interface Held {
  rating: StoredRating;
  /** Of a new one; null: it is stored already. */
  readonly commitMinute: Minute | null;
  isChanged: boolean;
}

/** So many numbers of rows are drawn at once. */
const IDS = 256;

const INSERTED =
  'shard, id, identity, active, type, kind, code, value, detail, at, commit_minute, trace, span, response, interaction, ' +
  'conversation, service, owner_part, owner_trace, owner_span, event_minute, label_minute, by_conversation';

/**
 * Ratings that others write beside this writer. What a group is about is read in a few questions when it begins, changed in
 * memory, and written in two statements when it ends, or when something is asked that memory can't answer.
 */
export class PgRatings extends RatingTable {
  readonly #db: PgConnection;
  readonly #shards: Shards;
  readonly #locks: Locks;
  readonly #open: SqlStatement;
  readonly #waiting: SqlStatement;
  readonly #ofIdentities: SqlStatement;
  readonly #ofOwners: SqlStatement;
  readonly #held = new Map<number, Held>();
  /** Identities and owners of which every row is held. */
  readonly #identities = new Map<string, Set<number>>();
  readonly #owners = new Set<TraceId>();
  #ids: number[] = [];

  constructor(db: PgConnection, shards: Shards, locks: Locks) {
    super(db);
    this.#db = db;
    this.#shards = shards;
    this.#locks = locks;
    const isOpen = '(event_minute is null or by_conversation = 1) and active = 1';
    this.#open = db.prepare(
      `select ${RATING_COLUMNS} from rating where id in (
         select id from rating where ${isOpen} and trace is not null and trace = any(?::bytea[])
         union select id from rating where ${isOpen} and response is not null and response = any(?::bytea[])
         union select id from rating where ${isOpen} and interaction is not null and interaction = any(?::bytea[])
         union select id from rating where ${isOpen} and conversation = any(?::text[])
       ) and commit_minute >= ? order by id`,
    );
    this.#waiting = db.prepare(
      `select type, count(*) filter (where commit_minute >= ?) as waiting, count(*) filter (where commit_minute < ?) as unmatched
       from rating where event_minute is null and active = 1 group by type`,
    );
    this.#ofIdentities = db.prepare(
      `select ${RATING_COLUMNS} from rating where identity = any(?::text[]) order by at, id`,
    );
    this.#ofOwners = db.prepare(`select ${RATING_COLUMNS} from rating where owner_trace = any(?::bytea[]) order by id`);
  }

  /** Nothing is held any more: a transaction has ended. */
  forget(): void {
    this.#held.clear();
    this.#identities.clear();
    this.#owners.clear();
  }

  /** Those that came since then, wait for one of these names, or were found by the last resort only. */
  openNamed({ traces, responses, interactions, conversations }: OpenNames, since: Minute): StoredRating[] {
    const rows = this.#open.all(
      ids(traces),
      ids(responses),
      ids(interactions),
      texts([...conversations].map(storable)),
      since,
    );
    return rows.map((row) => this.#hold(unpackRating(row)));
  }

  /** Reads all that was said under the identities of these. */
  holdIdentitiesOf(ratings: readonly NewRating[]): void {
    if (ratings.length > 0) this.#holdIdentities(new Set(ratings.map(({ identity }) => storable(identity))));
  }

  #holdIdentities(identities: ReadonlySet<string>): void {
    for (const identity of identities) this.#identities.set(identity, new Set());
    for (const row of this.#ofIdentities.all(texts(identities))) {
      const { id, identity } = this.#hold(unpackRating(row));
      this.#identities.get(identity)!.add(id);
    }
  }

  /** Reads all that counts with interactions of these traces. */
  holdOwnedBy(traces: readonly TraceId[]): void {
    if (traces.length === 0) return;
    for (const row of this.#ofOwners.all(ids(traces))) this.#hold(unpackRating(row));
    for (const trace of traces) this.#owners.add(trace);
  }

  /** How many have found no interaction, by type: of those that came since then, and before. */
  unjoined(since: Minute): { type: StoredRating['rating']['type']; waiting: number; unmatched: number }[] {
    return this.#waiting.all(since, since) as never;
  }

  override insert(rating: NewRating, active: boolean, commitMinute: Minute): StoredRating {
    const { target } = rating;
    if (this.#ids.length === 0) this.#drawIds();
    const stored: StoredRating = {
      ...rating,
      identity: storable(rating.identity),
      target: { ...target, conversation: storable(target.conversation), service: storable(target.service) },
      id: this.#ids.shift()!,
      active,
      owner: null,
      isByConversation: false,
      eventMinute: null,
      labelMinute: null,
    };
    this.#held.set(stored.id, { rating: stored, commitMinute, isChanged: true });
    this.#identities.get(stored.identity)?.add(stored.id);
    return stored;
  }

  override activeOf(identity: string): StoredRating | null {
    return this.#ofIdentity(storable(identity)).find((one) => one.active) ?? null;
  }

  override replacedBeside({ identity, at }: NewRating): ReplacedBeside {
    const together: StoredRating[] = [];
    let before: StoredRating | null = null;
    let after: StoredRating | null = null;
    for (const one of this.#ofIdentity(storable(identity))) {
      if (one.active) continue;
      if (one.at === at || one.detail?.[CLOCK] !== undefined) together.push(one);
      if (one.at <= at) before = before === null || bySayingTime(before, one) < 0 ? one : before;
      else after = after === null || bySayingTime(one, after) < 0 ? one : after;
    }
    return { together, before, after };
  }

  override byId(id: number): StoredRating | null {
    const stored = this.#held.get(id)?.rating ?? super.byId(id);
    return stored === null ? null : this.#hold(stored);
  }

  override activate(id: number): void {
    if (!this.#change(id, { active: true })) super.activate(id);
  }

  override retire(id: number): void {
    const change = { active: false, eventMinute: null, labelMinute: null, isByConversation: false };
    if (!this.#change(id, change)) super.retire(id);
  }

  /** @throws NotHeld unless the lock of the owner's trace is held */
  override join(id: number, owner: Owner, eventMinute: Minute, labelMinute: Minute, isByConversation: boolean): void {
    this.#locks.require(hashId(owner.trace, OF_TRACE));
    if (!this.#change(id, { owner, eventMinute, labelMinute, isByConversation }))
      super.join(id, owner, eventMinute, labelMinute, isByConversation);
  }

  override release(id: number): void {
    const change = { owner: null, eventMinute: null, labelMinute: null, isByConversation: false };
    if (!this.#change(id, change)) super.release(id);
  }

  override ofTrace(trace: TraceId): StoredRating[] {
    if (this.#owners.has(trace))
      return Array.from(this.#held.values(), ({ rating }) => rating)
        .filter(({ owner }) => owner?.trace === trace)
        .sort((a, b) => a.id - b.id);
    this.flush();
    return super.ofTrace(trace).map((one) => this.#hold(one));
  }

  override countedWith(owner: Pick<Owner, 'trace' | 'span'>): StoredRating[] {
    this.flush();
    return super.countedWith(owner);
  }

  override ofConversation(conversation: string, from: Millis): StoredRating[] {
    this.flush();
    return super.ofConversation(storable(conversation), from).map((one) => this.#hold(one));
  }

  /** Writes what has changed. */
  flush(): void {
    const fresh: Held[] = [];
    const changed: StoredRating[] = [];
    for (const [id, held] of this.#held) {
      if (!held.isChanged) continue;
      if (held.commitMinute === null) changed.push(held.rating);
      else fresh.push(held);
      this.#held.set(id, { rating: held.rating, commitMinute: null, isChanged: false });
    }
    if (fresh.length > 0) this.#insertAll(fresh);
    if (changed.length > 0) this.#updateAll(changed);
  }

  #insertAll(fresh: readonly Held[]): void {
    const out = new CopyWriter();
    for (const { rating, commitMinute } of fresh) {
      const { target, owner } = rating;
      const { kind, code, value } = packRating(rating.rating);
      out.row(23);
      out.int2(this.#shardOf(rating));
      out.int8(rating.id);
      out.text(rating.identity);
      out.int2(rating.active ? 1 : 0);
      out.text(rating.rating.type);
      out.optional(kind, out.text);
      out.optional(code, out.int4);
      out.text(value);
      out.optional(rating.detail === null ? null : JSON.stringify(rating.detail), out.text);
      out.int8(rating.at);
      out.int4(commitMinute!);
      for (const id of [target.trace, target.span, target.response, target.interaction])
        out.optional(id || null, out.id);
      out.optional(target.conversation || null, out.text);
      out.optional(target.service || null, out.text);
      out.optional(owner?.part ?? null, out.int8);
      out.optional(owner?.trace ?? null, out.id);
      out.optional(owner?.span ?? null, out.id);
      out.optional(rating.eventMinute, out.int4);
      out.optional(rating.labelMinute, out.int4);
      out.int2(rating.isByConversation ? 1 : 0);
    }
    this.#db.copy(`copy rating (${INSERTED}) from stdin (format binary)`, out.finish());
  }

  #updateAll(changed: readonly StoredRating[]): void {
    this.#db.run(
      `update rating set active = given.active, owner_part = given.owner_part, owner_trace = given.owner_trace,
         owner_span = given.owner_span, event_minute = given.event_minute, label_minute = given.label_minute,
         by_conversation = given.by_conversation
       from unnest(?::int2[], ?::int8[], ?::int2[], ?::int8[], ?::bytea[], ?::bytea[], ?::int4[], ?::int4[], ?::int2[])
         given (shard, id, active, owner_part, owner_trace, owner_span, event_minute, label_minute, by_conversation)
       where rating.shard = given.shard and rating.id = given.id`,
      numbers(changed.map((one) => this.#shardOf(one))),
      numbers(changed.map(({ id }) => id)),
      numbers(changed.map(({ active }) => (active ? 1 : 0))),
      numbers(changed.map(({ owner }) => owner?.part ?? null)),
      ids(changed.map(({ owner }) => owner?.trace ?? null)),
      ids(changed.map(({ owner }) => owner?.span ?? null)),
      numbers(changed.map(({ eventMinute }) => eventMinute)),
      numbers(changed.map(({ labelMinute }) => labelMinute)),
      numbers(changed.map(({ isByConversation }) => (isByConversation ? 1 : 0))),
    );
  }

  #shardOf({ identity }: StoredRating): number {
    return this.#shards.keyOf(hashId(identity, OF_IDENTITY));
  }

  /** What memory has changed stands above what the store says. */
  #hold(stored: StoredRating): StoredRating {
    const known = this.#held.get(stored.id);
    if (known !== undefined) return known.rating;
    this.#held.set(stored.id, { rating: stored, commitMinute: null, isChanged: false });
    return stored;
  }

  #ofIdentity(identity: string): StoredRating[] {
    if (!this.#identities.has(identity)) this.#holdIdentities(new Set([identity]));
    return Array.from(this.#identities.get(identity)!, (id) => this.#held.get(id)!.rating);
  }

  /** @returns false when the row is not held */
  #change(id: number, change: Partial<StoredRating>): boolean {
    const held = this.#held.get(id);
    if (held === undefined) return false;
    held.rating = { ...held.rating, ...change };
    held.isChanged = true;
    return true;
  }

  #drawIds(): void {
    const rows = this.#db.all(`select nextval('rating_id_seq') as id from generate_series(1, ${IDS})`);
    this.#ids = rows.map((row) => row['id'] as number);
  }
}
