import type { Request } from 'express';
import { AccessRefused, LOCAL, type Principal } from '../../model/access.ts';
import type { Access } from './access.ts';
import { cookieName, readCookies } from './cookies.ts';
import { bearerOf } from './gate.ts';
import type { Session } from './sessions.ts';

export const SESSION_COOKIE = 'plimsoll_session';

/** What the session's cookie of a request holds. */
export const sessionCookieOf = (request: Request, access: Access): string | undefined =>
  readCookies(request.headers.cookie).get(cookieName(SESSION_COOKIE, access.isSecure));

/** Whom a request of the API or the console is from; `session` where a cookie says so, and not a header. */
export interface Who {
  readonly principal: Principal;
  readonly session: Session | null;
}

/** @throws AccessRefused */
export async function whoSends(request: Request, access: Access): Promise<Who> {
  const known = await whoIsKnown(request, access);
  if (known !== null) return known;
  const { authorization } = request.headers;
  return {
    principal: await access.gate.admit({ authorization, source: request.socket.remoteAddress, door: 'http' }),
    session: null,
  };
}

/** Who needs no token in this request: somebody who is signed in, or anybody where Plimsoll is open; null otherwise. */
export async function whoIsKnown(request: Request, access: Access): Promise<Who | null> {
  if (await access.gate.isOpen()) return { principal: LOCAL, session: null };
  if (bearerOf(request.headers.authorization) !== undefined) return null;
  const session = await access.sessions.find(sessionCookieOf(request, access));
  return session === null ? null : { principal: session.principal, session };
}

/** Whether whoever sent a request a while ago would still be known. Asking is no use of a session. */
export async function isStillIn(request: Request, access: Access): Promise<boolean> {
  if (await access.gate.isOpen()) return true;
  const { authorization } = request.headers;
  if (bearerOf(authorization) === undefined)
    return (await access.sessions.find(sessionCookieOf(request, access), false)) !== null;
  try {
    await access.gate.admit({ authorization, source: request.socket.remoteAddress, door: 'http' });
    return true;
  } catch (error) {
    if (error instanceof AccessRefused) return false;
    throw error;
  }
}
