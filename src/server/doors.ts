import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { limitedServer, renewTls } from '../../collectors/limited-server.ts';
import {
  OtlpGrpcServer,
  OtlpHttpServer,
  type ReceiverOptions,
  type TraceDecoder,
} from '../../collectors/otlp/index.ts';
import type { TlsKeys } from '../../collectors/tls-keys.ts';
import type { Deployment } from '../model/config/deployment.ts';
import type { Millis } from '../model/time.ts';
import type { Access } from './access/access.ts';
import type { createApp } from './api/app.ts';
import type { Events } from './api/events.ts';
import type { ExplainTap } from './explain/tap.ts';
import type { Intake } from './intake.ts';
import type { Metrics } from './metrics/index.ts';
import type { Configured } from './reload/configured.ts';
import type { Tls } from './tls.ts';

/** What the doors lead to. */
export interface Behind {
  readonly app: ReturnType<typeof createApp>;
  readonly intake: Intake;
  /** Another one after a change of configuration. */
  readonly decoder: TraceDecoder;
  readonly configured: Configured;
  readonly access: Access;
  readonly metrics: Metrics;
  readonly events: Events;
  readonly tap: ExplainTap;
  /** Null: the doors speak plainly. */
  readonly tls: Tls | null;
}

/** How long requests that are under way may take to end. */
const CLOSE_GRACE_MS = 5_000;

/** Where requests come in: the console and the API, OTLP over HTTP, OTLP over gRPC. */
export class Doors {
  readonly addresses: { readonly http: string; readonly otlpHttp: string; readonly otlpGrpc: string | null };
  readonly #http: Server;
  readonly #otlp: readonly (OtlpHttpServer | OtlpGrpcServer)[];
  readonly #events: Events;

  private constructor(
    http: Server,
    otlp: readonly (OtlpHttpServer | OtlpGrpcServer)[],
    events: Events,
    addresses: Doors['addresses'],
  ) {
    this.#http = http;
    this.#otlp = otlp;
    this.#events = events;
    this.addresses = addresses;
  }

  /** Opens all of them, or none. @throws OperatorError when others could reach one, and nobody could sign in; what the system says */
  static async open(behind: Behind, deployment: Deployment, clock: () => Millis, log: Logger): Promise<Doors> {
    const { metrics, access, tls } = behind;
    const http = limitedServer(
      deployment.limits,
      (limit) => metrics.self.limited('rest', limit),
      (request, response, awaitsContinue) => {
        if (awaitsContinue) response.writeContinue();
        behind.app(request, response);
      },
      tls?.keys,
    );
    const receiver = (source: 'otlp_http' | 'otlp_grpc'): ReceiverOptions => ({
      sink: behind.intake,
      decoder: () => behind.decoder,
      clock,
      retention: () => behind.configured.deployment.retention.interactionsMs,
      counters: metrics.self.door(source),
      tap: (request) => behind.tap.offer(request),
      sender: (credentials) => access.door.senderOf({ ...credentials, door: source }),
      ...(tls !== null && { tls: tls.keys }),
      limits: deployment.limits,
      report: (error) => log.error({ err: error }, 'a request for telemetry failed'),
    });
    const otlpHttp = new OtlpHttpServer(receiver('otlp_http'));
    const otlpGrpc = new OtlpGrpcServer(receiver('otlp_grpc'));
    try {
      await access.checkExposure();
      const at = deployment.listen;
      const addresses = {
        http: urlOf(await listen(http, at.http), tls),
        otlpHttp: urlOf(await otlpHttp.listen(at.otlpHttp.port, at.otlpHttp.host), tls),
        otlpGrpc: await listenGrpc(otlpGrpc, at.otlpGrpc, log).then((grpc) =>
          grpc === null ? null : urlOf(grpc, tls),
        ),
      };
      return new Doors(http, [otlpHttp, otlpGrpc], behind.events, addresses);
    } catch (error) {
      http.close();
      await Promise.allSettled([otlpHttp.close(0), otlpGrpc.close(0)]);
      throw error;
    }
  }

  renewTls(keys: TlsKeys): void {
    renewTls(this.#http, keys);
    for (const door of this.#otlp) door.renewTls(keys);
  }

  /** Takes nothing more; resolves when what is under way has ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#otlp.map((door) => door.close(CLOSE_GRACE_MS)), closeServer(this.#http, this.#events)]);
  }
}

const GRPC_DEFAULT = { host: '127.0.0.1', port: 4317 } as const;

/** The standard port is a wish: where nobody asked for it, a Plimsoll without this door is better than none. */
async function listenGrpc(
  server: OtlpGrpcServer,
  wanted: Deployment['listen']['otlpGrpc'],
  log: Logger,
): Promise<AddressInfo | null> {
  const { host, port } = wanted ?? GRPC_DEFAULT;
  try {
    return await server.listen(port, host);
  } catch (error) {
    if (wanted !== null || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    log.warn(
      { port },
      'OTLP over gRPC is not taken: another program has its port. Name one under spec.listen.otlpGrpc (127.0.0.1:0 is any free one)',
    );
    return null;
  }
}

const listen = (server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });

async function closeServer(server: Server, events: Events): Promise<void> {
  events.close();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}

const urlOf = ({ address, port, family }: AddressInfo, tls: Tls | null): string =>
  `${tls === null ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
