import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_TYPE, refusalBody, successBody, type WireForm } from './answers.ts';
import { readBody, SenderGone } from './body.ts';
import { type BodyRoom, crowded } from './body-buffer.ts';
import type { OtlpCounters } from './counters.ts';
import type { DecodedTraces } from './decode.ts';
import { discardBody, isDiscardable } from './discard.ts';
import { protobufOfJson } from './json.ts';
import type { Refusal } from './refusal.ts';
import { Rejects } from './rejects.ts';
import { formOf, type RequestHead, readHead } from './request-head.ts';
import type { TraceExport } from './trace-export.ts';

/** Takes one request after the other from its head to its answer. */
export class TraceReceiver {
  readonly #exporting: TraceExport;
  readonly #counters: OtlpCounters;
  readonly #room: BodyRoom;

  constructor(exporting: TraceExport, counters: OtlpCounters, room: BodyRoom) {
    this.#exporting = exporting;
    this.#counters = counters;
    this.#room = room;
  }

  /** @param awaitsContinue  the sender waits to be asked for the body */
  async receive(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Promise<void> {
    try {
      const head = readHead(request, this.#room.maxBodyBytes);
      this.#admit(request);
      if (awaitsContinue) response.writeContinue();
      const decoded = await this.#read(request, head);
      await this.#exporting.store(decoded);
      this.#answer(response, 200, head.form, successBody(head.form, decoded.count, decoded.rejected)).end();
    } catch (error) {
      if (error instanceof SenderGone) this.#counters.abandoned();
      else this.#refuse(request, response, this.#exporting.refusalFor(error), awaitsContinue);
    }
  }

  /** @throws Refusal when the body would be read in vain just now */
  #admit({ headers }: IncomingMessage): void {
    this.#exporting.admit();
    if (!this.#room.inFlight.hasRoomFor(Number(headers['content-length'] ?? 1))) throw crowded(this.#room);
  }

  async #read(request: IncomingMessage, { form, encoding }: RequestHead): Promise<DecodedTraces> {
    const body = await readBody(request, encoding, this.#room);
    try {
      this.#counters.received(body.wireBytes, body.bytes.length);
      const rejects = new Rejects();
      const protobuf = form === 'json' ? protobufOfJson(body.bytes, rejects) : body.bytes;
      return this.#exporting.decode(protobuf, rejects);
    } finally {
      body.release();
    }
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
    this.#counters.answered(status);
    if (this.#exporting.isClosing) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': CONTENT_TYPE[form], 'content-length': body.length });
    if (body.length > 0) response.write(body);
    return response;
  }
}
