import { withStanding } from '../../changes/elsewhere.ts';
import type { ChangeRecord } from '../../model/change.ts';
import type { Actor } from '../../model/incident.ts';
import type { ChangeStanding, DecidedThere } from '../../model/remote-change.ts';
import type { Statement } from '../../store/items.ts';
import { changesIn } from '../../store/records/change-records.ts';
import { type Settled, settleEvent } from '../../store/records/inbox.ts';
import type { Records } from '../../store/records/records.ts';
import { readSetting, writeSetting } from '../../store/records/settings.ts';
import type { ApiContext } from '../api/context.ts';
import { storeMoved } from '../changes/desk.ts';
import { approvalOf, changeFactsOf } from '../changes/facts.ts';
import { labelsOf } from '../metrics/names.ts';

export type StandingDesk = Pick<ApiContext, 'records' | 'catalog' | 'now' | 'writeIncidents' | 'events' | 'metrics'>;

/** Changes that a tool knows, and that may still go on there. */
export const referredTo = async (records: Records, sink: string): Promise<ChangeRecord[]> =>
  (await changesIn(records, ['new', 'assess', 'authorize', 'scheduled', 'implement'])).filter(
    ({ externalRefs }) => externalRefs[sink] !== undefined,
  );

/** How a change stands in a tool, under the operator's name for that. */
export interface ToldStanding {
  readonly row: number;
  readonly sink: string;
  readonly references: readonly string[];
  readonly standing: ChangeStanding;
  readonly actorOf: (by: DecidedThere['by']) => Actor;
}

/** So many records of a tool are known by the order of what was told of them last. */
const REMEMBERED = 500;

/** Brings changes that are approved in another tool to where they stand there, and settles that, as one transaction; the caller is alone while it runs. */
export async function takeStanding(desk: StandingDesk, told: ToldStanding): Promise<Settled> {
  const { records, catalog, now, writeIncidents, events, metrics } = desk;
  const { row, sink, references, standing, actorOf } = told;
  const names = new Set(references.map((one) => one.toLowerCase()));
  const meant = (await referredTo(records, sink)).filter(
    (change) =>
      names.has(change.externalRefs[sink]!.toLowerCase()) && approvalOf(catalog.services, change) === 'external',
  );
  // What was told by a call and what was found by a look overtake each other.
  const setting = `standings of ${sink}`;
  const record = references.at(-1)!;
  const seen = (await readSetting<Record<string, number>>(records, setting)) ?? {};
  const isOld = standing.order !== undefined && Object.hasOwn(seen, record) && standing.order < seen[record]!;
  const statements: Statement[] = [];
  if (standing.order !== undefined && !isOld && meant.length > 0) {
    const { [record]: _, ...others } = seen;
    const kept = [...Object.entries(others).slice(1 - REMEMBERED), [record, standing.order]];
    statements.push(writeSetting(records, setting, Object.fromEntries(kept)));
  }
  const moved: { before: ChangeRecord; after: ChangeRecord }[] = [];
  for (const before of isOld ? [] : meant) {
    const facts = await changeFactsOf(records, catalog.services, before, now());
    const after = withStanding(before, standing, actorOf, now(), facts);
    if (after === null) continue;
    moved.push({ before, after });
    statements.push(...storeMoved(records, before, after, after.timeline.at(-1)!.by, now()));
  }
  const settled: Settled = meant.length === 0 ? 'unknown' : moved.length === 0 ? 'nothing' : 'done';
  await writeIncidents([...statements, settleEvent(records, row, settled, now())]);
  for (const { before, after } of moved) {
    events.send('change', { id: after.id, state: after.state }, after.service);
    if (before.startedAt === null && after.startedAt !== null) metrics.live.change(labelsOf(after), after.type);
  }
  return settled;
}
