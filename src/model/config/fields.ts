import { z } from 'zod';
import { type Millis, parseDuration } from '../time.ts';

/** What an issue says beside its message; read by `issues.ts`. */
export interface IssueDetail {
  /** Of docs/guide/errors.md; by default the one that fits the kind of issue. */
  readonly code?: string;
  /** What to write instead, or to do. */
  readonly hint?: string;
  /** The value may be a secret: it is never shown. */
  readonly secret?: true;
}

/** Refuses a value from within a transform. The message says what was expected or what is wrong; what was found is added where it is shown. */
export function refuse(context: z.RefinementCtx, message: string, detail: IssueDetail = {}, path: PropertyKey[] = []) {
  context.addIssue({ code: 'custom', message, path, params: { ...detail } });
  return z.NEVER;
}

/** `null` instead of an absent key. */
export const maybe = <T extends z.ZodType>(schema: T) =>
  schema.optional().transform((value): z.output<T> | null => value ?? null);

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** The name that is nearest to a text; '' where it holds no letter and no digit of these. */
export const toLabel = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');

/** What a service is called in a file that telemetry or another tool calls so: its own name, or the nearest that a file may have. */
export const labelOf = (name: string): string => toLabel(name) || 'service';

/** A name of RFC 1123: at most 63 lower-case letters, digits and hyphens, not at either end. */
export const label = z
  .string({ error: 'expected a name like support-bot' })
  .superRefine((text, context) => {
    if (LABEL.test(text)) return;
    const better = toLabel(text);
    refuse(
      context,
      'expected a name of lower-case letters, digits and hyphens, at most 63',
      better === '' ? {} : { hint: `write ${better}` },
    );
  })
  .meta({ pattern: LABEL.source });

/** A short text: one line of a record. */
export const text = z
  .string({ error: 'expected text' })
  .min(1, 'expected text that is not empty')
  .max(256, 'expected at most 256 characters');
export const longText = z.string({ error: 'expected text' }).max(8192, 'expected at most 8192 characters');
export const flag = z.boolean({ error: 'expected true or false' });
export const list = <T extends z.ZodType>(item: T, error = 'expected a list') => z.array(item, { error });
export const date = z.iso.date({ error: 'expected a date like 2026-08-02' });

const DURATION = 'expected a duration like 15m';
const CENTURY = '100y';

/** `500ms`, `4s`, `15m`, `30d` ... within bounds, both allowed; whole milliseconds. */
export const duration = (min: string, max: string = CENTURY) =>
  z
    .string({ error: DURATION })
    .transform((written, context): Millis => {
      const ms = parseDuration(written);
      if (ms === undefined) return refuse(context, DURATION);
      if (ms < parseDuration(min)!) return refuse(context, `expected ${min} or more`, { hint: `write ${min}` });
      if (ms > parseDuration(max)!) return refuse(context, `expected ${max} or less`, { hint: `write ${max}` });
      return Number.isInteger(ms) ? ms : refuse(context, 'expected a whole number of milliseconds');
    })
    .meta({ description: `a duration like 15m; at least ${min}, at most ${max}` });

const SIZE = 'expected a size like 64MiB';
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

function parseSize(written: string): number | undefined {
  const match = /^(\d{1,9})(B|KiB|MiB|GiB)$/.exec(written);
  return match === null ? undefined : Number(match[1]) * SIZE_UNITS[match[2]!]!;
}

/** `512KiB`, `64MiB` ... within bounds, both allowed; in bytes. */
export const size = (min: string, max: string) =>
  z
    .string({ error: SIZE })
    .transform((written, context): number => {
      const bytes = parseSize(written);
      if (bytes === undefined) return refuse(context, SIZE);
      if (bytes < parseSize(min)!) return refuse(context, `expected ${min} or more`, { hint: `write ${min}` });
      if (bytes > parseSize(max)!) return refuse(context, `expected ${max} or less`, { hint: `write ${max}` });
      return bytes;
    })
    .meta({ description: `a size like 64MiB; at least ${min}, at most ${max}` });

