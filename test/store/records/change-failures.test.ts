import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { changeFailures } from '../../../src/store/records/change-failures.ts';
import { storeIncident } from '../../../src/store/records/incidents.ts';
import { openRecords, statement } from '../../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { Ledger } from '../../../src/store/sqlite/ledger.ts';
import { incidentWith } from '../../incidents.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-change-failures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('counts what was made, and as failed a deployment that failed; what is only announced is neither', async () => {
  const file = join(folder, 'store.db');
  const ledger = new Ledger(openForWriting(file), { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
  const records = openRecords(openForReading(file));
  const change = (id: string, state: string, at: number, origin: 'declared' | 'observed' = 'declared') =>
    statement(
      records.insertInto('change').values({
        id,
        service: 'bot',
        environment: null,
        type: 'prompt',
        before: null,
        after: null,
        at,
        state,
        description: null,
        origin,
      }),
    );
  const statements = [
    change('old', 'implemented', 99),
    change('made', 'implemented', 100),
    change('approved', 'approved', 150),
    change('undone', 'approved', 150),
    change('undone/rollback', 'approved', 160),
    change('deployment-ci-1', 'failed', 170),
    change('deployment-ci-2', 'begun', 180),
    change('asked elsewhere', 'planned', 180),
    change('later', 'implemented', 201),
    change('seen', 'implemented', 180, 'observed'),
    change('blamed', 'implemented', 150),
    change('cleared', 'implemented', 150),
    storeIncident(records, incidentWith({ id: 'INC-1', openedAt: 160, causedByChange: 'blamed' })),
    storeIncident(records, incidentWith({ id: 'INC-2', openedAt: 99, causedByChange: 'cleared' })),
    storeIncident(records, incidentWith({ id: 'INC-3', openedAt: 170 })),
  ];
  expect(ledger.commit([{ type: 'statements', statements }], 0)[0]).toMatchObject({ type: 'statements' });
  expect(await changeFailures(records, 100, 200)).toEqual([{ service: 'bot', environment: null, n: 6, failed: 3 }]);
  // Asked at every tick: the texts of the records are not looked through.
  const db = openForReading(file);
  const plan = db
    .prepare('explain query plan select caused_by from incident where opened_at >= ? and caused_by is not null')
    .all(100);
  expect(plan.map(({ detail }) => detail)).toEqual([
    'SEARCH incident USING COVERING INDEX incident_caused (opened_at>?)',
  ]);
  db.close();
});
