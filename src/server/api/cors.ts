import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** How long a browser remembers that it may send; none does for longer. */
const MAX_AGE_SECONDS = 7200;

/**
 * Lets pages of these origins send, and read the answer; pages of any other are refused by the browser.
 * It keeps nobody out who is no browser.
 */
export const allowPagesOf =
  (allowed: () => readonly string[]): RequestHandler =>
  (request, response, next) => {
    const origins = allowed();
    const { origin } = request.headers;
    if (origins.length > 0) response.vary('Origin');
    if (origin === undefined || !origins.includes(origin)) return next();
    response.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After' });
    if (request.method !== 'OPTIONS') return next();
    response
      .set({
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': 'content-type, authorization',
        'Access-Control-Max-Age': String(MAX_AGE_SECONDS),
      })
      .status(204)
      .end();
  };

const CHANGES_NOTHING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Keeps pages of other origins, but for those that were let in before, from changing anything: what a form could send, a
 * browser sends for any page without asking. Programs don't say of which site they are.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export const refuseOtherPages: RequestHandler = (request, response, next) => {
  const site = request.headers['sec-fetch-site'];
  const isOther = site === 'cross-site' || site === 'same-site';
  if (!isOther || CHANGES_NOTHING.includes(request.method) || response.hasHeader('Access-Control-Allow-Origin'))
    return next();
  throw new Problem(
    403,
    'PLIM_API_FOREIGN_PAGE',
    'A page of another origin',
    `pages of ${request.headers.origin ?? 'other origins'} may change nothing here; those under spec.listen.cors may send feedback`,
  );
};
