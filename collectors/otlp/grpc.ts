import type { AddressInfo } from 'node:net';
import {
  type handleUnaryCall,
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
  type StatusObject,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { DEFAULT_LIMITS } from '../../src/model/config/limits.ts';
import type { Millis } from '../../src/model/time.ts';
import { refusalBody, successBody } from './answers.ts';
import { crowded } from './body-buffer.ts';
import { Exports, type ReceiverOptions } from './exports.ts';
import { BytesInFlight } from './in-flight.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { Refusal } from './refusal.ts';
import { SIGNALS, type SignalName } from './signal.ts';

/** Calls at a time, of one connection. */
const MAX_CALLS = 64;

const raw = (bytes: Buffer): Buffer => bytes;

/** The one method of each service; requests and answers stay bytes, for the decoders that every door has. */
const serviceOf = (name: SignalName) =>
  ({
    Export: {
      path: SIGNALS[name].rpc,
      requestStream: false,
      responseStream: false,
      requestSerialize: raw,
      requestDeserialize: raw,
      responseSerialize: raw,
      responseDeserialize: raw,
    },
  }) satisfies ServiceDefinition;

/**
 * The door for OTLP over gRPC: `Export` of each service of `SIGNALS`. What HTTP answers with 503 and Retry-After is
 * UNAVAILABLE with a RetryInfo here, which every exporter comes again for.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlpgrpc
 */
export class OtlpGrpcServer {
  readonly #exports: Exports;
  readonly #options: ReceiverOptions;
  readonly #inFlight: BytesInFlight;
  readonly #server: Server;

  constructor(options: ReceiverOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    // What it would write past the house's log comes as errors, too.
    setLogVerbosity(logVerbosity.NONE);
    this.#options = options;
    this.#exports = new Exports(options);
    this.#inFlight = new BytesInFlight(limits.maxBytesInFlight);
    this.#server = new Server({
      // Counted while it is unpacked, too.
      'grpc.max_receive_message_length': limits.maxBodyBytes,
      'grpc.max_concurrent_streams': MAX_CALLS,
      interceptors: [this.#admit],
    });
    for (const name of Object.keys(SIGNALS) as SignalName[])
      this.#server.addService(serviceOf(name), { Export: this.#exportOf(name) });
  }

  /** Resolves with the address in use. Port 0: any free one. */
  listen(port: number, host: string): Promise<AddressInfo> {
    const isV6 = host.includes(':');
    const address = isV6 ? `[${host}]:${port}` : `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve({ address: host, port: bound, family: isV6 ? 'IPv6' : 'IPv4' });
        else reject(bindError(error, host, port));
      });
    });
  }

  /** Takes no more calls, lets those under way come to their end, and cuts off what is left after `grace`. */
  async close(grace: Millis): Promise<void> {
    this.#exports.isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const timer = setTimeout(() => this.#server.forceShutdown(), grace);
    await closed;
    clearTimeout(timer);
  }

  /** Looked at before the message is read. */
  readonly #admit: ServerInterceptor = (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, go) => {
            try {
              this.#exports.admit();
              go(metadata);
            } catch (error) {
              call.sendStatus(this.#status(error));
            }
          },
        }),
    });

  #exportOf(name: SignalName): handleUnaryCall<Buffer, Buffer> {
    return ({ request }, answer) => {
      this.#take(name, request).then(
        (body) => {
          this.#options.counters.answered(200);
          answer(null, body);
        },
        (error) => answer(this.#status(error)),
      );
    };
  }

  async #take(name: SignalName, message: Buffer): Promise<Buffer> {
    if (!this.#inFlight.take(message.length)) throw crowded({ inFlight: this.#inFlight });
    try {
      this.#options.counters.received(message.length, message.length);
      const decoded = this.#exports.decode(name, 'protobuf', message);
      await decoded.store();
      return successBody('protobuf', name, decoded);
    } finally {
      this.#inFlight.giveBack(message.length);
    }
  }

  #status(error: unknown): StatusObject {
    const refusal = this.#exports.refusalFor(error);
    this.#options.counters.answered(refusal.httpStatus);
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', statusDetails(refusal));
    return { code: refusal.rpcCode, details: refusal.message, metadata };
  }
}

/** A google.rpc.Status, with a google.rpc.RetryInfo where the sender should come again. */
function statusDetails(refusal: Refusal): Buffer {
  const out = new ProtoWriter(256);
  out.bytes(refusalBody('protobuf', refusal));
  const seconds = refusal.headers['retry-after'];
  if (seconds !== undefined)
    out.message(3, () => {
      out.string(1, 'type.googleapis.com/google.rpc.RetryInfo');
      out.message(2, () => out.message(1, () => out.integer(1, BigInt(seconds))));
    });
  return Buffer.from(out.written);
}

/** As Node says it of its own servers: grpc-js puts all it has into one message. */
function bindError(error: Error, address: string, port: number): Error {
  const code = /\b(E[A-Z]{4,})\b/.exec(error.message)?.[1];
  return Object.assign(error, { code, address, port });
}
