import { type Listener, reachesPeople } from '../../incidents/audience.ts';
import type { IncidentBook, Written } from '../../incidents/book.ts';
import { SYSTEM } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { isUntold, takeBack } from '../../store/records/outbox.ts';
import type { Records } from '../../store/records/records.ts';

export interface RecallOptions {
  readonly records: Records;
  readonly book: IncidentBook;
  readonly listeners: readonly Listener[];
}

/**
 * What waits for pages and chats of an incident that begins to be suppressed is taken back, where none of them has heard of it yet:
 * a pager that was out of reach does not call when it is back. It is told at the end of the suppression, like any other.
 */
export async function recalled(
  written: readonly Written[],
  { records, book, listeners }: RecallOptions,
  now: Millis,
): Promise<{ written: Written[]; statements: Statement[] }> {
  const sinks = listeners.filter(reachesPeople).map(({ name }) => name);
  const statements: Statement[] = [];
  const kept: Written[] = [];
  for (const one of written) {
    const { incident } = one;
    const begins = incident.timeline.at(-1)?.event === 'suppressed' && one.transition !== null;
    if (!begins || sinks.length === 0 || !(await isUntold(records, incident.id, sinks))) {
      kept.push(one);
      continue;
    }
    const held = { ...incident, withheld: 'opening' as const };
    book.put(held);
    kept.push({ ...one, incident: held });
    statements.push(
      takeBack(records, incident.id, sinks, now),
      auditEntry(SYSTEM, 'delivery.withheld', { incident: incident.id, sinks }, now),
    );
  }
  return { written: kept, statements };
}
