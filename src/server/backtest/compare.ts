import { type Matching, matchByOverlap, type Stretch } from '../../incidents/matching.ts';
import type { Incident, Priority } from '../../model/incident.ts';
import { type Minute, millisOfMinute } from '../../model/time.ts';
import type { Run } from './run.ts';

/** An incident as far as a backtest compares it. */
export interface Found extends Stretch {
  /** Of the record; null where it was only found by running over the past. */
  readonly id: string | null;
  readonly priority: Priority;
  /** Somebody would be woken. */
  readonly page: boolean;
  /** From the onset until it was found. */
  readonly n: number;
  readonly bad: number;
}

/** One that would have been opened, beside the same breach as it was opened and as the objective in force finds it. */
export interface Compared {
  readonly incident: Found;
  readonly opened: Found | null;
  readonly inForce: Found | null;
}

export interface Comparison {
  readonly incidents: readonly Compared[];
  /** What was opened, and what the objective in force finds, that this one would not have found. */
  readonly missedOpened: readonly Found[];
  readonly missedInForce: readonly Found[];
}

/** @param inForce  null where that is the same objective, or where there is none */
export function compare(
  incidents: readonly Found[],
  opened: readonly Found[],
  inForce: readonly Found[] | null,
): Comparison {
  const byRecord = matchByOverlap(incidents, opened);
  const byRun: Matching<Found, Found> = matchByOverlap(incidents, inForce ?? []);
  return {
    incidents: incidents.map((incident, i) => ({
      incident,
      opened: byRecord.pairs[i]!.other,
      inForce: byRun.pairs[i]!.other,
    })),
    missedOpened: byRecord.left,
    missedInForce: byRun.left,
  };
}

/** The incidents of a run that reach into the time reported. */
export const foundBy = ({ incidents, episodes }: Run, from: Minute): Found[] =>
  incidents
    .map((incident) => ({
      ...foundOf(incident, incident.breaches[0].objective),
      id: null,
      page: episodes.some((one) => one.incident === incident.id && one.paged !== null),
    }))
    .filter(isSince(from));

/** The incidents on record that an objective has a part in, in order of time: those that it opened as they are, of others its own part. */
export const openedFor = (records: readonly Incident[], objective: string, from: Minute, to: Minute): Found[] =>
  records
    .filter(({ breaches }) => breaches.some((breach) => breach.objective === objective))
    .map((incident) => foundOf(incident, objective))
    .filter((found) => isSince(from)(found) && found.startedAt < millisOfMinute(to + 1))
    .sort((a, b) => a.startedAt - b.startedAt);

const isSince =
  (from: Minute) =>
  ({ resolvedAt }: Found): boolean =>
    resolvedAt === null || resolvedAt > millisOfMinute(from);

function foundOf(incident: Incident, objective: string): Found {
  const breach = incident.breaches.find((one) => one.objective === objective)!;
  const isFirst = breach === incident.breaches[0];
  const { n, bad } = breach.evidence.sinceOnset ?? { n: 0, bad: 0 };
  return {
    id: incident.id,
    startedAt: isFirst ? incident.startedAt : breach.startedAt,
    detectedAt: isFirst ? incident.detectedAt : breach.detectedAt,
    resolvedAt: isFirst ? incident.resolvedAt : breach.recoveredAt,
    priority: incident.priority,
    page: incident.urgency === 1,
    n,
    bad,
  };
}
