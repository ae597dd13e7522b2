/** Appends numbers and strings to a growing buffer. */
export class ByteWriter {
  buffer: Buffer;
  at = 0;

  constructor(capacity = 4096) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** The bytes written so far, not copied: valid until the next write. */
  get written(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  ensure(more: number): void {
    if (this.at + more <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + more));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }

  byte(value: number): void {
    this.ensure(1);
    this.buffer[this.at++] = value;
  }

  /** LEB128 of an integer 0..2^53-1. */
  varint(value: number): void {
    this.ensure(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.buffer[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.buffer[this.at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.buffer[this.at++] = rest;
  }

  /** An integer of either sign, |value| < 2^52, zigzag. */
  signedVarint(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** Four bytes, big-endian. */
  uint32(value: number): void {
    this.ensure(4);
    this.at = this.buffer.writeUInt32BE(value, this.at);
  }

  double(value: number): void {
    this.ensure(8);
    this.buffer.writeDoubleLE(value, this.at);
    this.at += 8;
  }

  /** One byte per character, without a length. */
  latin1(text: string): void {
    this.ensure(text.length);
    for (let i = 0; i < text.length; i++) this.buffer[this.at++] = text.charCodeAt(i);
  }

  /** UTF-8 behind its length in bytes. */
  text(text: string): void {
    this.ensure(text.length * 3 + 5);
    const length = Buffer.byteLength(text);
    this.varint(length);
    this.buffer.write(text, this.at, length, 'utf8');
    this.at += length;
  }

  /** A few bytes of a source, as they are. */
  bytesFrom(source: Uint8Array, at: number, length: number): void {
    this.ensure(length);
    const { buffer } = this;
    let to = this.at;
    for (let i = at, end = at + length; i < end; i++) buffer[to++] = source[i]!;
    this.at = to;
  }

  /** As `text`, of a short text that is UTF-8 already. */
  textFrom(source: Uint8Array, at: number, length: number): void {
    this.varint(length);
    this.bytesFrom(source, at, length);
  }

  bytes(source: Uint8Array): void {
    this.ensure(source.length);
    this.buffer.set(source, this.at);
    this.at += source.length;
  }
}

/** Reads what `ByteWriter` wrote; running past the end is a RangeError. */
export class ByteReader {
  buffer: Buffer;
  at: number;
  end: number;

  constructor(buffer: Buffer, at = 0, end: number = buffer.length) {
    this.buffer = buffer;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) this.#overrun();
    return this.buffer[this.at++]!;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128 && scale < 2 ** 57);
    return value;
  }

  signedVarint(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  uint32(): number {
    if (this.at + 4 > this.end) this.#overrun();
    this.at += 4;
    return this.buffer.readUInt32BE(this.at - 4);
  }

  double(): number {
    if (this.at + 8 > this.end) this.#overrun();
    const value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  latin1(length: number): string {
    if (this.at + length > this.end) this.#overrun();
    const text = this.buffer.toString('latin1', this.at, this.at + length);
    this.at += length;
    return text;
  }

  text(): string {
    const length = this.varint();
    if (this.at + length > this.end) this.#overrun();
    const text = this.buffer.toString('utf8', this.at, this.at + length);
    this.at += length;
    return text;
  }

  #overrun(): never {
    throw new RangeError(`record ends at ${this.end}, byte ${this.at} was asked for`);
  }
}
