import { AuditLog, type AuditLogOptions } from './audit/log.ts';
import type { Statement, WriteResult } from './items.ts';
import type { SqlDatabase, SqlStatement } from './sql.ts';

/** Runs rows of others within a transaction: all of an item or nothing of it. */
export class StatementRunner {
  readonly #db: SqlDatabase;
  readonly #audit: AuditLog;
  readonly #prepared = new Map<string, SqlStatement>();

  constructor(db: SqlDatabase, options: AuditLogOptions = {}) {
    this.#db = db;
    this.#audit = new AuditLog(db, options);
  }

  /** A failure is the item's own, unless `isFatal`: then the transaction can't go on. */
  run(statements: readonly Statement[], isFatal: (error: unknown) => boolean = () => false): WriteResult {
    this.#db.exec('savepoint item');
    try {
      const changes = statements.map((statement) => this.#one(statement));
      this.#db.exec('release savepoint item');
      return { type: 'statements', changes };
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#db.exec('rollback to savepoint item');
      this.#db.exec('release savepoint item');
      return { type: 'failed', message: (error as Error).message };
    }
  }

  #one(statement: Statement): number {
    if ('audit' in statement) {
      this.#audit.append([statement.audit]);
      return 1;
    }
    const { sql, parameters, expect } = statement;
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      prepared = this.#db.prepare(sql);
      this.#prepared.set(sql, prepared);
    }
    const rows = Number(prepared.run(...parameters).changes);
    if (expect !== undefined && rows !== expect.rows) throw new Error(expect.otherwise);
    return rows;
  }
}
