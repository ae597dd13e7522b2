import { BOOLEAN, COMPOUND, DOUBLE, INTEGER, NOTHING, type SlotValues, STRING } from '../dialects/slots.ts';
import { KeyTable } from './key-table.ts';
import { ANY_VALUE, KEY_VALUES } from './shapes.ts';
import type { Wire } from './wire.ts';

/** Attribute keys that somebody asks for, and the slots that their values go to. */
export class AskedKeys {
  readonly #table: KeyTable;
  readonly #slots: readonly number[];

  constructor(keys: readonly string[], slots: readonly number[]) {
    this.#table = new KeyTable(keys);
    this.#slots = slots;
  }

  /** -1 when nobody asks. */
  slotOf(source: Buffer, at: number, length: number): number {
    const number = this.#table.find(source, at, length);
    return number < 0 ? -1 : this.#slots[number]!;
  }
}

const KEY = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;

const TEXT = (1 << 3) | 2;
const BOOL = 2 << 3;
const INT = 3 << 3;
const FLOAT = (4 << 3) | 1;
const ARRAY = (5 << 3) | 2;
const KEY_VALUE_LIST = (6 << 3) | 2;
const BYTES = (7 << 3) | 2;
const ELEMENT = (1 << 3) | 2;

/** Depth of an attribute's value among the messages of a request. */
const VALUE_DEPTH = 5;

/** Reads attributes (`KeyValue` messages) into slots; what nobody asks for is checked and stepped over. */
export class AttributeReader {
  readonly #wire: Wire;
  #type = NOTHING;
  #at = 0;
  #length = 0;
  #number = 0;
  /** The value read last is an array, and its first element was read. */
  #inArray = false;
  #hasFirst = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Reads the attribute that ends at `end`. Of a list the first element stands for the whole. */
  read(end: number, asked: AskedKeys, into: SlotValues): void {
    if (!this.#readPlain(end, asked, into)) this.#readAny(end, asked, into);
  }

  /** Nearly all attributes: a key, then a text or an integer, and nothing else. False, and nothing read: it is not that. */
  #readPlain(end: number, asked: AskedKeys, into: SlotValues): boolean {
    const wire = this.#wire;
    const { buffer, at } = wire;
    const keyLength = buffer[at + 1]!;
    const keyAt = at + 2;
    const value = keyAt + keyLength;
    // Key and tag in front of the value, both sizes in one or two bytes, and the value fills what is left.
    if (value + 4 > end || buffer[at] !== KEY || keyLength > 127 || buffer[value] !== VALUE) return false;
    const long = buffer[value + 1]! > 127 ? 1 : 0;
    const from = value + 2 + long;
    if (from + shortSize(buffer, value + 1) !== end) return false;
    const type = buffer[from]!;
    if (type === TEXT) {
      const longText = buffer[from + 1]! > 127 ? 1 : 0;
      const textAt = from + 2 + longText;
      const length = shortSize(buffer, from + 1);
      if (textAt + length !== end) return false;
      const slot = asked.slotOf(buffer, keyAt, keyLength);
      if (slot >= 0) into.fillText(slot, textAt, length, from, end);
    } else if (type === INT) {
      wire.at = from + 1;
      const number = wire.int64(end);
      const isWhole = wire.at === end;
      wire.at = at;
      if (!isWhole) return false;
      const slot = asked.slotOf(buffer, keyAt, keyLength);
      if (slot >= 0) into.fillNumber(slot, INTEGER, number, from, end);
    } else return false;
    wire.at = end;
    return true;
  }

  #readAny(end: number, asked: AskedKeys, into: SlotValues): void {
    const wire = this.#wire;
    this.#type = NOTHING;
    this.#inArray = false;
    let slot = -1;
    let from = 0;
    let to = 0;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === KEY) {
        const length = wire.size(end);
        slot = asked.slotOf(wire.buffer, wire.at, length);
        wire.at += length;
      } else if (tag === VALUE) {
        to = wire.messageEnd(end);
        from = wire.at;
        this.#readValue(to, VALUE_DEPTH);
      } else wire.skip(tag, end);
    }
    if (slot < 0) return;
    if (this.#type === STRING) into.fillText(slot, this.#at, this.#length, from, to);
    else if (this.#type !== NOTHING) into.fillNumber(slot, this.#type, this.#number, from, to);
  }

  #readValue(end: number, depth: number): void {
    const wire = this.#wire;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === ARRAY) this.#readArray(wire.messageEnd(end), depth + 1);
      else if (tag === KEY_VALUE_LIST) {
        wire.check(KEY_VALUES, wire.messageEnd(end), depth + 1);
        this.#set(COMPOUND);
      } else this.#readScalar(tag, end);
    }
  }

  #readScalar(tag: number, end: number): void {
    const wire = this.#wire;
    switch (tag) {
      case TEXT:
        this.#length = wire.size(end);
        this.#at = wire.at;
        wire.at += this.#length;
        this.#set(STRING);
        return;
      case INT:
        this.#number = wire.int64(end);
        this.#set(INTEGER);
        return;
      case BOOL:
        this.#number = wire.int64(end) === 0 ? 0 : 1;
        this.#set(BOOLEAN);
        return;
      case FLOAT:
        this.#number = wire.double(end);
        this.#set(DOUBLE);
        return;
      default:
        wire.skip(tag, end);
        if (tag === ARRAY || tag === KEY_VALUE_LIST || tag === BYTES) this.#set(COMPOUND);
    }
  }

  #set(type: number): void {
    this.#type = type;
    this.#inArray = false;
  }

  /** A value given in two arrays is one array: the second only adds to it. */
  #readArray(end: number, depth: number): void {
    const wire = this.#wire;
    if (!this.#inArray) {
      this.#set(COMPOUND);
      this.#inArray = true;
      this.#hasFirst = false;
    }
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag !== ELEMENT) wire.skip(tag, end);
      else if (this.#hasFirst) wire.check(ANY_VALUE, wire.messageEnd(end), depth + 1);
      else this.#readFirst(wire.messageEnd(end), depth + 1);
    }
  }

  /** Reads a list's first element; one that is itself a list or a map leaves the whole a compound. */
  #readFirst(end: number, depth: number): void {
    const wire = this.#wire;
    const start = wire.at;
    wire.check(ANY_VALUE, end, depth);
    wire.at = start;
    this.#type = COMPOUND;
    while (wire.at < end) this.#readScalar(wire.tag(end), end);
    this.#inArray = true;
    this.#hasFirst = true;
  }
}

/** A size of one or two bytes; of one that needs more, some number that fits nowhere. */
function shortSize(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  if (first < 128) return first;
  const second = buffer[at + 1]!;
  return second < 128 ? (first & 127) | (second << 7) : Number.NaN;
}
