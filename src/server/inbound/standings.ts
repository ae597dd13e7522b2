import { withStanding } from '../../changes/elsewhere.ts';
import type { ChangeRecord } from '../../model/change.ts';
import type { ChangeStanding } from '../../model/remote-change.ts';
import type { Statement } from '../../store/items.ts';
import { changesIn } from '../../store/records/change-records.ts';
import { keepStanding, keptStanding } from '../../store/records/change-standings.ts';
import { type Settled, settleEvent } from '../../store/records/inbox.ts';
import type { Records } from '../../store/records/records.ts';
import type { ApiContext } from '../api/context.ts';
import { storeMoved } from '../changes/desk.ts';
import { approvalOf, changeFactsOf } from '../changes/facts.ts';
import { labelsOf } from '../metrics/names.ts';
import { actorOf } from './actor.ts';
import type { Caller } from './callers.ts';

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
}

/** Brings changes that are approved in another tool to where they stand there, and settles that, as one transaction; the caller is alone while it runs. */
export async function takeStanding(desk: StandingDesk, told: ToldStanding): Promise<Settled> {
  const { records, catalog, now, writeIncidents, events, metrics } = desk;
  const { row, sink, references, standing } = told;
  const names = new Set(references.map((one) => one.toLowerCase()));
  const meant = (await referredTo(records, sink)).filter(
    (change) =>
      names.has(change.externalRefs[sink]!.toLowerCase()) && approvalOf(catalog.services, change) === 'external',
  );
  // What was told by a call and what was found by a look overtake each other.
  const seen = await keptStanding(records, sink, references.at(-1)!);
  const isOld = standing.order !== undefined && seen?.order !== undefined && standing.order < seen.order;
  const statements: Statement[] = isOld ? [] : keepStanding(records, sink, references, standing, now());
  const moved: { before: ChangeRecord; after: ChangeRecord }[] = [];
  for (const before of isOld ? [] : meant) {
    const after = await standingAs(desk, before, sink, standing);
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

async function standingAs(
  { records, catalog, now }: Pick<StandingDesk, 'records' | 'catalog' | 'now'>,
  change: ChangeRecord,
  sink: string,
  standing: ChangeStanding,
): Promise<ChangeRecord | null> {
  const facts = await changeFactsOf(records, catalog.services, change, now());
  return withStanding(change, standing, (by) => actorOf(sink, { by }), now(), facts);
}

/**
 * What was told of a change before anybody said here what it is called there. A tool that is asked says by itself how it stands now: of
 * one that only calls nothing more may come.
 * @returns the statements that bring it there, and what it is then
 */
export async function takeTold(
  desk: Pick<StandingDesk, 'records' | 'catalog' | 'now'> & { readonly callers: readonly Caller[] },
  change: ChangeRecord,
): Promise<{ readonly statements: readonly Statement[]; readonly change: ChangeRecord }> {
  const { records, catalog, now, callers } = desk;
  if (approvalOf(catalog.services, change) !== 'external') return { statements: [], change };
  const statements: Statement[] = [];
  let current = change;
  for (const { name, inbound, options } of callers) {
    const reference = change.externalRefs[name];
    if (reference === undefined || (inbound.poll?.everyMs(options) ?? null) !== null) continue;
    const standing = await keptStanding(records, name, reference);
    const after = standing === null ? null : await standingAs(desk, current, name, standing);
    if (after === null) continue;
    statements.push(...storeMoved(records, current, after, after.timeline.at(-1)!.by, now()));
    current = after;
  }
  return { statements, change: current };
}
