import { DEFAULT_LIMITS } from '../../src/model/config/limits.ts';

/** The bytes are not what they should be. `at` is the offset in the body. */
export class MalformedBody extends RangeError {
  override readonly name = 'MalformedBody';
  readonly at: number;

  constructor(reason: string, at: number) {
    super(`${reason} at byte ${at}`);
    this.at = at;
  }
}

/** Protobuf wire types. @see https://protobuf.dev/programming-guides/encoding/ */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
const START_GROUP = 3;
const END_GROUP = 4;
export const FIXED32 = 5;

/** Messages in a message, by field number: what has to be looked into to know that a body is whole. */
export type Shape = ReadonlyMap<number, Shape>;

/** Messages lie deeper in each other than may be: what holds them can't be kept. */
export class TooDeep extends MalformedBody {}

/** Messages around the value of an attribute, wherever the attribute is. */
const DEPTH_OF_VALUES = 8;
/** A map in a value is three messages: the value, its list, its pair. */
const DEPTH_OF_A_VALUE = 3;
/** How deep messages may lie in each other so that values may; protobuf's own readers stop at 100. */
const maxDepthFor = (maxValueDepth: number): number => DEPTH_OF_VALUES + maxValueDepth * DEPTH_OF_A_VALUE;

/**
 * A cursor over protobuf bytes. Everything is checked: what runs past its end, a length, tag or varint that is too long,
 * an unknown wire type, a group without end is a `MalformedBody`.
 */
export class Wire {
  buffer: Buffer = Buffer.alloc(0);
  at = 0;
  #maxDepth = maxDepthFor(DEFAULT_LIMITS.maxValueDepth);

  /** How deep maps may lie in each other in the value of an attribute. */
  limitDepth(maxValueDepth: number): void {
    this.#maxDepth = maxDepthFor(maxValueDepth);
  }

  /** An integer of which the low 32 bits count. */
  varint(end: number): number {
    const { buffer } = this;
    if (this.at < end) {
      const byte = buffer[this.at]!;
      if (byte < 128) {
        this.at++;
        return byte;
      }
    }
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) this.fail('a number is cut short');
      const byte = buffer[this.at++]!;
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    return this.fail('a number has more than ten bytes');
  }

  /** A signed 64-bit integer, rounded to a double where it needs more than 53 bits. */
  int64(end: number): number {
    const { buffer } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) this.fail('a number is cut short');
      const byte = buffer[this.at++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else if (shift < 64) high |= bits << (shift - 32);
      if (byte < 128) return high * 2 ** 32 + (low >>> 0);
    }
    return this.fail('a number has more than ten bytes');
  }

  /** Field number and wire type of what follows. */
  tag(end: number): number {
    const first = this.at < end ? this.buffer[this.at]! : 255;
    if (first >= 8 && first < 128) {
      this.at++;
      return first;
    }
    const value = this.#short(end, 15, 'a field tag is too long');
    if (value < 8) this.fail('field number 0');
    return value;
  }

  /** A length, and that so many bytes are left before `end`. */
  size(end: number): number {
    const first = this.at < end ? this.buffer[this.at]! : 255;
    let length = first;
    if (first < 128) this.at++;
    else length = this.#short(end, 7, 'a length is too long');
    if (length > end - this.at) this.fail(`${length} bytes are announced where ${end - this.at} are left`);
    return length;
  }

  /** The position behind a message that begins here with its length. */
  messageEnd(end: number): number {
    const length = this.size(end);
    return this.at + length;
  }

  need(bytes: number, end: number): void {
    if (end - this.at < bytes) this.fail(`${bytes} bytes are needed where ${end - this.at} are left`);
  }

  uint32(end: number): number {
    this.need(4, end);
    const { buffer, at } = this;
    this.at = at + 4;
    return (buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24)) >>> 0;
  }

  double(end: number): number {
    this.need(8, end);
    const value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** Steps over a field whose tag was read. */
  skip(tag: number, end: number, depth = 0): void {
    switch (tag & 7) {
      case VARINT:
        this.varint(end);
        return;
      case FIXED64:
        this.need(8, end);
        this.at += 8;
        return;
      case LENGTH:
        this.at = this.messageEnd(end);
        return;
      case START_GROUP:
        this.#skipGroup(tag >>> 3, end, depth + 1);
        return;
      case FIXED32:
        this.need(4, end);
        this.at += 4;
        return;
      default:
        this.fail(`wire type ${tag & 7}`);
    }
  }

  /** Steps over the fields up to `end`, looking into the messages that the shape names. */
  check(shape: Shape, end: number, depth: number): void {
    if (depth > this.#maxDepth) this.#tooDeep('messages');
    while (this.at < end) {
      const tag = this.tag(end);
      const inner = (tag & 7) === LENGTH ? shape.get(tag >>> 3) : undefined;
      if (inner === undefined) this.skip(tag, end, depth);
      else this.check(inner, this.messageEnd(end), depth + 1);
    }
  }

  fail(reason: string): never {
    throw new MalformedBody(reason, this.at);
  }

  #tooDeep(what: string): never {
    throw new TooDeep(`more than ${this.#maxDepth} ${what} in each other`, this.at);
  }

  #skipGroup(field: number, end: number, depth: number): void {
    if (depth > this.#maxDepth) this.#tooDeep('groups');
    for (;;) {
      const tag = this.tag(end);
      if ((tag & 7) !== END_GROUP) this.skip(tag, end, depth);
      else if (tag >>> 3 === field) return;
      else this.fail(`group ${field} ends as group ${tag >>> 3}`);
    }
  }

  /** A varint of at most 32 bits in at most five bytes, as tags and lengths are. */
  #short(end: number, lastByteMax: number, tooLong: string): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.at >= end) this.fail('a number is cut short');
      const byte = this.buffer[this.at++]!;
      if (shift === 28 && byte > lastByteMax) this.fail(tooLong);
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }
}
