import type { Millis } from '../model/time.ts';

/** IMF-fixdate, the one form of HTTP date that may be sent today. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** An HTTP date, milliseconds since 1970; undefined for anything else. */
export function parseHttpDate(text: string): Millis | undefined {
  const at = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/**
 * `Retry-After`, in seconds or as a date, as milliseconds from now, >= 0; undefined when absent or unreadable.
 * @see RFC 9110, section 10.2.3
 */
export function parseRetryAfter(header: string | undefined, now: Millis): Millis | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = parseHttpDate(text);
  return at === undefined ? undefined : Math.max(0, at - now);
}
