import type { SqlValue } from '../sql.ts';

/** A parameter: lists go to `= any(?)`. */
export type PgValue = SqlValue | readonly (string | number | Uint8Array | null)[];

/** What the connection's thread is asked. */
export type ToConnection =
  | { readonly type: 'query'; readonly sql: string; readonly parameters: readonly PgValue[] }
  /** Several statements without parameters. */
  | { readonly type: 'exec'; readonly sql: string }
  /** `bytes`: rows in PostgreSQL's binary form of COPY. */
  | { readonly type: 'copy'; readonly sql: string; readonly bytes: Uint8Array }
  | { readonly type: 'close' };

/** Rows as they are handed over: a bytes column holds the end of its cell in `bytes`, cells follow one another. */
export interface PackedRows {
  readonly columns: readonly string[];
  readonly isBytes: readonly boolean[];
  readonly rows: readonly (readonly unknown[])[];
  readonly bytes: Uint8Array;
  /** Rows changed, or found. */
  readonly count: number;
}

export type FromConnection =
  | { readonly type: 'rows'; readonly packed: PackedRows; readonly inTransaction: boolean }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly inTransaction: boolean };

export interface ConnectionOptions {
  /** `postgres://user@host:port/database?…` */
  readonly url: string;
  readonly password: string | null;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** A statement that takes longer is given up, ms. */
  readonly statementTimeoutMs: number;
  /** Set with each connection that is made: `set …` statements. */
  readonly session: string;
}
