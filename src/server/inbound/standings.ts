import { withStanding } from '../../changes/elsewhere.ts';
import type { ChangeRecord } from '../../model/change.ts';
import type { Actor } from '../../model/incident.ts';
import type { ChangeStanding, DecidedThere } from '../../model/remote-change.ts';
import type { Statement } from '../../store/items.ts';
import { changesIn } from '../../store/records/change-records.ts';
import { type Settled, settleEvent } from '../../store/records/inbox.ts';
import type { Records } from '../../store/records/records.ts';
import type { ApiContext } from '../api/context.ts';
import { storeMoved } from '../changes/desk.ts';
import { changeFactsOf, fileOfChange } from '../changes/facts.ts';
import { labelsOf } from '../metrics/names.ts';

export type StandingDesk = Pick<ApiContext, 'records' | 'catalog' | 'now' | 'write' | 'events' | 'metrics'>;

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

/** Brings changes that are approved in another tool to where they stand there, and settles that, as one transaction; the caller is alone while it runs. */
export async function takeStanding(desk: StandingDesk, told: ToldStanding): Promise<Settled> {
  const { records, catalog, now, write, events, metrics } = desk;
  const { row, sink, references, standing, actorOf } = told;
  const meant = (await referredTo(records, sink)).filter(
    (change) =>
      references.includes(change.externalRefs[sink]!) &&
      fileOfChange(catalog.services, change)?.approval === 'external',
  );
  const statements: Statement[] = [];
  const moved: { before: ChangeRecord; after: ChangeRecord }[] = [];
  for (const before of meant) {
    const facts = await changeFactsOf(records, catalog.services, before, now());
    const after = withStanding(before, standing, actorOf, now(), facts);
    if (after === null) continue;
    moved.push({ before, after });
    statements.push(...storeMoved(records, before, after, after.timeline.at(-1)!.by, now()));
  }
  const settled: Settled = meant.length === 0 ? 'unknown' : moved.length === 0 ? 'nothing' : 'done';
  await write([...statements, settleEvent(records, row, settled, now())]);
  for (const { before, after } of moved) {
    events.send('change', { id: after.id, state: after.state }, after.service);
    if (before.startedAt === null && after.startedAt !== null) metrics.live.change(labelsOf(after), after.type);
  }
  return settled;
}
