import type { IncidentJson } from '../api.ts';
import { placeOfIncident, SILENCES } from '../logic/places.ts';
import { Link } from '../router.tsx';
import { Moment } from './time.tsx';

/** Why pages and chats are not told, and until when. */
export function Suppressed({ incident }: { incident: Pick<IncidentJson, 'suppressedBy' | 'withheld' | 'resolvedAt'> }) {
  if (incident.suppressedBy.length === 0 || incident.resolvedAt !== null) return null;
  return (
    <div class="notice" role="note">
      <p>
        <strong>
          Pages and chats are not told{incident.withheld === 'opening' ? ' of this incident' : ''} just now.
        </strong>
      </p>
      <ul>
        {incident.suppressedBy.map(({ kind, id, until, reason }) => (
          <li key={`${kind} ${id}`}>
            Suppressed by {kind} <Source kind={kind} id={id} />: {reason}
            {until !== null && (
              <>
                {' '}
                (until <Moment at={until} />)
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Source({ kind, id }: { kind: string; id: string }) {
  if (kind === 'inhibition') return <Link to={placeOfIncident(id)}>{id}</Link>;
  if (kind === 'silence' && id.startsWith('SIL-')) return <Link to={SILENCES}>{id}</Link>;
  return <>{id}</>;
}
