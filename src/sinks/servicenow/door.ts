import type { Millis } from '../../model/time.ts';
import type { HttpResult, SinkContext } from '../sink.ts';
import { basic, secretOf, withoutSlash } from '../steps.ts';

export interface ServiceNowOptions {
  /** Base address of the instance. */
  readonly url: string;
  /** With `password`, for Basic; null with `token`. */
  readonly user: string | null;
  /** `env:NAME` or `file:/path`, as `token`: one of both. */
  readonly password: string | null;
  /** OAuth 2, sent as Bearer. */
  readonly token: string | null;
  readonly mode: 'table' | 'import_set';
  /** `incident`, or the staging table of the import set. */
  readonly table: string | null;
  /** Reference to what stands in the header of what a business rule posts; null: none does. */
  readonly webhookSecret: string | null;
  /** How often it is asked what people have changed; null: it isn't. */
  readonly poll: Millis | null;
}

/** How one instance is reached. */
export interface Door extends Pick<SinkContext<unknown>, 'http' | 'now' | 'secret' | 'warn' | 'consoleUrl'> {
  /** Without a slash at its end. */
  readonly url: string;
  readonly table: string;
  readonly headers: Readonly<Record<string, string>>;
}

const TABLES = { table: 'incident', import_set: 'u_plimsoll_incident' } as const;

/** Throws `Failed` when the secret can't be had. */
export async function doorOf(context: SinkContext<ServiceNowOptions>): Promise<Door> {
  const { options } = context;
  const authorization =
    options.token === null
      ? basic(options.user ?? '', await secretOf(context, options.password!))
      : `Bearer ${await secretOf(context, options.token)}`;
  return {
    ...context,
    url: withoutSlash(options.url),
    table: options.table ?? TABLES[options.mode],
    headers: { authorization, 'content-type': 'application/json' },
    http: async (request) => withRetryAfter(await context.http(request), context.now()),
  };
}

/** Limits are by the hour: `X-RateLimit-Reset` is when the next one begins, in seconds since 1970. */
function withRetryAfter(result: HttpResult, now: Millis): HttpResult {
  if (result.kind !== 'answer' || result.status !== 429 || result.headers['retry-after'] !== undefined) return result;
  const reset = result.headers['x-ratelimit-reset'] ?? '';
  if (!/^\d{1,12}$/.test(reset)) return result;
  const seconds = Math.max(0, Math.ceil(Number(reset) - now / 1000));
  return { ...result, headers: { ...result.headers, 'retry-after': `${seconds}` } };
}
