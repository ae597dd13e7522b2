import type { Logger } from 'pino';
import { SYSTEM } from '../model/incident.ts';
import { iso, type Millis } from '../model/time.ts';
import type { Statement } from '../store/items.ts';
import { auditEntry } from '../store/records/audit.ts';
import { type Records, statement } from '../store/records/records.ts';
import { MOVED_FROM, type MovedFrom, RESTORED, type Restored } from '../store/sqlite/settings.ts';
import { MOVED } from './audit/presence.ts';

/** The first start on a store that was restored says so, once. */
export async function tellOfRestore(
  records: Records,
  write: (statements: readonly Statement[]) => Promise<unknown>,
  log: Logger,
  now: Millis,
): Promise<void> {
  const row = await records.selectFrom('setting').select('value').where('name', '=', RESTORED).executeTakeFirst();
  if (row === undefined) return;
  const { from, at, taken }: Restored = JSON.parse(row.value);
  const told = { from, taken: taken === null ? null : iso(taken) };
  log.warn({ ...told, at: iso(at) }, 'the store was restored from a backup: what came in behind it is not in it');
  await write([
    auditEntry(SYSTEM, 'store.restored', told, now),
    statement(records.deleteFrom('setting').where('name', '=', RESTORED)),
  ]);
}

/** The first start on a store that was moved from another one says so, once. */
export async function tellOfMove(
  records: Records,
  write: (statements: readonly Statement[]) => Promise<unknown>,
  log: Logger,
  now: Millis,
): Promise<void> {
  const row = await records.selectFrom('setting').select('value').where('name', '=', MOVED_FROM).executeTakeFirst();
  if (row === undefined) return;
  const { from, at }: MovedFrom = JSON.parse(row.value);
  log.info({ from, at: iso(at) }, 'the store was moved here');
  await write([
    auditEntry(SYSTEM, MOVED, { from }, now),
    statement(records.deleteFrom('setting').where('name', '=', MOVED_FROM)),
  ]);
}
