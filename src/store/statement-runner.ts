import { AuditLog, type AuditLogOptions } from './audit/log.ts';
import type { Statement } from './items.ts';
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

  /** @returns how many rows each changed. @throws what the database throws: then nothing of them has happened */
  run(statements: readonly Statement[]): number[] {
    this.#db.exec('savepoint item');
    try {
      const changes = statements.map((statement) => this.#one(statement));
      this.#db.exec('release item');
      return changes;
    } catch (error) {
      this.#db.exec('rollback to item');
      this.#db.exec('release item');
      throw error;
    }
  }

  #one(statement: Statement): number {
    if ('audit' in statement) {
      this.#audit.append([statement.audit]);
      return 1;
    }
    const { sql, parameters } = statement;
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      prepared = this.#db.prepare(sql);
      this.#prepared.set(sql, prepared);
    }
    return Number(prepared.run(...parameters).changes);
  }
}
