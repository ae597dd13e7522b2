import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ByteReader } from '../../model/bytes.ts';
import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import { readSpanBody } from '../../model/span-record.ts';
import type { Tenths } from '../../model/time.ts';
import { type Judged, NOT_JUDGED, readJudged } from '../judged.ts';

/** One stored span with what it was judged to be; a link is never judged. */
export interface StoredSpan {
  readonly span: Span;
  readonly judged: Judged;
  /** Minute of its commit minus the minute of its end. */
  readonly commitDelay: number;
}

/** A row ready to be inserted: the key and its packed data. */
export interface SpanRow {
  readonly end: Tenths;
  readonly trace: Uint8Array;
  readonly span: Uint8Array;
  readonly data: Uint8Array;
}

export class DuplicateRows extends Error {
  override readonly name = 'DuplicateRows';
}

/** Rows an insert statement: fewer calls, and the whole statement is undone when one of them is known already. */
const ROWS_A_STATEMENT = 32;

/** The rows of spans: table `span` for those of AI dialects, `link` for the others. */
export class SpanTable {
  readonly #insertMany: StatementSync;
  readonly #insertOne: StatementSync;
  readonly #update: StatementSync;
  readonly #ofTrace: StatementSync;
  readonly #between: StatementSync;
  readonly #isLinks: boolean;

  constructor(db: DatabaseSync, table: 'span' | 'link') {
    this.#isLinks = table === 'link';
    const row = '(?, ?, ?, ?)';
    this.#insertMany = db.prepare(`insert into ${table} values ${Array(ROWS_A_STATEMENT).fill(row).join(', ')}`);
    this.#insertOne = db.prepare(`insert into ${table} values ${row}`);
    this.#update = db.prepare(`update ${table} set data = ? where end = ? and trace = ? and span = ?`);
    this.#ofTrace = db.prepare(`select end, trace, span, data from ${table} where end = ? and trace = ?`);
    this.#between = db.prepare(
      `select end, trace, span, data from ${table} where end >= ? and end < ? order by end, trace, span`,
    );
  }

  /** @throws DuplicateRows when one of them is stored already: the transaction must be rolled back */
  insert(rows: readonly SpanRow[]): void {
    try {
      let at = 0;
      for (; at + ROWS_A_STATEMENT <= rows.length; at += ROWS_A_STATEMENT) {
        const values: (number | Uint8Array)[] = [];
        for (let i = at; i < at + ROWS_A_STATEMENT; i++) {
          const row = rows[i]!;
          values.push(row.end, row.trace, row.span, row.data);
        }
        this.#insertMany.run(...values);
      }
      for (; at < rows.length; at++) {
        const row = rows[at]!;
        this.#insertOne.run(row.end, row.trace, row.span, row.data);
      }
    } catch (error) {
      if (/UNIQUE/.test((error as Error).message)) throw new DuplicateRows('a span is stored already');
      throw error;
    }
  }

  update(row: SpanRow): void {
    this.#update.run(row.data, row.end, row.trace, row.span);
  }

  ofTrace(end: Tenths, trace: TraceId): StoredSpan[] {
    return this.#ofTrace.all(end, Buffer.from(trace, 'latin1')).map((row) => this.#read(row as unknown as SpanRow));
  }

  /** In order of time, from inclusive, to exclusive. */
  *between(from: Tenths, to: Tenths): Generator<StoredSpan> {
    for (const row of this.#between.iterate(from, to)) yield this.#read(row as unknown as SpanRow);
  }

  #read(row: SpanRow): StoredSpan {
    return readRow(row, this.#isLinks);
  }
}

export function readRow(row: SpanRow, isLink = false): StoredSpan {
  const from = new ByteReader(Buffer.from(row.data.buffer, row.data.byteOffset, row.data.byteLength));
  const span = readSpanBody(from, { traceId: latin1(row.trace), spanId: latin1(row.span), endTenths: row.end });
  if (isLink) return { span, judged: NOT_JUDGED, commitDelay: 0 };
  const judged = readJudged(from, span);
  return { span, judged, commitDelay: from.signedVarint() };
}

const latin1 = (bytes: Uint8Array): TraceId | SpanId =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
