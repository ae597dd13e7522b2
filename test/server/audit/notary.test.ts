import { expect, it } from 'vitest';
import type { SigningKey } from '../../../src/compliance/audit/keys.ts';
import { freshKey } from '../../../src/server/audit/key-file.ts';
import { Notary } from '../../../src/server/audit/notary.ts';
import { verifyStoredLog } from '../../../src/server/audit/verify-store.ts';
import type { Statement } from '../../../src/store/items.ts';
import { auditEntry } from '../../../src/store/records/audit.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForWriting } from '../../../src/store/sqlite/database.ts';
import { StatementRunner } from '../../../src/store/statement-runner.ts';
import { writtenBy } from './audited.ts';

const AT = Date.UTC(2026, 10, 1);
const by = { kind: 'system', id: 'plimsoll' } as const;

const NEVER = { anchors: [], progress: () => {} };

function logBook() {
  const db = openForWriting(':memory:');
  const records = openRecords(db);
  const runner = new StatementRunner(db);
  const write = async (statements: readonly Statement[]) => writtenBy(runner, statements);
  const open = (key: SigningKey, at: number): Promise<Notary> =>
    Notary.open({ records, write, key, log: 'test', anchors: [] }, at);
  return { db, records, write, open };
}

it('of two on one log, who does not know of a rotation signs nothing more; the other goes on', async () => {
  const { db, records, write, open } = logBook();
  const [key, next] = [freshKey(), freshKey()];
  const [one, other] = [await open(key, AT), await open(key, AT)];
  await one.sign(AT);
  await write([auditEntry(by, 'test.noted', { n: 1 }, AT)]);
  await other.sign(AT + 1);
  await one.rotate(next, by, AT + 2);
  await expect(other.sign(AT + 3)).rejects.toThrow('PLIM_AUDIT_KEY_UNUSABLE');
  await write([auditEntry(by, 'test.noted', { n: 2 }, AT)]);
  await one.sign(AT + 4);
  const report = await verifyStoredLog({ records, trusted: [key], ...NEVER });
  expect(report).toMatchObject({ standing: 'intact', heads: 5, trustedHeads: 5, signedUpTo: report.size });
  db.close();
});

it('a key that was given up does not come into force again, one that was lost and found does', async () => {
  const { db, records, open } = logBook();
  const [first, second, third] = [freshKey(), freshKey(), freshKey()];
  const notary = await open(first, AT);
  await notary.rotate(second, by, AT + 1);
  await expect(notary.rotate(first, by, AT + 2)).rejects.toThrow('PLIM_AUDIT_KEY_SAME');
  // The operator has not written the new one into the configuration, or brought an old copy back.
  await expect(open(first, AT + 3)).rejects.toThrow('PLIM_AUDIT_KEY_UNUSABLE');
  await (await open(third, AT + 4)).sign(AT + 5);
  await (await open(second, AT + 6)).sign(AT + 7);
  const report = await verifyStoredLog({ records, trusted: [first, third], ...NEVER });
  expect(report).toMatchObject({ standing: 'intact', signedUpTo: report.size });
  db.close();
});

it('a cut whose process ended in between is finished by the next start', async () => {
  const { db, records, write, open } = logBook();
  const key = freshKey();
  const notary = await open(key, AT);
  await notary.sign(AT);
  let writes = 0;
  const ending = await Notary.open(
    {
      records,
      write: async (statements) => {
        if (++writes > 1) throw new Error('the process is gone');
        return write(statements);
      },
      key,
      log: 'test',
      anchors: [],
    },
    AT + 1,
  );
  await expect(ending.cut(AT + 1, by, AT + 1)).rejects.toThrow('the process is gone');
  await (await open(key, AT + 2)).sign(AT + 2);
  const [first] = await records.selectFrom('audit_entry').select('type').orderBy('seq').execute();
  expect(first?.type).toBe('audit.cut');
  expect(await verifyStoredLog({ records, trusted: [key], ...NEVER })).toMatchObject({ standing: 'intact', from: 2 });
  db.close();
});

it('an entry that is to be found under another time, actor or type is found out', async () => {
  for (const change of ['at = at + 1', "actor = 'person:nobody'", "type = 'test.seen'"]) {
    const { db, records, write, open } = logBook();
    const key = freshKey();
    const notary = await open(key, AT);
    await write([auditEntry(by, 'test.noted', { n: 1 }, AT)]);
    await notary.sign(AT);
    const verified = () => verifyStoredLog({ records, trusted: [key], ...NEVER });
    expect((await verified()).standing).toBe('intact');
    db.exec(`update audit_entry set ${change} where seq = 2`);
    expect(await verified()).toMatchObject({ standing: 'tampered', firstBadSeq: 2 });
    db.close();
  }
});
