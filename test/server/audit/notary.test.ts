import { expect, it } from 'vitest';
import { freshKey } from '../../../src/server/audit/key-file.ts';
import { Notary } from '../../../src/server/audit/notary.ts';
import { verifyStoredLog } from '../../../src/server/audit/verify-store.ts';
import type { Statement } from '../../../src/store/items.ts';
import { auditEntry } from '../../../src/store/records/audit.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForWriting } from '../../../src/store/sqlite/database.ts';
import { StatementRunner } from '../../../src/store/statement-runner.ts';

const AT = Date.UTC(2026, 10, 1);
const by = { kind: 'system', id: 'plimsoll' } as const;

it('of two on one log, who does not know of a rotation signs nothing more; the other goes on', async () => {
  const db = openForWriting(':memory:');
  const records = openRecords(db);
  const runner = new StatementRunner(db);
  const write = async (statements: readonly Statement[]) => {
    const result = runner.run(statements);
    if (result.type !== 'statements') throw new Error(JSON.stringify(result));
    return result.changes;
  };
  const [key, next] = [freshKey(), freshKey()];
  const open = (): Promise<Notary> => Notary.open({ records, write, key, log: 'test', anchors: [] }, AT);
  const [one, other] = [await open(), await open()];
  await one.sign(AT);
  await write([auditEntry(by, 'test.noted', { n: 1 }, AT)]);
  await other.sign(AT + 1);
  await one.rotate(next, by, AT + 2);
  await expect(other.sign(AT + 3)).rejects.toThrow('PLIM_AUDIT_KEY_UNUSABLE');
  await write([auditEntry(by, 'test.noted', { n: 2 }, AT)]);
  await one.sign(AT + 4);
  const report = await verifyStoredLog({ records, trusted: [key], anchors: [], progress: () => {} });
  expect(report).toMatchObject({ standing: 'intact', heads: 5, trustedHeads: 5, signedUpTo: report.size });
  db.close();
});
