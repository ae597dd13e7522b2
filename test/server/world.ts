import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { Deployment } from '../../src/model/config/deployment.ts';
import { Objective } from '../../src/model/config/objective.ts';
import { Service } from '../../src/model/config/service.ts';
import { verifyStored } from '../../src/server/engines.ts';
import { type Configuration, Plimsoll } from '../../src/server/plimsoll.ts';
import type { Engine } from '../../src/store/sql.ts';
import type { Verification } from '../../src/store/verification.ts';
import { giveBack, type TestDatabase, takeDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';

const frame = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'plimsoll/v1',
  kind,
  metadata: { name },
  spec,
});

export const service = (name: string, spec: object = {}): Service => Service.parse(frame('Service', name, spec));
export const objective = (name: string, spec: object): Objective => Objective.parse(frame('Objective', name, spec));
/** @param store  a file, or the url of a store */
/** Of the audit log, where no file beside the store can hold it. */
const AUDIT_KEY = 'env:AUDIT_KEY';
const auditKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

export const deployment = (store: string, spec: object = {}): Deployment =>
  Deployment.parse(
    frame('Deployment', 'test', {
      listen: { http: '127.0.0.1:0', otlpHttp: '127.0.0.1:0', otlpGrpc: '127.0.0.1:0' },
      store: { url: /^\w+:/.test(store) ? store : `sqlite:${store}` },
      ...(store.startsWith('postgres:') && { audit: { key: AUDIT_KEY } }),
      ...spec,
    }),
  );

/** Those that a store can be kept in here. */
export const ENGINES: readonly Engine[] = hasPostgres ? ['sqlite', 'postgres'] : ['sqlite'];
const DEFAULT_ENGINE = process.env['PLIMSOLL_TEST_ENGINE'] ?? 'sqlite';

export interface WorldOptions {
  readonly services?: readonly Service[];
  readonly objectives?: readonly Objective[];
  readonly spec?: object;
  readonly now?: number;
  /** What its store is kept in; PLIMSOLL_TEST_ENGINE, or sqlite, when nothing is said. */
  readonly engine?: Engine;
  /** In place of services, objectives and spec: as it was read from files. */
  readonly configuration?: Configuration;
  readonly log?: Logger;
  /** Secrets by their references; each says which one it is when left out. */
  readonly secret?: (reference: string) => Promise<string>;
}

