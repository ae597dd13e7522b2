import type { Failure } from '../../model/delivery.ts';
import { outcomeOf, secretUnreadable } from '../outcome.ts';
import type { SinkContext } from '../sink.ts';
import { parsedJson, withoutSlash } from '../steps.ts';

export interface SlackOptions {
  /** Base address: `https://slack.com`, a proxy. */
  readonly url: string;
  /** Reference to a bot token, `xoxb-...`. */
  readonly token: string;
  /** Id of the channel, `C0123456789`. */
  readonly channel: string;
  /** Reference to the signing secret of the app; null: messages have no buttons. */
  readonly signingSecret: string | null;
}

export type Context = SinkContext<SlackOptions>;

/** `error`: the word that Slack answered, null when it wasn't the one who failed. */
export type Answer =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly failure: Failure; readonly error: string | null; readonly isUnreadable?: true };

/** They may come after the work was done. */
const IN_THE_MIDDLE = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);
const THROTTLED = new Set(['rate_limited', 'ratelimited', 'message_limit_exceeded']);
/** Words that may stand in a reason: all are Slack's own, and say what a person has to do. */
const KNOWN = new Set([
  ...IN_THE_MIDDLE,
  ...THROTTLED,
  'account_inactive',
  'cant_update_message',
  'channel_not_found',
  'edit_window_closed',
  'invalid_auth',
  'invalid_blocks',
  'is_archived',
  'message_not_found',
  'missing_scope',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_permission',
  'not_authed',
  'not_in_channel',
  'restricted_action',
  'thread_not_found',
  'token_expired',
  'token_revoked',
]);

/** A method that changes something; its arguments are JSON. */
export const post = (method: string, fields: object, context: Context): Promise<Answer> =>
  call(method, { method: 'POST', query: '', body: JSON.stringify(fields) }, context);

/** A method that reads. */
export const get = (method: string, fields: Readonly<Record<string, string>>, context: Context): Promise<Answer> =>
  call(method, { method: 'GET', query: `?${new URLSearchParams(fields)}` }, context);

interface Request {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  readonly body?: string;
}

async function call(name: string, { method, query, body }: Request, context: Context): Promise<Answer> {
  const { options } = context;
  const token = await context.secret(options.token).catch(() => null);
  if (token === null) return { ok: false, failure: secretUnreadable(options.token), error: null };
  const result = await context.http({
    method,
    url: `${withoutSlash(options.url)}/api/${name}${query}`,
    headers: {
      authorization: `Bearer ${token.trim()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const outcome = outcomeOf(result, context.now());
  if (outcome.kind !== 'ok') return { ok: false, failure: outcome, error: null };
  return readAnswer(result.kind === 'answer' ? result.body : '');
}

/** Slack says with 200, too, that it has not taken something. */
function readAnswer(text: string): Answer {
  const body = parsed(text);
  if (body?.['ok'] === true) return { ok: true, body };
  if (body?.['ok'] !== false)
    return {
      ok: false,
      failure: { kind: 'unknown', reason: 'answered 200 with something that is not an answer of Slack' },
      error: null,
      isUnreadable: true,
    };
  const error = typeof body['error'] === 'string' && KNOWN.has(body['error']) ? body['error'] : 'another error';
  return { ok: false, failure: failureOf(error), error };
}

function failureOf(error: string): Failure {
  const reason = `answered 200, but refused it (${error})`;
  if (THROTTLED.has(error)) return { kind: 'retry', reason, throttled: true };
  if (IN_THE_MIDDLE.has(error)) return { kind: 'unknown', reason };
  return { kind: 'permanent', reason };
}

function parsed(text: string): Record<string, unknown> | null {
  const value = parsedJson(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
