import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { KeyFile, keyFileOf } from '../../../src/server/audit/key-file.ts';
import { AuditOffice } from '../../../src/server/audit/office.ts';
import { OPERATOR } from '../../../src/server/audit/operator.ts';
import { readKeyInForce } from '../../../src/store/audit/reading.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForWriting } from '../../../src/store/sqlite/database.ts';
import { StatementRunner } from '../../../src/store/statement-runner.ts';
import { deployment } from '../world.ts';

const AT = Date.UTC(2026, 10, 1);

it('a key is in its place when it is in force, also where the head behind its entry could not be signed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-office-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'plimsoll.db');
  const db = openForWriting(path);
  const records = openRecords(db);
  const runner = new StatementRunner(db);
  let left = Number.POSITIVE_INFINITY;
  const office = await AuditOffice.open(
    {
      deployment: deployment(path),
      records,
      write: async (statements) => {
        if (--left < 0) throw new Error('the disk is full');
        const result = runner.run(statements);
        if (result.type !== 'statements') throw new Error(JSON.stringify(result));
        return result.changes;
      },
      secret: async () => '',
      log: { warn: () => {} },
    },
    AT,
  );
  // The head of the old key and the entry are written, the head of the new one is not; nor is anything of the next attempt.
  left = 2;
  await expect(office.rotate(null, OPERATOR, AT)).rejects.toThrow('the disk is full');
  await expect(office.rotate(null, OPERATOR, AT)).rejects.toThrow('the disk is full');
  expect(new KeyFile(keyFileOf(path)).read()!.id).toBe(await readKeyInForce(records));
  db.close();
});
