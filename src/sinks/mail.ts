import { connect, isIP, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Millis } from '../model/time.ts';
import { Allowed, bareHost } from './addresses.ts';
import {
  codeOf,
  type EgressOptions,
  forbiddenIn,
  guardedLookup,
  type Resolve,
  type Rule,
  refusalOfLiteral,
  systemResolve,
  TOTAL_MS,
} from './egress.ts';
import type { Mail, MailRequest, MailResult } from './sink.ts';

interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly isImplicit: boolean;
}

const PORT_OF_SMTP = 25;
const PORT_OF_SMTPS = 465;
/** How long a goodbye may take: the mail is on its way by then. */
const GOODBYE_MS: Millis = 1_000;

/**
 * The way out for mail, by the rules of the one for HTTP: addresses that aren't public, and any without TLS, have to be
 * listed in `egress.allow`; the connection goes to an address that was checked; everything together takes 15 s at most.
 * Certificates are checked against the host that is configured.
 * @see RFC 5321, RFC 3207 (STARTTLS), RFC 8314 (smtps)
 */
export function createMail(options: EgressOptions): Mail {
  const allowed = new Allowed(options.allow);
  const resolve = options.resolve ?? systemResolve;
  const totalMs = options.totalMs ?? TOTAL_MS;
  return async (request) => {
    const server = serverOf(request.url);
    if (server === null) return { kind: 'forbidden', reason: 'the address is not like smtp://mail.example.com:25' };
    const rule: Rule = { allowed, plain: server.isImplicit || request.tls === 'required' ? null : NO_TLS };
    if (request.login !== undefined && request.tls === 'off' && !server.isImplicit)
      return { kind: 'forbidden', reason: 'a password is said under TLS alone' };
    const refusal = refusalOfLiteral(server.host, rule);
    if (refusal !== null) return { kind: 'forbidden', reason: refusal };
    // Not before a mail is sent: most servers send none.
    const { default: Connection } = await import('nodemailer/lib/smtp-connection');
    const handOver = new HandOver(server, request, Connection);
    const timer = setTimeout(() => handOver.timeOut(totalMs), totalMs);
    try {
      return await handOver.run(resolve, rule);
    } catch (error) {
      return handOver.failureOf(error);
    } finally {
      clearTimeout(timer);
      handOver.end();
    }
  };
}

const NO_TLS = 'mail without TLS is only handed to hosts in egress.allow: use TLS, or list the host there';

/** As URLs of http are parsed, which makes one notation of all literal addresses. */
function serverOf(url: string): MailServer | null {
  const scheme = /^smtps?:(?=\/\/)/.exec(url)?.[0];
  const parsed = scheme === undefined ? null : URL.parse(url.replace(scheme, 'http:'));
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return null;
  const isImplicit = scheme === 'smtps:';
  // A port of 80 is the usual one of http and is left out.
  const port =
    parsed.port === '' ? (/:80\/?$/.test(url) ? 80 : isImplicit ? PORT_OF_SMTPS : PORT_OF_SMTP) : Number(parsed.port);
  return { host: bareHost(parsed.hostname), port, isImplicit };
}

/** One mail on its way to one server. */
class HandOver {
  readonly #server: MailServer;
  readonly #request: MailRequest;
  readonly #Connection: typeof SMTPConnection;
  #socket: Socket | null = null;
  #connection: SMTPConnection | null = null;
  /** From here on the server may have it. */
  #hasBegun = false;
  #isDone = false;
  #timedOutMs: Millis | null = null;
  readonly #late = Promise.withResolvers<never>();

  constructor(server: MailServer, request: MailRequest, Connection: typeof SMTPConnection) {
    this.#server = server;
    this.#request = request;
    this.#Connection = Connection;
  }

