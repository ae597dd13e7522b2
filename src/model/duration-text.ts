import type { Millis } from './time.ts';

/** The two largest units: `1 h 5 min`, `28 d`, `40 s`. */
export function durationText(ms: Millis): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const parts = hours < 24 ? [`${hours} h`, `${minutes % 60} min`] : [`${Math.floor(hours / 24)} d`, `${hours % 24} h`];
  return parts.filter((part) => !part.startsWith('0 ')).join(' ');
}
