import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 256 * 1024;

/** A file as it is written, with its length and its SHA-256. */
export class HashedFile {
  readonly #file: number;
  readonly #hash: Hash = createHash('sha256');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #bytes = 0;

  /** @throws Error of the system, also when the file is there already */
  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o644);
  }

  write(content: string | Uint8Array): void {
    const bytes = Buffer.from(content as string);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= CHUNK_BYTES) this.#flush();
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  /** Durable when it returns. @returns what a manifest says of it */
  close(): { bytes: number; sha256: string } {
    this.#flush();
    fsyncSync(this.#file);
    closeSync(this.#file);
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  #flush(): void {
    const chunk = Buffer.concat(this.#waiting);
    for (let done = 0; done < chunk.length; ) done += writeSync(this.#file, chunk, done);
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** The lines of a file as bytes, without their line feeds; what stands behind the last line feed is a line, too, unless it is nothing. */
export function* linesOf(path: string): Generator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (const chunk of chunksOf(path)) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const line = chunk.subarray(from, end);
      yield rest.length === 0 ? Buffer.from(line) : Buffer.concat([rest, line]);
      rest = Buffer.alloc(0);
      from = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
  }
  if (rest.length > 0) yield rest;
}

export function hashOfFile(path: string): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const chunk of chunksOf(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Each is overwritten by the next one. */
function* chunksOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) yield chunk.subarray(0, read);
  } finally {
    closeSync(file);
  }
}
