import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { DEFAULT_LIMITS, type Limits } from '../../src/model/config/limits.ts';
import type { Millis } from '../../src/model/time.ts';
import type { TlsKeys } from '../tls-keys.ts';
import { bodyRoom } from './body-buffer.ts';
import { Exports, type ReceiverOptions } from './exports.ts';
import { GrpcReceiver } from './grpc-receiver.ts';

/** Calls at a time, of one connection. */
const MAX_CALLS = 64;
/** Of the messages that are read together. */
const READ_AT_ONCE_BYTES = 8_388_608;

/**
 * The door for OTLP over gRPC: `Export` of each service of `SIGNALS`, on Node's own HTTP/2 (docs/decisions/0019-grpc-without-a-library.md).
 * What HTTP answers with 503 and Retry-After is UNAVAILABLE with a RetryInfo here, which every exporter comes again for.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlpgrpc
 */
export class OtlpGrpcServer {
  readonly #exports: Exports;
  readonly #limits: Limits;
  readonly #server: Http2Server | Http2SecureServer;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #limited: ReceiverOptions['counters']['limited'];

  constructor(options: ReceiverOptions) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { maxBodyBytes, maxBytesInFlight, maxConnections } = this.#limits;
    this.#limited = (limit) => options.counters.limited(limit);
    this.#exports = new Exports(options);
    const room = bodyRoom(maxBodyBytes, maxBytesInFlight, READ_AT_ONCE_BYTES);
    const receiver = new GrpcReceiver(this.#exports, options.counters, room, this.#limits.requestTimeout);
    const settings = { maxConcurrentStreams: MAX_CALLS };
    this.#server =
      options.tls === undefined
        ? createServer({ settings })
        : createSecureServer({ settings, ...options.tls, handshakeTimeout: this.#limits.headersTimeout });
    this.#server.maxConnections = maxConnections;
    this.#server.on('drop', () => this.#limited('connections'));
    this.#server.on('session', (session) => this.#watch(session));
    this.#server.on('stream', (stream, headers) => void receiver.receive(stream, headers));
  }

  /** Resolves with the address in use. Port 0: any free one. */
  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  renewTls(tls: TlsKeys): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(tls);
  }

  /** Takes no more calls, lets those under way come to their end, and cuts off what is left after `grace`. */
  async close(grace: Millis): Promise<void> {
    this.#exports.isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.destroy();
    }, grace);
    await closed;
    clearTimeout(timer);
  }

  /** Closes a connection on which no call begins: soon when there never was one, else when it has been idle for long. */
  #watch(session: ServerHttp2Session): void {
    const { headersTimeout, idleTimeout } = this.#limits;
    let calls = 0;
    let timer = setTimeout(() => {
      this.#limited('headersTimeout');
      session.destroy();
    }, headersTimeout);
    this.#sessions.add(session);
    session.on('stream', (stream) => {
      calls++;
      clearTimeout(timer);
      stream.once('close', () => {
        if (--calls > 0 || session.closed) return;
        timer = setTimeout(() => session.close(), idleTimeout);
      });
    });
    session.once('close', () => {
      clearTimeout(timer);
      this.#sessions.delete(session);
    });
  }
}
