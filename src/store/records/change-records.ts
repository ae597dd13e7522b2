import type { Selectable } from 'kysely';
import { type ChangeRecord, type ChangeState, storedChange, WATCH_MS } from '../../model/change.ts';
import { refOf } from '../../model/new-change.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';
import type { Tables } from './tables.ts';

/** Until when a change is watched; null: it has not begun, was called off, or its review is written. */
const watchUntil = ({ startedAt, review, state }: ChangeRecord): Millis | null =>
  startedAt === null || review !== null || state === 'cancelled' ? null : startedAt + WATCH_MS;

/** A change as it now is; with what has begun also among those that have happened. @param isNew  one that is known by now stays as it is */
export function storeChange(records: Records, change: ChangeRecord, isNew = false): Statement[] {
  const row = {
    id: change.id,
    service: change.service,
    state: change.state,
    template: change.template,
    at: change.startedAt ?? change.createdAt,
    watch_until: watchUntil(change),
    record: JSON.stringify(change),
  };
  const { id: _, ...later } = row;
  const stored = statement(
    records
      .insertInto('change_record')
      .values(row)
      .onConflict((conflict) => (isNew ? conflict.column('id').doNothing() : conflict.column('id').doUpdateSet(later))),
  );
  return change.startedAt === null ? [stored] : [stored, ...happened(records, change, change.startedAt)];
}

/** What has happened by a change: it has begun, and was rolled back. Only what was approved is no drift (docs/guide/incidents.md). */
function happened(records: Records, change: ChangeRecord, startedAt: Millis): Statement[] {
  const { id, service, environment, type, description, before, after, unapproved } = change;
  const json = (ref: ChangeRecord['before']): string | null => (ref === null ? null : JSON.stringify(ref));
  const base = {
    service,
    environment,
    type,
    description,
    state: unapproved ? 'implemented' : 'approved',
    origin: 'declared' as const,
  };
  const begun = { ...base, id, before: json(before), after: json(after), at: startedAt };
  const put = (row: typeof begun): Statement =>
    statement(
      records
        .insertInto('change')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing()),
    );
  if (!change.rolledBack || change.endedAt === null) return [put(begun)];
  const back = { ...begun, id: rollbackId(id), before: json(after), after: json(before), at: change.endedAt };
  return [put(begun), put(back)];
}

/** The way back is a change of its own among those that have happened. */
export const rollbackId = (id: string): string => `${id}/rollback`;

export async function readChange(records: Records, id: string): Promise<ChangeRecord | null> {
  const row = await records.selectFrom('change_record').select('record').where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : storedChange(row.record);
}

/** One that was told of after the fact, or that was asked for. */
export type ListedChange =
  | { readonly at: Millis; readonly id: string; readonly asked: ChangeRecord }
  | { readonly at: Millis; readonly id: string; readonly asked: null; readonly told: Selectable<Tables['change']> };

export interface ChangeFilter {
  readonly service?: string | undefined;
  readonly state?: string | undefined;
  readonly services: ReadonlySet<string> | null;
  /** Of the last one of the page before. */
  readonly before?: { readonly at: Millis; readonly id: string } | undefined;
  readonly limit: number;
}

/** Newest first, both those told of and those asked for; what has begun of those is one line. */
export async function listChanges(records: Records, filter: ChangeFilter): Promise<ListedChange[]> {
  const { service, state, services, before, limit } = filter;
  let asked = records.selectFrom('change_record').select(['id', 'at', 'record']);
  let told = records
    .selectFrom('change as told')
    .selectAll()
    .where('origin', 'in', ['declared', 'observed'])
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('change_record as asked').select('asked.id').whereRef('asked.id', '=', 'told.id'))),
    );
  if (service !== undefined) {
    asked = asked.where('service', '=', service);
    told = told.where('service', '=', service);
  }
  if (state !== undefined) {
    asked = asked.where('state', '=', state);
    told = told.where('state', '=', state);
  }
  if (services !== null) {
    asked = asked.where('service', 'in', [...services]);
    told = told.where('service', 'in', [...services]);
  }
  if (before !== undefined) {
    const { at, id } = before;
    asked = asked.where(({ or, and, eb }) => or([eb('at', '<', at), and([eb('at', '=', at), eb('id', '<', id)])]));
    told = told.where(({ or, and, eb }) => or([eb('at', '<', at), and([eb('at', '=', at), eb('id', '<', id)])]));
  }
  const rows: ListedChange[] = [
    ...(await asked.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()).map(
      ({ id, at, record }): ListedChange => ({ id, at, asked: storedChange(record) }),
    ),
    ...(await told.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()).map(
      (row): ListedChange => ({ id: row.id, at: row.at, asked: null, told: row }),
    ),
  ];
  return rows.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, limit);
}

/** Of all services, in the order of their ids. */
export const changesIn = (records: Records, states: readonly ChangeState[]): Promise<ChangeRecord[]> =>
  read(records.selectFrom('change_record').select('record').where('state', 'in', states).orderBy('id'));

/** Changes of a service that were approved, the newest first. */
export const changesApproved = (records: Records, service: string, limit: number): Promise<ChangeRecord[]> =>
  read(
    records
      .selectFrom('change_record')
      .select('record')
      .where('service', '=', service)
      .where('state', 'in', ['scheduled', 'implement', 'review', 'closed'])
      .orderBy('at', 'desc')
      .limit(limit),
  );

/** Changes of a service that began since a moment, newest first. */
export const changesSince = (records: Records, service: string, since: Millis): Promise<ChangeRecord[]> =>
  read(
    records
      .selectFrom('change_record')
      .select('record')
      .where('service', '=', service)
      .where('at', '>=', since)
      .where('state', 'in', ['implement', 'review', 'closed'])
      .orderBy('at', 'desc'),
  );

/** What was told of, or seen, of a service since a moment, newest first; of what was asked for, that it has begun. */
export const toldSince = async (records: Records, service: string, since: Millis) =>
  (
    await records
      .selectFrom('change')
      .select(['id', 'environment', 'after', 'at'])
      .where('service', '=', service)
      .where('at', '>=', since)
      .where('after', 'is not', null)
      .orderBy('at', 'desc')
      .execute()
  ).map(({ after, ...change }) => ({ ...change, after: refOf(JSON.parse(after!)) }));

/** Changes whose watch is over and whose review is still to be written. */
export const unreviewed = (records: Records, now: Millis, limit: number): Promise<ChangeRecord[]> =>
  read(
    records
      .selectFrom('change_record')
      .select('record')
      .where('watch_until', '<=', now)
      .orderBy('watch_until')
      .limit(limit),
  );

/** So many uses of a template are looked at. */
const USES_MAX = 100;

/** How often in a row, up to the newest, a template was used without an incident, a way back, or a review that calls it unsuccessful. */
export async function templateUses(records: Records, service: string, template: string): Promise<number> {
  const used = await read(
    records
      .selectFrom('change_record')
      .select('record')
      .where('service', '=', service)
      .where('template', '=', template)
      .where('state', 'in', ['review', 'closed'])
      .orderBy('at', 'desc')
      .limit(USES_MAX),
  );
  const failed = used.findIndex(
    ({ incidents, rolledBack, review }) =>
      incidents.length > 0 || rolledBack || (review?.signed ?? review)?.result === 'unsuccessful',
  );
  return failed === -1 ? used.length : failed;
}

async function read(select: { execute(): Promise<{ record: string }[]> }): Promise<ChangeRecord[]> {
  return (await select.execute()).map(({ record }) => storedChange(record));
}
