import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import type { Millis } from '../model/time.ts';
import { Allowed, bareHost, isGlobalUnicast } from './addresses.ts';
import type { Http, HttpRequest, HttpResult } from './sink.ts';

export const RESPONSE_MAX_BYTES = 64 * 1024;
export const TOTAL_MS: Millis = 15_000;

interface Address {
  readonly address: string;
  readonly family: number;
}

export interface HttpOptions {
  /** `egress.allow`. */
  readonly allow: readonly string[];
  readonly totalMs?: Millis;
  /** All addresses of a host; the system's resolver when absent. */
  readonly resolve?: (hostname: string) => Promise<readonly Address[]>;
}

class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

/**
 * The one way out of the house. Talks https to addresses that are public, and to whatever the operator lists in
 * `egress.allow` (http too). Every address that a host resolves to is checked, and the connection goes to a checked one,
 * so that an answer of the DNS that changes between check and use changes nothing. Redirects are not followed, proxies of
 * the environment are not used, the answer is cut at 64 KB, and everything together takes 15 s at most.
 * @see OWASP Server-Side Request Forgery Prevention Cheat Sheet
 */
export function createHttp(options: HttpOptions): Http {
  const allowed = new Allowed(options.allow);
  const resolve = options.resolve ?? ((hostname) => systemLookup(hostname, { all: true }));
  const totalMs = options.totalMs ?? TOTAL_MS;

  const lookupFor =
    (protocol: string): LookupFunction =>
    (hostname, { all }, done) => {
      resolve(hostname).then(
        (addresses) => {
          const refusal = refusalOfAddresses(hostname, addresses, protocol, allowed);
          if (refusal !== null) return done(new Forbidden(refusal), '', 0);
          if (all) return done(null, addresses as Address[] & string);
          done(null, addresses[0]!.address, addresses[0]!.family);
        },
        (error) => done(error, '', 0),
      );
    };

  return async (request) => {
    const target = targetOf(request.url, allowed);
    if (typeof target === 'string') return { kind: 'forbidden', reason: target };
    let connected = false;
    const connect = buildConnector({ lookup: lookupFor(target.protocol), timeout: totalMs, allowH2: false });
    const client = new Client(target.origin, {
      connect: (to, done) =>
        connect(to, (error, socket) => {
          if (error) return done(error, null);
          connected = true;
          done(null, socket!);
        }),
      pipelining: 1,
    });
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), totalMs);
    try {
      return await exchange(client, target, request, deadline.signal);
    } catch (error) {
      return failureOf(error, connected, deadline.signal.aborted ? totalMs : null);
    } finally {
      clearTimeout(timer);
      await client.destroy();
    }
  };
}

async function exchange(client: Client, target: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpResult> {
  const answer = await client.request({
    method: request.method,
    path: `${target.pathname}${target.search}`,
    headers: { 'user-agent': 'plimsoll', accept: 'application/json', ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    reset: true,
    signal,
  });
  return {
    kind: 'answer',
    status: answer.statusCode,
    headers: plainHeaders(answer.headers),
    body: await firstBytes(answer.body),
  };
}

const plainHeaders = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

/** The status has decided already: a body that stops in the middle, or never ends, is cut and no error. */
async function firstBytes(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= RESPONSE_MAX_BYTES) break;
    }
  } catch {
    // Cut where it broke off.
  }
  return Buffer.concat(chunks).subarray(0, RESPONSE_MAX_BYTES).toString('utf8');
}

/** Why an address of the configuration may not be used, as far as it can be said without asking the DNS; null when it may. */
export function refusalOf(url: string, allow: readonly string[]): string | null {
  const target = targetOf(url, new Allowed(allow));
  return typeof target === 'string' ? target : null;
}

/** Node asks no `lookup` for a literal address, so those are judged here. URL parsing has made one notation of all. */
function targetOf(url: string, allowed: Allowed): URL | string {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null) return 'the address is not a URL';
  if (target.protocol !== 'https:' && target.protocol !== 'http:')
    return `the address begins with ${target.protocol}, only https: and http: can be sent to`;
  if (target.username !== '' || target.password !== '')
    return 'the address holds a user or a password; secrets are configured as env: or file: references';
  const host = bareHost(target.hostname);
  if (isIP(host) === 0) return target;
  return refusalOfAddresses(host, [{ address: host, family: isIP(host) }], target.protocol, allowed) ?? target;
}

function refusalOfAddresses(
  hostname: string,
  addresses: readonly Address[],
  protocol: string,
  allowed: Allowed,
): string | null {
  if (addresses.length === 0) return 'the host has no address';
  if (allowed.host(hostname)) return null;
  for (const { address } of addresses) {
    if (allowed.address(address)) continue;
    if (protocol === 'http:') return `http is only spoken to hosts in egress.allow: use https, or list the host there`;
    if (!isGlobalUnicast(address))
      return `the host is at ${address}, which is not a public address: list the host or its range in egress.allow if that is meant`;
  }
  return null;
}

/** Codes of undici and of the system, in words; the message of an error may hold the address and is never used. */
function failureOf(error: unknown, connected: boolean, timedOutMs: Millis | null): HttpResult {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof Forbidden) return { kind: 'forbidden', reason: cause.message };
  const code = codeOf(error);
  const reason =
    timedOutMs !== null
      ? `no answer within ${timedOutMs / 1000} s`
      : `${connected ? 'no answer' : 'no connection'} (${code})`;
  return connected ? { kind: 'no_answer', reason } : { kind: 'not_sent', reason };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : 'unknown error';
}
