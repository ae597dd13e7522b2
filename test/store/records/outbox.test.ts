import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Statement } from '../../../src/store/items.ts';
import { writeIncident } from '../../../src/store/records/incidents.ts';
import { RecordsOutbox } from '../../../src/store/records/outbox.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { Ledger } from '../../../src/store/sqlite/ledger.ts';
import { outboxContract } from '../../contracts/outbox-store.ts';
import { incidentWith } from '../../incidents.ts';

const listening = (name: string) =>
  ({ name, class: 'record', everyTransition: true, isOfLevel: false, standsIn: false }) as const;

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
        writeIncident(
          records,
          { incident: padded, transition },
          { kind: 'system', id: 'test' },
          sinks.map(listening),
          at,
        ).map(
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

it('what became of a delivery and what the audit log says of it are one transaction', async () => {
  const file = join(folder, `${files++}.db`);
  const ledger = new Ledger(openForWriting(file), { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
  const records = openRecords(openForReading(file));
  let isFull = false;
  const outbox = new RecordsOutbox(records, async (statements) => {
    const last: readonly Statement[] = isFull ? [{ sql: 'insert into nowhere values (1)', parameters: [] }] : [];
    const [result] = ledger.commit([{ type: 'statements', statements: [...statements, ...last] }], 0);
    if (result?.type !== 'statements') throw new Error(JSON.stringify(result));
    return result.changes;
  });
  const by = { kind: 'system', id: 'test' } as const;
  ledger.commit(
    [
      {
        type: 'statements',
        statements: writeIncident(
          records,
          { incident: incidentWith({}), transition: 'opened' },
          by,
          ['ops'].map(listening),
          1,
        ),
      },
    ],
    0,
  );
  const [row] = await outbox.pending(1);
  const dead = { at: 7, type: 'delivery.dead', data: { sink: 'ops' } } as const;
  const told = async (): Promise<string[]> =>
    (await records.selectFrom('audit_entry').select('type').where('type', '=', 'delivery.dead').execute()).map(
      ({ type }) => type,
    );
  isFull = true;
  await expect(outbox.settle(row!.id, { state: 'dead', at: 7, lastError: 'no' }, [dead])).rejects.toThrow();
  expect([await told(), (await outbox.pending(1)).length]).toEqual([[], 1]);
  isFull = false;
  await outbox.settle(row!.id, { state: 'dead', at: 7, lastError: 'no' }, [dead]);
  expect([await told(), (await outbox.pending(1)).length]).toEqual([['delivery.dead'], 0]);
});
