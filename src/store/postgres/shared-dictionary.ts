import { type SharedEntries, WELL_KNOWN } from '../../model/dictionary.ts';
import { Overloaded } from '../../model/ingest.ts';
import type { SqlDatabase, SqlRow, SqlStatement } from '../sql.ts';
import { PgError } from './connection.ts';

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The names of a deployment with several writers: whoever sees one first has it given the next code, and all others have the same. */
export class SharedDictionary implements SharedEntries {
  readonly #allot: SqlStatement;
  readonly #since: SqlStatement;

  /** @param db  a connection that may write, outside of any transaction */
  constructor(db: SqlDatabase) {
    this.#allot = db.prepare('select text from allot_name(?, ?) order by code');
    this.#since = db.prepare('select text from dictionary where code >= ? order by code');
  }

  /** Sees to it that there are those that every store begins with. */
  begin(): void {
    if (this.since(WELL_KNOWN.length - 1).length > 0) return;
    // In their order, so that others who begin too give them the same codes.
    for (const text of WELL_KNOWN) this.allot(text, WELL_KNOWN.length);
  }

  /** @throws Overloaded when the database gives no answer: what needs the code has to come again */
  allot(text: string, size: number): readonly string[] {
    return orComeAgain(() => this.#allot.all(encoder.encode(text), size).map(textOf));
  }

  /** @throws Overloaded as `allot` */
  since(size: number): readonly string[] {
    return orComeAgain(() => this.#since.all(size).map(textOf));
  }
}

const textOf = (row: SqlRow): string => utf8.decode(row['text'] as Uint8Array);

function orComeAgain<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PgError && error.isPassing)
      throw new Overloaded(`names can't be looked up: ${error.message}`, 2);
    throw error;
  }
}
