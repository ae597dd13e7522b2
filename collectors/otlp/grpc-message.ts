import type { ServerHttp2Stream } from 'node:http2';
import { type Body, type Encoding, fillFrom, SenderGone } from './body.ts';
import { BodyBuffer, type BodyRoom, tooLarge } from './body-buffer.ts';
import { Refusal } from './refusal.ts';

/** In front of a message: whether it is compressed, and its length. @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
const PREFIX_BYTES = 5;

export function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/**
 * Reads and unpacks the one message of a unary call.
 * @throws Refusal when it is too large, not packed as it says, not alone, or there is no room
 * @throws SenderGone
 */
export async function readMessage(stream: ServerHttp2Stream, encoding: Encoding, room: BodyRoom): Promise<Body> {
  const prefix = await readPrefix(stream);
  const isPacked = prefix[0] === 1;
  const length = prefix.readUInt32BE(1);
  if (prefix[0]! > 1)
    throw noMessage(`the message begins with ${prefix[0]}, where 0 or 1 says whether it is compressed`);
  if (isPacked && encoding === 'identity') throw noMessage('the message is compressed, and grpc-encoding is not there');
  if (length > room.maxBodyBytes) throw tooLarge(room.maxBodyBytes, 'as its length says');
  const buffer = await BodyBuffer.lend(room, length);
  try {
    const wireBytes = await fillFrom(buffer, stream, isPacked ? encoding : 'identity', room.maxBodyBytes);
    if (wireBytes !== length) throw cutShort(stream, `the message has ${wireBytes} bytes, its length says ${length}`);
    return { bytes: buffer.bytes, wireBytes, release: () => buffer.release() };
  } catch (error) {
    buffer.release();
    throw error;
  }
}

function readPrefix(stream: ServerHttp2Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      stream.off('readable', look).off('close', gone).off('end', ended);
      settle();
    };
    const look = (): void => {
      const prefix: Buffer | null = stream.read(PREFIX_BYTES);
      if (prefix === null) return;
      if (prefix.length === PREFIX_BYTES) finish(() => resolve(prefix));
      else
        finish(() => reject(cutShort(stream, `${prefix.length} bytes came, a message has at least ${PREFIX_BYTES}`)));
    };
    const ended = (): void => finish(() => reject(cutShort(stream, 'the call has no message')));
    const gone = (): void => finish(() => reject(cutShort(stream, '')));
    stream.on('readable', look).once('close', gone).once('end', ended);
  });
}

/** A call that its sender takes back ends like one that is whole, and is closed. */
const cutShort = (stream: ServerHttp2Stream, what: string): Error =>
  stream.closed ? new SenderGone('the sender went away before its message was there') : noMessage(what);

const noMessage = (what: string): Refusal =>
  new Refusal('PLIM_OTLP_MALFORMED', what, 'send one message, whole, as gRPC frames it');
