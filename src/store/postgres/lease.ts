import type { Pool } from 'pg';
import type { Millis } from '../../model/time.ts';
import { LEASE_MS, type Lease, type LeaseHolder } from '../lease.ts';
import type { PgAddress } from './database.ts';

/** The time of the database in ms, unless one is passed in. */
const NOW = 'coalesce($2::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)';

const CLAIM = `
  insert into leader as known (id, holder, token, expires_at) values (1, $1, 1, ${NOW} + ${LEASE_MS})
  on conflict (id) do update set
    holder = excluded.holder,
    token = known.token + case when known.holder = excluded.holder and known.expires_at > ${NOW} then 0 else 1 end,
    expires_at = excluded.expires_at
  where known.holder = excluded.holder or known.expires_at <= ${NOW}
  returning holder, token`;

/** The lease as a row of a PostgreSQL. It has a connection of its own, so that it is renewed whatever the others wait for. */
export class PostgresLease implements Lease {
  readonly #pool: Pool;
  readonly #now: () => Millis | null;

  /** @param now  null: the clock of the database */
  constructor(pool: Pool, now: () => Millis | null = () => null) {
    this.#pool = pool;
    this.#now = now;
  }

  async claim(holder: string): Promise<LeaseHolder> {
    const taken = await this.#pool.query(CLAIM, [holder, this.#now()]);
    const row = taken.rows[0] ?? (await this.#pool.query('select holder, token from leader where id = 1')).rows[0];
    return { holder: row.holder, token: Number(row.token) };
  }

  async release({ holder, token }: LeaseHolder): Promise<void> {
    await this.#pool.query('update leader set expires_at = 0 where id = 1 and holder = $1 and token = $2', [
      holder,
      token,
    ]);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

/** An answer that comes later is as good as none: the lease is short. */
const ANSWER_MS = 3_000;

/** @param now  the time of the lease; the clock of the database when nothing is said */
export async function openLease({ url, password }: PgAddress, now?: () => Millis): Promise<Lease> {
  // Not before it is needed: a server whose store is a file never is.
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    ...(password === null ? {} : { password }),
    application_name: 'plimsoll lease',
    max: 1,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    statement_timeout: ANSWER_MS,
    idleTimeoutMillis: 0,
    keepAlive: true,
  });
  // A connection that breaks while nothing is asked of it: the next question makes another one.
  pool.on('error', () => {});
  return new PostgresLease(pool, now);
}
