import type { Actor } from '../../model/incident.ts';
import type { ProblemRecord } from '../../model/problem.ts';
import { iso, type Millis } from '../../model/time.ts';
import { reasonOf } from '../../store/audit/reason.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';

/** What the audit log keeps of what happened last to a problem: ids, codes and times; reasons and workarounds are text that people wrote and stay in the record, of which the log has the SHA-256. */
export function problemEntry(by: Actor, event: string, problem: ProblemRecord, now: Millis): Statement {
  const { id, state, service, category, rule, incidents, proposed, rootCauseCategory, knownError, closedAs } = problem;
  const { fixChange, duplicateOf, riskAcceptance } = problem;
  return auditEntry(
    by,
    `problem.${event}`,
    {
      id,
      state,
      seq: problem.timeline.length,
      service,
      category,
      rule,
      incidents,
      proposedCause: proposed.category,
      cause: rootCauseCategory,
      knownError,
      ...(by.kind === 'system' ? {} : { person: by.name ?? null }),
      ...reasonOf(by, problem.timeline.at(-1)!.text),
      ...(fixChange === null ? {} : { fixChange }),
      ...(closedAs === null ? {} : { closedAs }),
      ...(duplicateOf === null ? {} : { duplicateOf }),
      ...(riskAcceptance === null ? {} : { riskUntil: iso(riskAcceptance.until) }),
    },
    now,
  );
}
