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

/** What is wrong with items of each reason, and what to do. */
const EXPLANATION: Readonly<Record<RejectReason, string>> = {
  'trace id': 'a trace id has 16 bytes, not all zero',
  'span id': 'a span id has 8 bytes, not all zero',
  'parent span id': 'a parent span id has 8 bytes, or is left out',
  'no time': 'start and end are needed, in nanoseconds since 1970 (of a data point its time)',
  'in the future': `it is more than ${MAX_AHEAD / 60_000} minutes ahead, set the sender's clock`,
  'too old': 'it is before the time that is kept (retention.interactions)',
  'too long': 'no span lasts more than 104 days',
  'too deep': 'its values lie deeper in each other than limits.valueDepth',
  'too many': 'the request has more of them than limits.spansPerRequest, send fewer at a time',
  unreadable: 'it is not as OTLP describes it',
  'other service': 'the token that this was sent with is not for its service',
  temporality: 'a histogram needs its aggregationTemporality',
  'evaluation name': 'an evaluation needs gen_ai.evaluation.name',
  score:
    'an evaluation needs a finite gen_ai.evaluation.score.value, a gen_ai.evaluation.score.label, a gen_ai.evaluation.confidence from 0 to 1, or an error.type',
  'long name': 'names and labels have at most 256 characters',
  'no target': 'an evaluation needs a trace id, gen_ai.response.id or gen_ai.conversation.id',
};

/**
 * An export response; `partial_success` is left out when all was taken, as the protocol wants it. With nothing rejected
 * it is a warning.
 */
export function successBody(form: WireForm, signal: SignalName, decoded: DecodedRequest): Buffer {
  const message = messageOn(SIGNALS[signal].items, decoded);
  const rejected = total(decoded.rejected);
  if (form === 'json') {
    const partialSuccess = { [SIGNALS[signal].rejectedKey]: String(rejected), errorMessage: message };
    return Buffer.from(JSON.stringify(message === '' ? {} : { partialSuccess }));
  }
  const out = new ProtoWriter(256);
  if (message !== '')
    out.message(1, () => {
      if (rejected > 0) out.integer(1, BigInt(rejected));
      out.string(2, message);
    });
  return Buffer.from(out.written);
}

const total = (rejected: readonly Rejected[]): number => rejected.reduce((sum, { count }) => sum + count, 0);

/** What could not be kept or used, and why; '' when there is nothing of it. */
function messageOn(items: string, { count, cut = 0, rejected, warnings }: DecodedRequest): string {
  const parts: string[] = [];
  if (rejected.length > 0)
    parts.push(
      `${total(rejected)} of ${count + total(rejected)} ${items} were not kept, the others were: ${reasons(rejected)}`,
    );
  if (warnings.length > 0)
    parts.push(`${total(warnings)} evaluations in ${items} that were kept could not be read: ${reasons(warnings)}`);
  if (cut > 0) parts.push(`${cut} ${items} were kept without the attributes beyond limits.attributesPerSpan`);
  return parts.join('. ');
}

const reasons = (rejected: readonly Rejected[]): string =>
  rejected.map(({ count, reason, example }) => `${count} ${EXPLANATION[reason]} (for example: ${example})`).join('; ');

/** A google.rpc.Status. */
export function refusalBody(form: WireForm, { rpcCode, message }: Refusal): Buffer {
  if (form === 'json') return Buffer.from(JSON.stringify({ code: rpcCode, message }));
  const out = new ProtoWriter(256);
  out.integer(1, BigInt(rpcCode));
  out.string(2, message);
  return Buffer.from(out.written);
}
