import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { InboundDesk } from '../../../src/server/inbound/carry-out.ts';
import { Inbox } from '../../../src/server/inbound/inbox.ts';
import type { RemoteEvent } from '../../../src/sinks/inbound.ts';
import type { Statement } from '../../../src/store/items.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { Ledger } from '../../../src/store/sqlite/ledger.ts';

const START = Date.UTC(2026, 10, 1);
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-inbox-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const eventOf = (id: string): RemoteEvent => ({ id, about: { incident: 'INC-1' }, at: null, by: null, acts: [] });

it('what comes in while old events are being forgotten is dealt with at once', async () => {
  const file = join(folder, 'inbox.db');
  const ledger = new Ledger(openForWriting(file), { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
  const records = openRecords(openForReading(file));
  let forgotten = 0;
  const write = async (statements: readonly Statement[]): Promise<readonly number[]> => {
    const [result] = ledger.commit([{ type: 'statements', statements }], START);
    if (result?.type !== 'statements') throw new Error(JSON.stringify(result));
    if (JSON.stringify(statements).includes('delete from') && forgotten++ === 0) await inbox.take('pd', [eventOf('2')]);
    return result.changes;
  };
  const settled: string[] = [];
  const inbox = new Inbox({
    desk: { records, now: () => START } as InboundDesk,
    write,
    alone: (work) => work(),
    reporters: () => [],
    schedule: () => () => {},
    onSettled: (sink, how) => settled.push(`${sink} ${how}`),
    report: (error) => {
      throw error;
    },
  });
  await write(inbox.keep('pd', [eventOf('1')]));
  await inbox.settle();
  expect(forgotten).toBe(1);
  expect(settled).toEqual(['pd unknown', 'pd unknown']);
});
