import type { Statement, WriteResult } from './items.ts';
import type { SqlDatabase, SqlStatement } from './sql.ts';

/** Runs rows of others inside the caller's transaction. */
export class StatementRunner {
  readonly #db: SqlDatabase;
  readonly #prepared = new Map<string, SqlStatement>();

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  /** All of an item or nothing, and a failure is the item's own; unless `isFatal`: then the transaction can't go on. */
  run(statements: readonly Statement[], isFatal: (error: unknown) => boolean = () => false): WriteResult {
    this.#db.exec('savepoint item');
    try {
      const changes = statements.map(({ sql, parameters, expect }) => {
        let statement = this.#prepared.get(sql);
        if (statement === undefined) {
          statement = this.#db.prepare(sql);
          this.#prepared.set(sql, statement);
        }
        const rows = Number(statement.run(...parameters).changes);
        if (expect !== undefined && rows !== expect.rows) throw new Error(expect.otherwise);
        return rows;
      });
      this.#db.exec('release savepoint item');
      return { type: 'statements', changes };
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#db.exec('rollback to savepoint item');
      this.#db.exec('release savepoint item');
      return { type: 'failed', message: (error as Error).message };
    }
  }
}
