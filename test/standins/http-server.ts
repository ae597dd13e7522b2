import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** How a stand-in treats the next request. */
export type Behaviour =
  | Answer
  /** What it does when nobody told it otherwise. */
  | 'as always'
  /** Reads, and never answers. */
  | 'silent'
  /** Reads, and closes the connection. */
  | 'hang up after reading'
  /** Closes the connection without reading. */
  | 'hang up'
  /** Takes its time to read, then answers as always. */
  | { readonly slowMs: number };

/** A server on a free loopback port that does as it is told, request by request. */
export class StandIn {
  readonly received: Received[] = [];
  /** For the next requests; when it is empty, `otherwise`. */
  readonly behaviours: Behaviour[] = [];
  otherwise: Behaviour = { status: 200 };
  /** Of a tool that answers each request on its merits: takes the place of `otherwise`. */
  answer: ((request: Received) => Answer) | null = null;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  static async start(port = 0): Promise<StandIn> {
    const standIn = new StandIn();
    await new Promise<void>((resolve) => standIn.#server.listen(port, '127.0.0.1', resolve));
    return standIn;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const behaviour = this.behaviours.shift() ?? (this.answer === null ? this.otherwise : 'as always');
    if (behaviour === 'hang up') return void request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks).toString('utf8'),
      at: Date.now(),
    };
    this.received.push(received);
    if (behaviour === 'silent') return;
    if (behaviour === 'hang up after reading') return void request.socket.destroy();
    const reply = ({ status, headers, body }: Answer): void => void response.writeHead(status, headers).end(body ?? '');
    if (behaviour !== 'as always' && !('slowMs' in behaviour)) return reply(behaviour);
    // It is done at once, whenever that is said.
    const answer = this.answer?.(received) ?? { status: 200 };
    if (behaviour === 'as always') reply(answer);
    else setTimeout(() => reply(answer), behaviour.slowMs).unref();
  }
}
