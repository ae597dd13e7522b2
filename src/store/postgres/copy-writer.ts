import { ByteWriter } from '../../model/bytes.ts';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const NO_FLAGS = Buffer.alloc(8);
const INT32_NULL = 0xffff_ffff;

/** Rows in the binary form of COPY. Fields are written one after the other, as many as `row` was told. */
export class CopyWriter {
  readonly #out: ByteWriter;
  rows = 0;

  constructor(capacity = 1 << 16) {
    this.#out = new ByteWriter(capacity);
    this.#out.bytes(SIGNATURE);
    this.#out.bytes(NO_FLAGS);
  }

  row(fields: number): void {
    this.rows++;
    this.#int16(fields);
  }

  int2(value: number): void {
    this.#out.uint32(2);
    this.#int16(value);
  }

  int4(value: number): void {
    this.#out.uint32(4);
    this.#int32(value);
  }

  /** @param value  an exact integer */
  int8(value: number): void {
    this.#out.uint32(8);
    this.#int32(Math.floor(value / 2 ** 32));
    this.#int32(value);
  }

  float8(value: number): void {
    const out = this.#out;
    out.uint32(8);
    out.ensure(8);
    out.at = out.buffer.writeDoubleBE(value, out.at);
  }

  get bytesWritten(): number {
    return this.#out.at;
  }

  /** @param write  one of the methods of this writer */
  optional<T>(value: T | null, write: (value: T) => void): void {
    if (value === null) this.#out.uint32(INT32_NULL);
    else write.call(this, value);
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    const out = this.#out;
    out.uint32(length);
    out.ensure(length);
    out.at += out.buffer.write(value, out.at, length, 'utf8');
  }

  /** One byte a character. */
  id(text: string): void {
    this.#out.uint32(text.length);
    this.#out.latin1(text);
  }

  bytes(value: Uint8Array): void {
    this.#out.uint32(value.length);
    this.#out.bytes(value);
  }

  /** A value that is written in place, without knowing its length before. */
  written(write: (out: ByteWriter) => void): void {
    const out = this.#out;
    out.uint32(0);
    const from = out.at;
    write(out);
    out.buffer.writeUInt32BE(out.at - from, from - 4);
  }

  /** What COPY takes, ended; not copied: nothing may be written afterwards. */
  finish(): Buffer<ArrayBuffer> {
    this.#int16(-1);
    return this.#out.written as Buffer<ArrayBuffer>;
  }

  #int16(value: number): void {
    this.#out.byte((value >> 8) & 255);
    this.#out.byte(value & 255);
  }

  #int32(value: number): void {
    this.#out.uint32(value >>> 0);
  }
}
