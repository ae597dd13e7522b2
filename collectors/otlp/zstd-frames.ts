import { Transform, type TransformCallback } from 'node:stream';
import { createZstdDecompress, type ZstdDecompress, type ZstdOptions } from 'node:zlib';

/** Each costs a decoder: nobody cuts 64 MiB into more. */
const MAX_FRAMES = 1024;

/**
 * Unpacks zstd, all frames of it one behind the other. Node's own decoder ends, and says nothing, where a frame does.
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3
 */
export class ZstdFrames extends Transform {
  readonly #options: ZstdOptions;
  #frames = 0;
  #frame: ZstdDecompress;

  constructor(options: ZstdOptions) {
    super();
    this.#options = options;
    this.#frame = this.#begin();
  }

  #begin(): ZstdDecompress {
    this.#frames++;
    const frame = createZstdDecompress(this.#options);
    frame.on('data', (chunk: Buffer) => this.push(chunk));
    frame.on('error', (error) => this.destroy(error));
    return frame;
  }

  override _transform(chunk: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    const frame = this.#frame;
    const before = frame.bytesWritten;
    frame.write(chunk, (error) => {
      // Whoever waits for more is told by the frame's own error, or has gone.
      if (error || this.destroyed) return;
      const rest = chunk.subarray(frame.bytesWritten - before);
      if (rest.length === 0) done();
      else if (this.#frames === MAX_FRAMES) done(new Error(`it has more than ${MAX_FRAMES} frames`));
      else if (frame.readableEnded) this.#goOn(rest, encoding, done);
      else frame.once('end', () => this.#goOn(rest, encoding, done));
    });
  }

  #goOn(rest: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    this.#frame = this.#begin();
    this._transform(rest, encoding, done);
  }

  override _flush(done: TransformCallback): void {
    this.#frame.once('end', () => done()).end();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#frame.destroy();
    done(error);
  }
}
