import type { FingerprintQuantity } from '../../changes/fingerprint.ts';
import type { JumpEvidence } from '../../changes/jump.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Millis, Minute } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A fingerprint by the codes of what a service is counted under and of what it calls. */
export interface StoredFingerprint {
  readonly service: Code;
  readonly dependency: Code;
  readonly quantity: FingerprintQuantity;
  /** The last minute that was counted. */
  readonly through: Minute;
  readonly state: Uint8Array;
}

export const readFingerprints = async (records: Records): Promise<StoredFingerprint[]> =>
  (await records.selectFrom('fingerprint').selectAll().execute()).map((row) => ({
    ...row,
    quantity: row.quantity as FingerprintQuantity,
  }));

export const writeFingerprint = (records: Records, { through, state, ...key }: StoredFingerprint): Statement =>
  statement(
    records
      .insertInto('fingerprint')
      .values({ ...key, through, state })
      .onConflict((conflict) =>
        conflict.columns(['service', 'dependency', 'quantity']).doUpdateSet({ through, state }),
      ),
  );

/** Of what has not been called since then. */
export const dropFingerprints = (records: Records, before: Minute): Statement =>
  statement(records.deleteFrom('fingerprint').where('through', '<', before));

/** What speaks for a jump. The same one found again stays as it is. */
export const writeJump = (records: Records, change: string, evidence: JumpEvidence): Statement =>
  statement(
    records
      .insertInto('change_jump')
      .values({ change, evidence: JSON.stringify(evidence) })
      .onConflict((conflict) => conflict.column('change').doNothing()),
  );

/** A jump that was recorded as a change; null: that change is none, or is not known. */
export async function readJump(records: Records, change: string) {
  const row = await records
    .selectFrom('change_jump')
    .innerJoin('change as noted', 'noted.id', 'change_jump.change')
    .select(['noted.service', 'noted.environment', 'noted.type', 'noted.description', 'change_jump.evidence'])
    .where('change_jump.change', '=', change)
    .executeTakeFirst();
  return row === undefined ? null : { ...row, evidence: JSON.parse(row.evidence) as JumpEvidence };
}

/** Changes of a service in a time that may be why its calls are other ones; both ends inclusive. */
export const changesNear = (records: Records, service: string, from: Millis, to: Millis) =>
  records
    .selectFrom('change')
    .leftJoin('change_jump', 'change_jump.change', 'id')
    .select(['environment', 'change_jump.evidence'])
    .where('service', '=', service)
    .where('at', '>=', from)
    .where('at', '<=', to)
    .execute();
