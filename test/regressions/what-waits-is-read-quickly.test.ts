import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RecordsOutbox } from '../../src/store/records/outbox.ts';
import { openRecords } from '../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../src/store/sqlite/database.ts';
import { Ledger } from '../../src/store/sqlite/ledger.ts';

// An index for the metrics looked better to SQLite than the right one: 4,000 messages that waited took three seconds to read, each time.
it('what waits is read in milliseconds, also when thousands wait', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-waits-'));
  const file = join(folder, 'store.db');
  const db = openForWriting(file);
  new Ledger(db, { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
  db.exec('begin');
  const insert = db.prepare(
    "insert into outbox (incident, sink, seq, transition, payload, created_at, next_attempt_at) values (?, 'ops', 1, 'opened', '{}', ?, 0)",
  );
  for (let n = 1; n <= 4_000; n++) insert.run(`INC-${n}`, n);
  db.exec('commit');
  const outbox = new RecordsOutbox(openRecords(openForReading(file)), async () => []);
  const before = process.cpuUsage();
  expect(await outbox.pending(500)).toHaveLength(500);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(600);
  db.close();
  rmSync(folder, { recursive: true });
});
