import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Statement } from '../../../src/store/items.ts';
import { writeIncident } from '../../../src/store/records/incidents.ts';
import { RecordsOutbox } from '../../../src/store/records/outbox.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { Ledger } from '../../../src/store/sqlite/ledger.ts';
import { outboxContract } from '../../contracts/outbox-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-outbox-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

outboxContract('SQLite', async () => {
  const file = join(folder, `${files++}.db`);
  const ledger = new Ledger(openForWriting(file), { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
  const records = openRecords(openForReading(file));
  const write = async (statements: readonly Statement[]): Promise<readonly number[]> => {
    const [result] = ledger.commit([{ type: 'statements', statements }], 0);
    if (result?.type !== 'statements') throw new Error(JSON.stringify(result));
    return result.changes;
  };
  return {
    store: new RecordsOutbox(records, write),
    commit: async (incident, seq, transition, at, sinks) => {
      // The sequence is the length of the timeline.
      const entry = incident.timeline[0] ?? { at, by: { kind: 'system', id: 'plimsoll' }, event: 'note', text: '' };
      const padded = { ...incident, timeline: Array.from({ length: seq }, () => entry) };
      await write(
        writeIncident(records, { incident: padded, transition }, { kind: 'system', id: 'test' }, sinks, at).map(
          (one): Statement =>
            'sql' in one && one.sql.includes('"outbox"')
              ? {
                  ...one,
                  parameters: one.parameters.map((value) =>
                    value === JSON.stringify(padded) ? JSON.stringify(incident) : value,
                  ),
                }
              : one,
        ),
      );
    },
  };
});
