import { findJson, firstOfJsonArray, type JsonSpan } from './json-path.ts';
import type { Place } from './plan.ts';
import { BOOLEAN, DOUBLE, NOTHING, type SlotValues, STRING } from './slots.ts';

/** JSON text beyond this is not searched. */
export const MAX_JSON_BYTES = 65_536;

const EMPTY = Buffer.alloc(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;

/** The value last found at a place: one object for all spans, so that finding costs no allocation. */
export class Found {
  type = NOTHING;
  source: Buffer = EMPTY;
  at = 0;
  length = 0;
  number = 0;

  /** Looks for a value with something in it. */
  look(values: SlotValues, { slot, take, path }: Place): boolean {
    const type = values.type[slot]!;
    if (type === NOTHING) return false;
    this.type = type;
    this.source = values.source;
    this.at = values.at[slot]!;
    this.length = values.length[slot]!;
    this.number = values.number[slot]!;
    if (type !== STRING) return take !== 'json';
    if (this.length === 0) return false;
    if (take === 'json') return this.#lookInside(findJson(this.source, this.at, this.#jsonEnd(), path));
    if (take === 'first' && this.source[this.at] === OPEN_BRACKET)
      return this.#lookInside(firstOfJsonArray(this.source, this.at, this.#jsonEnd()));
    return true;
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
