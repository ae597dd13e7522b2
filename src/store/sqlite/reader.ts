import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Minute, Tenths } from '../../model/time.ts';
import type { Clock } from '../../tally/book.ts';
import { decodeTally } from '../../tally/codec.ts';
import type { Tally } from '../../tally/group.ts';
import type { StoredRating } from '../rating.ts';
import { openForReading } from './database.ts';
import { RatingTable } from './ratings.ts';
import { readRow, type SpanRow, SpanTable, type StoredSpan } from './spans.ts';

/** How finely tallies are kept. */
export const STEPS = { minute: 1, hour: 60, day: 1440 } as const;
export type Step = keyof typeof STEPS;

/** The place of a row in the order of time: what a page ends with, and the next begins behind. */
export interface Place {
  readonly end: Tenths;
  readonly trace: TraceId;
  readonly span: SpanId;
}

/** In front of everything that ended before `end`. */
export const beforeAll = (end: Tenths): Place => ({ end, trace: '' as TraceId, span: '' as SpanId });

export interface Mark {
  readonly clock: Clock;
  readonly minute: Minute;
  readonly service: Code;
  readonly settlement: number;
}

/** Rows looked at for one page: a service that is rare among much traffic gets a shorter page and a place to go on from. */
const SCAN_MAX_ROWS = 200_000;

/** The embedded store as readers see it, on a connection of their own: whole transactions, and nobody is waited for. */
export class Reader {
  readonly db: DatabaseSync;
  readonly #spans: SpanTable;
  readonly #ratings: RatingTable;
  readonly #newest: StatementSync;
  readonly #series: Readonly<Record<Step, StatementSync>>;
  readonly #slices: Readonly<Record<Step, StatementSync>>;
  readonly #rows: StatementSync;
  readonly #recounting: StatementSync;
  readonly #marks: StatementSync;
  readonly #services: StatementSync;
  readonly #evaluators: StatementSync;

  constructor(file: string) {
    this.db = openForReading(file);
    this.#spans = new SpanTable(this.db, 'span');
    this.#ratings = new RatingTable(this.db);
    this.#newest = this.db.prepare(
      'select end, trace, span, data from span where end >= ? and (end, trace, span) < (?, ?, ?) order by end desc, trace desc, span desc',
    );
    const prepare = (sql: (table: string, time: string) => string): Readonly<Record<Step, StatementSync>> => ({
      minute: this.db.prepare(sql('tally', 'minute')),
      hour: this.db.prepare(sql('tally_hour', 'hour')),
      day: this.db.prepare(sql('tally_day', 'day')),
    });
    const walk = 'with recursive step(at) as (values (?) union all select at + 1 from step where at < ?)';
    this.#series = prepare(
      (table, time) =>
        `${walk} select step.at as at, t.data as data from step cross join ${table} t
         on t.clock = ? and t.${time} = step.at and t.service = ? and t.dimension = 0 and t.value = 0`,
    );
    this.#slices = prepare(
      (table, time) =>
        `${walk} select t.dimension as dimension, t.value as value, step.at as at, t.data as data from step cross join ${table} t
         on t.clock = ? and t.${time} = step.at and t.service = ? and t.dimension > 0`,
    );
    this.#rows = this.db.prepare('select count(*) as rows from span where end >= ? and end < ?');
    this.#recounting = this.db.prepare('select exists (select 1 from refold) as left');
    this.#marks = this.db.prepare(
      'select clock, minute, service, settlement from unjudged order by minute, service, clock',
    );
    this.#services = this.db.prepare('select distinct service from tally_day where clock = 0');
    this.#evaluators = this.db.prepare('select service, value from slice_value where dimension = ? order by ordinal');
  }

  close(): void {
    this.db.close();
  }

  /** The evaluator versions that have scored each service, in order of first sight. */
  evaluators(): Map<Code, Code[]> {
    const rows = this.#evaluators.all(codeOfKnown('evaluation')) as { service: Code; value: Code }[];
    return new Map(
      [...Map.groupBy(rows, (row) => row.service)].map(([service, of]) => [service, of.map((row) => row.value)]),
    );
  }

  /** Tallies of all of a service, in order of time; steps without any are left out. `from` and `to` inclusive, in steps. */
  *series(step: Step, clock: Clock, service: Code, from: number, to: number): Generator<{ at: number; tally: Tally }> {
    if (from > to) return;
    for (const row of this.#series[step].iterate(from, to, clock, service))
      yield { at: row['at'] as number, tally: decodeTally(row['data'] as Uint8Array) };
  }

  /** Tallies of a service's slices. `from` and `to` inclusive, in steps. */
  *slices(
    step: Step,
    clock: Clock,
    service: Code,
    from: number,
    to: number,
  ): Generator<{ dimension: Code; value: Code; at: number; tally: Tally }> {
    if (from > to) return;
    for (const row of this.#slices[step].iterate(from, to, clock, service))
      yield {
        dimension: row['dimension'] as Code,
        value: row['value'] as Code,
        at: row['at'] as number,
        tally: decodeTally(row['data'] as Uint8Array),
      };
  }

  /** Whether minutes of before a change of configuration are still counted the old way. */
  isRecounting(): boolean {
    return (this.#recounting.get() as { left: number }).left === 1;
  }

  /** Minutes that changed since they were judged. */
  marks(): Mark[] {
    return this.#marks.all() as unknown as Mark[];
  }

  /** Services that anything was ever counted of. */
  countedServices(): Code[] {
    return (this.#services.all() as { service: Code }[]).map((row) => row.service);
  }

  /** The first and the last minute with tallies, of a clock. */
  extent(clock: Clock): { first: Minute; last: Minute } | null {
    const row = this.db
      .prepare('select min(minute) as first, max(minute) as last from tally where clock = ?')
      .get(clock) as { first: Minute | null; last: Minute | null };
    return row.first === null || row.last === null ? null : { first: row.first, last: row.last };
  }

  /**
   * Interactions, newest first. @param before  exclusive
   * @returns a page, and where the next one begins; null when this was the last
   */
  interactions(
    wanted: (interaction: Interaction) => boolean,
    from: Tenths,
    before: Place,
    limit: number,
  ): { interactions: Interaction[]; next: Place | null } {
    const interactions: Interaction[] = [];
    let scanned = 0;
    const rows = this.#newest.iterate(
      from,
      before.end,
      Buffer.from(before.trace, 'latin1'),
      Buffer.from(before.span, 'latin1'),
    );
    for (const row of rows) {
      const { span, judged } = readRow(row as unknown as SpanRow);
      const place = { end: span.endTenths, trace: span.traceId, span: span.spanId };
      if (judged.interaction !== null && wanted(judged.interaction)) {
        interactions.push(judged.interaction);
        if (interactions.length === limit) return { interactions, next: place };
      }
      if (++scanned === SCAN_MAX_ROWS) return { interactions, next: place };
    }
    return { interactions, next: null };
  }

  /** Rows of spans, from inclusive, to exclusive. */
  rowsBetween(from: Tenths, to: Tenths): number {
    return (this.#rows.get(from, to) as { rows: number }).rows;
  }

  /** The rows of a trace at the places that the writer knows of. */
  trace(traceId: TraceId, places: readonly Tenths[]): StoredSpan[] {
    return places.flatMap((end) => this.#spans.ofTrace(end, traceId));
  }

  ratingsOf(traceId: TraceId): StoredRating[] {
    return this.#ratings.ofTrace(traceId);
  }
}
