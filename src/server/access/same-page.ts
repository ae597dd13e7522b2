import type { Request } from 'express';
import { Problem } from '../api/problem.ts';
import type { Session } from './sessions.ts';

export const CSRF_HEADER = 'x-plimsoll-csrf';
const CHANGES_NOTHING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A browser sends a cookie along for whatever page asks it to: what changes something has to come from a page of this very origin,
 * and to show what only such a page can have read (`csrf` of `GET /api/v1/session`). @throws Problem
 */
export function requireOwnPage(request: Request, { csrf }: Session): void {
  if (CHANGES_NOTHING.includes(request.method)) return;
  if (isOwnPage(request) && request.headers[CSRF_HEADER] === csrf) return;
  throw new Problem(
    403,
    'PLIM_ACCESS_FORGED',
    'Not from a page of the console',
    `whoever is signed in by a cookie changes something from a page of this Plimsoll alone, with the header ${CSRF_HEADER}: load the page again; a program sends a token instead`,
  );
}

function isOwnPage({ headers, host }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin !== undefined && URL.parse(headers.origin)?.host === host;
}
