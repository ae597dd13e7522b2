import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { constants, createGunzip, createInflate } from 'node:zlib';
import { BodyBuffer, type BodyRoom, tooLarge } from './body-buffer.ts';
import { giveUp } from './give-up.ts';
import { Refusal } from './refusal.ts';
import { ZstdFrames } from './zstd-frames.ts';

export const ENCODINGS = ['identity', 'gzip', 'deflate', 'zstd'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The sender went away before its body was there: nobody is left to answer. */
export class SenderGone extends Error {
  override readonly name = 'SenderGone';
}

/** 2^23: the window that zstd may use as an HTTP content coding (RFC 9659). */
const ZSTD_WINDOW_LOG = 23;
const UNPACKED_CHUNK = 65_536;
/** How much larger a body is expected to become when it is unpacked. */
const USUAL_RATIO = 8;

function unpackerFor(encoding: Encoding): Transform | null {
  switch (encoding) {
    case 'gzip':
      return createGunzip({ chunkSize: UNPACKED_CHUNK });
    case 'deflate':
      return createInflate({ chunkSize: UNPACKED_CHUNK });
    case 'zstd':
      return new ZstdFrames({
        chunkSize: UNPACKED_CHUNK,
        params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
      });
    case 'identity':
      return null;
  }
}

/** A body that has come in. The bytes are lent: `release` gives them back. */
export interface Body {
  readonly bytes: Buffer;
  /** As it came over the wire. */
  readonly wireBytes: number;
  readonly release: () => void;
}

/**
 * Reads and unpacks a body. It is stopped as soon as it is too large, whatever its headers said, so that a small body that
 * unpacks to a huge one costs no more than the limit.
 *
 * @throws Refusal when it is too large, not compressed as it says, or there is no room; some of it may be unread then
 * @throws SenderGone
 */
export async function readBody(request: IncomingMessage, encoding: Encoding, room: BodyRoom): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  const expected = encoding === 'identity' ? declared : declared * USUAL_RATIO;
  const buffer = await BodyBuffer.lend(room, expected);
  try {
    const wireBytes = await fillFrom(buffer, request, encoding, room.maxBodyBytes);
    return { bytes: buffer.bytes, wireBytes, release: () => buffer.release() };
  } catch (error) {
    buffer.release();
    throw error;
  }
}

/**
 * Unpacks what comes into the buffer. Resolves, with the bytes that came over the wire, when all is there.
 * @throws Refusal, SenderGone as `readBody`
 */
export function fillFrom(buffer: BodyBuffer, request: Readable, encoding: Encoding, maxBytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let wireBytes = 0;
    const unpacker = unpackerFor(encoding);
    const source = unpacker ?? request;
    const stop = (error: Error): void => {
      request.off('data', count).off('data', take).off('end', done).off('close', gone).off('error', gone);
      request.unpipe().pause();
      unpacker?.off('data', take).off('end', done).destroy();
      reject(error);
    };
    const guarded = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        stop(error as Error);
      }
    };
    const count = (chunk: Buffer): void => {
      wireBytes += chunk.length;
      if (wireBytes > maxBytes) stop(tooLarge(maxBytes, 'as it was sent'));
    };
    const take = (chunk: Buffer): void =>
      guarded(() => {
        buffer.append(chunk);
        if (unpacker === null) giveUp(chunk);
      });
    const done = (): void => {
      request.off('close', gone).off('error', gone);
      resolve(wireBytes);
    };
    // What has not come out of the request when it closes never does, also where the sender had sent all of it.
    const gone = (): void => {
      if (!request.readableEnded) stop(new SenderGone('the sender closed the connection before its body was complete'));
    };

    if (request.destroyed && !request.readableEnded) return gone();
    request.on('data', count).on('close', gone).on('error', gone);
    source.on('data', take).on('end', done);
    unpacker?.on('error', (error) => stop(notCompressed(error)));
    if (unpacker !== null) request.pipe(unpacker);
  });
}

const notCompressed = (error: Error): Refusal =>
  new Refusal(
    'PLIM_OTLP_COMPRESSION',
    `the body can't be unpacked (${error.message})`,
    'send it compressed as Content-Encoding says, and whole',
  );
