import { type Incident, storedIncident } from '../../model/incident.ts';
import { HOUR_MS, type Minute, millisOfMinute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader } from '../../store/reader.ts';

/** What a destination was told of an incident. */
export interface Delivery {
  readonly sink: string;
  readonly transition: string;
  /** `pending`, `delivered`, `superseded`, `dead` ... */
  readonly state: string;
  readonly attempts: number;
  readonly error: string | null;
}

/** The newest incident that the objective has a part in: one that had begun by then, and was not over an hour before. */
export function incidentAt({ db }: Reader, { name, service }: Objective, minute: Minute): Incident | null {
  const rows = db
    .prepare('select record from incident where service = ? order by number desc limit 1000')
    .all(service) as { record: string }[];
  const at = millisOfMinute(minute + 1);
  const isOfThen = (incident: Incident): boolean => {
    const mine = incident.breaches.find((breach) => breach.objective === name);
    if (mine === undefined || mine.startedAt > at) return false;
    const ended = mine.recoveredAt ?? incident.resolvedAt ?? incident.closedAt;
    return ended === null || ended > at - HOUR_MS;
  };
  return rows.map((row) => storedIncident(row.record)).find(isOfThen) ?? null;
}

/** What destinations were told, the newest transition of each. */
export const deliveriesOf = ({ db }: Reader, incident: string): Delivery[] =>
  (
    db
      .prepare(
        'select sink, transition, state, attempts, last_error as error from outbox where incident = ? order by seq',
      )
      .all(incident) as unknown as Delivery[]
  ).reduce<Delivery[]>((newest, one) => [...newest.filter(({ sink }) => sink !== one.sink), { ...one }], []);
