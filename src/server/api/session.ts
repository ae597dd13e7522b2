import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { AccessRefused, LOCAL, permissionsOf } from '../../model/access.ts';
import type { TokenRecord } from '../../store/records/tokens.ts';
import type { Access } from '../access/access.ts';
import { actorOf, principalOf as principalOfToken, sourceOf } from '../access/gate.ts';
import { principalOf, problemOfRefusal, whoComes } from '../access/guard.ts';
import { limitSignIns, maySee, setSessionCookie } from '../access/sign-in.ts';
import { sessionCookieOf, type Who, whoIsKnown } from '../access/who.ts';
import type { ApiContext } from './context.ts';
import { badRequest } from './problem.ts';

const SignIn = z.strictObject({ token: z.string().min(1).max(256) });

/** Who is signed in to the console; sign-in by a token, and sign-out. */
export function sessionRoutes({ access }: ApiContext): Router {
  const router = Router();
  router.get('/session', async (request, response) => {
    const isByToken = request.headers.authorization !== undefined;
    const who = isByToken ? await whoComes(request, response, access) : await whoIsKnown(request, access);
    response.set('Cache-Control', 'no-store').json(sessionToJson(who, access));
  });
  router.post('/session', limitSignIns(), async (request, response) => {
    const body = SignIn.safeParse(request.body);
    if (!body.success) throw badRequest('expected {"token": "plim_…"}');
    const { remoteAddress } = request.socket;
    const token = await tokenOf(access, body.data.token.trim(), request, response);
    const principal = principalOfToken(token);
    if (!maySee(principal)) {
      access.gate.denied(principal, { door: 'console', permission: 'read' });
      const refusal = new AccessRefused(
        'forbidden',
        `the role ${token.role} sees nothing of the console`,
        'use another token',
      );
      throw problemOfRefusal(refusal, response);
    }
    // A new sign-in ends the one before: nobody goes on with a cookie that somebody else may have set.
    await access.sessions.close(sessionCookieOf(request, access), principal.actor);
    const signedIn = { actor: actorOf(token), groups: [], token: token.id };
    setSessionCookie(response, access, await access.sessions.open(signedIn, sourceOf(remoteAddress)));
    response.set('Cache-Control', 'no-store').json({ signedIn: true });
  });
  router.post('/session/end', async (request, response) => {
    await access.sessions.close(sessionCookieOf(request, access), principalOf(response).actor);
    setSessionCookie(response, access, '');
    response.json({ signedIn: false });
  });
  return router;
}

async function tokenOf(access: Access, text: string, request: Request, response: Response): Promise<TokenRecord> {
  try {
    return await access.gate.token(text, request.socket.remoteAddress, 'console');
  } catch (error) {
    throw error instanceof AccessRefused ? problemOfRefusal(error, response) : error;
  }
}

const sessionToJson = (who: Who | null, access: Access): Record<string, unknown> => ({
  state: who === null ? 'signed_out' : who.principal === LOCAL ? 'open' : 'signed_in',
  actor: who?.principal.actor ?? null,
  roles: who === null ? [] : who.principal.grants,
  permissions: who === null ? [] : permissionsOf(who.principal),
  csrf: who?.session?.csrf ?? null,
  oidc: access.oidc !== null,
});
