import { type Incident, storedIncident } from '../../model/incident.ts';
import { type ProblemRecord, type ProblemState, storedProblem } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

const PREFIX = 'PRB-';
/** `PRB-42` is number 42. */
const numberOf = (id: string): number => Number(id.slice(PREFIX.length));
export const problemId = (number: number): string => `${PREFIX}${number}`;
export const isProblemId = (id: string): boolean => /^PRB-[1-9]\d{0,11}$/.test(id);

/** A problem as it now is. */
export function storeProblem(records: Records, problem: ProblemRecord): Statement {
  const row = {
    number: numberOf(problem.id),
    state: problem.state,
    service: problem.service,
    environment: problem.environment,
    category: problem.category,
    opened_at: problem.openedAt,
    closed_at: problem.closedAt,
    record: JSON.stringify(problem),
  };
  return statement(
    records
      .insertInto('problem')
      .values(row)
      .onConflict((conflict) => conflict.column('number').doUpdateSet({ ...row })),
  );
}

export async function readProblem(records: Records, id: string): Promise<ProblemRecord | null> {
  if (!isProblemId(id)) return null;
  const row = await records
    .selectFrom('problem')
    .select('record')
    .where('number', '=', numberOf(id))
    .executeTakeFirst();
  return row === undefined ? null : storedProblem(row.record);
}

/** All of a service, oldest first. */
export async function problemsOfService(records: Records, service: string): Promise<ProblemRecord[]> {
  const rows = await records
    .selectFrom('problem')
    .select('record')
    .where('service', '=', service)
    .orderBy('number')
    .execute();
  return rows.map((row) => storedProblem(row.record));
}

export interface ProblemsWanted {
  readonly state?: ProblemState | 'open' | undefined;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  /** Services that whoever asks may see; null: all. */
  readonly scope: ReadonlySet<string> | null;
  /** With lower numbers alone. */
  readonly before: number | null;
  readonly limit: number;
}

/** Newest first. */
export async function readProblems(
  records: Records,
  { state, service, environment, scope, before, limit }: ProblemsWanted,
): Promise<{ number: number; problem: ProblemRecord }[]> {
  let select = records.selectFrom('problem').select(['number', 'record']).orderBy('number', 'desc').limit(limit);
  if (state === 'open') select = select.where('state', 'not in', ['resolved', 'closed']);
  else if (state !== undefined) select = select.where('state', '=', state);
  if (service !== undefined) select = select.where('service', '=', service);
  if (environment !== undefined) select = select.where('environment', '=', environment);
  if (scope !== null) select = select.where('service', 'in', [...scope]);
  if (before !== null) select = select.where('number', '<', before);
  const rows = await select.execute();
  return rows.map((row) => ({ number: row.number, problem: storedProblem(row.record) }));
}

export async function nextProblemNumber(records: Records): Promise<number> {
  const row = await records
    .selectFrom('problem')
    .select((select) => select.fn.max('number').as('last'))
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}

/** Incidents of a service and environment that were opened at or after a time, oldest first. */
export async function incidentsSince(
  records: Records,
  { service, environment }: Pick<Incident, 'service' | 'environment'>,
  since: Millis,
): Promise<Incident[]> {
  const rows = await records
    .selectFrom('incident')
    .select('record')
    .where('service', '=', service)
    .where('environment', environment === null ? 'is' : '=', environment)
    .where('opened_at', '>=', since)
    .orderBy('number')
    .execute();
  return rows.map((row) => storedIncident(row.record));
}
