import type { Deployment } from '../../model/config/deployment.ts';
import type { Millis } from '../../model/time.ts';
import { openRecords } from '../../store/records/records.ts';
import { lockStore, openForWriting } from '../../store/sqlite/database.ts';
import { StatementRunner } from '../../store/statement-runner.ts';
import { AuditOffice } from './office.ts';

/**
 * The audit log of a store on which nothing runs. What is done here is done alone: the store is locked.
 * @throws OperatorError when another process writes to the store
 */
export async function withLocalOffice<T>(
  deployment: Deployment,
  secret: (reference: string) => Promise<string>,
  warn: (text: string) => void,
  now: () => Millis,
  work: (office: AuditOffice) => Promise<T>,
): Promise<T> {
  const { path } = deployment.store;
  const lock = lockStore(path);
  try {
    const db = openForWriting(path);
    try {
      const runner = new StatementRunner(db);
      const office = await AuditOffice.open(
        {
          deployment,
          records: openRecords(db),
          write: async (statements) => {
            db.exec('begin immediate');
            try {
              const changes = runner.run(statements);
              db.exec('commit');
              return changes;
            } catch (error) {
              db.exec('rollback');
              throw error;
            }
          },
          secret,
          log: { warn: (_fields: unknown, text?: string) => warn(text ?? '') },
        },
        now(),
      );
      return await work(office);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}
