import type { Request, RequestHandler, Response } from 'express';
import {
  AccessRefused,
  isNone,
  isWithin,
  LOCAL,
  type Permission,
  type Principal,
  type ServiceScope,
  scopeOf,
} from '../../model/access.ts';
import type { Actor } from '../../model/incident.ts';
import { notFound, Problem, unknownService } from '../api/problem.ts';
import type { Access } from './access.ts';
import type { Gate } from './gate.ts';
import { type AskedRoute, accessAt } from './permissions.ts';
import { requireOwnPage } from './same-page.ts';
import { type Who, whoSends } from './who.ts';

const CODES = {
  unauthenticated: { status: 401, code: 'PLIM_ACCESS_UNAUTHENTICATED', title: 'Say who you are' },
  forbidden: { status: 403, code: 'PLIM_ACCESS_FORBIDDEN', title: 'Not allowed' },
  locked: { status: 429, code: 'PLIM_ACCESS_LOCKED', title: 'Too many failed attempts' },
} as const;

/** A refusal in the words of the API. */
export function problemOfRefusal(refusal: AccessRefused, response: Response): Problem {
  const { status, code, title } = CODES[refusal.kind];
  if (refusal.kind === 'unauthenticated') response.set('WWW-Authenticate', 'Bearer realm="plimsoll"');
  if (refusal.kind === 'locked') response.set('Retry-After', String(refusal.retryAfterSeconds));
  return new Problem(status, code, title, `${refusal.message}: ${refusal.fix}`);
}

/** Lets nobody pass who may not do what the request asks for; what comes after knows who it is (`whoAsks`, `scopeFor`). */
export function guard(access: Access): RequestHandler {
  return async (request, response, next) => {
    const path = request.baseUrl + request.path;
    const asked = accessAt(request.method, path);
    if (asked?.may === 'anybody') return next();
    const { principal, session } = await whoComes(request, response, access);
    if (session !== null) requireOwnPage(request, session);
    response.locals['principal'] = principal;
    try {
      if (asked !== null) refuseUnless(access.gate, principal, asked);
      else if (principal !== LOCAL) throw notFound(`${request.method} ${path.slice(0, 200)} is no address of this API`);
    } catch (error) {
      throw error instanceof AccessRefused ? problemOfRefusal(error, response) : error;
    }
    next();
  };
}

/** Whom a request is from. @throws Problem where nobody is let in */
export async function whoComes(request: Request, response: Response, access: Access): Promise<Who> {
  try {
    return await whoSends(request, access);
  } catch (error) {
    throw error instanceof AccessRefused ? problemOfRefusal(error, response) : error;
  }
}

function refuseUnless(gate: Gate, principal: Principal, { may, ofAll, service, name, route }: AskedRoute): void {
  if (may === 'anyone' || may === 'anybody') return;
  const scope = scopeOf(principal, may);
  if (service === true && !isNone(scope) && !isWithin(scope, decoded(name)))
    throw notFound(unknownService(decoded(name)));
  if (!isNone(scope) && (scope === null || ofAll !== true)) return;
  gate.denied(principal, { route, permission: may });
  throw new AccessRefused(
    'forbidden',
    isNone(scope) ? `this needs the permission to ${may}` : `this is about all services, and you may ${may} for some`,
    'ask an administrator for a role that has it (docs/guide/identity.md)',
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Who sent the request. */
export const principalOf = (response: Response): Principal => response.locals['principal'] as Principal;
export const whoAsks = (response: Response): Actor => principalOf(response).actor;

/** For which services whoever sent the request may do something. */
export const scopeFor = (response: Response, permission: Permission): ServiceScope =>
  scopeOf(principalOf(response), permission);

/** Whether they may for this service. */
export const mayFor = (response: Response, permission: Permission, service: string): boolean =>
  isWithin(scopeFor(response, permission), service);

/** What they may not see is not there. @throws not found, as `missing` says it of what does not exist */
export function requireSeen(response: Response, service: string, missing: string): void {
  if (!mayFor(response, 'read', service)) throw notFound(missing);
}
