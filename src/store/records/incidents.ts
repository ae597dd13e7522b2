import { audienceOf, type Listener } from '../../incidents/audience.ts';
import { auditedOf } from '../../incidents/audited.ts';
import type { Written } from '../../incidents/book.ts';
import type { Episode } from '../../incidents/episodes.ts';
import { type Actor, type Incident, storedIncident } from '../../model/incident.ts';
import type { ProblemRecord } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';
import { reasonOf } from '../audit/reason.ts';
import type { Statement } from '../items.ts';
import type { Told } from '../outbox/row.ts';
import { auditEntry } from './audit.ts';
import { type Records, statement } from './records.ts';

/** `INC-42` is number 42. */
export const numberOf = (id: string): number => Number(id.slice('INC-'.length));

/**
 * An incident as it now is, and for a transition its audit entry and its outbox rows: the caller writes them as one transaction.
 * @param listeners  all destinations: who of them is told is the audience's business
 */
export function writeIncident(
  records: Records,
  { incident, transition }: Written,
  by: Actor,
  listeners: readonly Listener[],
  now: Millis,
): Statement[] {
  if (transition === null) return [storeIncident(records, incident)];
  const seq = incident.timeline.length;
  const audience = audienceOf(incident, transition, listeners);
  const notTold = listeners.map(({ name }) => name).filter((name) => !audience.includes(name));
  const why = incident.suppressedBy.map(({ kind, id }) => `${kind} ${id}`);
  const left = notTold.length === 0 ? {} : { notTold, suppressedBy: why };
  return [
    storeIncident(records, incident),
    auditEntry(
      by,
      `incident.${transition}`,
      { ...auditedOf(incident), ...reasonOf(by, incident.timeline.at(-1)!.text), ...left },
      now,
    ),
    ...audience.map((sink) => outboxRow(records, { about: incident, sink, seq, transition }, now)),
  ];
}

/** What is to be told to one destination: the incident or the problem as it is now. */
export const outboxRow = (
  records: Records,
  {
    about,
    sink,
    seq,
    transition,
  }: {
    readonly about: Incident | ProblemRecord;
    readonly sink: string;
    readonly seq: number;
    readonly transition: Told;
  },
  now: Millis,
): Statement =>
  statement(
    records.insertInto('outbox').values({
      incident: about.id,
      sink,
      seq,
      transition,
      payload: JSON.stringify(about),
      created_at: now,
      next_attempt_at: now,
      last_error: null,
      settled_at: null,
      superseded_by: null,
      remote: null,
      refresh_until: null,
    }),
  );

/** The record alone: for what is no transition and of which nobody is told. */
export function storeIncident(records: Records, incident: Incident): Statement {
  const row = {
    number: numberOf(incident.id),
    state: incident.state,
    service: incident.service,
    environment: incident.environment,
    opened_at: incident.openedAt,
    parent: incident.parent === null ? null : numberOf(incident.parent),
    caused_by: incident.causedByChange,
    record: JSON.stringify(incident),
  };
  return statement(
    records
      .insertInto('incident')
      .values(row)
      .onConflict((conflict) => conflict.column('number').doUpdateSet({ ...row })),
  );
}

export async function readIncident(records: Records, id: string): Promise<Incident | null> {
  if (!/^INC-\d{1,12}$/.test(id)) return null;
  const row = await records
    .selectFrom('incident')
    .select('record')
    .where('number', '=', numberOf(id))
    .executeTakeFirst();
  return row === undefined ? null : storedIncident(row.record);
}

/** Incidents that follow from one, in the order in which they were opened. */
export async function readChildren(records: Records, id: string): Promise<Incident[]> {
  const rows = await records
    .selectFrom('incident')
    .select('record')
    .where('parent', '=', numberOf(id))
    .orderBy('number')
    .execute();
  return rows.map((row) => storedIncident(row.record));
}

export function writeEpisode(records: Records, episode: Episode): Statement {
  const row = {
    objective: episode.objective,
    detector: episode.detector,
    alarm: episode.alarm,
    onset: episode.onset,
    paged: episode.paged,
    resolved: episode.resolved,
    n: episode.n,
    bad: episode.bad,
    statistic: episode.statistic,
    threshold: episode.threshold,
    tiers: JSON.stringify(episode.tiers),
    incident: episode.incident,
  };
  return statement(
    records
      .insertInto('episode')
      .values(row)
      .onConflict((conflict) => conflict.columns(['objective', 'detector', 'alarm']).doUpdateSet({ ...row })),
  );
}

export const removeEpisode = (
  records: Records,
  episode: Pick<Episode, 'objective' | 'detector' | 'alarm'>,
): Statement =>
  statement(
    records
      .deleteFrom('episode')
      .where('objective', '=', episode.objective)
      .where('detector', '=', episode.detector)
      .where('alarm', '=', episode.alarm),
  );

export async function readEpisodes(records: Records): Promise<Episode[]> {
  const rows = await records.selectFrom('episode').selectAll().orderBy('alarm').execute();
  return rows.map((row) => ({ ...row, tiers: JSON.parse(row.tiers) }));
}

/** Incidents that can still change. */
export async function readOpenIncidents(records: Records): Promise<Incident[]> {
  const rows = await records
    .selectFrom('incident')
    .select('record')
    .where('state', 'not in', ['closed', 'cancelled'])
    .orderBy('number')
    .execute();
  return rows.map((row) => storedIncident(row.record));
}

export async function nextIncidentNumber(records: Records): Promise<number> {
  const row = await records
    .selectFrom('incident')
    .select((select) => select.fn.max('number').as('last'))
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}
