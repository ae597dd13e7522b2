import type { Client, Dispatcher } from 'undici';
import type { Millis } from '../model/time.ts';
import { Allowed } from './addresses.ts';
import {
  codeOf,
  type EgressOptions,
  forbiddenIn,
  guardedLookup,
  refusalOfLiteral,
  ruleFor,
  systemResolve,
  TOTAL_MS,
} from './egress.ts';
import type { HttpRequest, HttpResult } from './sink.ts';

export const RESPONSE_MAX_BYTES = 64 * 1024;
export type HttpOptions = EgressOptions;
/** As an `Http`, and of bytes, too. */
export type BytesHttp = (request: BytesRequest) => Promise<HttpResult>;
export type BytesRequest = Omit<HttpRequest, 'body'> & { readonly body?: string | Uint8Array };

/**
 * The one way out of the house but for mail. Talks https to addresses that are public, and to whatever the operator lists in
 * `egress.allow` (http too). Every address that a host resolves to is checked, and the connection goes to a checked one,
 * so that an answer of the DNS that changes between check and use changes nothing. Redirects are not followed, proxies of
 * the environment are not used, the answer is cut at 64 KB, and everything together takes 15 s at most.
 * @see OWASP Server-Side Request Forgery Prevention Cheat Sheet
 */
export function createHttp(options: HttpOptions): BytesHttp {
  const allowed = new Allowed(options.allow);
  const resolve = options.resolve ?? systemResolve;
  const totalMs = options.totalMs ?? TOTAL_MS;

  return async (request) => {
    const target = targetOf(request.url, allowed);
    if (typeof target === 'string') return { kind: 'forbidden', reason: target };
    // Its ten megabytes are for those who send something.
    const { buildConnector, Client } = await import('undici');
    let connected = false;
    const connect = buildConnector({
      lookup: guardedLookup(resolve, ruleFor(target, allowed)),
      timeout: totalMs,
      allowH2: false,
    });
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

async function exchange(client: Client, target: URL, request: BytesRequest, signal: AbortSignal): Promise<HttpResult> {
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

/** URL parsing has made one notation of all literal addresses. */
function targetOf(url: string, allowed: Allowed): URL | string {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null) return 'the address is not a URL';
  if (target.protocol !== 'https:' && target.protocol !== 'http:')
    return `the address begins with ${target.protocol}, only https: and http: can be sent to`;
  if (target.username !== '' || target.password !== '')
    return 'the address holds a user or a password; secrets are configured as env: or file: references';
  return refusalOfLiteral(target.hostname, ruleFor(target, allowed)) ?? target;
}

function failureOf(error: unknown, connected: boolean, timedOutMs: Millis | null): HttpResult {
  const forbidden = forbiddenIn(error);
  if (forbidden !== null) return { kind: 'forbidden', reason: forbidden };
  const reason =
    timedOutMs !== null
      ? `no answer within ${timedOutMs / 1000} s`
      : `${connected ? 'no answer' : 'no connection'} (${codeOf(error)})`;
  return connected ? { kind: 'no_answer', reason } : { kind: 'not_sent', reason };
}
