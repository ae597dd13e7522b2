// What entries of the audit log cost the writer: `node --no-warnings bench/audit.ts [entries]`. CPU, within one transaction of a
// store on a disk; beside it what a head over all of them takes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactRange } from '../src/compliance/audit/compact-range.ts';
import { leafOfText } from '../src/compliance/audit/entry.ts';
import type { Statement } from '../src/store/items.ts';
import { auditEntry } from '../src/store/records/audit.ts';
import { openForWriting } from '../src/store/sqlite/database.ts';
import { StatementRunner } from '../src/store/statement-runner.ts';

const count = Number(process.argv[2] ?? 20_000);
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
const db = openForWriting(join(folder, 'store.db'));
const runner = new StatementRunner(db);

/** As deliveries leave them. */
const entry = (n: number): Statement =>
  auditEntry(
    { kind: 'system', id: 'plimsoll' },
    'delivery.attempted',
    {
      deliveryId: `plimsoll-eu1-INC-${n}-3`,
      sink: 'ops',
      attempt: 1,
      outcome: 'ok',
      status: 200,
      durationMs: n % 1000,
      remoteId: null,
      payloadSha256: 'c986aa1ceb1a7563c92b09200f7aef206b9e8423485d8a5b51fe329dd128859a',
    },
    1_790_000_000_000 + n,
  );

/** Microseconds of CPU for each of `count`. */
function cpuEach(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

for (const size of [1, 10, 100]) {
  db.exec('begin immediate');
  const each = cpuEach(() => {
    for (let from = 0; from < count; from += size) runner.run(Array.from({ length: size }, (_, i) => entry(from + i)));
  });
  db.exec('commit');
  const rate = Math.round(1e6 / each).toLocaleString('en');
  console.log(`${size} entries an item: ${each.toFixed(1)} us of CPU each, ${rate} entries a second of one core`);
}
const texts = db.prepare('select entry from audit_entry limit ?').all(count) as { entry: string }[];
const each = cpuEach(() => {
  const range = new CompactRange();
  for (const { entry: text } of texts) range.append(leafOfText(text));
  range.root();
});
console.log(`a head over ${count} of them: ${((each * count) / 1000).toFixed(0)} ms`);
db.close();
rmSync(folder, { recursive: true });
