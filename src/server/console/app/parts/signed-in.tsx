import type { SessionJson } from '../api.ts';
import { calledBy } from '../logic/sign-in.ts';
import { session } from '../session.ts';

/** Who is signed in, as what, and the way out; nothing where nobody has to sign in. */
export function SignedIn({ data }: { data: SessionJson }) {
  if (data.state !== 'signed_in' || data.actor === null) return null;
  const roles = data.roles.map(({ role, services }) =>
    services === null ? role : `${role} of ${services.join(', ')}`,
  );
  return (
    <p class="signed-in" title={roles.join('; ')}>
      <span class="unseen">Signed in as </span>
      <span class="who">{calledBy(data.actor)}</span>
      <span class="unseen">, {roles.join('; ')}</span>
      <button type="button" onClick={() => void session.signOut()}>
        Sign out
      </button>
    </p>
  );
}
