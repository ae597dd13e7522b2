import { toldOf } from '../../changes/told.ts';
import type { ChangeRecord, VersionRef } from '../../model/change.ts';
import type { Service } from '../../model/config/service.ts';
import type { Actor } from '../../model/incident.ts';
import { refOf } from '../../model/new-change.ts';
import type { Change } from '../../model/signals.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { storeChange } from '../../store/records/change-records.ts';
import type { Records } from '../../store/records/records.ts';
import { assessIn, isReviewed } from './facts.ts';

/** States of what is told that say it has been made. */
const MADE: readonly string[] = ['implemented', 'approved'];

/** A change as it is told of: a row among those that have happened. */
export interface ToldRow {
  readonly id: string;
  readonly service: string;
  readonly environment: string | null;
  readonly type: Change['type'];
  /** JSON. */
  readonly before: string | null;
  readonly after: string | null;
  readonly at: Millis;
  readonly state: string;
  readonly description: string | null;
}

/** The record of what was told, where the file of its service wants its changes reviewed; nothing where it does not, or nothing was made yet. */
export function reviewStatements(
  records: Records,
  services: readonly Service[],
  row: ToldRow,
  by: Actor,
  now: Millis,
): Statement[] {
  const { at, state, before, after, ...about } = row;
  if (!isReviewed(services, row) || !MADE.includes(state) || at > now) return [];
  const said = {
    ...about,
    before: versionIn(before),
    after: versionIn(after),
    link: null,
    startedAt: at,
    endedAt: at,
    isApproved: state === 'approved',
  };
  const change: ChangeRecord = toldOf(said, by, now, assessIn(services));
  return storeChange(records, change, true);
}

const versionIn = (json: string | null): VersionRef | null => refOf(json === null ? undefined : JSON.parse(json));
