/** A text that is no JSON as the doors take it; the message says what is wrong with it. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

/** How deep lists and objects may lie in each other: deeper than anything that is read, and no matter for the stack. */
const MAX_DEPTH = 512;
/** Each takes ten times the memory of its text, or more; the largest body of telemetry that a sender would write has half of it. */
const MAX_CONTAINERS = 4_194_304;

/**
 * Reads JSON that strangers sent. Stricter than `JSON.parse`, which takes the last of two values of one key in silence and
 * leaves what is not UTF-8 to whoever decodes it. A byte order mark is stepped over.
 * @throws JsonFault
 * @see https://www.rfc-editor.org/rfc/rfc7493 (I-JSON)
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  refuseOddities(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonFault((error as Error).message);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new JsonFault('it is not UTF-8');
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Keys that are there twice, and what lies too deep. What is no JSON at all is left to the parser. */
function refuseOddities(text: string): void {
  /** Of what is open around here: the keys of an object, null for a list. */
  const around: (Set<string> | null)[] = [];
  let keys: Set<string> | null = null;
  let isKey = false;
  let containers = 0;
  for (let at = 0; at < text.length; at++)
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = closingQuote(text, at + 1);
        if (isKey) addKey(keys!, text.slice(at + 1, end));
        isKey = false;
        at = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (around.push(keys) > MAX_DEPTH)
          throw new JsonFault(`more than ${MAX_DEPTH} lists and objects lie in each other`);
        if (++containers > MAX_CONTAINERS) throw new JsonFault(`it has more than ${MAX_CONTAINERS} lists and objects`);
        isKey = text.charCodeAt(at) === OPEN_OBJECT;
        keys = isKey ? new Set() : null;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        keys = around.pop() ?? null;
        isKey = false;
        break;
      case COMMA:
        isKey = keys !== null;
        break;
    }
}

/** Where the string that begins at `from` ends; the end of the text when it does not. */
function closingQuote(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

function addKey(keys: Set<string>, written: string): void {
  const key = written.includes('\\') ? unescaped(written) : written;
  if (keys.has(key)) throw new JsonFault(`the key ${JSON.stringify(key.slice(0, 64))} is there twice in one object`);
  keys.add(key);
}

function unescaped(written: string): string {
  try {
    return JSON.parse(`"${written}"`);
  } catch {
    return written;
  }
}
