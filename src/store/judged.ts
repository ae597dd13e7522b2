import { areOwnUses, isOwnUse, useOf, usesOfOne } from '../interactions/uses.ts';
import type { ByteReader, ByteWriter } from '../model/bytes.ts';
import type { Call, Interaction, ModelUse } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';

/**
 * What a stored AI span was judged to be: kept behind the span itself, so that everything that is counted can be counted
 * again from one row (and its ratings) alone. The interaction lies beside its anchor, a call beside its span; of both only
 * what differs from the span's own fields is written.
 */
export interface Judged {
  /** The lead of the interaction that this span is a member of; null: of none. */
  readonly lead: string | null;
  /** Present on the anchor. */
  readonly interaction: Interaction | null;
  readonly call: Call | null;
}

export const NOT_JUDGED: Judged = { lead: null, interaction: null, call: null };

const HAS_LEAD = 1;
const LEAD_IS_SELF = 2;
const HAS_INTERACTION = 4;
const HAS_CALL = 8;

type Field<T> = {
  readonly name: keyof T;
  readonly write: (out: ByteWriter, value: never) => void;
  readonly read: (from: ByteReader) => unknown;
};

const code = {
  write: (out: ByteWriter, value: number) => out.varint(value),
  read: (from: ByteReader) => from.varint(),
};
const flag = {
  write: (out: ByteWriter, value: boolean) => out.byte(value ? 1 : 0),
  read: (from: ByteReader) => from.byte() === 1,
};
const spanId = {
  write: (out: ByteWriter, value: string) => out.latin1(value),
  read: (from: ByteReader) => from.latin1(8),
};
const text = { write: (out: ByteWriter, value: string) => out.text(value), read: (from: ByteReader) => from.text() };
const double = {
  write: (out: ByteWriter, value: number) => out.double(value),
  read: (from: ByteReader) => from.double(),
};
/** Zero is null: what differs from the span's own is written, and a null may be what differs. */
const optionalDouble = {
  write: (out: ByteWriter, value: number | null) => {
    out.byte(value === null ? 0 : 1);
    if (value !== null) out.double(value);
  },
  read: (from: ByteReader) => (from.byte() === 0 ? null : from.double()),
};
const optionalCount = {
  write: (out: ByteWriter, value: number | null) => out.varint(value === null ? 0 : value + 1),
  read: (from: ByteReader) => {
    const value = from.varint();
    return value === 0 ? null : value - 1;
  },
};
const spanIdList = {
  write: (out: ByteWriter, value: readonly string[]) => {
    out.varint(value.length);
    for (const id of value) out.latin1(id);
  },
  read: (from: ByteReader) => Array.from({ length: from.varint() }, () => from.latin1(8)),
};
const pairs = {
  write: (out: ByteWriter, value: readonly (readonly [number, number])[]) => {
    out.varint(value.length);
    for (const [dimension, slice] of value) {
      out.varint(dimension);
      out.varint(slice);
    }
  },
  read: (from: ByteReader) => Array.from({ length: from.varint() }, () => [from.varint(), from.varint()] as const),
};
const use = {
  write: (out: ByteWriter, value: ModelUse) => {
    out.varint(value.provider);
    out.varint(value.requestModel);
    out.varint(value.responseModel);
    optionalCount.write(out, value.inputTokens);
    optionalCount.write(out, value.outputTokens);
    optionalCount.write(out, value.cachedInputTokens);
    optionalCount.write(out, value.cacheWriteTokens);
    optionalCount.write(out, value.reasoningTokens);
    optionalCount.write(out, value.costNanos);
  },
  read: (from: ByteReader): ModelUse => ({
    provider: from.varint(),
    requestModel: from.varint(),
    responseModel: from.varint(),
    inputTokens: optionalCount.read(from),
    outputTokens: optionalCount.read(from),
    cachedInputTokens: optionalCount.read(from),
    cacheWriteTokens: optionalCount.read(from),
    reasoningTokens: optionalCount.read(from),
    costNanos: optionalCount.read(from),
  }),
};
const uses = {
  write: (out: ByteWriter, value: readonly ModelUse[]) => {
    out.varint(value.length);
    for (const one of value) use.write(out, one);
  },
  read: (from: ByteReader) => Array.from({ length: from.varint() }, () => use.read(from)),
};
const optionalUse = {
  write: (out: ByteWriter, value: ModelUse | null) => uses.write(out, value === null ? [] : [value]),
  read: (from: ByteReader) => uses.read(from)[0] ?? null,
};

