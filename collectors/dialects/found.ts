import { findJson, firstOfJsonArray, type JsonSpan } from './json-path.ts';
import { sumOfParts } from './parts.ts';
import type { Place } from './plan.ts';
import { BOOLEAN, DOUBLE, NOTHING, type SlotValues, STRING } from './slots.ts';

/** JSON text beyond this is not searched. */
export const MAX_JSON_BYTES = 65_536;
/** An object of counts beyond this is none. */
export const MAX_COUNTS_BYTES = 4096;

const EMPTY = Buffer.alloc(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const SLASH = 0x2f;
const COMMA = 0x2c;

/** The value last found at a place: one object for all spans, so that finding costs no allocation. */
export class Found {
  type = NOTHING;
  source: Buffer = EMPTY;
  at = 0;
  length = 0;
  number = 0;
  /** The span is one of a model: set for each span, because some attributes are names of models in those only. */
  ofModel = false;

  /** Looks for a value with something in it. */
  look(values: SlotValues, place: Place): boolean {
    const { slot, isPlain, isInText } = place;
    const type = values.type[slot]!;
    if (type === NOTHING) return false;
    this.type = type;
    this.source = values.source;
    this.at = values.at[slot]!;
    this.length = values.length[slot]!;
    this.number = values.number[slot]!;
    if (type !== STRING) return !isInText;
    if (this.length === 0) return false;
    return isPlain || this.#lookAtText(place);
  }

  #lookAtText({ take, path, word }: Place): boolean {
    switch (take) {
      case 'json':
        return this.#lookInside(findJson(this.source, this.at, this.#jsonEnd(), path));
      case 'event json':
        return this.#lookInFirst(path);
      case 'first':
        if (this.source[this.at] !== OPEN_BRACKET) return this.#cutAtComma();
        return this.#lookInside(firstOfJsonArray(this.source, this.at, this.#jsonEnd()));
      case 'parts':
        return this.#addParts(word);
      case 'maker':
        return this.ofModel && this.#takeMaker();
      case 'model':
        return this.ofModel && this.#takeModel();
      default:
        return true;
    }
  }

  #lookInFirst(path: Place['path']): boolean {
    const element = firstOfJsonArray(this.source, this.at, this.#jsonEnd());
    return element !== null && this.#lookInside(findJson(this.source, element.at, element.end, path));
  }

  /** A list may be one text: `stop, stop`. */
  #cutAtComma(): boolean {
    const { source, at, length } = this;
    for (let behind = 0; behind < length; behind++)
      if (source[at + behind] === COMMA) {
        this.length = behind;
        break;
      }
    return this.length > 0;
  }

  #addParts(word: string): boolean {
    if (this.length > MAX_COUNTS_BYTES) return false;
    const sum = sumOfParts(this.source.toString('utf8', this.at, this.at + this.length), word);
    this.type = DOUBLE;
    this.number = sum ?? Number.NaN;
    return sum !== null;
  }

  /** Where the slash of the name stands, or -1. */
  #slash(): number {
    const slash = this.source.indexOf(SLASH, this.at);
    return slash >= 0 && slash < this.at + this.length ? slash : -1;
  }

  #takeMaker(): boolean {
    this.length = Math.max(0, this.#slash() - this.at);
    return this.length > 0;
  }

  #takeModel(): boolean {
    const slash = this.#slash();
    if (slash < 0) return true;
    this.length -= slash + 1 - this.at;
    this.at = slash + 1;
    return this.length > 0;
  }

  #jsonEnd(): number {
    return this.at + Math.min(this.length, MAX_JSON_BYTES);
  }

  /** Takes a JSON text, number or boolean for the value. */
  #lookInside(json: JsonSpan | null): boolean {
    if (json === null) return false;
    const { at, end } = json;
    if (this.source[at] === QUOTE) return this.#takeText(at, end);
    const literal = this.source.toString('latin1', at, end);
    const number = literal === 'true' ? 1 : literal === 'false' ? 0 : Number(literal);
    this.type = literal === 'true' || literal === 'false' ? BOOLEAN : DOUBLE;
    this.number = number;
    return !Number.isNaN(number);
  }

  #takeText(at: number, end: number): boolean {
    this.at = at + 1;
    this.length = end - at - 2;
    const isPlain = this.source.subarray(at, end).indexOf(BACKSLASH) < 0;
    return (isPlain || this.#unescape(at, end)) && this.length > 0;
  }

  #unescape(at: number, end: number): boolean {
    try {
      this.source = Buffer.from(JSON.parse(this.source.toString('utf8', at, end)) as string);
    } catch {
      return false;
    }
    this.at = 0;
    this.length = this.source.length;
    return true;
  }
}
