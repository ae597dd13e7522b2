import type { OutgoingHttpHeaders } from 'node:http2';
import { refusalBody } from './answers.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { Refusal } from './refusal.ts';

/** A refusal as the trailers of a call. @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses */
export function refusalTrailers(refusal: Refusal): OutgoingHttpHeaders {
  const retryInfo = retryInfoOf(refusal);
  return {
    'grpc-status': String(refusal.rpcCode),
    'grpc-message': percentEncoded(refusal.message),
    'grpc-status-details-bin': statusDetails(refusal, retryInfo).toString('base64'),
    // Where OpenTelemetry's exporters for Python look for it.
    ...(retryInfo === null ? {} : { 'google.rpc.retryinfo-bin': retryInfo.toString('base64') }),
  };
}

/** Everything but printable ASCII, and the percent sign, as bytes of UTF-8. */
const percentEncoded = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^ -$&-~]/gu, (character) =>
      [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    );

/** A google.rpc.Status, with its google.rpc.RetryInfo where the sender should come again. */
function statusDetails(refusal: Refusal, retryInfo: Buffer | null): Buffer {
  const out = new ProtoWriter(256);
  out.bytes(refusalBody('protobuf', refusal));
  if (retryInfo !== null)
    out.message(3, () => {
      out.string(1, 'type.googleapis.com/google.rpc.RetryInfo');
      out.blob(2, retryInfo);
    });
  return Buffer.from(out.written);
}

/** A google.rpc.RetryInfo with the refusal's Retry-After; null when it has none. */
function retryInfoOf({ headers }: Refusal): Buffer | null {
  const seconds = headers['retry-after'];
  if (seconds === undefined) return null;
  const out = new ProtoWriter(16);
  out.message(1, () => out.integer(1, BigInt(seconds)));
  return Buffer.from(out.written);
}
