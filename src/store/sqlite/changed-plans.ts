import { countingOf, type PlanData } from '../../catalog/plan-book.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import type { SqlDatabase } from '../sql.ts';
import { rawSince } from './retention.ts';
import type { Settings } from './settings.ts';

/**
 * Where what is counted of a service has changed since its minutes were counted, they are marked to be folded again, and the
 * plans are known from then on. Inside the caller's transaction.
 */
export function markChangedPlans(db: SqlDatabase, settings: Settings, plans: Iterable<PlanData>): void {
  let isChanged = false;
  for (const plan of plans) {
    const known = settings.planOf(plan.resource);
    if (known !== null && countingOf(known) === countingOf(plan)) continue;
    if (known !== null)
      for (const service of new Set([plan.service, known.service]))
        db.prepare(
          `insert into refold select distinct clock, minute from tally where service = ? and minute >= ?
           on conflict do nothing`,
        ).run(service, rawSince(settings, EVENT_CLOCK));
    isChanged ||= known !== null;
    settings.setPlan(plan);
  }
  if (isChanged) markScored(db, settings);
}

/** Scores that nobody judged before have left no tally in the minute they became known in. */
function markScored(db: SqlDatabase, settings: Settings): void {
  db.prepare(
    `insert into refold select distinct cast(? as integer), label_minute from rating
     where label_minute >= ? and type in ('evaluation', 'ranking') on conflict do nothing`,
  ).run(LABEL_CLOCK, rawSince(settings, LABEL_CLOCK));
}
