import { ByteWriter } from '../../src/model/bytes.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Writes protobuf fields, as short as they can be. */
export class ProtoWriter extends ByteWriter {
  #tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  /** A message in the message being written. */
  message(field: number, write: () => void): void {
    this.#tag(field, LENGTH);
    this.ensure(1);
    const sizeAt = this.at++;
    write();
    this.#close(sizeAt);
  }

  /** Writes the size into the byte left for it, or makes room for a longer one. */
  #close(sizeAt: number): void {
    const size = this.at - sizeAt - 1;
    let bytes = 1;
    for (let rest = size; rest > 127; rest >>>= 7) bytes++;
    if (bytes > 1) {
      this.ensure(bytes - 1);
      this.buffer.copyWithin(sizeAt + bytes, sizeAt + 1, this.at);
    }
    const end = this.at + bytes - 1;
    this.at = sizeAt;
    this.varint(size);
    this.at = end;
  }

  string(field: number, text: string): void {
    this.#tag(field, LENGTH);
    this.text(text);
  }

  blob(field: number, bytes: Uint8Array): void {
    this.#tag(field, LENGTH);
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  /** An integer of 64 bits, with a sign or without. */
  integer(field: number, value: bigint): void {
    this.#tag(field, VARINT);
    this.ensure(10);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) this.buffer[this.at++] = Number(rest & 127n) | 128;
    this.buffer[this.at++] = Number(rest);
  }

  float64(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.double(value);
  }

  fixed64(field: number, value: bigint): void {
    this.#tag(field, FIXED64);
    this.ensure(8);
    this.buffer.writeBigUInt64LE(value, this.at);
    this.at += 8;
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, FIXED32);
    this.ensure(4);
    this.buffer.writeUInt32LE(value, this.at);
    this.at += 4;
  }
}
