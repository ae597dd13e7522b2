import type { InfluxDB as InfluxDbClient, IPoolOptions } from 'influx';
import { Allowed } from '../addresses.ts';
import {
  codeOf,
  type EgressOptions,
  forbiddenIn,
  guardedLookup,
  refusalOfLiteral,
  ruleFor,
  systemResolve,
  TOTAL_MS,
} from '../egress.ts';
import { DEFAULT_POLICY, type MeasurementName, POLICIES, type Policy } from './schema.ts';

/** Asked something, or told to do something, the server said no or nothing. The message holds no secret and no address. */
export class InfluxFailure extends Error {
  override readonly name = 'InfluxFailure';
  /** Whether it may go well later without anybody's doing. */
  readonly isPassing: boolean;

  constructor(message: string, isPassing: boolean) {
    super(message);
    this.isPassing = isPassing;
  }
}

/** One row of an answer, by column. */
export type InfluxRow = Readonly<Record<string, unknown>>;

export interface InfluxUser {
  readonly user: string | null;
  readonly password: string | null;
}

/**
 * An InfluxDB as it is asked: databases, policies, queries and what deletes. Points are written by `writeLines`. The library is loaded
 * when it is first needed, and a client lasts for one errand: after a refused connection it would answer the next one without asking.
 */
export class InfluxServer {
  readonly #url: string;
  readonly #database: string;
  readonly #user: InfluxUser;
  readonly #egress: EgressOptions;

  /** @param url  base address */
  constructor(url: string, database: string, user: InfluxUser, egress: EgressOptions) {
    this.#url = url;
    this.#database = database;
    this.#user = user;
    this.#egress = egress;
  }

  /** The version that the server names. @throws InfluxFailure when there is no answer */
  async ping(): Promise<string> {
    const [host] = await this.#run('ping', (influx) => influx.ping(TOTAL_MS));
    if (host?.online !== true) throw new InfluxFailure('no answer to a ping', true);
    return host.version ?? 'unknown';
  }

  /**
   * Makes the database and its policies, as far as they are missing. A user who may write and nothing else is told nothing of policies:
   * whether they are there shows when something is written.
   * @throws InfluxFailure
   */
  async prepare(): Promise<void> {
    const database = this.#database;
    const databases = await this.#run('SHOW DATABASES', (influx) => influx.getDatabaseNames());
    if (!databases.includes(database))
      await this.#run('CREATE DATABASE', (influx) => influx.createDatabase(database)).catch((error) => {
        if (!(error instanceof InfluxFailure) || error.isPassing) throw error;
        throw new InfluxFailure(
          'there is no such database, or the user may not see it: CREATE DATABASE it as the administrator',
          false,
        );
      });
    for (const policy of Object.keys(POLICIES) as Policy[]) {
      const isThere = await this.#hasPolicy(policy);
      if (isThere === null) return;
      if (!isThere) await this.#makePolicy(policy);
    }
  }

  /** Null: the user is not told. */
  async #hasPolicy(policy: Policy): Promise<boolean | null> {
    const database = this.#database;
    try {
      const policies = await this.#run('SHOW RETENTION POLICIES', (influx) => influx.showRetentionPolicies(database));
      return policies.some(({ name }) => name === policy);
    } catch (error) {
      if (error instanceof InfluxFailure && !error.isPassing) return null;
      throw error;
    }
  }

  async #makePolicy(policy: Policy): Promise<void> {
    const database = this.#database;
    const options = { database, duration: POLICIES[policy], replication: 1, isDefault: policy === DEFAULT_POLICY };
    await this.#run('CREATE RETENTION POLICY', (influx) => influx.createRetentionPolicy(policy, options));
  }

  /** Takes away every point of a series, in all policies. @throws InfluxFailure */
  async dropSeries(measurement: MeasurementName, tag: string, value: string): Promise<void> {
    await this.#run('DROP SERIES', (influx) =>
      influx.dropSeries({
        database: this.#database,
        measurement: (from) => from.name(measurement),
        where: (of) => of.tag(tag).equals.value(value),
      }),
    );
  }

  /** Takes away the points of a time, in all policies. @param from  seconds, inclusive  @throws InfluxFailure */
  async deleteSince(measurement: MeasurementName, from: number): Promise<void> {
    await this.#run('DELETE', (influx) =>
      influx.query(`DELETE FROM "${measurement}" WHERE time >= ${from}s`, { database: this.#database, method: 'POST' }),
    );
  }

  /** Asks in InfluxQL; rows of all series, with their tags. @throws InfluxFailure */
  async query(text: string): Promise<InfluxRow[]> {
    const rows = await this.#run('a query', (influx) =>
      influx.query<object>(text, { database: this.#database, precision: 's' }),
    );
    return Array.from(rows, (row) => row as InfluxRow);
  }

  async #run<T>(errand: string, work: (influx: InfluxDbClient) => Promise<T>): Promise<T> {
    const url = new URL(this.#url);
    const rule = ruleFor(url, new Allowed(this.#egress.allow));
    const refusal = refusalOfLiteral(url.hostname, rule);
    if (refusal !== null) throw new InfluxFailure(refusal, false);
    const { InfluxDB } = await import('influx');
    const pool: IPoolOptions = { maxRetries: 0, requestTimeout: this.#egress.totalMs ?? TOTAL_MS };
    const influx = new InfluxDB({
      database: this.#database,
      ...(this.#user.user !== null && { username: this.#user.user, password: this.#user.password ?? '' }),
      hosts: [
        {
          host: url.hostname,
          port: Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port),
          protocol: url.protocol === 'https:' ? 'https' : 'http',
          path: url.pathname === '/' ? '' : url.pathname,
          options: { lookup: guardedLookup(this.#egress.resolve ?? systemResolve, rule) },
        },
      ],
      pool,
    });
    try {
      return await work(influx);
    } catch (error) {
      throw redacted(errand, error);
    }
  }
}

/** The library's errors hold the request with its header of authorization, and the answer of the server: neither is told. */
function redacted(errand: string, error: unknown): InfluxFailure {
  const forbidden = forbiddenIn(error);
  if (forbidden !== null) return new InfluxFailure(forbidden, false);
  const status = (error as { res?: { statusCode?: number } }).res?.statusCode;
  if (status === 401)
    return new InfluxFailure('the server does not know the user, or the password is another one (401)', false);
  if (status !== undefined)
    return new InfluxFailure(`${errand} was answered with ${status}`, status >= 500 || status === 429);
  // Results of statements that failed come with 200.
  if (error instanceof Error && error.constructor.name === 'ResultError')
    return new InfluxFailure(`${errand} was refused`, false);
  return new InfluxFailure(`${errand} had no answer (${codeOf(error)})`, true);
}
