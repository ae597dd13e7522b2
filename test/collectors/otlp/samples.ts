import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { type DecodedTraces, TraceDecoder } from '../../../collectors/otlp/decode.ts';
import type { TraceJudgement } from '../../../src/interactions/judge.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { hexOfId } from '../../../src/model/ids.ts';
import type { Call, Interaction } from '../../../src/model/interaction.ts';
import { parseServiceKey, type Span } from '../../../src/model/span.ts';
import { spansOfRecords } from '../../../src/model/span-record.ts';

/** Recordings of real instrumentations, and what the rule makes of them. `manifest.json` says where each comes from. */
const FOLDER = join(import.meta.dirname, '../../golden/otlp');

interface ManifestEntry {
  readonly name: string;
  readonly files: readonly string[];
}

export interface Sample {
  readonly name: string;
  /** Bodies of the requests, in the order in which they were sent. */
  readonly protobuf: readonly Buffer[];
  readonly json: readonly Buffer[];
  readonly logs: OtherBodies;
  readonly metrics: OtherBodies;
  readonly expected: Expected;
}

/** Bodies of another signal, in both forms. */
export interface OtherBodies {
  readonly protobuf: readonly Buffer[];
  readonly json: readonly Buffer[];
}

type Row = Readonly<Record<string, unknown>>;
export interface Expected {
  readonly interactions: readonly Row[];
  readonly calls: readonly Row[];
  readonly ignoredTwins?: readonly Row[];
  readonly evaluations?: readonly Row[];
}

const read = (file: string): Buffer => readFileSync(join(FOLDER, file));
const manifest = JSON.parse(read('manifest.json').toString()) as readonly ManifestEntry[];
const tracesIn = (files: readonly string[], end: string): Buffer[] =>
  files.filter((file) => file.endsWith(`.otlp.${end}`) && !/\.(logs|metrics)\./.test(file)).map(read);
const othersIn = (files: readonly string[], signal: 'logs' | 'metrics'): OtherBodies => {
  const of = (end: string): Buffer[] => files.filter((file) => file.endsWith(`.${signal}.otlp.${end}`)).map(read);
  return { protobuf: of('pb'), json: of('json') };
};

export const samples: readonly Sample[] = manifest.map(({ name, files }) => ({
  name,
  protobuf: tracesIn(files, 'pb'),
  json: tracesIn(files, 'json'),
  logs: othersIn(files, 'logs'),
  metrics: othersIn(files, 'metrics'),
  expected: JSON.parse(read(`${name}.expected.json`).toString()) as Expected,
}));

/** The day after the recordings, so that none of them is too old or in the future. */
export const WINDOW = { now: Date.UTC(2026, 10, 24), retention: 45 * 86_400_000 };

export const decoderWith = (dictionary: Dictionary): TraceDecoder =>
  new TraceDecoder({ dialects, dictionary, declared: NOTHING_DECLARED });

export const spansOf = (decoded: DecodedTraces): Span[] => [...spansOfRecords(decoded.records)];

export function decodeAll(
  bodies: readonly Buffer[],
  dictionary = new Dictionary(),
): { spans: Span[]; dictionary: Dictionary } {
  const decoder = decoderWith(dictionary);
  return { spans: bodies.flatMap((body) => spansOf(decoder.decode(body, WINDOW))), dictionary };
}

export function byTrace(spans: readonly Span[]): Span[][] {
  return [...Map.groupBy(spans, (span) => span.traceId).values()];
}

/** A judgement in the form of the expected files. */
export function described(judgements: readonly TraceJudgement[], dictionary: Dictionary): Expected {
  const ignoredTwins = judgements.flatMap((judgement) => judgement.ignoredTwins);
  return {
    interactions: judgements.flatMap(({ interactions }) => interactions.map((one) => interactionRow(one, dictionary))),
    calls: judgements.flatMap(({ calls }) => calls.map((call) => callRow(call, dictionary))),
    ...(ignoredTwins.length > 0 && {
      ignoredTwins: ignoredTwins.map(({ spanId, of }) => ({ spanId: hexOfId(spanId), of: hexOfId(of) })),
    }),
  };
}

const ms = (nanos: number): number => Math.round(nanos / 1000) / 1000;

function interactionRow(one: Interaction, dictionary: Dictionary): Row {
  const text = (code: number) => dictionary.textOrNull(code);
  return {
    traceId: hexOfId(one.traceId),
    spanId: hexOfId(one.spanId),
    service: parseServiceKey(dictionary.text(one.service))!.name,
    start: one.endTenths * 100 + Math.floor((one.endNanos - one.durationNanos) / 1e6),
    durationMs: ms(one.durationNanos),
    status: one.isError ? 'error' : 'ok',
    ...(one.isError && { errorType: text(one.errorType) }),
    operation: text(one.operation),
    provider: text(one.provider),
    requestModel: text(one.requestModel),
    responseModel: text(one.responseModel),
    inputTokens: one.inputTokens,
    outputTokens: one.outputTokens,
    cachedInputTokens: one.cachedInputTokens,
    reasoningTokens: one.reasoningTokens,
    conversationId: one.conversationId || null,
    userId: one.userId || null,
    promptName: text(one.promptName),
    promptVersion: text(one.promptVersion),
    timeToFirstTokenMs: one.timeToFirstTokenMs === null ? null : ms(one.timeToFirstTokenMs * 1e6),
    finishReason: text(one.finishReason),
    headSpanIds: one.headSpanIds.map(hexOfId),
    entrySpanId: hexOfId(one.entrySpanId),
    ...(one.weight !== 1 && { weight: one.weight }),
  };
}

function callRow(call: Call, dictionary: Dictionary): Row {
  const text = (code: number) => dictionary.textOrNull(code);
  return {
    traceId: hexOfId(call.traceId),
    spanId: hexOfId(call.spanId),
    interactionSpanId: hexOfId(call.interactionSpanId),
    kind: call.kind,
    name: text(call.name),
    provider: text(call.provider),
    model: text(call.model),
    status: call.isError ? 'error' : 'ok',
    ...(call.isError && { errorType: text(call.errorType) }),
    inputTokens: call.inputTokens,
    outputTokens: call.outputTokens,
    durationMs: ms(call.durationNanos),
  };
}

/** Rows in an order of their own, so that only what they say is compared. */
export function sorted({ interactions, calls, ignoredTwins }: Expected): Expected {
  const byId = (rows: readonly Row[]): Row[] =>
    [...rows].sort((a, b) => `${a['traceId']}${a['spanId']}`.localeCompare(`${b['traceId']}${b['spanId']}`));
  return { interactions: byId(interactions), calls: byId(calls), ...(ignoredTwins && { ignoredTwins }) };
}