  run(resolve: Resolve, rule: Rule): Promise<MailResult> {
    return Promise.race([this.#run(resolve, rule), this.#late.promise]);
  }

  async #run(resolve: Resolve, rule: Rule): Promise<MailResult> {
    const socket = await this.#connect(resolve, rule);
    const connection = this.#converse(socket);
    await this.#greet(connection);
    const { from, to, login } = this.#request;
    if (login !== undefined) await this.#signIn(connection, login);
    const refused = await new Promise<number>((done, fail) => {
      connection.once('error', fail);
      connection.send({ from, to: [...to] }, this.#message(), (error, info) =>
        error ? fail(error) : done(info?.rejected.length ?? 0),
      );
    });
    this.#isDone = true;
    return { kind: 'accepted', refused };
  }

  timeOut(ms: Millis): void {
    this.#timedOutMs = ms;
    this.#late.reject(new Error('too slow'));
  }

  /** The connection knows which socket is its own by now: under TLS the one beneath must not be touched. */
  end(): void {
    const connection = this.#connection;
    if (connection === null) this.#socket?.destroy();
    else if (!this.#isDone) connection.close();
    else {
      connection.quit();
      setTimeout(() => connection.close(), GOODBYE_MS).unref();
    }
  }

  failureOf(error: unknown): MailResult {
    const forbidden = forbiddenIn(error);
    if (forbidden !== null) return { kind: 'forbidden', reason: forbidden };
    const { responseCode, code, originalCode } = error as {
      responseCode?: unknown;
      code?: unknown;
      originalCode?: unknown;
    };
    if (code !== 'ETLS' && typeof responseCode === 'number' && responseCode >= 400 && responseCode <= 599)
      return { kind: 'refused', code: responseCode };
    const kind = this.#hasBegun ? 'no_answer' : 'not_sent';
    if (this.#timedOutMs !== null) return { kind, reason: `no answer within ${this.#timedOutMs / 1000} s` };
    if (code === 'ETLS') return { kind, reason: 'no TLS: the server does not offer it, or broke it off' };
    const cause = typeof originalCode === 'string' ? Object.assign(new Error(), { code: originalCode }) : error;
    return { kind, reason: `${this.#connection === null ? 'no connection' : 'no answer'} (${codeOf(cause)})` };
  }

  #connect(resolve: Resolve, rule: Rule): Promise<Socket> {
    const { host, port } = this.#server;
    return new Promise((done, fail) => {
      const socket = connect({ host, port, lookup: guardedLookup(resolve, rule) }, () => done(socket));
      socket.once('error', fail);
      this.#socket = socket;
    });
  }

  #converse(socket: Socket): SMTPConnection {
    const { host, isImplicit } = this.#server;
    const connection = new this.#Connection({
      host,
      connection: socket,
      secure: isImplicit,
      ...(isImplicit || this.#request.tls === 'required' ? { requireTLS: !isImplicit } : { ignoreTLS: true }),
      tls: { minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}) },
      socketCloseTimeout: GOODBYE_MS,
      logger: false,
    });
    // Whoever waits has a listener of their own; what comes when nobody does is of no interest.
    connection.on('error', () => {});
    this.#connection = connection;
    return connection;
  }

  #greet(connection: SMTPConnection): Promise<void> {
    return new Promise((done, fail) => {
      connection.once('error', fail);
      connection.once('end', () => fail(new Error('it ended')));
      connection.connect((error) => (error ? fail(error) : done()));
    });
  }

  #signIn(connection: SMTPConnection, { user, password }: NonNullable<MailRequest['login']>): Promise<void> {
    return new Promise((done, fail) => {
      connection.once('error', fail);
      connection.login({ user, pass: password, credentials: { user, pass: password } }, (error) =>
        error ? fail(error) : done(),
      );
    });
  }

  /** Read by the connection when the server has asked for it, and not before. */
  #message(): Readable {
    const { message } = this.#request;
    const begin = (): void => {
      this.#hasBegun = true;
    };
    return new Readable({
      read() {
        begin();
        this.push(message, 'utf8');
        this.push(null);
      },
    });
  }
}
