import type { Listener } from '../../incidents/audience.ts';
import type { Actor } from '../../model/incident.ts';
import type { ProblemRecord } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';
import { problemTransition } from '../../problems/told.ts';
import type { Statement } from '../../store/items.ts';
import { outboxRow } from '../../store/records/incidents.ts';
import { storeProblem } from '../../store/records/problems.ts';
import type { Records } from '../../store/records/records.ts';
import { problemEntry } from './audited.ts';

/** A problem that was changed: what the last entry of its timeline is, and what it was before (null: nothing, or known by the same). */
export interface ChangedProblem {
  readonly problem: ProblemRecord;
  readonly event: string;
  readonly before: ProblemRecord | null;
}

/** The record, its audit entry, and what those who keep problems are told: the caller writes them as one transaction. Who stands in for another one is not asked. */
export function writeProblem(
  records: Records,
  { problem, event, before }: ChangedProblem,
  by: Actor,
  listeners: readonly Listener[],
  now: Millis,
): Statement[] {
  const transition = problemTransition(event, problem, before);
  const seq = problem.timeline.length;
  return [
    storeProblem(records, problem),
    problemEntry(by, event, problem, now),
    ...listeners
      .filter(({ hearsProblems, standsIn }) => hearsProblems === true && !standsIn)
      .map(({ name }) => outboxRow(records, { about: problem, sink: name, seq, transition }, now)),
  ];
}
