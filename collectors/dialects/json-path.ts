/** Where a JSON value lies in the bytes of a JSON text. */
export interface JsonSpan {
  readonly at: number;
  readonly end: number;
}

const QUOTE = 0x22;
/** Python writes its own form of a dictionary where somebody forgot to make JSON of it: `{'cache_read': 16}`. */
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The value under a path of keys, found in one pass over the bytes without parsing the rest: prompts and tool schemas
 * stand in the same text. What lies in front of the value must be sound; what comes behind it is not looked at, so that a
 * text cut off by an attribute limit is read as far as it goes. Keys written with escapes are not found.
 *
 * @param path  keys of objects in each other, or `[]` for the first element of an array
 */
export function findJson(source: Buffer, at: number, end: number, path: readonly Uint8Array[]): JsonSpan | null {
  let from = skipSpace(source, at, end);
  for (const key of path) {
    const found = source[from] === OPEN_BRACE ? member(source, from, end, key) : -1;
    if (found < 0) return null;
    from = found;
  }
  return whole(source, from, end);
}

/** The first element of a JSON array. */
export function firstOfJsonArray(source: Buffer, at: number, end: number): JsonSpan | null {
  const from = skipSpace(source, at, end);
  if (source[from] !== OPEN_BRACKET) return null;
  return whole(source, skipSpace(source, from + 1, end), end);
}

function whole(source: Buffer, at: number, end: number): JsonSpan | null {
  const behind = skipValue(source, at, end);
  return behind < 0 ? null : { at, end: behind };
}

/** The start of a member's value, or -1. `at` is at the opening brace. */
function member(source: Buffer, at: number, end: number, key: Uint8Array): number {
  let from = skipSpace(source, at + 1, end);
  while (from < end && isQuote(source[from]!)) {
    const keyEnd = skipString(source, from, end);
    if (keyEnd < 0) return -1;
    const isIt = keyEnd - from - 2 === key.length && source.compare(key, 0, key.length, from + 1, keyEnd - 1) === 0;
    const colon = skipSpace(source, keyEnd, end);
    if (source[colon] !== COLON || colon >= end) return -1;
    const value = skipSpace(source, colon + 1, end);
    if (isIt) return value;
    const behind = skipValue(source, value, end);
    if (behind < 0) return -1;
    const comma = skipSpace(source, behind, end);
    if (comma >= end || source[comma] !== COMMA) return -1;
    from = skipSpace(source, comma + 1, end);
  }
  return -1;
}

function skipSpace(source: Buffer, at: number, end: number): number {
  let from = at;
  while (from < end && source[from]! <= 0x20) from++;
  return from;
}

/** The position behind a value, or -1 when it does not end. */
function skipValue(source: Buffer, at: number, end: number): number {
  if (at >= end) return -1;
  const first = source[at]!;
  if (isQuote(first)) return skipString(source, at, end);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(source, at, end);
  let from = at;
  while (from < end && !isDelimiter(source[from]!)) from++;
  return from === at ? -1 : from;
}

const isQuote = (byte: number): boolean => byte === QUOTE || byte === APOSTROPHE;

const isDelimiter = (byte: number): boolean =>
  byte <= 0x20 || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte === COLON;

function skipNested(source: Buffer, at: number, end: number): number {
  let depth = 0;
  for (let from = at; from < end; ) {
    const byte = source[from]!;
    if (isQuote(byte)) {
      from = skipString(source, from, end);
      if (from < 0) return -1;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    from++;
    if (depth === 0) return from;
  }
  return -1;
}

/** `at` is at the opening quote. */
function skipString(source: Buffer, at: number, end: number): number {
  const quote = source[at];
  for (let from = at + 1; from < end; from++) {
    const byte = source[from]!;
    if (byte === quote) return from + 1;
    if (byte === BACKSLASH) from++;
  }
  return -1;
}
