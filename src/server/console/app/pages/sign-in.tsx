import { useState } from 'preact/hooks';
import { problemText, signInAddress } from '../logic/sign-in.ts';
import { refusalText } from '../parts/outcome.tsx';
import { useTitle } from '../router.tsx';
import { session } from '../session.ts';

/** Nobody knows yet who this is. The address stays: once that is known, what stands at it is shown. */
export function SignInPage({ oidc }: { oidc: boolean }) {
  useTitle('Sign in');
  const [error, setError] = useState<string | null>(() =>
    problemText(new URLSearchParams(location.search).get('problem')),
  );
  const [busy, setBusy] = useState(false);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setBusy(true);
    setError(null);
    try {
      await session.signIn(String(new FormData(form).get('token') ?? '').trim());
    } catch (failure) {
      form.reset();
      setError(refusalText(failure, 'The server does not answer: try again.'));
      setBusy(false);
    }
  };
  return (
    <div class="page sign-in">
      <h1>Who is there?</h1>
      {error !== null && (
        <div class="notice failure" role="alert">
          <p>{error}</p>
        </div>
      )}
      {oidc && (
        <p>
          <a class="way-in" href={signInAddress(location.pathname, location.search)}>
            Sign in with your account
          </a>
        </p>
      )}
      <form onSubmit={(event) => void send(event)} aria-labelledby="by-token">
        <h2 id="by-token">{oidc ? 'Or with a token' : 'Sign in with a token'}</h2>
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          placeholder="plim_…"
          maxLength={256}
          required
        />
        <button type="submit" class="first" disabled={busy}>
          Sign in
        </button>
      </form>
      <p class="terms">
        An administrator makes a token with <code>plimsoll token create --role viewer</code>. It is sent once; the
        session ends with it.
      </p>
    </div>
  );
}
