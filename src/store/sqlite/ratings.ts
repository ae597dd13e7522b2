import type { Code } from '../../model/dictionary.ts';
import type { TraceId } from '../../model/ids.ts';
import type { JudgedDocuments, Rating } from '../../model/rating.ts';
import type { Millis, Minute } from '../../model/time.ts';
import { CLOCK, type NewRating, type OpenRating, type Owner, type StoredRating } from '../rating.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';

export const RATING_COLUMNS =
  'id, identity, active, type, kind, code, value, detail, at, trace, span, response, conversation, service, owner_part, owner_trace, owner_span, event_minute, label_minute, interaction, by_conversation';

/** What of some ratings was said about when another one was. */
export interface ReplacedBeside {
  /** At the same time, or by a clock that was ahead: all with its value and its time among them. */
  readonly together: readonly StoredRating[];
  /** The last one until then, and the first one after it. */
  readonly before: StoredRating | null;
  readonly after: StoredRating | null;
}

/** Feedback, evaluations and labels as they are stored. */
export class RatingTable {
  readonly #insert: SqlStatement;
  readonly #activeOf: SqlStatement;
  readonly #replacedThen: SqlStatement;
  readonly #replacedAhead: SqlStatement;
  readonly #replacedBefore: SqlStatement;
  readonly #replacedAfter: SqlStatement;
  readonly #activate: SqlStatement;
  readonly #retire: SqlStatement;
  readonly #join: SqlStatement;
  readonly #ofOwner: SqlStatement;
  readonly #anyOfOwner: SqlStatement;
  readonly #countedWith: SqlStatement;
  readonly #ofEvent: SqlStatement;
  readonly #ofLabel: SqlStatement;
  readonly #open: SqlStatement;
  readonly #firstOpen: SqlStatement;
  readonly #unjoined: SqlStatement;
  readonly #unjoinedBefore: SqlStatement;
  readonly #newestUnjoined: SqlStatement;
  readonly #byId: SqlStatement;
  readonly #ofConversation: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#insert = db.prepare(
      `insert into rating (identity, active, type, kind, code, value, detail, at, commit_minute, trace, span, response, interaction, conversation, service)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`,
    );
    this.#activeOf = db.prepare(`select ${RATING_COLUMNS} from rating where identity = ? and active = 1`);
    const replaced = `select ${RATING_COLUMNS} from rating where identity = ? and active = 0`;
    this.#replacedThen = db.prepare(`${replaced} and at = ? and value = ?`);
    this.#replacedAhead = db.prepare(`${replaced} and at <= ? and value = ? and detail like '%"${CLOCK}"%'`);
    this.#replacedBefore = db.prepare(`${replaced} and at <= ? order by at desc, id desc limit 1`);
    this.#replacedAfter = db.prepare(`${replaced} and at > ? order by at, id limit 1`);
    this.#activate = db.prepare('update rating set active = 1 where id = ?');
    this.#retire = db.prepare(
      'update rating set active = 0, event_minute = null, label_minute = null, by_conversation = 0 where id = ?',
    );
    this.#join = db.prepare(
      'update rating set owner_part = ?, owner_trace = ?, owner_span = ?, event_minute = ?, label_minute = ?, by_conversation = ? where id = ?',
    );
    this.#ofOwner = db.prepare(`select ${RATING_COLUMNS} from rating where owner_trace = ? order by id`);
    this.#anyOfOwner = db.prepare('select 1 from rating where owner_trace = ? limit 1');
    this.#countedWith = db.prepare(
      `select ${RATING_COLUMNS} from rating where owner_trace = ? and owner_span = ? and active = 1 and event_minute is not null order by id`,
    );
    this.#ofEvent = db.prepare(`select ${RATING_COLUMNS} from rating where event_minute = ? order by id`);
    this.#ofLabel = db.prepare(`select ${RATING_COLUMNS} from rating where label_minute = ? order by id`);
    const open = '(event_minute is null or by_conversation = 1) and active = 1';
    const names = 'id, type, trace, response, interaction, conversation, by_conversation';
    this.#open = db.prepare(
      `select ${names} from rating where event_minute is null and active = 1 and commit_minute >= ?
       union all select ${names} from rating where by_conversation = 1 and active = 1 and commit_minute >= ?`,
    );
    this.#firstOpen = db.prepare(
      `select min(id) as id from (
         select * from (select id from rating where event_minute is null and commit_minute >= ? order by commit_minute, id limit 1) as waiting
         union all
         select * from (select id from rating where by_conversation = 1 and commit_minute >= ? order by commit_minute, id limit 1) as joined
       ) as first`,
    );
    this.#ofConversation = db.prepare(
      `select ${RATING_COLUMNS} from rating where ${open} and conversation = ? and at >= ? order by id`,
    );
    this.#unjoined = db.prepare(
      `select ${RATING_COLUMNS} from rating where trace = ? and event_minute is null and active = 1 order by id`,
    );
    this.#unjoinedBefore = db.prepare(
      'select type, count(*) as n from rating where event_minute is null and active = 1 and commit_minute < ? group by type',
    );
    this.#newestUnjoined = db.prepare(
      `select ${RATING_COLUMNS} from rating where event_minute is null and active = 1 and commit_minute < ? and service is not distinct from ?
       order by commit_minute desc, id desc limit ?`,
    );
    this.#byId = db.prepare(`select ${RATING_COLUMNS} from rating where id = ?`);
  }

  insert(rating: NewRating, active: boolean, commitMinute: Minute): StoredRating {
    const { target } = rating;
    const packed = packRating(rating.rating);
    const { id } = this.#insert.get(
      rating.identity,
      active ? 1 : 0,
      rating.rating.type,
      packed.kind,
      packed.code,
      packed.value,
      rating.detail === null ? null : JSON.stringify(rating.detail),
      rating.at,
      commitMinute,
      blob(target.trace),
      blob(target.span),
      blob(target.response),
      blob(target.interaction),
      target.conversation || null,
      target.service || null,
    ) as { id: number };
    return {
      ...rating,
      id,
      active,
      owner: null,
      isByConversation: false,
      eventMinute: null,
      labelMinute: null,
    };
  }

  activeOf(identity: string): StoredRating | null {
    const row = this.#activeOf.get(identity);
    return row === undefined ? null : unpackRating(row);
  }

  /** Those of its identity that do not count. */
  replacedBeside({ identity, at, rating }: NewRating): ReplacedBeside {
    const { value } = packRating(rating);
    const before = this.#replacedBefore.get(identity, at);
    const after = this.#replacedAfter.get(identity, at);
    return {
      together: [...this.#replacedThen.all(identity, at, value), ...this.#replacedAhead.all(identity, at, value)].map(
        unpackRating,
      ),
      before: before === undefined ? null : unpackRating(before),
      after: after === undefined ? null : unpackRating(after),
    };
  }

  byId(id: number): StoredRating | null {
    const row = this.#byId.get(id);
    return row === undefined ? null : unpackRating(row);
  }

  /** It counts now. */
  activate(id: number): void {
    this.#activate.run(id);
  }

  /** Another one of the same identity counts now. */
  retire(id: number): void {
    this.#retire.run(id);
  }

  join(id: number, owner: Owner, eventMinute: Minute, labelMinute: Minute, isByConversation: boolean): void {
    this.#join.run(
      owner.part,
      Buffer.from(owner.trace, 'latin1'),
      Buffer.from(owner.span, 'latin1'),
      eventMinute,
      labelMinute,
      isByConversation ? 1 : 0,
      id,
    );
  }

  /** It is nobody's again: the interaction it was joined to is none any more. */
  release(id: number): void {
    this.#join.run(null, null, null, null, null, 0, id);
  }

  ofTrace(trace: TraceId): StoredRating[] {
    return this.#ofOwner.all(Buffer.from(trace, 'latin1')).map(unpackRating);
  }

  /** Whether `ofTrace` finds any. */
  isRated(trace: TraceId): boolean {
    return this.#anyOfOwner.get(Buffer.from(trace, 'latin1')) !== undefined;
  }

  /** Those that count with the interaction beside this span. */
  countedWith({ trace, span }: Pick<Owner, 'trace' | 'span'>): StoredRating[] {
    return this.#countedWith.all(Buffer.from(trace, 'latin1'), Buffer.from(span, 'latin1')).map(unpackRating);
  }

  /** Those that name a trace and have found no interaction. */
  unjoinedOf(trace: TraceId): StoredRating[] {
    return this.#unjoined.all(Buffer.from(trace, 'latin1')).map(unpackRating);
  }

  /** Those that came before then, name the service ('': none) and have found no interaction, newest first. */
  newestUnjoined(service: string, before: Minute, limit: number): StoredRating[] {
    return this.#newestUnjoined.all(before, service || null, limit).map(unpackRating);
  }

  /** Those that name a conversation and have found nothing better, of what was said from then on. */
  ofConversation(conversation: string, from: Millis): StoredRating[] {
    return this.#ofConversation.all(conversation, from).map(unpackRating);
  }

  /** How many of those that came before then have found no interaction, by type. */
  unjoinedBefore(commit: Minute): Partial<Record<Rating['type'], number>> {
    const rows = this.#unjoinedBefore.all(commit) as { type: Rating['type']; n: number }[];
    return Object.fromEntries(rows.map(({ type, n }) => [type, n]));
  }

  *countedIn(clock: 'event' | 'label', minute: Minute): Generator<StoredRating> {
    for (const row of (clock === 'event' ? this.#ofEvent : this.#ofLabel).iterate(minute)) yield unpackRating(row);
  }

  /** Those that came since then and have found no interaction, or none but the latest of their conversation. */
  *openSince(commit: Minute): Generator<OpenRating & { readonly isByConversation: boolean }> {
    for (const row of this.#open.iterate(commit, commit))
      yield {
        id: row['id'] as number,
        rating: { type: row['type'] as Rating['type'] },
        target: {
          trace: id(row['trace']),
          response: id(row['response']),
          interaction: id(row['interaction']),
          conversation: (row['conversation'] as string | null) ?? '',
        },
        isByConversation: row['by_conversation'] === 1,
      };
  }

  /** The lowest id of those that came since then, as they come in order; beyond all where none is open. */
  firstOpenSince(commit: Minute): number {
    return (this.#firstOpen.get(commit, commit)?.['id'] as number | null | undefined) ?? Number.POSITIVE_INFINITY;
  }
}

const blob = (id: string): Buffer | null => (id === '' ? null : Buffer.from(id, 'latin1'));
const id = (bytes: unknown): string => (bytes === null ? '' : Buffer.from(bytes as Uint8Array).toString('latin1'));

/** What of a rating its row holds beside its type. */
export function packRating(rating: Rating): { kind: string | null; code: Code | null; value: string } {
  switch (rating.type) {
    case 'feedback':
      return { kind: rating.kind, code: null, value: JSON.stringify(rating.value) };
    case 'evaluation':
      return { kind: null, code: rating.evaluation, value: JSON.stringify(rating.score) };
    case 'ranking':
      return {
        kind: null,
        code: rating.evaluation,
        value: JSON.stringify({ relevance: rating.relevance, judged: rating.judged }),
      };
    case 'label':
      return { kind: null, code: rating.label, value: JSON.stringify(rating.value) };
  }
}

function ratingOf(row: Record<string, unknown>, detail: StoredRating['detail']): Rating {
  const value = JSON.parse(row['value'] as string);
  const code = row['code'] as Code;
  switch (row['type'] as Rating['type']) {
    case 'feedback':
      return { type: 'feedback', kind: row['kind'] as never, value };
    case 'evaluation':
      return { type: 'evaluation', evaluation: code, score: value, ...confidenceIn(detail) };
    case 'ranking':
      return { type: 'ranking', evaluation: code, ...(value as JudgedDocuments) };
    case 'label':
      return { type: 'label', label: code, value };
  }
}

/** A row of `RATING_COLUMNS`. */
export function unpackRating(row: Record<string, unknown>): StoredRating {
  const detail = row['detail'] === null ? null : JSON.parse(row['detail'] as string);
  return {
    id: row['id'] as number,
    identity: row['identity'] as string,
    active: row['active'] === 1,
    rating: ratingOf(row, detail),
    detail,
    at: row['at'] as number,
    isTimed: true,
    target: {
      trace: id(row['trace']),
      span: id(row['span']),
      response: id(row['response']),
      interaction: id(row['interaction']),
      conversation: (row['conversation'] as string | null) ?? '',
      service: (row['service'] as string | null) ?? '',
    },
    owner:
      row['owner_trace'] === null
        ? null
        : { part: row['owner_part'] as number, trace: id(row['owner_trace']), span: id(row['owner_span']) },
    isByConversation: row['by_conversation'] === 1,
    eventMinute: row['event_minute'] as number | null,
    labelMinute: row['label_minute'] as number | null,
  };
}

/** A confidence is counted, and kept with what is shown. */
const confidenceIn = (detail: { confidence?: number } | null): { confidence: number } | null =>
  typeof detail?.confidence === 'number' ? { confidence: detail.confidence } : null;