/** A whole Plimsoll with a clock of its own, on free ports, in a folder that goes away. Judging happens when it is asked to. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'plimsoll-world-'));
  /** The embedded store. */
  readonly file = join(this.folder, 'store.db');
  /** A PostgreSQL instead. */
  readonly database: TestDatabase | null;
  /** The time of the lease among replicas. */
  readonly lease: { now: number };
  /** So far its own clock of it is behind, as that of a process that was asleep. */
  leaseLag = 0;
  readonly #isGuest: boolean;
  /** What the next start reads. */
  configuration: Configuration;
  now: number;
  plimsoll!: Plimsoll;
  readonly log: Logger;
  /** What its requests show; null: none. */
  token: string | null = null;
  readonly #secret: (reference: string) => Promise<string>;

  private constructor(options: WorldOptions, host: World | null) {
    this.#isGuest = host !== null;
    this.lease = host?.lease ?? { now: 1 };
    this.database = host?.database ?? ((options.engine ?? DEFAULT_ENGINE) === 'postgres' ? takeDatabase() : null);
    this.now = options.now ?? Date.parse('2026-11-20T00:00:00Z');
    this.log = options.log ?? pino({ level: process.env['PLIMSOLL_TEST_LOG'] ?? 'silent' });
    this.#secret =
      options.secret ?? (async (reference) => (reference === AUDIT_KEY ? auditKey : `secret of ${reference}`));
    this.configuration = options.configuration ?? {
      deployment: deployment(this.database?.url ?? `sqlite:${this.file}`, options.spec),
      services: options.services ?? [],
      objectives: options.objectives ?? [],
    };
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const world = new World(options, null);
    await world.boot();
    return world;
  }

  /** Another replica on the store of this one, with a clock of its own; it is to be ended first. */
  async replica(options: WorldOptions = {}): Promise<World> {
    const { services, objectives } = this.configuration;
    const world = new World({ services, objectives, now: this.now, ...options }, this);
    await world.boot();
    return world;
  }

  /** So much later, every replica asks who leads: a lease lasts ten seconds. */
  static async pass(ms: number, ...replicas: readonly World[]): Promise<void> {
    replicas[0]!.lease.now += ms;
    for (const { plimsoll } of replicas) await plimsoll.round();
  }

  async boot(): Promise<void> {
    this.plimsoll = await Plimsoll.start({
      configuration: this.configuration,
      clock: () => this.now,
      log: this.log,
      secret: this.#secret,
      onFatal: (error) => {
        throw error;
      },
      manualTicks: true,
      ...(this.database !== null && { leaseClock: () => this.lease.now - this.leaseLag }),
    });
  }

  /** Stops in order and starts again on the same store. */
  async restart(): Promise<void> {
    await this.plimsoll.stop();
    await this.boot();
  }

  /** Compares every tally with its rows. */
  verify(): Verification {
    return verifyStored(this.configuration.deployment.store, () => {});
  }

  async end(): Promise<void> {
    await this.plimsoll.stop();
    if (this.database !== null && !this.#isGuest) giveBack(this.database);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get headers(): Record<string, string> {
    return this.token === null ? {} : { authorization: `Bearer ${this.token}` };
  }

  get api(): string {
    return `${this.plimsoll.addresses.http}/api/v1`;
  }

  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    const response = await fetch(this.api + path, { headers: this.headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async post<T = Record<string, unknown>>(path: string, body: unknown): Promise<T> {
    const response = await fetch(this.api + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  spans(exchanges: readonly Exchange[]): Promise<void> {
    return sendSpans(this.plimsoll.addresses.otlpHttp, exchanges, this.headers);
  }

  /** Says in a metric, as a library would, how many calls a service has made since `from`. */
  async countCalls(service: string, calls: number, from: number, to: number, scope = 'test'): Promise<void> {
    const dataPoints = [{ startTimeUnixNano: nanos(from), timeUnixNano: nanos(to), count: String(calls) }];
    const metrics = [
      { name: 'gen_ai.client.operation.duration', histogram: { aggregationTemporality: 2, dataPoints } },
    ];
    const resource = resourceOf(service, 'production');
    const response = await fetch(`${this.plimsoll.addresses.otlpHttp}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: scope }, metrics }] }] }),
    });
    const answer = await response.text();
    if (response.status !== 200 || answer !== '{}') throw new Error(`${response.status} ${answer}`);
  }

  async rate(scores: readonly { exchange: Exchange; score: number; laterMs?: number }[]): Promise<void> {
    for (let at = 0; at < scores.length; at += 5000)
      await this.post('/evaluations', {
        evaluations: scores.slice(at, at + 5000).map(({ exchange, score, laterMs = 5000 }) => ({
          traceId: exchange.traceId,
          name: 'groundedness',
          score,
          evaluator: 'judge',
          at: new Date(exchange.end + laterMs).toISOString(),
        })),
      });
  }
}

/** Sends calls of a model as a real exporter would: OTLP/JSON through the door at an address. */
export async function sendSpans(
  otlpHttp: string,
  exchanges: readonly Exchange[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (let at = 0; at < exchanges.length; at += 2000) {
    const response = await fetch(`${otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(otlpOf(exchanges.slice(at, at + 2000))),
    });
    const text = await response.text();
    // A Collector writes what a server may leave out.
    if (response.status !== 200 || !['{}', '{"partialSuccess":{}}'].includes(text))
      throw new Error(`${response.status} ${text}`);
  }
}

export interface Exchange {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '': none. */
  readonly parentSpanId: string;
  readonly operation: 'chat' | 'invoke_agent';
  /** ms */
  readonly end: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly model: string;
  readonly promptVersion: string;
  readonly environment: string;
  /** W3C tracestate: how it was sampled. */
  readonly traceState: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** More attributes of its span. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

let exchanges = 0;
export function exchange(service: string, end: number, more: Partial<Exchange> = {}): Exchange {
  const id = (++exchanges).toString(16);
  return {
    service,
    traceId: `f00d${id.padStart(28, '0')}`,
    spanId: `beef${id.padStart(12, '0')}`,
    parentSpanId: '',
    operation: 'chat',
    end,
    durationMs: 800,
    failed: false,
    model: 'gpt-4o-mini-2024-07-18',
    promptVersion: '7',
    environment: 'production',
    traceState: '',
    inputTokens: 120,
    outputTokens: 40,
    attributes: {},
    ...more,
  };
}

const attribute = (key: string, value: string | number | boolean): object => {
  if (typeof value === 'string') return text(key, value);
  return { key, value: typeof value === 'boolean' ? { boolValue: value } : { doubleValue: value } };
};
const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
const nanos = (ms: number): string => String(BigInt(ms) * 1_000_000n);
const resourceOf = (service: string, environment: string): object => ({
  attributes: [text('service.name', service), text('deployment.environment.name', environment)],
});

export function otlpOf(list: readonly Exchange[]): object {
  const byResource = Map.groupBy(list, (one) => JSON.stringify([one.service, one.environment]));
  return {
    resourceSpans: [...byResource.values()].map((ofService) => ({
      resource: resourceOf(ofService[0]!.service, ofService[0]!.environment),
      scopeSpans: [
        {
          scope: { name: 'test' },
          spans: ofService.map((one) => ({
            traceId: one.traceId,
            spanId: one.spanId,
            parentSpanId: one.parentSpanId,
            traceState: one.traceState,
            name: one.operation,
            kind: 3,
            startTimeUnixNano: nanos(one.end - one.durationMs),
            endTimeUnixNano: nanos(one.end),
            attributes: [
              text('gen_ai.operation.name', one.operation),
              text('gen_ai.provider.name', 'openai'),
              text('gen_ai.request.model', 'gpt-4o-mini'),
              text('gen_ai.response.model', one.model),
              text('gen_ai.prompt.version', one.promptVersion),
              { key: 'gen_ai.usage.input_tokens', value: { intValue: String(one.inputTokens) } },
              { key: 'gen_ai.usage.output_tokens', value: { intValue: String(one.outputTokens) } },
              ...Object.entries(one.attributes).map(([key, value]) => attribute(key, value)),
              ...(one.failed ? [text('error.type', 'server_error')] : []),
            ],
            status: one.failed ? { code: 2 } : {},
            flags: 257,
          })),
        },
      ],
    })),
  };
}

export { random } from '../random.ts';
