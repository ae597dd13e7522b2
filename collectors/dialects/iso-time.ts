const ISO_TIME = /^"?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?"?$/;

/** Milliseconds since 1970 of a time in ISO 8601, quoted or not, in UTC when it names no zone; NaN for anything else. */
export function isoTimeMs(text: string): number {
  const found = ISO_TIME.exec(text.trim());
  return found === null ? Number.NaN : Date.parse(`${found[1]}${found[2] ?? 'Z'}`);
}
