/**
 * Text of unknown origin (slice values, versions, names out of telemetry) for a line that people read: one line, no
 * control or formatting characters (a right-to-left override could turn a sentence around), at most `max` characters.
 */
export function plainText(text: string, max = 80): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return clip(line, max);
}

/** At most `max` UTF-16 units, never half a character; what was cut is shown as an ellipsis. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  const cut = text.slice(0, max - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed()}…`;
}
