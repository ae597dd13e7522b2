/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Millis = number;
/** Minutes since 1970-01-01T00:00Z: the bucket of event time in which everything is counted. */
export type Minute = number;
/** Tenths of a second since 1970-01-01T00:00:00Z. */
export type Tenths = number;

export const DAY_MS: Millis = 86_400_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const MINUTES_PER_HOUR = 60;
export const MINUTES_PER_DAY = 1440;
export const TENTHS_PER_SECOND = 10;
export const TENTHS_PER_MINUTE = 600;
export const NANOS_PER_TENTH = 100_000_000;

export const minuteOf = (at: Millis): Minute => Math.floor(at / MINUTE_MS);
export const minuteOfTenths = (tenths: Tenths): Minute => Math.floor(tenths / TENTHS_PER_MINUTE);
export const millisOfMinute = (minute: Minute): Millis => minute * MINUTE_MS;
export const iso = (at: Millis): string => new Date(at).toISOString();
/** `2026-11-20 10:00 UTC`, as people read it; with seconds where it is no whole minute. */
export const timeText = (at: Millis): string =>
  `${iso(at)
    .slice(0, at % MINUTE_MS === 0 ? 16 : 19)
    .replace('T', ' ')} UTC`;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `500ms`, `4s`, `15m`, `6h`, `30d`, `10y` to milliseconds; `undefined` for anything else. A year is 365 days. */
export function parseDuration(text: string): Millis | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2]!]!;
}

const LIMIT_UNITS: readonly (readonly [Millis, string])[] = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'm'],
  [1000, 's'],
];

/** The other way round, as files write it: `4s`, `28d`; in the largest unit that it is a whole number of. */
export function limitText(ms: Millis): string {
  const unit = LIMIT_UNITS.find(([length]) => ms % length === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[0]}${unit[1]}`;
}
