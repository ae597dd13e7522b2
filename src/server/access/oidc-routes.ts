import { type Request, type Response, Router } from 'express';
import type { Actor } from '../../model/incident.ts';
import type { ApiContext } from '../api/context.ts';
import type { Access } from './access.ts';
import { cookieName, cookieText, readCookies } from './cookies.ts';
import { sourceOf } from './gate.ts';
import { type OidcSignIn, type Pending, SIGN_IN_WITHIN } from './oidc.ts';
import { seal, unseal } from './sealed.ts';
import { grantsOf } from './sessions.ts';
import { limitSignIns, maySee, setSessionCookie } from './sign-in.ts';
import { sessionCookieOf } from './who.ts';

const PENDING_COOKIE = 'plimsoll_sign_in';
const NOBODY: Actor = { kind: 'user', id: 'unknown' };

/** Why a sign-in came to nothing, as the page for signing in explains it. */
type SignInProblem = 'provider' | 'expired' | 'refused' | 'no_role';

/** The way to the identity provider and back. */
export function oidcRoutes({ access, report, now }: ApiContext): Router {
  const router = Router();
  const limit = limitSignIns();
  router.get('/sign-in/oidc', limit, async (request, response) => {
    const oidc = access.oidc;
    if (oidc === null) return response.redirect(303, '/sign-in');
    const to = placeOf(request.query['to']);
    // The provider leads back to one address, and what is kept until then is kept by host: once, because a proxy may hide it.
    const { consoleUrl } = oidc;
    if (URL.parse(consoleUrl)?.host !== request.host && request.query['moved'] === undefined)
      return response.redirect(303, `${consoleUrl}/sign-in/oidc?moved=1&to=${encodeURIComponent(to)}`);
    try {
      const { url, pending } = await oidc.begin(to);
      setPending(response, access, seal(pending, access.sealKey), SIGN_IN_WITHIN);
      response.redirect(303, url.href);
    } catch (error) {
      report(failureOf(error));
      toSignIn(response, 'provider');
    }
  });
  router.get('/sign-in/callback', limit, async (request, response) => {
    const oidc = access.oidc;
    const sealed = readCookies(request.headers.cookie).get(cookieName(PENDING_COOKIE, access.isSecure));
    const pending = unseal(sealed ?? '', access.sealKey) as Pending | null;
    setPending(response, access, '', 0);
    if (oidc === null || pending === null || now() - pending.at > SIGN_IN_WITHIN) return toSignIn(response, 'expired');
    const problem = await finish(oidc, pending, request, response);
    if (problem === null) response.redirect(303, pending.returnTo);
    else toSignIn(response, problem);
  });

  async function finish(
    oidc: OidcSignIn,
    pending: Pending,
    request: Request,
    response: Response,
  ): Promise<SignInProblem | null> {
    const from = sourceOf(request.socket.remoteAddress);
    try {
      const { subject, name, groups } = await oidc.finish(request.url.slice(request.path.length), pending);
      const actor: Actor = { kind: 'user', id: subject, ...(name !== null && { name }) };
      if (!maySee({ grants: grantsOf(groups, access.roles) })) {
        access.log.note(actor, 'session.refused', { reason: 'no role', from });
        return 'no_role';
      }
      await access.sessions.close(sessionCookieOf(request, access), actor);
      setSessionCookie(response, access, await access.sessions.open({ actor, groups, token: null }, from));
      return null;
    } catch (error) {
      report(failureOf(error));
      access.log.note(NOBODY, 'session.refused', { reason: 'the provider’s answer was refused', from });
      return 'refused';
    }
  }
  return router;
}

/** What is written into the log: what went wrong, and nothing of what was sent and answered, which holds codes and claims. */
function failureOf(error: unknown): Error {
  const { name, message, code, cause } = error as Error & { code?: string };
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  return new Error(`signing in at the identity provider failed: ${name} ${code ?? ''} ${message}${why}`);
}

function setPending(response: Response, { isSecure }: Access, value: string, lives: number): void {
  response.append('Set-Cookie', cookieText(PENDING_COOKIE, value, { isSecure, sameSite: 'Lax', lives }));
}

const toSignIn = (response: Response, problem: SignInProblem): void =>
  response.redirect(303, `/sign-in?problem=${problem}`);

/** A place in this console, and never another site. */
const placeOf = (to: unknown): string =>
  typeof to === 'string' && /^\/(?![/\\])[\w\-./?=&%~+:@,;!*'()]*$/.test(to) ? to : '/';