/** The order is stored: append only. */
const INTERACTION_FIELDS = [
  { name: 'spanId', ...spanId },
  { name: 'entrySpanId', ...spanId },
  { name: 'headSpanIds', ...spanIdList },
  { name: 'durationNanos', ...code },
  { name: 'isError', ...flag },
  { name: 'errorType', ...code },
  { name: 'httpStatus', ...code },
  { name: 'operation', ...code },
  { name: 'provider', ...code },
  { name: 'requestModel', ...code },
  { name: 'responseModel', ...code },
  { name: 'finishReason', ...code },
  { name: 'agent', ...code },
  { name: 'promptName', ...code },
  { name: 'promptVersion', ...code },
  { name: 'serviceVersion', ...code },
  { name: 'inputTokens', ...optionalCount },
  { name: 'outputTokens', ...optionalCount },
  { name: 'cachedInputTokens', ...optionalCount },
  { name: 'reasoningTokens', ...optionalCount },
  { name: 'timeToFirstTokenMs', ...optionalDouble },
  { name: 'weight', ...double },
  { name: 'conversationId', ...text },
  { name: 'userId', ...text },
  { name: 'attributes', ...pairs },
  { name: 'interactionRef', ...text },
  { name: 'hidesFailure', ...flag },
  { name: 'uses', ...uses },
  { name: 'guardrail', ...code },
] as const satisfies readonly Field<Interaction>[];

const CALL_FIELDS = [
  { name: 'interactionSpanId', ...spanId },
  { name: 'kind', ...text },
  { name: 'name', ...code },
  { name: 'provider', ...code },
  { name: 'model', ...code },
  { name: 'durationNanos', ...code },
  { name: 'isError', ...flag },
  { name: 'errorType', ...code },
  { name: 'inputTokens', ...optionalCount },
  { name: 'outputTokens', ...optionalCount },
  { name: 'weight', ...double },
  { name: 'use', ...optionalUse },
] as const satisfies readonly Field<Call>[];

/** What an interaction would be if it were this one span and nothing else: what the written differences are against. */
const interactionBase = (span: Span): Interaction => ({
  traceId: span.traceId,
  spanId: span.spanId,
  service: span.service,
  entrySpanId: span.parentSpanId === '' ? span.spanId : span.parentSpanId,
  headSpanIds: [span.spanId],
  anchorSpanId: span.spanId,
  endTenths: span.endTenths,
  endNanos: span.endNanos,
  durationNanos: span.durationNanos,
  isError: span.isError,
  errorType: span.errorType,
  httpStatus: span.httpStatus,
  hidesFailure: span.hidesFailures,
  operation: span.operation,
  provider: span.provider,
  requestModel: span.requestModel,
  responseModel: span.responseModel,
  finishReason: span.finishReason,
  agent: span.agent,
  promptName: span.promptName,
  promptVersion: span.promptVersion,
  serviceVersion: span.serviceVersion,
  inputTokens: span.inputTokens,
  outputTokens: span.outputTokens,
  cachedInputTokens: span.cachedInputTokens,
  reasoningTokens: span.reasoningTokens,
  timeToFirstTokenMs: span.timeToFirstTokenMs,
  uses: usesOfOne(span),
  guardrail: span.guardrail,
  weight: span.weight,
  interactionRef: span.interactionRef,
  conversationId: span.conversationId,
  userId: span.userId,
  attributes: span.attributes,
});

const callBase = (span: Span, lead: string | null): Call => ({
  traceId: span.traceId,
  spanId: span.spanId,
  interactionSpanId: lead ?? span.spanId,
  service: span.service,
  kind: span.kind,
  name: span.name,
  provider: span.provider,
  model: span.responseModel || span.requestModel,
  endTenths: span.endTenths,
  endNanos: span.endNanos,
  durationNanos: span.durationNanos,
  isError: span.isError,
  errorType: span.errorType,
  inputTokens: span.inputTokens,
  outputTokens: span.outputTokens,
  use: useOf(span, span),
  weight: span.weight,
});

export function writeJudged(out: ByteWriter, span: Span, judged: Judged): void {
  const self = judged.lead === span.spanId;
  out.byte(
    (judged.lead === null ? 0 : HAS_LEAD) |
      (self ? LEAD_IS_SELF : 0) |
      (judged.interaction === null ? 0 : HAS_INTERACTION) |
      (judged.call === null ? 0 : HAS_CALL),
  );
  if (judged.lead !== null && !self) out.latin1(judged.lead);
  const { interaction, call } = judged;
  if (interaction !== null) writeFields(out, INTERACTION_FIELDS, interactionMask(span, interaction), interaction);
  if (call !== null) writeFields(out, CALL_FIELDS, callMask(span, judged.lead, call), call);
}

