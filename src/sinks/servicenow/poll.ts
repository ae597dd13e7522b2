import type { Poll, RemoteEvent } from '../inbound.ts';
import type { SinkContext } from '../sink.ts';
import { Failed } from '../steps.ts';
import { lookAtChanges } from './changes.ts';
import { type Door, doorOf, type ServiceNowOptions } from './door.ts';
import { pages } from './rows.ts';
import { eventOf, type JournalRow, journalRow, momentOf, noteOf, type ShownRow, shownRow } from './shown.ts';

/**
 * Where the next look begins, in ServiceNow's own words for a time, so that neither clocks nor time zones matter; and what was
 * seen of the records since, since looks overlap.
 */
interface Cursor {
  readonly since: string;
  readonly seen: Readonly<Record<string, string>>;
}

/** A transaction that began earlier may become visible later. */
const OVERLAP_MS = 120_000;
const FIRST_LOOK_MS = 3_600_000;
const ROWS_READ = 40;
const NOTES_READ = 20;

export const poll: Poll<ServiceNowOptions> = {
  everyMs: ({ poll: everyMs }) => everyMs,
  look: async (cursor, _told, context) => {
    const door = await doorOf(context);
    const before = (cursor as Cursor | null) ?? { since: wordsOf(context.now() - FIRST_LOOK_MS), seen: {} };
    const rows = await changedRows(before.since, door, context);
    const fresh = rows.filter((row) => before.seen[row.sys_id] !== row.sys_mod_count);
    const events: RemoteEvent[] = [];
    const take = (event: RemoteEvent | null): void => {
      if (event !== null) events.push(event);
    };
    for (const row of fresh) {
      for (const entry of await journalOf(row, before.since, door)) take(noteOf(entry, row, context));
      take(eventOf(row, context));
    }
    return { events, cursor: cursorAfter(rows, before) };
  },
  changes: lookAtChanges,
};

function cursorAfter(rows: readonly ShownRow[], before: Cursor): Cursor {
  const times = rows.flatMap(({ sys_updated_on }) => momentOf(sys_updated_on) ?? []);
  const since = times.length === 0 ? before.since : wordsOf(Math.max(...times) - OVERLAP_MS);
  const seen = Object.fromEntries(rows.map((row) => [row.sys_id, row.sys_mod_count]));
  return since < before.since ? { ...before, seen } : { since, seen };
}

const wordsOf = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

async function changedRows(since: string, door: Door, context: SinkContext<ServiceNowOptions>): Promise<ShownRow[]> {
  const prefix = `plimsoll-${context.deployment}-INC-`;
  const query = `correlation_idSTARTSWITH${prefix}^sys_updated_on>=${since}^ORDERBYsys_updated_on^ORDERBYsys_id`;
  const rows: ShownRow[] = [];
  for await (const page of pages(tableOf(door, context.options), query, ROWS_READ, shownRow, door)) {
    if (page === null) throw new Failed({ kind: 'retry', reason: 'its answer is no list of records' });
    // A condition that it doesn't understand is left out, and everybody's records come back.
    if (page.some(({ correlation_id }) => !correlation_id.startsWith(prefix)))
      throw new Failed({ kind: 'permanent', reason: 'it does not search by correlation_id: other records came back' });
    rows.push(...page);
  }
  return rows;
}

/** The records themselves, also where what is sent goes into a staging table. */
const tableOf = ({ table }: Door, { mode }: ServiceNowOptions): string => (mode === 'import_set' ? 'incident' : table);

/** What was written into a record. Where the user may not read that, notes don't come back, which is said. */
async function journalOf({ sys_id }: ShownRow, since: string, door: Door): Promise<JournalRow[]> {
  const ours = `element_id=${sys_id}^elementINwork_notes,comments^sys_created_on>=${since}`;
  const query = `${ours}^ORDERBYsys_created_on^ORDERBYsys_id`;
  const entries: JournalRow[] = [];
  try {
    for await (const page of pages('sys_journal_field', query, NOTES_READ, journalRow, door)) {
      if (page === null) door.warn('note_too_long', 'a note is longer than what is read of an answer: it is left out');
      else entries.push(...page.filter(({ element_id }) => element_id === sys_id));
    }
  } catch (error) {
    if (!(error instanceof Failed) || error.outcome.kind !== 'permanent') throw error;
    door.warn('no_notes', 'notes can not be read: the user needs to read sys_journal_field');
  }
  return entries;
}
