import { useEffect, useState } from 'preact/hooks';
import { askSession, onUnknown, post, type SessionJson, showCsrf } from './api.ts';
import { live } from './live.ts';

/** Who is signed in; asked for at the beginning, and again whenever the API says that it does not know who asks. */
class CurrentSession {
  data: SessionJson | null = null;
  error: Error | null = null;
  readonly #listeners = new Set<() => void>();

  start(): void {
    onUnknown(() => void this.load());
    void this.load();
  }

  async load(): Promise<void> {
    try {
      this.data = await askSession();
      this.error = null;
      showCsrf(this.data.csrf);
      if (this.data.state === 'signed_out') live.stop();
      else live.start();
    } catch (error) {
      this.error = error as Error;
      setTimeout(() => void this.load(), RETRY_MS);
    }
    for (const listener of this.#listeners) listener();
  }

  /** The page is loaded anew, as after a sign-out: nothing of what somebody else saw stays in its memory. @throws Refused */
  async signIn(token: string): Promise<void> {
    await post('/session', { token });
    if (location.pathname === '/sign-in') location.assign('/');
    else location.reload();
  }

  async signOut(): Promise<void> {
    await post('/session/end', {});
    location.assign('/sign-in');
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const RETRY_MS = 5_000;

export const session = new CurrentSession();

export function useSession(): { readonly data: SessionJson | null; readonly error: Error | null } {
  const [seen, setSeen] = useState({ data: session.data, error: session.error });
  useEffect(() => {
    const update = (): void => setSeen({ data: session.data, error: session.error });
    update();
    return session.listen(update);
  }, []);
  return seen;
}
