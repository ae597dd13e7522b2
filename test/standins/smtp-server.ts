import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Behaviour, Received } from './http-server.ts';

/** Of a mail: `method` is MAIL, `path` the addresses of its envelope, `body` the message but for its headers. */
export interface ReceivedMail extends Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly isEncrypted: boolean;
}

type Callback = (error?: Error | null, message?: string) => void;

const replyWith = (code: number): Error => Object.assign(new Error('RESPONSE-SECRET-2'), { responseCode: code });

/**
 * A real mail server on a free loopback port that does as it is told, mail by mail: `status` is its reply to the message. What is
 * said of HTTP in a behaviour is said of the message here, `hang up` of the connection.
 */
export class SmtpStandIn {
  readonly received: ReceivedMail[] = [];
  readonly behaviours: Behaviour[] = [];
  /** Addresses that it refuses, with the reply. */
  readonly refused = new Map<string, number>();
  /** The reply to MAIL FROM; 250 when null. */
  greylisting: number | null = null;
  readonly #server: SMTPServer;
  readonly #sockets = new Set<Socket>();

  constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH'],
      logger: false,
      disableReverseLookup: true,
      closeTimeout: 100,
      ...options,
      onMailFrom: (_, __, done) => done(this.greylisting === null ? null : replyWith(this.greylisting)),
      onRcptTo: ({ address }, _, done) =>
        done(this.refused.has(address) ? replyWith(this.refused.get(address)!) : null),
      onData: (stream, session, done) => void this.#take(stream, session, done),
    });
    this.#server.on('error', () => {});
    this.#server.server.prependListener('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      if (this.behaviours[0] !== 'hang up') return;
      this.behaviours.shift();
      socket.destroy();
    });
  }

  static async start(options: SMTPServerOptions = { disabledCommands: ['AUTH', 'STARTTLS'] }): Promise<SmtpStandIn> {
    const standIn = new SmtpStandIn(options);
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Under TLS the sockets beneath belong to others, so the server closes what is open itself. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }

  async #take(
    stream: Readable,
    {
      envelope,
      secure,
    }: { envelope: { mailFrom: false | { address: string }; rcptTo: { address: string }[] }; secure: boolean },
    done: Callback,
  ): Promise<void> {
    const behaviour = this.behaviours.shift() ?? 'as always';
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    const end = raw.indexOf('\r\n\r\n');
    const to = envelope.rcptTo.map(({ address }) => address);
    this.received.push({
      method: 'MAIL',
      path: to.join(','),
      headers: headersOf(raw.slice(0, end)),
      body: raw.slice(end + 4),
      at: Date.now(),
      from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
      to,
      raw,
      isEncrypted: secure,
    });
    if (behaviour === 'silent') return;
    if (behaviour === 'hang up after reading') for (const socket of this.#sockets) socket.destroy();
    else if (typeof behaviour === 'object' && 'slowMs' in behaviour) setTimeout(done, behaviour.slowMs).unref();
    else if (typeof behaviour === 'object' && behaviour.status >= 400) done(replyWith(behaviour.status));
    else done();
  }
}

/** In lower case, unfolded. */
const headersOf = (head: string): Record<string, string> =>
  Object.fromEntries(
    head
      .replaceAll(/\r\n[ \t]/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );

/** The text of a mail, whatever its transfer encoding is. */
export function textOf({ headers, body }: Pick<Received, 'headers' | 'body'>): string {
  const encoding = headers['content-transfer-encoding'] ?? '7bit';
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
