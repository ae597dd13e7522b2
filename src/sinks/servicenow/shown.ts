import { z } from 'zod';
import type { Millis } from '../../model/time.ts';
import { incidentOf, isOurNote, person, type ReadContext, type RemoteEvent, written } from '../inbound.ts';
import type { ServiceNowOptions } from './door.ts';

/** A record as the Table API shows it, and as a business rule posts it: strings only. */
export const shownRow = z.object({
  sys_id: z.string().min(1).max(64),
  sys_mod_count: z.string().default(''),
  sys_updated_on: z.string().default(''),
  sys_updated_by: z.string().default(''),
  sys_created_by: z.string().default(''),
  correlation_id: z.string().default(''),
  state: z.string().default(''),
  hold_reason: z.string().default(''),
  impact: z.string().default(''),
  urgency: z.string().default(''),
  close_code: z.string().default(''),
  close_notes: z.string().default(''),
  'assigned_to.name': z.string().default(''),
});
export type ShownRow = z.output<typeof shownRow>;

/** An entry of a journal field. */
export const journalRow = z.object({
  sys_id: z.string().min(1).max(64),
  element_id: z.string(),
  value: z.string().default(''),
  sys_created_on: z.string().default(''),
  sys_created_by: z.string().default(''),
});
export type JournalRow = z.output<typeof journalRow>;

/** How a record stands, as far as people change it. */
export interface Shows {
  readonly state: string;
  readonly hold_reason: string;
  readonly impact: string;
  readonly urgency: string;
  readonly close_code: string;
  readonly close_notes: string;
  readonly assigned: string;
  /** Our own change has led to this: who has it now was chosen by rules. */
  readonly byUs: boolean;
}

type Context = ReadContext<ServiceNowOptions>;

/** The user of the integration: who is configured, or else who has created the record. */
export const isOurs = (user: string, { sys_created_by }: ShownRow, { options }: Pick<Context, 'options'>): boolean =>
  user !== '' && user === (options.user ?? sys_created_by);

/** Null: it is none of this deployment's. */
export function eventOf(row: ShownRow, context: Context): RemoteEvent | null {
  const incident = incidentOf(context.deployment, row.correlation_id);
  if (incident === null) return null;
  const { state, hold_reason, impact, urgency, close_code, close_notes } = row;
  const byUs = isOurs(row.sys_updated_by, row, context);
  const shows: Shows = {
    state,
    hold_reason,
    impact,
    urgency,
    close_code,
    close_notes: written(close_notes),
    assigned: row['assigned_to.name'],
    byUs,
  };
  return {
    id: `${row.sys_id}:${row.sys_mod_count}`,
    about: { incident },
    at: momentOf(row.sys_updated_on),
    by: byUs ? null : person(row.sys_updated_by, null),
    acts: [],
    shows,
  };
}

/** Null: we wrote it. */
export function noteOf(entry: JournalRow, row: ShownRow, context: Context): RemoteEvent | null {
  const incident = incidentOf(context.deployment, row.correlation_id);
  const text = written(entry.value);
  if (incident === null || text === '' || isOurs(entry.sys_created_by, row, context) || isOurNote(text, context))
    return null;
  return {
    id: `journal:${entry.sys_id}`,
    about: { incident },
    at: momentOf(entry.sys_created_on),
    by: person(entry.sys_created_by, null),
    acts: [{ type: 'note', text }],
  };
}

/** `2026-11-01 10:00:00` in UTC; null where it is none. */
export function secondOf(text: string): Millis | null {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
  const at = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isFinite(at) ? at : null;
}

/** When something was done: the second is taken at its end. */
export function momentOf(text: string): Millis | null {
  const at = secondOf(text);
  return at === null ? null : at + 999;
}
