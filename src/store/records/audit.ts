import { plainObject } from '../../compliance/audit/canonical-json.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';

/**
 * An entry of the audit log, appended in the transaction of the statements beside it.
 * @param data  ids, counts and hashes; never content, never a secret
 * @throws RangeError for what JSON does not have: NaN, infinities
 */
export const auditEntry = (
  { kind, id }: Actor,
  type: string,
  data: Readonly<Record<string, unknown>>,
  at: Millis,
): Statement => ({ audit: { at, actor: { kind, id: id.toWellFormed() }, type, data: plainObject(data) } });
