import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { IncidentBook } from '../../src/incidents/book.ts';
import type { ApiContext } from '../../src/server/api/context.ts';
import { makeSilence } from '../../src/server/incidents/silences.ts';
import { openRecords } from '../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../src/store/sqlite/database.ts';
import { Ledger } from '../../src/store/sqlite/ledger.ts';
import { incidentWith } from '../incidents.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-silence-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a silence that could not be made suppresses nothing, wherever it failed', async () => {
  const incident = incidentWith();
  const now = incident.openedAt + 60_000;
  const wanted = {
    matchers: [{ label: 'service', operator: '=', value: incident.service }],
    endsAt: now + 3_600_000,
    comment: 'we know',
  } as const;
  const file = join(folder, 'undone.db');
  const db = openForWriting(file);
  new Ledger(db, { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
  const book = new IncidentBook([incident], 43, 0);
  const context = {
    book,
    records: openRecords(openForReading(file)),
    listeners: [{ name: 'pager', class: 'page', everyTransition: false, isOfLevel: false, standsIn: false }],
    suppression: async () => ({ silences: [], windowsOf: () => [], byId: (id: string) => book.byId(id) }),
    now: () => now,
    writeIncidents: () => Promise.reject(new Error('the disk is full')),
  } as unknown as ApiContext;
  const make = () =>
    makeSilence(context, { ...wanted, matchers: [...wanted.matchers] }, { kind: 'user', id: 'dana' }, null);
  await expect(make()).rejects.toThrow('the disk is full');
  expect(book.byId(incident.id)).toBe(incident);
  // What waits for pages can't be read.
  db.exec('drop table outbox');
  await expect(make()).rejects.toThrow('outbox');
  expect(book.byId(incident.id)).toBe(incident);
});
