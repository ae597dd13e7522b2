import type { SqlDatabase, SqlStatement, SqlValue } from '../sql.ts';

/** Of one statement. */
const SIZES = [256, 16, 1] as const;

/**
 * A statement about rows, told of as many at a time as there are: each one is a question to a database that may be elsewhere.
 * @see https://www.sqlite.org/limits.html#max_variable_number
 */
export class ManyRows {
  readonly #statements: readonly { readonly size: number; readonly statement: SqlStatement }[];

  /** @param row  what stands for one, like `(?, ?)` @param sql  of those that stand for all */
  constructor(db: SqlDatabase, row: string, sql: (rows: string) => string) {
    this.#statements = SIZES.map((size) => ({
      size,
      statement: db.prepare(sql(Array<string>(size).fill(row).join(', '))),
    }));
  }

  /** The statements that tell of all these rows, each with its parameters. */
  *of(rows: readonly (readonly SqlValue[])[]): Generator<[SqlStatement, SqlValue[]]> {
    let at = 0;
    for (const { size, statement } of this.#statements)
      for (; at + size <= rows.length; at += size) yield [statement, rows.slice(at, at + size).flat()];
  }
}
