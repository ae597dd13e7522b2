import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it, vi } from 'vitest';
import { Checkpointer } from '../../../src/store/sqlite/checkpointer.ts';
import { logOf, openForWriting } from '../../../src/store/sqlite/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-checkpointer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the file of a database holds without its log. */
function inFile(file: string): number {
  const alone = join(folder, 'alone.db');
  copyFileSync(file, alone);
  const db = new DatabaseSync(alone, { readOnly: true });
  try {
    return (db.prepare('select count(*) as n from dictionary').get() as { n: number }).n;
  } finally {
    db.close();
  }
}

it('what was committed comes into the file of the database without a commit that brings it in, and the log goes with the last connection', async () => {
  const file = join(folder, 'store.db');
  const db = openForWriting(file);
  db.exec('pragma wal_checkpoint(truncate)');
  db.exec('pragma wal_autocheckpoint = 0');
  db.exec("insert into dictionary values (9001, 'one'), (9002, 'two')");
  const before = inFile(file);

  const checkpointer = new Checkpointer(file);
  checkpointer.committed(2);
  checkpointer.committed(20_000);
  await vi.waitFor(() => expect(inFile(file)).toBe(before + 2));

  // While another one writes it waits for nobody, and brings in what is committed.
  db.exec("insert into dictionary values (9003, 'three')");
  db.exec('begin immediate');
  db.exec("insert into dictionary values (9004, 'four')");
  checkpointer.committed(20_000);
  await vi.waitFor(() => expect(inFile(file)).toBe(before + 3));
  db.exec('commit');

  await checkpointer.close();
  db.close();
  expect([existsSync(logOf(file)), inFile(file)]).toEqual([false, before + 4]);
});
