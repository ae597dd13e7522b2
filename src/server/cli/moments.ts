import { type Millis, parseDuration } from '../../model/time.ts';

/** How a time is written on the command line. */
export const MOMENT_HELP = 'a day (2026-11-01), a time (2026-11-01T10:00Z), or how long ago (7d)';

/**
 * A time as people write it; days and times without a zone are UTC.
 * @param now  what `7d` is counted back from  @returns null for anything else
 */
export function momentOf(text: string, now: Millis): Millis | null {
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return null;
  const iso = text.replace(' ', 'T');
  const at = Date.parse(iso.includes('T') && !/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(at) ? null : at;
}
