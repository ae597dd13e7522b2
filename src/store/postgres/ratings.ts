import type { TraceId } from '../../model/ids.ts';
import type { Minute } from '../../model/time.ts';
import { hashId, OF_IDENTITY, OF_TRACE } from '../id-hash.ts';
import type { NewRating, Owner, StoredRating } from '../rating.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { RATING_COLUMNS, RatingTable, unpackRating } from '../sqlite/ratings.ts';
import { ids, texts } from './arrays.ts';
import type { Locks } from './locks.ts';
import type { Shards } from './shards.ts';

/** The names that new spans have, or that their interactions have had: ratings may wait for one of them. */
export interface OpenNames {
  readonly traces: ReadonlySet<TraceId>;
  readonly responses: ReadonlySet<string>;
  readonly interactions: ReadonlySet<string>;
  readonly conversations: ReadonlySet<string>;
}

/** Ratings that others write beside this writer. */
export class PgRatings extends RatingTable {
  readonly #locks: Locks;
  readonly #open: SqlStatement;
  readonly #waiting: SqlStatement;

  constructor(db: SqlDatabase, shards: Shards, locks: Locks) {
    super(db, (identity) => shards.keyOf(hashId(identity, OF_IDENTITY)));
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
  }

  override insert(rating: NewRating, active: boolean, commitMinute: Minute): StoredRating {
    const { target } = rating;
    return super.insert(
      {
        ...rating,
        identity: storable(rating.identity),
        target: { ...target, conversation: storable(target.conversation), service: storable(target.service) },
      },
      active,
      commitMinute,
    );
  }

  override activeOf(identity: string): StoredRating | null {
    return super.activeOf(storable(identity));
  }

  override replaced(identity: string): StoredRating[] {
    return super.replaced(storable(identity));
  }

  override ofConversation(conversation: string): StoredRating[] {
    return super.ofConversation(storable(conversation));
  }

  /** @throws NotHeld unless the lock of the owner's trace is held */
  override join(id: number, owner: Owner, eventMinute: Minute, labelMinute: Minute, isByConversation: boolean): void {
    this.#locks.require(hashId(owner.trace, OF_TRACE));
    super.join(id, owner, eventMinute, labelMinute, isByConversation);
  }

  /** Those that came since then, wait for one of these names, or were found by the last resort only. */
  openNamed({ traces, responses, interactions, conversations }: OpenNames, since: Minute): StoredRating[] {
    return this.#open
      .all(ids(traces), ids(responses), ids(interactions), texts([...conversations].map(storable)), since)
      .map(unpackRating);
  }

  /** How many have found no interaction, by type: of those that came since then, and before. */
  unjoined(since: Minute): { type: StoredRating['rating']['type']; waiting: number; unmatched: number }[] {
    return this.#waiting.all(since, since) as never;
  }
}

/** No text of PostgreSQL holds NUL. */
const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd');
