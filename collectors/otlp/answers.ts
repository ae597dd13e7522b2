import { ProtoWriter } from './proto-writer.ts';
import type { Refusal } from './refusal.ts';
import type { Rejected, RejectReason } from './rejects.ts';
import { type DecodedRequest, SIGNALS, type SignalName } from './signal.ts';
import { MAX_AHEAD } from './span-check.ts';

/** The forms in which a request may come; its answer takes the same. */
export type WireForm = 'protobuf' | 'json';

export const CONTENT_TYPE: Readonly<Record<WireForm, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** What is wrong with spans of each reason, and what to do. */
const EXPLANATION: Readonly<Record<RejectReason, string>> = {
  'trace id': 'a trace id has 16 bytes, not all zero',
  'span id': 'a span id has 8 bytes, not all zero',
  'parent span id': 'a parent span id has 8 bytes, or is left out',
  'no time': 'start and end are needed, in nanoseconds since 1970',
  'in the future': `the end is more than ${MAX_AHEAD / 60_000} minutes ahead, set the sender's clock`,
  'too old': 'the end is before the time that is kept (retention.interactions)',
  'too long': 'no span lasts more than 104 days',
  unreadable: 'the span is not as OTLP describes it',
};

/** An export response; `partial_success` is left out when all was taken, as the protocol wants it. */
export function successBody(form: WireForm, signal: SignalName, { count, rejected }: DecodedRequest): Buffer {
  const { items, rejectedKey } = SIGNALS[signal];
  const refused = rejected.reduce((sum, { count }) => sum + count, 0);
  if (form === 'json') {
    const errorMessage = rejectedMessage(items, count, rejected);
    return Buffer.from(
      JSON.stringify(refused === 0 ? {} : { partialSuccess: { [rejectedKey]: String(refused), errorMessage } }),
    );
  }
  const out = new ProtoWriter(256);
  if (refused > 0)
    out.message(1, () => {
      out.integer(1, BigInt(refused));
      out.string(2, rejectedMessage(items, count, rejected));
    });
  return Buffer.from(out.written);
}

/** @param kept  how many were */
function rejectedMessage(items: string, kept: number, rejected: readonly Rejected[]): string {
  const count = rejected.reduce((sum, { count }) => sum + count, 0);
  const reasons = rejected.map((one) => `${one.count} ${EXPLANATION[one.reason]} (for example: ${one.example})`);
  return `${count} of ${kept + count} ${items} were not kept, the others were: ${reasons.join('; ')}`;
}

/** A google.rpc.Status. */
export function refusalBody(form: WireForm, { rpcCode, message }: Refusal): Buffer {
  if (form === 'json') return Buffer.from(JSON.stringify({ code: rpcCode, message }));
  const out = new ProtoWriter(256);
  out.integer(1, BigInt(rpcCode));
  out.string(2, message);
  return Buffer.from(out.written);
}
