import { expect, it } from 'vitest';
import type { Reading, Verdict } from '../../../src/objectives/reading.ts';
import { LOOKED_AT, Verdicts } from '../../../src/server/audit/verdicts.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForWriting } from '../../../src/store/sqlite/database.ts';
import { StatementRunner } from '../../../src/store/statement-runner.ts';

const AT = Date.UTC(2026, 10, 1);
const reading = (verdict: Verdict): Reading => ({ verdict, reason: null, minute: AT / 60_000 }) as Reading;

it('of very many objectives some are looked at each time, all in turn; what could not be written is said again', async () => {
  const db = openForWriting(':memory:');
  const records = openRecords(db);
  const runner = new StatementRunner(db);
  const count = 2 * LOOKED_AT + 10;
  const saying = (verdict: Verdict) =>
    Array.from({ length: count }, (_, i) => ({ objective: { name: `o${i}` }, reading: reading(verdict) }));
  const noted = (): number =>
    db.prepare("select count(*) as n from audit_entry where type = 'objective.verdict_changed'").get()!['n'] as number;
  let verdicts = await Verdicts.load(records);
  const tick = (verdict: Verdict): void => {
    const { statements, written } = verdicts.follow(saying(verdict), AT);
    runner.run(statements);
    written();
  };
  verdicts.follow(saying('met'), AT);
  for (const expected of [LOOKED_AT, 2 * LOOKED_AT, count, count]) {
    tick('met');
    expect(noted()).toBe(expected);
  }
  verdicts = await Verdicts.load(records);
  for (let i = 0; i < 4; i++) tick('met');
  expect(noted()).toBe(count);
  for (let i = 0; i < 3; i++) tick('breached');
  expect(noted()).toBe(2 * count);
  db.close();
});
