import { createHash } from 'node:crypto';
import { z } from 'zod';
import { recordDocument } from '../../catalog/service-records.ts';
import { Service } from '../../model/config/service.ts';
import type { Actor } from '../../model/incident.ts';
import type { CountedService } from '../../model/names.ts';
import { JUDGED_FIELDS, RECORD_FIELDS, type RecordField, type ServiceRecord } from '../../model/service-record.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import type { Records } from '../../store/records/records.ts';
import { removeServiceRecord, storeServiceRecord } from '../../store/records/service-records.ts';
import { badRequest, Problem } from '../api/problem.ts';

/** Records that are told apart: each is read with every list of services. */
export const RECORDS_MAX = 5000;
/** A list of a record, and a record in characters of JSON, are at most so long: files are read once, and records again and again. */
export const ENTRIES_MAX = 500;
export const RECORD_CHARACTERS_MAX = 65_536;
/** Steps that a record remembers; the audit log has them all. */
const HISTORY_MAX = 50;

const name = z.string().trim().min(1).max(256);
const text = z.string().trim().min(1).max(8192);
const whose = {
  /** Null or '': of a file that names none; absent: the only one that there is. */
  environment: z.string().max(256).nullable().optional(),
  /** Who it is, where a token or nobody at all signs in. */
  person: name.optional(),
};

/** What is said of a service: each field as a file would have it; null takes it back. */
export const RecordBody = z.strictObject({
  fields: z
    .strictObject(
      Object.fromEntries(RECORD_FIELDS.map((field) => [field, z.unknown()])) as Record<RecordField, z.ZodUnknown>,
    )
    .partial(),
  /** The revision that whoever sends it has seen: it is refused when it is another by now. */
  revision: z.int().min(0).optional(),
  reason: text,
  ...whose,
});
export const ConfirmBody = z.strictObject({ reason: text.nullable().default(null), ...whose });

export const refused = (reason: string): Problem =>
  new Problem(409, 'PLIM_RECORD_REFUSED', 'Not allowed by a rule', reason);

/** What there is to a step. */
export interface RecordDesk {
  readonly records: Records;
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  readonly now: Millis;
  readonly by: Actor;
  /** As it is by now; null: nothing was said yet. */
  readonly known: ServiceRecord | null;
  /** Fields that the service's file says itself; null: it has none. */
  readonly spoken: ReadonlySet<string> | null;
}

const emptyRecord = ({ name: service, environment }: CountedService): ServiceRecord => ({
  service,
  environment,
  fields: {},
  confirmed: null,
  revision: 0,
  history: [],
});

/** @throws Problem  for what no file could say, and for what this service's file alone says */
export async function sayRecord(
  desk: RecordDesk,
  service: CountedService,
  { fields, revision, reason }: z.output<typeof RecordBody>,
): Promise<void> {
  const before = desk.known ?? emptyRecord(service);
  if (revision !== undefined && revision !== before.revision)
    throw refused(`the record is at revision ${before.revision} by now, and not at ${revision}: read it again`);
  const said = Object.entries(fields).filter(([, value]) => value !== undefined) as [RecordField, unknown][];
  if (said.length === 0) throw badRequest('fields: one field or more');
  const judged = said.filter(([field, value]) => value !== null && JUDGED_FIELDS.includes(field));
  if (desk.spoken !== null && judged.length > 0)
    throw refused(
      `a file declares ${service.name}, and ${judged.map(([field]) => field).join(', ')} decides how it is judged and kept: write it there`,
    );
  const entries = new Map(Object.entries(before.fields) as [RecordField, unknown][]);
  for (const [field, value] of said)
    if (value === null) entries.delete(field);
    else entries.set(field, value);
  const after = Object.fromEntries(entries) as ServiceRecord['fields'];
  const tooLong = tooLongOf(after);
  if (tooLong !== null) throw badRequest(tooLong);
  const parsed = Service.safeParse(recordDocument(service.name, after));
  if (!parsed.success)
    throw badRequest(
      parsed.error.issues
        .map(({ path, message }) => `fields.${path.slice(1).join('.') || 'record'}: ${message}`)
        .join('; '),
    );
  const changed = said
    .filter(([field]) => JSON.stringify(before.fields[field]) !== JSON.stringify(after[field]))
    .map(([field]) => field);
  if (changed.length > 0) await write(desk, 'changed', { ...before, fields: after }, changed, reason);
}

/** What of the fields is more than is kept; null: nothing is. */
function tooLongOf(fields: ServiceRecord['fields']): string | null {
  for (const [field, value] of Object.entries(fields)) {
    const n = longest(value);
    if (n > ENTRIES_MAX)
      return `fields.${field}: ${n} entries, at most ${ENTRIES_MAX} are kept over the API: write a file for this service`;
  }
  const n = JSON.stringify(fields).length;
  if (n <= RECORD_CHARACTERS_MAX) return null;
  return `fields: the record would have ${n} characters, at most ${RECORD_CHARACTERS_MAX} are kept over the API: write a file for this service`;
}

/** Entries of the longest list or map in it. A value of JSON is as deep as its parser lets it be. */
function longest(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const entries = Object.values(value);
  return entries.reduce<number>((n, one) => Math.max(n, longest(one)), entries.length);
}

/** The record is found right, today. @throws Problem  where nobody says who they are */
export async function confirmRecord(desk: RecordDesk, service: CountedService, reason: string | null): Promise<void> {
  const { by, now } = desk;
  const isNamed = by.name !== undefined || (by.kind === 'user' && by.id !== 'local');
  if (!isNamed) throw refused('a named person confirms a record: sign in, or say who it is as "person"');
  const before = desk.known ?? emptyRecord(service);
  const confirmed = { by: (by.name ?? by.id).slice(0, 256), at: iso(now).slice(0, 10) };
  await write(desk, 'confirmed', { ...before, confirmed }, [], reason);
}

/** One transaction: the record and its audit entry, which has names and hashes and nothing that people wrote. */
async function write(
  { records, write: commit, now, by, known, spoken }: RecordDesk,
  event: ServiceRecord['history'][number]['event'],
  record: ServiceRecord,
  fields: readonly RecordField[],
  reason: string | null,
): Promise<void> {
  const entry = { at: now, by, event, fields, reason };
  const after: ServiceRecord = {
    ...record,
    revision: record.revision + 1,
    history: [...record.history, entry].slice(-HISTORY_MAX),
  };
  const { service, environment, revision, confirmed } = after;
  // Of a service without a file a record that says nothing is none.
  const isOver = spoken === null && event === 'changed' && Object.keys(after.fields).length === 0;
  await commit([
    isOver ? removeServiceRecord(records, after) : storeServiceRecord(records, after, now),
    auditEntry(
      by,
      `service.record_${isOver ? 'removed' : event}`,
      {
        service,
        environment,
        revision,
        fields,
        person: by.name ?? null,
        ...(event === 'confirmed' ? { on: confirmed!.at } : {}),
        before: known === null ? null : hashOf(known.fields),
        after: hashOf(after.fields),
        reasonSha256: reason === null ? null : createHash('sha256').update(reason).digest('hex'),
      },
      now,
    ),
  ]);
}

const hashOf = (fields: ServiceRecord['fields']): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
