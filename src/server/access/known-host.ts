import type { RequestHandler } from 'express';
import { Problem } from '../api/problem.ts';
import type { Access } from './access.ts';

const ALWAYS = ['/healthz', '/readyz'];
/** Tools call under whatever name leads here; what isn't signed with a secret is refused, and no page has one. */
const SIGNED = /^\/api\/v1\/hooks\/[^/]+\/?$/i;

/** What is said to whoever asks under a name that could be a stranger's. */
export const misnamed = (host: string): { readonly what: string; readonly fix: string } => ({
  what: `nobody has to sign in here, and ${JSON.stringify(host.slice(0, 100))} is no name that this Plimsoll is known by: a page of a stranger could be behind it`,
  fix: 'ask by address (127.0.0.1, localhost), list the name under spec.listen.hosts, or make a token (plimsoll token create --role admin)',
});

/**
 * Keeps out pages of strangers whose name has come to mean this machine, as long as nobody has to say who they are: with a token or a
 * session such a page has neither. Pages that may send feedback are known by their origin.
 */
export const refuseStrangeHosts =
  (access: Access, feedbackFrom: () => readonly string[]): RequestHandler =>
  async ({ headers, path }, _response, next) => {
    const { host, origin } = headers;
    // Without it no browser asks.
    if (host === undefined || ALWAYS.includes(path) || SIGNED.test(path) || access.isOwnHost(host)) return next();
    if (origin !== undefined && feedbackFrom().includes(origin)) return next();
    if (!(await access.gate.isOpen())) return next();
    const { what, fix } = misnamed(host);
    throw new Problem(421, 'PLIM_ACCESS_HOST', 'Not under this name', `${what}. What to do: ${fix}`);
  };
