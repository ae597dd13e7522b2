import type { RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { isNone, type Principal, scopeOf } from '../../model/access.ts';
import type { Millis } from '../../model/time.ts';
import { Problem } from '../api/problem.ts';
import type { Access } from './access.ts';
import { cookieText } from './cookies.ts';
import { sourceOf } from './gate.ts';
import { SESSION_COOKIE } from './who.ts';

const MINUTE: Millis = 60_000;
/** Attempts to sign in from one source in a minute. */
export const SIGN_INS_MAX = 30;

/** So that nobody tries names and secrets at leisure, however they fail. */
export const limitSignIns = (): RequestHandler =>
  rateLimit({
    windowMs: MINUTE,
    limit: SIGN_INS_MAX,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => ipKeyGenerator(sourceOf(request.socket.remoteAddress).replace('/64', '')),
    handler: (_request, response) => {
      response.set('Retry-After', String(MINUTE / 1000));
      throw new Problem(
        429,
        'PLIM_ACCESS_RATE',
        'Too many attempts to sign in',
        `at most ${SIGN_INS_MAX} in a minute from one address: come again in a minute`,
      );
    },
  });

/** What is said of a principal who must be shown nothing: a session that sees no service is none. */
export const maySee = (principal: Pick<Principal, 'grants'>): boolean => !isNone(scopeOf(principal, 'read'));

export function setSessionCookie(response: Response, access: Access, value: string): void {
  const { isSecure, sessions } = access;
  const lives = value === '' ? 0 : sessions.lives;
  response.append('Set-Cookie', cookieText(SESSION_COOKIE, value, { isSecure, sameSite: 'Strict', lives }));
}
