import type { IncidentJson } from '../api.ts';
import { durationText, priorityText, wordsOf } from '../logic/format.ts';
import { placeOfIncident } from '../logic/places.ts';
import { Link } from '../router.tsx';
import { Ago } from './time.tsx';

export function Priority({ priority }: { priority: number }) {
  return (
    <span class={`priority p${priority}`} title={`Priority ${priority}, ${priorityText(priority)}`}>
      P{priority}
    </span>
  );
}

/** One incident in a list. */
export function IncidentLine({ incident }: { incident: IncidentJson }) {
  const end = incident.resolvedAt ?? incident.closedAt;
  const isOver = end !== null;
  return (
    <li class={`incident-line ${isOver ? 'over' : 'open'}`}>
      <Priority priority={incident.priority} />
      <div>
        <Link to={placeOfIncident(incident.id)} class="incident-title">
          {incident.title}
        </Link>
        <p class="terms">
          {incident.id} · {wordsOf(incident.state)}
          {isOver && ` after ${durationText(Date.parse(end) - Date.parse(incident.startedAt))}`}
          {incident.assignedTo !== null
            ? ` · ${incident.assignedTo}`
            : incident.ackedAt === null && !isOver
              ? ' · nobody has seen it yet'
              : ''}
          {!isOver &&
            incident.suppressedBy.length > 0 &&
            ` · suppressed by ${incident.suppressedBy.map(({ kind, id }) => `${kind} ${id}`).join(', ')}`}
        </p>
      </div>
      <p class="terms since">
        began <Ago at={incident.startedAt} />
      </p>
    </li>
  );
}
