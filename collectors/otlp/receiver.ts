import type { IncomingMessage, ServerResponse } from 'node:http';
import { Overloaded, type SpanReceipt, type SpanSink } from '../../src/model/ingest.ts';
import type { Millis } from '../../src/model/time.ts';
import { CONTENT_TYPE, refusalBody, successBody, type WireForm } from './answers.ts';
import { readBody, SenderGone } from './body.ts';
import { type BodyRoom, crowded } from './body-buffer.ts';
import type { OtlpCounters } from './counters.ts';
import type { DecodedTraces, TraceDecoder } from './decode.ts';
import { discardBody, isDiscardable } from './discard.ts';
import { MalformedJson, protobufOfJson } from './json.ts';
import { comeAgain, Refusal } from './refusal.ts';
import { Rejects } from './rejects.ts';
import { formOf, type RequestHead, readHead } from './request-head.ts';
import { MalformedBody } from './wire.ts';

/** What the receiver of requests needs from the house. */
export interface ReceiverOptions {
  readonly sink: SpanSink;
  /** The decoder in force: another one after a change of configuration. */
  readonly decoder: () => TraceDecoder;
  readonly clock: () => Millis;
  /** How long stored spans are kept: ends before that are refused. */
  readonly retention: () => Millis;
  readonly counters: OtlpCounters;
  /** Told of what should not happen; the sender is asked to come again. */
  readonly report: (error: unknown) => void;
}

/** Takes one request after the other from its head to its answer. */
export class TraceReceiver {
  readonly #options: ReceiverOptions;
  readonly #room: BodyRoom;
  /** Set when the door closes: what comes then is asked to come again. */
  isClosing = false;

  constructor(options: ReceiverOptions, room: BodyRoom) {
    this.#options = options;
    this.#room = room;
  }

  /** @param awaitsContinue  the sender waits to be asked for the body */
  async receive(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Promise<void> {
    try {
      const head = readHead(request, this.#room.maxBodyBytes);
      this.#admit(request);
      if (awaitsContinue) response.writeContinue();
      const decoded = await this.#read(request, head);
      const receipt = await this.#submit(decoded);
      this.#count(decoded, receipt);
      this.#answer(response, 200, head.form, successBody(head.form, decoded.count, decoded.rejected)).end();
    } catch (error) {
      if (error instanceof SenderGone) this.#options.counters.abandoned();
      else this.#refuse(request, response, this.#refusalFor(error), awaitsContinue);
    }
  }

  /** @throws Refusal when the body would be read in vain just now */
  #admit({ headers }: IncomingMessage): void {
    if (this.isClosing) throw comeAgain('PLIM_OTLP_CLOSING', 'this door is being closed');
    const overload = this.#options.sink.overload?.() ?? null;
    if (overload !== null) throw overload;
    if (!this.#room.inFlight.hasRoomFor(Number(headers['content-length'] ?? 1))) throw crowded(this.#room);
  }

  async #read(request: IncomingMessage, { form, encoding }: RequestHead): Promise<DecodedTraces> {
    const body = await readBody(request, encoding, this.#room);
    try {
      this.#options.counters.received(body.wireBytes, body.bytes.length);
      const rejects = new Rejects();
      const protobuf = form === 'json' ? protobufOfJson(body.bytes, rejects) : body.bytes;
      const window = { now: this.#options.clock(), retention: this.#options.retention() };
      return this.#options.decoder().decode(protobuf, window, rejects);
    } finally {
      body.release();
    }
  }

  async #submit({ records, count }: DecodedTraces): Promise<SpanReceipt> {
    return count === 0 ? { stored: 0, duplicates: 0 } : this.#options.sink.submit({ records, count });
  }

  #count({ aiSpans, links, rejected }: DecodedTraces, { duplicates }: SpanReceipt): void {
    const { counters } = this.#options;
    counters.taken(aiSpans, links, duplicates);
    for (const { reason, count } of rejected) counters.rejected(reason, count);
  }

  #refusalFor(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof Overloaded) return comeAgain('PLIM_OTLP_OVERLOADED', error.message, error.retryAfterSeconds);
    if (error instanceof MalformedBody || error instanceof MalformedJson)
      return new Refusal(
        'PLIM_OTLP_MALFORMED',
        `the body is no OTLP trace request: ${error.message}`,
        'nothing of it was kept; send an ExportTraceServiceRequest in the form that Content-Type names, and whole',
      );
    this.#options.report(error);
    return comeAgain('PLIM_OTLP_STORE', 'the spans could not be stored, nothing of them was kept');
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal, awaitsContinue: boolean): void {
    const form = formOf(request.headers) ?? 'json';
    const isRead = request.complete || (isDiscardable(request) && !awaitsContinue);
    for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
    if (!isRead) response.setHeader('connection', 'close');
    this.#answer(response, refusal.httpStatus, form, refusalBody(form, refusal));
    if (awaitsContinue && !request.complete) response.end();
    else discardBody(request, () => response.end());
  }

  /** The whole answer but its end. */
  #answer(response: ServerResponse, status: number, form: WireForm, body: Buffer): ServerResponse {
    this.#options.counters.answered(status);
    if (this.isClosing) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': CONTENT_TYPE[form], 'content-length': body.length });
    if (body.length > 0) response.write(body);
    return response;
  }
}
