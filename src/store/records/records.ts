import {
  type Compilable,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqlText } from '../items.ts';
import type { Engine, SqlDatabase } from '../sql.ts';
import type { Tables } from './tables.ts';

export type Records = Kysely<Tables>;

/**
 * The record tables. Selects run on the reader's connection; whatever writes is compiled to a statement and handed to the
 * one writer, several of them as one transaction.
 */
export function openRecords(reader: SqlDatabase, engine: Engine = 'sqlite'): Records {
  const createDriver = (): Driver => new ReadingDriver(reader);
  return new Kysely<Tables>({
    dialect:
      engine === 'sqlite'
        ? {
            createAdapter: () => new SqliteAdapter(),
            createDriver,
            createIntrospector: (db) => new SqliteIntrospector(db),
            createQueryCompiler: () => new SqliteQueryCompiler(),
          }
        : {
            createAdapter: () => new PostgresAdapter(),
            createDriver,
            createIntrospector: (db) => new PostgresIntrospector(db),
            createQueryCompiler: () => new PostgresQueryCompiler(),
          },
  });
}

/** A query for the writer. */
export function statement(query: Compilable): SqlText {
  const { sql, parameters } = query.compile();
  return { sql, parameters: parameters as SqlText['parameters'] };
}

class ReadingDriver implements Driver, DatabaseConnection {
  readonly #db: SqlDatabase;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return new Promise((resolve) => {
      resolve({ rows: this.#db.prepare(sql).all(...(parameters as (string | number)[])) as R[] });
    });
  }

  // biome-ignore lint/correctness/useYield: the interface wants a generator, and this one only refuses.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('records are read whole');
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this;
  }
  beginTransaction(): Promise<void> {
    return Promise.reject(new Error('the reader does not write: compile the queries and hand them to the writer'));
  }
  commitTransaction(): Promise<void> {
    return this.beginTransaction();
  }
  rollbackTransaction(): Promise<void> {
    return this.beginTransaction();
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
