import type { RequestHandler } from 'express';

/** How long a browser remembers that it may send; none does for longer. */
const MAX_AGE_SECONDS = 7200;

/**
 * Lets pages of these origins send, and read the answer; pages of any other are refused by the browser.
 * It keeps nobody out who is no browser.
 */
export const allowPagesOf =
  (origins: readonly string[]): RequestHandler =>
  (request, response, next) => {
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
