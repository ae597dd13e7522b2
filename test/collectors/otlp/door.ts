import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import protobuf from 'protobufjs';
import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import {
  type OtlpCounters,
  OtlpGrpcServer,
  OtlpHttpServer,
  type ReceiverOptions,
  TraceDecoder,
} from '../../../collectors/otlp/index.ts';
import type { CallPoint } from '../../../src/model/call-metrics.ts';
import { DEFAULT_LIMITS, type LimitName, type Limits } from '../../../src/model/config/limits.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import type {
  EvaluationReceipt,
  SignalSink,
  SpanBatch,
  SpanReceipt,
  TelemetryEvaluation,
} from '../../../src/model/ingest.ts';
import type { Span } from '../../../src/model/span.ts';
import { spansOfRecords } from '../../../src/model/span-record.ts';
import { WINDOW } from './samples.ts';

/** A sink that keeps what it is given, and does with each batch what the test says. */
export class MemorySink implements SignalSink {
  readonly spans: Span[] = [];
  readonly evaluations: TelemetryEvaluation[] = [];
  readonly calls: CallPoint[] = [];
  answer: (batch: SpanBatch) => Promise<SpanReceipt> = async ({ count }) => ({ stored: count, duplicates: 0 });
  overload: NonNullable<SignalSink['overload']> = () => null;

  async submit(batch: SpanBatch): Promise<SpanReceipt> {
    const receipt = await this.answer(batch);
    this.spans.push(...spansOfRecords(batch.records));
    return receipt;
  }

  async evaluate(evaluations: readonly TelemetryEvaluation[]): Promise<EvaluationReceipt> {
    const failed = evaluations.filter(({ errorType }) => errorType !== undefined).length;
    this.evaluations.push(...evaluations);
    return { stored: evaluations.length - failed, duplicate: 0, failed };
  }

  async countCalls(points: readonly CallPoint[]): Promise<SpanReceipt> {
    this.calls.push(...points);
    return { stored: points.length, duplicates: 0 };
  }
}

export class Tally implements OtlpCounters {
  readonly statuses: number[] = [];
  readonly bytes: [number, number][] = [];
  readonly spans = { ai: 0, links: 0, duplicates: 0 };
  readonly rejects: [string, number][] = [];
  /** By what it is and what became of it. */
  readonly others: Record<string, number> = {};
  gone = 0;
  readonly limits: [LimitName, number][] = [];

  answered(status: number): void {
    this.statuses.push(status);
  }
  received(wireBytes: number, bodyBytes: number): void {
    this.bytes.push([wireBytes, bodyBytes]);
  }
  taken(ai: number, links: number, duplicates: number): void {
    this.spans.ai += ai;
    this.spans.links += links;
    this.spans.duplicates += duplicates;
  }
  rejected(reason: string, spans: number): void {
    this.rejects.push([reason, spans]);
  }
  signals(signal: string, results: Readonly<Record<string, number>>): void {
    for (const [result, n] of Object.entries(results))
      if (n > 0) this.others[`${signal} ${result}`] = (this.others[`${signal} ${result}`] ?? 0) + n;
  }
  abandoned(): void {
    this.gone++;
  }
  limited(limit: LimitName, times = 1): void {
    this.limits.push([limit, times]);
  }
}

interface OpenDoor<Server> {
  readonly port: number;
  readonly sink: MemorySink;
  readonly tally: Tally;
  readonly dictionary: Dictionary;
  readonly reported: unknown[];
  readonly server: Server;
}
export type Door = OpenDoor<OtlpHttpServer>;

/** A door on a free port of this machine, as the house would open it. */
export const openDoor = (limits: Partial<Limits> = {}, now = WINDOW.now): Promise<Door> =>
  open(OtlpHttpServer, limits, now);

export const openGrpcDoor = (limits: Partial<Limits> = {}): Promise<OpenDoor<OtlpGrpcServer>> =>
  open(OtlpGrpcServer, limits, WINDOW.now);

async function open<Server extends OtlpHttpServer | OtlpGrpcServer>(
  Kind: new (options: ReceiverOptions) => Server,
  limits: Partial<Limits>,
  now: number,
): Promise<OpenDoor<Server>> {
  const sink = new MemorySink();
  const tally = new Tally();
  const dictionary = new Dictionary();
  const decoder = new TraceDecoder(
    { dialects, dictionary, declared: NOTHING_DECLARED },
    { ...DEFAULT_LIMITS, ...limits },
  );
  const reported: unknown[] = [];
  const server = new Kind({
    sink,
    decoder: () => decoder,
    clock: () => now,
    retention: () => WINDOW.retention,
    counters: tally,
    report: (error) => reported.push(error),
    limits,
  });
  const { port } = await server.listen(0, '127.0.0.1');
  return { port, sink, tally, dictionary, reported, server };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer | readonly Buffer[];
  readonly agent?: Agent;
}

/** One request over a real connection; a list of buffers is sent in chunks, without a length. */
export function send(
  { port }: Pick<Door, 'port'>,
  { method = 'POST', path = '/v1/traces', headers = {}, body, agent }: Call,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = { 'content-type': 'application/x-protobuf' };
    const call = request(
      { port, method, path, headers: { ...type, ...headers }, agent: agent ?? new Agent() },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) });
          call.destroy();
        });
        response.on('error', reject);
      },
    );
    call.on('error', reject);
    if (Buffer.isBuffer(body)) call.end(body);
    else {
      for (const chunk of body ?? []) call.write(chunk);
      call.end();
    }
  });
}

/** A connection on which the test writes what it likes. */
export function raw({ port }: Door): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
  });
}

export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

const schema = protobuf.parse(`
  syntax = "proto3";
  message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
  message ExportTraceServiceResponse { PartialSuccess partial_success = 1; }
  message Status { int32 code = 1; string message = 2; }
`).root;
const toObject = (type: string, body: Buffer): Record<string, unknown> => {
  const message = schema.lookupType(type);
  return message.toObject(message.decode(body), { longs: Number, defaults: false });
};
export const responseIn = (body: Buffer): Record<string, unknown> => toObject('ExportTraceServiceResponse', body);
export const statusIn = (body: Buffer): { code?: number; message?: string } => toObject('Status', body);
