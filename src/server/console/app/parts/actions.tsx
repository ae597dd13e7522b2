import type { IncidentDetailJson } from '../api.ts';
import { ACTIONS } from '../logic/actions.ts';
import { placeOfSilencing } from '../logic/places.ts';
import { Link } from '../router.tsx';
import { useSession } from '../session.ts';
import { Moves } from './moves.tsx';

/** What whoever looks may do to an incident now. */
export function Actions({ incident: { id, moves, ackedAt, resolvedAt, state } }: { incident: IncidentDetailJson }) {
  const mayRespond = useSession().data?.permissions.includes('respond') === true;
  return (
    <Moves
      path={`/incidents/${encodeURIComponent(id)}`}
      actions={ACTIONS}
      offered={Object.keys(ACTIONS).filter(
        (move) => moves.includes(move) && !(move === 'acknowledge' && ackedAt !== null),
      )}
      none={mayRespond ? null : 'What is done to incidents is for responders. You may look.'}
    >
      {mayRespond && resolvedAt === null && state !== 'cancelled' && (
        <p class="terms silencing">
          <Link to={placeOfSilencing(id)}>Silence it for a while</Link>
        </p>
      )}
    </Moves>
  );
}
