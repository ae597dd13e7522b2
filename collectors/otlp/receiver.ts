import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_TYPE, refusalBody, successBody, type WireForm } from './answers.ts';
import { readBody, SenderGone } from './body.ts';
import { type BodyRoom, crowded } from './body-buffer.ts';
import type { OtlpCounters } from './counters.ts';
import { discardBody, isDiscardable } from './discard.ts';
import type { Exports } from './exports.ts';
import type { Refusal } from './refusal.ts';
import { formOf, type RequestHead, readHead } from './request-head.ts';
import type { Sender, SenderCredentials } from './sender.ts';
import type { DecodedRequest } from './signal.ts';

/** Takes one request after the other from its head to its answer. */
export class Receiver {
  readonly #exports: Exports;
  readonly #counters: OtlpCounters;
  readonly #room: BodyRoom;

  constructor(exports: Exports, counters: OtlpCounters, room: BodyRoom) {
    this.#exports = exports;
    this.#counters = counters;
    this.#room = room;
  }

  /** @param awaitsContinue  the sender waits to be asked for the body */
  async receive(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Promise<void> {
    try {
      const head = readHead(request, this.#room.maxBodyBytes);
      this.#admit(request);
      const sender = await this.#exports.sender(credentialsOf(request));
      if (awaitsContinue) response.writeContinue();
      const decoded = await this.#read(request, head, sender);
      await decoded.store();
      this.#answer(response, 200, head.form, successBody(head.form, head.signal, decoded)).end();
    } catch (error) {
      if (error instanceof SenderGone) this.#counters.abandoned();
      else this.#refuse(request, response, this.#exports.refusalFor(error), awaitsContinue);
    }
  }

  /** @throws Refusal when the body would be read in vain just now */
  #admit({ headers }: IncomingMessage): void {
    this.#exports.admit();
    if (!this.#room.inFlight.hasRoomFor(Number(headers['content-length'] ?? 1))) throw crowded(this.#room);
  }

  async #read(
    request: IncomingMessage,
    { signal, form, encoding }: RequestHead,
    sender: Sender | null,
  ): Promise<DecodedRequest> {
    const body = await readBody(request, encoding, this.#room);
    try {
      this.#counters.received(body.wireBytes, body.bytes.length);
      return this.#exports.decode(signal, form, body.bytes, sender);
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
    if (this.#exports.isClosing) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': CONTENT_TYPE[form], 'content-length': body.length });
    if (body.length > 0) response.write(body);
    return response;
  }
}

/** Of which page it is a browser says whenever it sends a body. */
const credentialsOf = ({ headers, socket }: IncomingMessage): SenderCredentials => ({
  authorization: headers.authorization,
  source: socket.remoteAddress,
  ...(headers.origin !== undefined && headers.host !== undefined && { pageHost: headers.host }),
});
