import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { LimitName, Limits } from '../src/model/config/limits.ts';
import type { TlsKeys } from './tls-keys.ts';

/** Takes a request; `awaitsContinue`: the sender waits to be asked for the body. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean) => void;

export type ServerLimits = Pick<Limits, 'maxConnections' | 'headersTimeout' | 'requestTimeout' | 'idleTimeout'>;

/**
 * An HTTP server that keeps its limits of connections and time. @param limited  told when one bites
 * @param tls  over TLS, with these; left out: plain
 */
export function limitedServer(
  limits: ServerLimits,
  limited: (limit: LimitName) => void,
  take: TakeRequest,
  tls?: TlsKeys,
): Server {
  const { headersTimeout, requestTimeout, idleTimeout, maxConnections } = limits;
  const options = {
    // Node wants it so: a request is no longer awaited than its headers.
    headersTimeout: Math.min(headersTimeout, requestTimeout),
    requestTimeout,
    keepAliveTimeout: idleTimeout,
    connectionsCheckingInterval: checkInterval(limits),
  };
  const server =
    tls === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...tls, handshakeTimeout: headersTimeout });
  server.maxConnections = maxConnections;
  server.on('drop', () => limited('connections'));
  /** The answer to the newest request of a connection. */
  const newest = new WeakMap<Socket, ServerResponse>();
  const taking = (awaitsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    newest.set(request.socket, response);
    take(request, response, awaitsContinue);
  };
  server.on('request', taking(false));
  // Without a listener Node would ask for the body before anybody has looked at the headers.
  server.on('checkContinue', taking(true));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const response = newest.get(socket);
    if (error.code === TIMED_OUT) limited(isUnderWay(response) ? 'requestTimeout' : 'headersTimeout');
    answerAndCut(socket, STATUS_LINE[error.code ?? ''] ?? '400 Bad Request', response);
  });
  return server;
}

/** New connections get another certificate; those that are there go on. */
export function renewTls(server: Server, tls: TlsKeys): void {
  if (server instanceof TlsServer) server.setSecureContext(tls);
}

/** How often the timeouts are looked after: so much later than it says one may bite. */
const checkInterval = ({ headersTimeout, requestTimeout }: ServerLimits): number =>
  Math.min(5_000, Math.ceil(Math.min(headersTimeout, requestTimeout) / 4));

const TIMED_OUT = 'ERR_HTTP_REQUEST_TIMEOUT';
const STATUS_LINE: Readonly<Record<string, string>> = {
  [TIMED_OUT]: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
};

/** Its headers were there, its body is not. */
const isUnderWay = (response: ServerResponse | undefined): boolean => response !== undefined && !response.req.complete;

/** Says why, unless an answer has begun on this connection, and closes it. */
function answerAndCut(socket: Socket, statusLine: string, response: ServerResponse | undefined): void {
  const hasBegun = response?.headersSent === true && !response.writableFinished;
  if (socket.writable && !hasBegun) socket.write(`HTTP/1.1 ${statusLine}\r\nconnection: close\r\n\r\n`);
  socket.destroy();
}
