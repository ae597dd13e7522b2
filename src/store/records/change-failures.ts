import type { Millis } from '../../model/time.ts';
import { rollbackId } from './change-records.ts';
import type { Records } from './records.ts';

/** Changes of a service and environment, and those of them that went wrong. */
export interface ChangeFailures {
  readonly service: string;
  readonly environment: string | null;
  readonly n: number;
  readonly failed: number;
}

/**
 * Changes that were declared since a moment, and made: one has failed when it was rolled back, its deployment failed, or an incident is of its new
 * version. A way back is no change of its own here, and what was only seen in the traffic was nobody's here to fail.
 * @param now  what is said to come later has not been made
 */
export async function changeFailures(records: Records, since: Millis, now: Millis): Promise<ChangeFailures[]> {
  const changes = await records
    .selectFrom('change')
    .select(['id', 'service', 'environment', 'state'])
    .where('origin', '=', 'declared')
    .where('at', '>=', since)
    .where('at', '<=', now)
    .where('state', 'in', [...MADE, FAILED])
    .orderBy('id')
    .execute();
  if (changes.length === 0) return [];
  const ids = new Set(changes.map(({ id }) => id));
  const blamed = await blamedSince(records, since);
  const found = new Map<string, { service: string; environment: string | null; n: number; failed: number }>();
  for (const { id, service, environment, state } of changes) {
    if (id.endsWith(BACK)) continue;
    const key = JSON.stringify([service, environment]);
    const known = found.get(key) ?? { service, environment, n: 0, failed: 0 };
    known.n++;
    if (state === FAILED || blamed.has(id) || ids.has(rollbackId(id))) known.failed++;
    found.set(key, known);
  }
  return [...found.values()];
}

const BACK = rollbackId('');
/** States of a change that say it has been made, and that its deployment came to nothing. */
const MADE = ['implemented', 'approved'];
const FAILED = 'failed';

/** Changes that incidents are of, which opened since then. */
async function blamedSince(records: Records, since: Millis): Promise<Set<string>> {
  const rows = await records
    .selectFrom('incident')
    .select('caused_by')
    .where('opened_at', '>=', since)
    .where('caused_by', 'is not', null)
    .execute();
  return new Set(rows.map(({ caused_by: change }) => change!));
}
