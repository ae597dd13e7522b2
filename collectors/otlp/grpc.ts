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
import type { Millis } from '../../src/model/time.ts';
import { refusalBody, successBody } from './answers.ts';
import { crowded } from './body-buffer.ts';
import { DEFAULT_GRPC_LIMITS, type OtlpGrpcLimits } from './config.ts';
import { BytesInFlight } from './in-flight.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { Refusal } from './refusal.ts';
import { Rejects } from './rejects.ts';
import { type ReceiverOptions, TraceExport } from './trace-export.ts';

export interface OtlpGrpcOptions extends ReceiverOptions {
  readonly limits?: Partial<OtlpGrpcLimits>;
}

const raw = (bytes: Buffer): Buffer => bytes;

/** The one method that is there; requests and answers stay bytes, for the decoder that every door has. */
const TRACE_SERVICE = {
  Export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  },
} satisfies ServiceDefinition;

/**
 * The door for OTLP over gRPC: `TraceService/Export`. What HTTP answers with 503 and Retry-After is UNAVAILABLE with a
 * RetryInfo here, which every exporter comes again for.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlpgrpc
 */
export class OtlpGrpcServer {
  readonly #exporting: TraceExport;
  readonly #options: OtlpGrpcOptions;
  readonly #inFlight: BytesInFlight;
  readonly #server: Server;

  constructor(options: OtlpGrpcOptions) {
    const limits = { ...DEFAULT_GRPC_LIMITS, ...options.limits };
    // What it would write past the house's log comes as errors, too.
    setLogVerbosity(logVerbosity.NONE);
    this.#options = options;
    this.#exporting = new TraceExport(options);
    this.#inFlight = new BytesInFlight(limits.maxBytesInFlight);
    this.#server = new Server({
      // Counted while it is unpacked, too.
      'grpc.max_receive_message_length': limits.maxMessageBytes,
      'grpc.max_concurrent_streams': limits.maxCalls,
      interceptors: [this.#admit],
    });
    this.#server.addService(TRACE_SERVICE, { Export: this.#export });
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
    this.#exporting.isClosing = true;
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
              this.#exporting.admit();
              go(metadata);
            } catch (error) {
              call.sendStatus(this.#status(error));
            }
          },
        }),
    });

  readonly #export: handleUnaryCall<Buffer, Buffer> = ({ request }, answer) => {
    this.#take(request).then(
      (body) => {
        this.#options.counters.answered(200);
        answer(null, body);
      },
      (error) => answer(this.#status(error)),
    );
  };

  async #take(message: Buffer): Promise<Buffer> {
    if (!this.#inFlight.take(message.length)) throw crowded({ inFlight: this.#inFlight });
    try {
      this.#options.counters.received(message.length, message.length);
      const decoded = this.#exporting.decode(message, new Rejects());
      await this.#exporting.store(decoded);
      return successBody('protobuf', decoded.count, decoded.rejected);
    } finally {
      this.#inFlight.giveBack(message.length);
    }
  }

  #status(error: unknown): StatusObject {
    const refusal = this.#exporting.refusalFor(error);
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
