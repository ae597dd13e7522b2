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
    try {
      const { url, pending } = await oidc.begin(placeOf(request.query['to']));
      setPending(response, access, seal(pending, access.sealKey), SIGN_IN_WITHIN);
      response.redirect(303, url.href);
    } catch (error) {
      report(error);
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
      setSessionCookie(response, access, await access.sessions.open({ actor, groups, token: null }, from));
      return null;
    } catch (error) {
      // Whatever it says is for the log: it may hold what the provider was asked, and an answer of a stranger.
      report(error);
      access.log.note(NOBODY, 'session.refused', { reason: 'the provider’s answer was refused', from });
      return 'refused';
    }
  }
  return router;
}

function setPending(response: Response, { isSecure }: Access, value: string, lives: number): void {
  response.append('Set-Cookie', cookieText(PENDING_COOKIE, value, { isSecure, sameSite: 'Lax', lives }));
}

const toSignIn = (response: Response, problem: SignInProblem): void =>
  response.redirect(303, `/sign-in?problem=${problem}`);

/** A place in this console, and never another site. */
const placeOf = (to: unknown): string =>
  typeof to === 'string' && /^\/(?![/\\])[\w\-./?=&%~+:@,;!*'()]*$/.test(to) ? to : '/';
