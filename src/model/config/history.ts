import { z } from 'zod';
import { map } from './document.ts';
import { duration, httpUrl, maybe, refuse, secret, text } from './fields.ts';

const DATABASE = 'expected a name like plimsoll';
const trimmed = (url: string): string => url.replace(/\/+$/, '');

/** An InfluxDB that keeps the event-time history. */
export const history = map({
  /** Base address. */
  url: httpUrl.transform(trimmed),
  database: z
    .string({ error: DATABASE })
    .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: `${DATABASE}: letters, digits, - and _` })
    .default('plimsoll'),
  /** Who may write, and where that user's password is: both, or neither where nobody has to sign in. */
  user: maybe(text),
  password: maybe(secret),
}).superRefine(({ user, password }, context) => {
  if ((user === null) !== (password === null))
    refuse(context, 'expected user and password, or neither', {
      hint: user === null ? 'name the user' : 'name its password',
    });
});
export type HistoryConfig = z.output<typeof history>;

/** Where the metrics are sent, beside being there to be scraped. */
export const otlpMetrics = map({
  /** The whole address that is posted to: `https://otel.example.com/v1/metrics`. */
  url: httpUrl,
  /** Headers of each request; each value is a secret. */
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), secret, { error: 'expected headers and where their values are' })
    .default({}),
  every: duration('10s', '1h').prefault('60s'),
}).transform(({ url, headers, every }) => ({ url, headers, everyMs: every }));
export type OtlpMetricsConfig = z.output<typeof otlpMetrics>;
