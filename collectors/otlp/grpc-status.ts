import type { OutgoingHttpHeaders } from 'node:http2';
import { refusalBody } from './answers.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { Refusal } from './refusal.ts';

/** A refusal as the trailers of a call. @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses */
export const refusalTrailers = (refusal: Refusal): OutgoingHttpHeaders => ({
  'grpc-status': String(refusal.rpcCode),
  'grpc-message': percentEncoded(refusal.message),
  'grpc-status-details-bin': statusDetails(refusal).toString('base64'),
});

/** Everything but printable ASCII, and the percent sign, as bytes of UTF-8. */
const percentEncoded = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^ -$&-~]/gu, (character) =>
      [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    );

/** A google.rpc.Status, with a google.rpc.RetryInfo where the sender should come again. */
function statusDetails(refusal: Refusal): Buffer {
  const out = new ProtoWriter(256);
  out.bytes(refusalBody('protobuf', refusal));
  const seconds = refusal.headers['retry-after'];
  if (seconds !== undefined)
    out.message(3, () => {
      out.string(1, 'type.googleapis.com/google.rpc.RetryInfo');
      out.message(2, () => out.message(1, () => out.integer(1, BigInt(seconds))));
    });
  return Buffer.from(out.written);
}