/** A whole number within bounds, both allowed. */
export const whole = (min: number, max: number) => {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, `${error}: write ${min}`).max(max, `${error}: write ${max}`);
};

/** A number within bounds, both allowed; of a quantity that is above 0. */
export const quantity = (min: number, max: number) =>
  z
    .number({ error: 'expected a number above 0' })
    .min(min, `expected ${min} or more: write ${min}`)
    .max(max, `expected ${max} or less: write ${max}`);

declare const secretRef: unique symbol;
/** Where a secret is, never the secret: `env:NAME` or `file:/path`. */
export type SecretRef = string & { readonly [secretRef]: true };

const SECRET_REF = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/;

/** A secret written into the file is refused: files are shared, shown and kept in repositories. */
export const secret = z
  .string({ error: 'expected where the secret is' })
  .transform((written, context): SecretRef => {
    if (SECRET_REF.test(written)) return written as SecretRef;
    return refuse(context, 'a secret is not written into the configuration', {
      code: 'PLIM_CONFIG_LITERAL_SECRET',
      hint: 'write env:NAME and set that environment variable, or file:/path of a file that holds it',
      secret: true,
    });
  })
  .meta({ pattern: SECRET_REF.source });

const HTTP_URL = 'expected an address like https://ops.example.com/in';

/** An absolute http or https address without user and password. */
export const httpUrl = z.string({ error: HTTP_URL }).superRefine((written, context) => {
  const url = URL.parse(written);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    refuse(context, HTTP_URL, written.includes('@') ? { secret: true } : {});
  } else if (url.username !== '' || url.password !== '') {
    refuse(context, 'an address holds no user and no password', { code: 'PLIM_CONFIG_LITERAL_SECRET', secret: true });
  }
});

const SMTP_URL = 'expected a mail server like smtp://mail.example.com:587';

/** `smtp://host:port` or `smtps://host:port`, without user and password. */
export const smtpUrl = z.string({ error: SMTP_URL }).superRefine((written, context) => {
  const match = /^smtps?:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+):(\d{1,5})\/?$/.exec(written);
  if (match === null || Number(match[1]) > 65_535)
    refuse(context, SMTP_URL, written.includes('@') ? { secret: true } : {});
});

const ADDR = "[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}";
const MAILBOX = new RegExp(String.raw`^(?:${ADDR}|[^<>"@\p{C}]{1,100} <${ADDR}>)$`, 'u');

/** `ops@example.com`, or `Operations <ops@example.com>`. */
export const mailbox = z
  .string({ error: 'expected a mail address like ops@example.com' })
  .superRefine((written, context) => {
    if (!MAILBOX.test(written)) refuse(context, 'expected a mail address like ops@example.com');
  });

/** Where a page comes from, as browsers write it: scheme, host and port, without a path. */
export const origin = httpUrl.superRefine((written, context) => {
  const url = URL.parse(written);
  if (url !== null && url.origin !== written)
    refuse(context, 'expected an origin: scheme, host and port, without a path', { hint: `write ${url.origin}` });
});

const HOST_NAME = 'expected a name like plimsoll.example.com, without scheme and port';

/** A name of a machine, without scheme and port, in lower case. */
export const hostName = z
  .string({ error: HOST_NAME })
  .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, { error: HOST_NAME })
  .transform((written) => written.toLowerCase());

export interface Address {
  readonly host: string;
  /** 0..65535; 0 is any free one. */
  readonly port: number;
}

const ADDRESS = 'expected host:port like 127.0.0.1:8080';

/** `127.0.0.1:8080`, `localhost:0`, `[::1]:8080`. */
export const address = z.string({ error: ADDRESS }).transform((written, context): Address => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(written);
  if (match === null) {
    const port = /^:?(\d{1,5})$/.exec(written)?.[1];
    return refuse(context, ADDRESS, port === undefined ? {} : { hint: `write 127.0.0.1:${port}` });
  }
  const port = Number(match[3]);
  return port > 65_535 ? refuse(context, 'a port is at most 65535') : { host: (match[1] ?? match[2])!, port };
});

/** Only programs on this machine reach it. */
export const isLoopback = ({ host }: Pick<Address, 'host'>): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
