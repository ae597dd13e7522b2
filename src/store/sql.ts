/** What a store can be kept in. */
export type Engine = 'sqlite' | 'postgres';

/** A parameter of a statement, and a column of a row. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** A row by its columns; `any`, as a statement's rows are of whatever shape the statement says. */
// biome-ignore lint/suspicious/noExplicitAny: the caller knows what its statement selects.
export type SqlRow = Record<string, any>;

/** A prepared statement; `node:sqlite` has them so. Rows are objects by column, integers are numbers, bytes are Uint8Arrays. */
export interface SqlStatement {
  run(...parameters: SqlValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...parameters: SqlValue[]): SqlRow | undefined;
  all(...parameters: SqlValue[]): SqlRow[];
  iterate(...parameters: SqlValue[]): Iterable<SqlRow>;
}

/** One connection to a database: whoever calls waits for the answer. */
export interface SqlDatabase {
  prepare(sql: string): SqlStatement;
  exec(sql: string): void;
  readonly isTransaction: boolean;
  close(): void;
}
