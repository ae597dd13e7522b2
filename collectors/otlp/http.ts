import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_LIMITS } from '../../src/model/config/limits.ts';
import type { Millis } from '../../src/model/time.ts';
import { limitedServer, renewTls } from '../limited-server.ts';
import type { TlsKeys } from '../tls-keys.ts';
import { bodyRoom } from './body-buffer.ts';
import { Exports, type ReceiverOptions } from './exports.ts';
import { BufferPool } from './pool.ts';
import { Receiver } from './receiver.ts';

/** Of the bodies that are read together. */
const READ_AT_ONCE_BYTES = 8_388_608;

/** The door for OTLP over HTTP: `POST` to the path of each signal of `SIGNALS`. */
export class OtlpHttpServer {
  readonly #exports: Exports;
  readonly #server: Server;

  /** @throws RangeError when the limits leave no room for the largest body */
  constructor(options: ReceiverOptions) {
    const { counters } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { maxBodyBytes, maxBytesInFlight } = limits;
    const largest = BufferPool.sizeFor(maxBodyBytes);
    if (maxBytesInFlight < largest)
      throw new RangeError(
        `maxBytesInFlight is ${maxBytesInFlight}, one body may take ${largest}: raise it, or lower maxBodyBytes`,
      );
    this.#exports = new Exports(options);
    const room = bodyRoom(maxBodyBytes, maxBytesInFlight, READ_AT_ONCE_BYTES);
    const receiver = new Receiver(this.#exports, counters, room);
    this.#server = limitedServer(
      limits,
      (limit) => counters.limited(limit),
      (request, response, awaitsContinue) => void receiver.receive(request, response, awaitsContinue),
      options.tls,
    );
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
    renewTls(this.#server, tls);
  }

  /** Takes no more requests, lets those under way come to their end, and cuts off what is left after `grace`. */
  async close(grace: Millis): Promise<void> {
    this.#exports.isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = setTimeout(() => this.#server.closeAllConnections(), grace);
    await closed;
    clearTimeout(timer);
  }
}
