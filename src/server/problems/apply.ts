import { reworded } from '../../incidents/text.ts';
import { type Actor, type Incident, isOpen } from '../../model/incident.ts';
import type { ProblemRecord } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';
import { moveProblem, type ProblemMove, type ProblemRefused } from '../../problems/lifecycle.ts';
import { linkedTo, newProblem, unlinked } from '../../problems/open.ts';
import { storeIncident } from '../../store/records/incidents.ts';
import { nextProblemNumber, problemId } from '../../store/records/problems.ts';
import { type IncidentDesk, incidentNow } from '../incidents/apply.ts';
import { type ChangedProblem, writeProblem } from './write.ts';

export type AppliedToProblem = { readonly refused: false; readonly problem: ProblemRecord } | ProblemRefused;

/**
 * Does to a problem what a person asked for: the record, its incidents, the audit entry and the outbox are one transaction. The caller is alone while
 * it runs (`ApiContext.alone`).
 * @param other  of `link` and `unlink` the incident; of `duplicate` the problem that it is the same as
 */
export async function applyProblemMove(
  desk: IncidentDesk,
  problem: ProblemRecord,
  step: ProblemMove,
  by: Actor,
  other: { readonly incident?: Incident; readonly problem?: ProblemRecord } = {},
): Promise<AppliedToProblem> {
  const now = desk.now();
  const moved = moveProblem(problem, step, by, now);
  if (moved.refused) return moved;
  const changed: ChangedProblem[] = [{ problem: moved.problem, event: step.type, before: problem }];
  let incidents: Incident[] = [];
  if (step.type === 'link') incidents = [linkedTo(other.incident!, moved.problem)];
  else if (step.type === 'unlink')
    incidents = other.incident!.problem === problem.id ? [unlinked(other.incident!)] : [];
  else if (step.type === 'duplicate') {
    let target = other.problem!;
    for (const id of problem.incidents.filter((one) => !target.incidents.includes(one))) {
      const next = moveProblem(target, { type: 'link', incident: id }, by, now);
      if (next.refused) return next;
      target = next.problem;
    }
    if (target !== other.problem) changed.push({ problem: target, event: 'link', before: other.problem! });
    for (const one of await incidentsOf(desk, problem)) incidents.push(linkedTo(one, target));
  } else if (isOtherHelp(problem, moved.problem))
    incidents = (await incidentsOf(desk, moved.problem)).filter(isOpen).map((one) => linkedTo(one, moved.problem));
  await write(desk, changed, incidents, by, now);
  return { refused: false, problem: moved.problem };
}

/** What incidents show of it differs. */
const isOtherHelp = (before: ProblemRecord, after: ProblemRecord): boolean =>
  before.knownError !== after.knownError || before.workaround !== after.workaround;

/** A person opens a problem about incidents of one service and environment, the newest last. The caller is alone while it runs. */
export async function openProblem(
  desk: IncidentDesk,
  {
    title,
    category,
    reason,
    incidents,
  }: { readonly title: string; readonly category: string; readonly reason: string; readonly incidents: Incident[] },
  by: Actor,
): Promise<ProblemRecord> {
  const now = desk.now();
  const { service, environment } = incidents.at(-1)!;
  const problem = newProblem(problemId(await nextProblemNumber(desk.records)), {
    title,
    service,
    environment,
    category,
    rule: 'person',
    sharedSlice: null,
    incidents,
    text: reason,
    by,
    now,
  });
  await write(
    desk,
    [{ problem, event: 'open', before: null }],
    incidents.map((one) => linkedTo(one, problem)),
    by,
    now,
  );
  return problem;
}

async function incidentsOf(desk: IncidentDesk, { id, incidents }: ProblemRecord): Promise<Incident[]> {
  const known = await Promise.all(incidents.map((one) => incidentNow(desk, one)));
  return known.filter((one): one is Incident => one !== null && one.problem === id);
}

async function write(
  desk: IncidentDesk,
  changed: readonly ChangedProblem[],
  incidents: readonly Incident[],
  by: Actor,
  now: Millis,
): Promise<void> {
  const worded = incidents.map(reworded);
  await desk.writeIncidents([
    ...changed.flatMap((one) => writeProblem(desk.records, one, by, desk.listeners, now)),
    ...worded.map((incident) => storeIncident(desk.records, incident)),
  ]);
  for (const incident of worded) {
    if (desk.book.byId(incident.id) !== undefined) desk.book.put(incident);
    desk.events.send('incident', { id: incident.id, state: incident.state }, incident.service);
  }
  for (const { problem } of changed)
    desk.events.send('problem', { id: problem.id, state: problem.state }, problem.service);
  desk.wakeDelivery();
}
