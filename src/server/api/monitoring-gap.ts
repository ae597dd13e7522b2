import type { Finding } from '../../catalog/findings.ts';
import { monitoringGaps } from '../../catalog/monitoring-gap.ts';
import { availability } from '../../measures/availability.ts';
import type { Code } from '../../model/dictionary.ts';
import { HOUR_MS } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reading } from '../../objectives/reading.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import type { ApiContext } from './context.ts';

const INTERACTIONS = availability();

interface Read {
  readonly objective: Objective;
  readonly reading: Reading | null;
}

/** Objectives of a service whose evidence has stopped to come, though it is used. */
export function monitoringGapsOf(context: ApiContext, counted: Code, objectives: readonly Read[]): Finding[] {
  const judged = objectives.flatMap(({ objective, reading }) => {
    const isJudged = objective.composition === undefined && objective.drift === undefined;
    if (reading === null || !isJudged || reading.dayEvents > 0) return [];
    const { n, window } = reading.estimate;
    return [{ objective: objective.name, dayEvents: 0, events: n, windowMs: window.to - window.from }];
  });
  if (judged.length === 0) return [];
  const now = context.now();
  const hour = Math.floor(now / HOUR_MS);
  let interactions = 0;
  for (const { tally } of context.reader.series('hour', EVENT_CLOCK, counted, hour - 23, hour))
    interactions += INTERACTIONS.eventsOf(tally).n;
  return monitoringGaps(judged, interactions, now);
}