export function readJudged(from: ByteReader, span: Span): Judged {
  const flags = from.byte();
  const lead = flags & HAS_LEAD ? (flags & LEAD_IS_SELF ? span.spanId : from.latin1(8)) : null;
  const interaction = flags & HAS_INTERACTION ? readDifferences(from, INTERACTION_FIELDS, interactionBase(span)) : null;
  const call = flags & HAS_CALL ? readDifferences(from, CALL_FIELDS, callBase(span, lead)) : null;
  return { lead, interaction, call };
}

/** Which fields differ from `interactionBase(span)`, bit by bit in their order. Written out: it is done for every span. */
function interactionMask(span: Span, one: Interaction): number {
  const entry = span.parentSpanId === '' ? span.spanId : span.parentSpanId;
  const isOnlyHead = one.headSpanIds.length === 1 && one.headSpanIds[0] === span.spanId;
  return (
    (one.spanId === span.spanId ? 0 : 1) |
    (one.entrySpanId === entry ? 0 : 2) |
    (isOnlyHead ? 0 : 4) |
    (one.durationNanos === span.durationNanos ? 0 : 8) |
    (one.isError === span.isError ? 0 : 0x10) |
    (one.errorType === span.errorType ? 0 : 0x20) |
    (one.httpStatus === span.httpStatus ? 0 : 0x40) |
    (one.operation === span.operation ? 0 : 0x80) |
    (one.provider === span.provider ? 0 : 0x100) |
    (one.requestModel === span.requestModel ? 0 : 0x200) |
    (one.responseModel === span.responseModel ? 0 : 0x400) |
    (one.finishReason === span.finishReason ? 0 : 0x800) |
    (one.agent === span.agent ? 0 : 0x1000) |
    (one.promptName === span.promptName ? 0 : 0x2000) |
    (one.promptVersion === span.promptVersion ? 0 : 0x4000) |
    (one.serviceVersion === span.serviceVersion ? 0 : 0x8000) |
    (one.inputTokens === span.inputTokens ? 0 : 0x1_0000) |
    (one.outputTokens === span.outputTokens ? 0 : 0x2_0000) |
    (one.cachedInputTokens === span.cachedInputTokens ? 0 : 0x4_0000) |
    (one.reasoningTokens === span.reasoningTokens ? 0 : 0x8_0000) |
    (one.timeToFirstTokenMs === span.timeToFirstTokenMs ? 0 : 0x10_0000) |
    (one.weight === span.weight ? 0 : 0x20_0000) |
    (one.conversationId === span.conversationId ? 0 : 0x40_0000) |
    (one.userId === span.userId ? 0 : 0x80_0000) |
    (same(one.attributes, span.attributes) ? 0 : 0x100_0000) |
    (one.interactionRef === span.interactionRef ? 0 : 0x200_0000) |
    (one.hidesFailure === span.hidesFailures ? 0 : 0x400_0000) |
    (areOwnUses(one.uses, span) ? 0 : 0x800_0000) |
    (one.guardrail === span.guardrail ? 0 : 0x1000_0000)
  );
}

/** As `interactionMask`, against `callBase(span, lead)`. */
function callMask(span: Span, lead: string | null, one: Call): number {
  return (
    (one.interactionSpanId === (lead ?? span.spanId) ? 0 : 1) |
    (one.kind === span.kind ? 0 : 2) |
    (one.name === span.name ? 0 : 4) |
    (one.provider === span.provider ? 0 : 8) |
    (one.model === (span.responseModel || span.requestModel) ? 0 : 0x10) |
    (one.durationNanos === span.durationNanos ? 0 : 0x20) |
    (one.isError === span.isError ? 0 : 0x40) |
    (one.errorType === span.errorType ? 0 : 0x80) |
    (one.inputTokens === span.inputTokens ? 0 : 0x100) |
    (one.outputTokens === span.outputTokens ? 0 : 0x200) |
    (one.weight === span.weight ? 0 : 0x400) |
    (isOwnUse(one.use, span) ? 0 : 0x800)
  );
}

function writeFields<T extends object>(out: ByteWriter, fields: readonly Field<T>[], mask: number, value: T): void {
  out.varint(mask);
  for (let i = 0, rest = mask; rest !== 0; i++, rest >>>= 1)
    if (rest & 1) fields[i]!.write(out, value[fields[i]!.name] as never);
}

function readDifferences<T extends object>(from: ByteReader, fields: readonly Field<T>[], base: T): T {
  const mask = from.varint();
  if (mask === 0) return base;
  const value = { ...base };
  for (let i = 0; i < fields.length; i++)
    if (mask & (1 << i)) value[fields[i]!.name] = fields[i]!.read(from) as T[keyof T];
  return value;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item, i) => same(item, b[i]));
}
