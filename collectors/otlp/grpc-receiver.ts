import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Millis } from '../../src/model/time.ts';
import { successBody } from './answers.ts';
import { SenderGone } from './body.ts';
import { type BodyRoom, crowded } from './body-buffer.ts';
import type { OtlpCounters } from './counters.ts';
import type { Exports } from './exports.ts';
import { framed, readMessage } from './grpc-message.ts';
import { refusalTrailers } from './grpc-status.ts';
import { Refusal } from './refusal.ts';
import { encodingNamed } from './request-head.ts';
import type { Sender } from './sender.ts';
import { SIGNALS, type SignalName } from './signal.ts';

const NAMES = Object.keys(SIGNALS) as SignalName[];
const ANSWER_HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': 'identity,gzip,deflate,zstd',
};

/** Takes one unary call after the other from its head to its answer. */
export class GrpcReceiver {
  readonly #exports: Exports;
  readonly #counters: OtlpCounters;
  readonly #room: BodyRoom;
  readonly #requestTimeout: Millis;

  constructor(exports: Exports, counters: OtlpCounters, room: BodyRoom, requestTimeout: Millis) {
    this.#exports = exports;
    this.#counters = counters;
    this.#room = room;
    this.#requestTimeout = requestTimeout;
  }

  async receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    // What goes wrong with a stream ends its reading; nothing else rests on it.
    stream.on('error', () => {});
    const tooLate = (): void => this.#refuse(stream, this.#exports.refusalFor(tooSlow(this.#requestTimeout)));
    const timer = setTimeout(tooLate, this.#requestTimeout);
    try {
      if (!isGrpc(headers)) return this.#refuseOthers(stream);
      const signal = signalAt(headers[':path'] ?? '');
      this.#exports.admit();
      if (!this.#room.inFlight.hasRoomFor(1)) throw crowded(this.#room);
      const sender = await this.#exports.sender({
        authorization: headers.authorization,
        source: stream.session?.socket.remoteAddress,
      });
      const encoding = encodingNamed(String(headers['grpc-encoding'] ?? ''));
      const message = await readMessage(stream, encoding, this.#room);
      clearTimeout(timer);
      this.#counters.received(message.wireBytes, message.bytes.length);
      const decoded = this.#decode(signal, message, sender);
      await decoded.store();
      this.#answer(stream, successBody('protobuf', signal, decoded));
    } catch (error) {
      if (!(error instanceof SenderGone)) this.#refuse(stream, this.#exports.refusalFor(error));
      else if (!stream.headersSent) this.#counters.abandoned();
    } finally {
      clearTimeout(timer);
      // What is still there of a refused message is thrown away: unread, it would be kept until the connection ends.
      stream.resume();
    }
  }

  #decode(signal: SignalName, message: Awaited<ReturnType<typeof readMessage>>, sender: Sender | null) {
    try {
      return this.#exports.decode(signal, 'protobuf', message.bytes, sender);
    } finally {
      message.release();
    }
  }

  #answer(stream: ServerHttp2Stream, body: Buffer): void {
    this.#counters.answered(200);
    if (stream.closed) return;
    stream.respond(ANSWER_HEADERS, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(framed(body));
    // A sender that never takes its answer.
    stream.setTimeout(this.#requestTimeout, () => stream.close(constants.NGHTTP2_CANCEL));
  }

  /** Another protocol than gRPC: told in the words of HTTP. */
  #refuseOthers(stream: ServerHttp2Stream): void {
    this.#counters.answered(415);
    stream.respond({ ':status': 415 }, { endStream: true });
    stream.close(constants.NGHTTP2_NO_ERROR);
  }

  /** An answer without a message; what is still on its way is not read. */
  #refuse(stream: ServerHttp2Stream, refusal: Refusal): void {
    if (stream.closed || stream.headersSent) return;
    this.#counters.answered(refusal.httpStatus);
    stream.respond({ ...ANSWER_HEADERS, ...refusalTrailers(refusal) }, { endStream: true });
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  }
}

/** gRPC for browsers and JSON in frames of gRPC are other protocols. */
const isGrpc = (headers: IncomingHttpHeaders): boolean =>
  headers[':method'] === 'POST' && /^application\/grpc(\+proto)?\s*(;|$)/i.test(headers['content-type'] ?? '');

function signalAt(path: string): SignalName {
  const name = NAMES.find((one) => SIGNALS[one].rpc === path);
  if (name !== undefined) return name;
  const places = NAMES.map((one) => `${one} to ${SIGNALS[one].rpc}`).join(', ');
  throw new Refusal('PLIM_OTLP_NOT_FOUND', `${path.slice(0, 100)} is not there`, `send ${places}`);
}

const tooSlow = (requestTimeout: Millis): Refusal =>
  new Refusal(
    'PLIM_OTLP_TIMEOUT',
    `the message was not there after ${requestTimeout} ms`,
    'send less at a time, or raise limits.requestTimeout',
    {},
    'requestTimeout',
  );
