import type { VersionRef } from '../../model/change.ts';
import { refOf } from '../../model/new-change.ts';
import type { Deployed } from '../../model/remote-change.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A deployment among the changes that have happened. */
export interface DeployedRow {
  readonly id: string;
  readonly service: string;
  readonly environment: string | null;
  readonly type: Deployed['type'];
  readonly before: VersionRef | null;
  readonly after: VersionRef;
  readonly at: Millis;
  readonly state: string;
  readonly description: string | null;
}

/** One that is known began when it did, and is now in this state. */
export function putDeployment(records: Records, { before, after, ...row }: DeployedRow): Statement {
  const { state, description } = row;
  const json = (ref: VersionRef | null): string | null => (ref === null ? null : JSON.stringify(ref));
  return statement(
    records
      .insertInto('change')
      .values({ ...row, before: json(before), after: json(after), origin: 'declared' })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ state, description })),
  );
}

/** How a change stands that was only told of; null: it was not. */
export async function toldState(records: Records, id: string): Promise<string | null> {
  const row = await records.selectFrom('change').select('state').where('id', '=', id).executeTakeFirst();
  return row?.state ?? null;
}

/** A way back that did not happen after all. */
export const forgetChange = (records: Records, id: string): Statement =>
  statement(records.deleteFrom('change').where('id', '=', id));

/** The version that the newest change of that kind before has brought, and is not this one; null: none is known. */
export async function deployedBefore(
  records: Records,
  { service, environment, type, after, at }: Pick<Deployed, 'service' | 'environment' | 'type' | 'after' | 'at'>,
): Promise<VersionRef | null> {
  let rows = records
    .selectFrom('change')
    .select('after')
    .where('service', '=', service)
    .where('type', '=', type)
    .where('origin', '=', 'declared')
    .where('state', 'in', ['implemented', 'approved'])
    .where('after', 'is not', null)
    .where('at', '<', at);
  if (environment !== null)
    rows = rows.where(({ or, eb }) => or([eb('environment', '=', environment), eb('environment', 'is', null)]));
  const row = await rows.orderBy('at', 'desc').limit(1).executeTakeFirst();
  const before = row === undefined ? null : refOf(JSON.parse(row.after!));
  return before === null || before.id === after.id ? null : before;
}
