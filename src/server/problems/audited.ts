import type { Actor } from '../../model/incident.ts';
import type { ProblemRecord } from '../../model/problem.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';

/** What the audit log keeps of what happened last to a problem: ids, codes and times; reasons and workarounds are text that people wrote and stay in the record. */
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
      ...(fixChange === null ? {} : { fixChange }),
      ...(closedAs === null ? {} : { closedAs }),
      ...(duplicateOf === null ? {} : { duplicateOf }),
      ...(riskAcceptance === null ? {} : { riskUntil: iso(riskAcceptance.until) }),
    },
    now,
  );
}
