import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../../src/model/span.ts';
import type { ConnectionOptions } from '../../../src/store/postgres/bridge.ts';
import { PgConnection, PgError } from '../../../src/store/postgres/connection.ts';
import { connectForWriting, writerOptions } from '../../../src/store/postgres/database.ts';
import type { NewRating } from '../../../src/store/rating.ts';
import type { SqlStatement } from '../../../src/store/sql.ts';
import { giveBack, takeDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { END, LedgerWorld, NOW, PgWorld, records, resources } from '../ledger-world.ts';

/** What happens to a statement: nothing, its connection ends before it arrives, or its answer is lost. */
type Fate = 'ok' | 'cut before' | 'cut after';

/** A connection whose server ends it when it is told to. */
class CutConnection extends PgConnection {
  fates: Fate[] = [];
  /** The answer to the next commit is lost, and so many statements behind it find nobody; null: nothing of that. */
  refusedBehindCommit: number | null = null;
  #refused = 0;
  cuts = 0;
  readonly #admin: PgConnection;
  readonly #name: string;

  constructor(options: ConnectionOptions, admin: PgConnection) {
    super(options);
    this.#admin = admin;
    this.#name = options.name;
  }

  override exec(sql: string): void {
    this.#suffer(() => super.exec(sql));
    if (sql !== 'commit' || this.refusedBehindCommit === null) return;
    this.#refused = this.refusedBehindCommit;
    this.refusedBehindCommit = null;
    throw new PgError('08006', 'the answer was lost');
  }

  override copy(sql: string, bytes: Uint8Array<ArrayBuffer>): number {
    return this.#suffer(() => super.copy(sql, bytes));
  }

  override run(...all: Parameters<PgConnection['run']>): number {
    return this.#suffer(() => super.run(...all));
  }

  override prepare(sql: string): SqlStatement {
    const statement = super.prepare(sql);
    return {
      run: (...p) => this.#suffer(() => statement.run(...p)),
      get: (...p) => this.#suffer(() => statement.get(...p)),
      all: (...p) => this.#suffer(() => statement.all(...p)),
      iterate: (...p) => this.#suffer(() => statement.iterate(...p)),
    };
  }

  #suffer<T>(work: () => T): T {
    if (this.#refused > 0) {
      this.#refused--;
      throw new PgError('08006', 'connect ECONNREFUSED');
    }
    const fate = this.fates.shift() ?? 'ok';
    if (fate === 'cut before') this.#cut();
    const result = work();
    if (fate !== 'cut after') return result;
    this.#cut();
    throw new PgError('08006', 'the answer was lost');
  }

  #cut(): void {
    this.cuts++;
    this.#admin
      .prepare('select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = ?')
      .all(this.#name);
  }
}

const trace = (n: number): string => `trace ${n}`.padEnd(16);
const spansOf = (n: number): Span[] =>
  [0, 1].map((i) => ({
    ...EMPTY_SPAN,
    traceId: trace(n),
    spanId: `${n} ${i}`.padEnd(8),
    parentSpanId: i === 0 ? '' : `${n} 0`.padEnd(8),
    service: resources[0]!,
    kind: i === 0 ? 'agent' : 'model',
    endTenths: END - 100 - n,
  }));
const thumb = (n: number): NewRating => ({
  identity: `thumb ${n}`,
  target: { trace: trace(n), span: '', response: '', interaction: '', conversation: '', service: '' },
  rating: { type: 'feedback', kind: 'thumbs', value: n % 3 === 0 ? 'down' : 'up' },
  detail: null,
  at: NOW,
  isTimed: true,
});

describe.skipIf(!hasPostgres)('a writer whose connection is cut', () => {
  const database = hasPostgres ? takeDatabase() : null!;
  const admin = hasPostgres ? connectForWriting({ url: database.url, password: null }, 'admin') : null!;
  const name = `cut ${process.pid}`;
  const cut = hasPostgres
    ? new CutConnection({ ...writerOptions({ url: database.url, password: null }), name }, admin)
    : null!;
  afterAll(() => {
    cut?.close();
    admin?.close();
  });

  it('stores and counts each thing once, and says so, wherever that happens', () => {
    const fates = fc.array(
      fc.oneof({ weight: 12, arbitrary: fc.constant<Fate>('ok') }, fc.constantFrom<Fate>('cut before', 'cut after')),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(fc.array(fates, { minLength: 3, maxLength: 3 }), (plans) => {
        const straight = new LedgerWorld();
        const world = new PgWorld(undefined, { url: database.url, db: cut });
        let stored = 0;
        let accepted = 0;
        for (const [i, plan] of plans.entries()) {
          const items = [
            // Half of a trace, whose other half comes with the next group.
            records([...spansOf(2 * i), spansOf(2 * i + 1)[0]!, ...(i > 0 ? [spansOf(2 * i - 1)[1]!] : [])]),
            { type: 'ratings' as const, ratings: [thumb(2 * i), thumb(2 * i + 1)] },
          ];
          straight.commit(items);
          cut.fates = [...plan];
          for (const result of world.commit(items))
            if (result.type === 'spans') stored += result.stored;
            else if (result.type === 'ratings') accepted += result.outcomes.filter((one) => one === 'accepted').length;
          cut.fates = [];
        }
        expect(stored).toBe(3 + 4 + 4);
        expect(accepted).toBe(6);
        expect(world.tallies()).toEqual(straight.tallies());
        expect(world.differences()).toEqual([]);
        straight.end();
        giveBack({ url: database.url, db: cut });
        takeDatabase();
      }),
      { numRuns: 25, endOnFailure: true },
    );
    expect(cut.cuts).toBeGreaterThan(10);
  });

  it.each([0, 1, 4])('nothing is done twice when a commit is lost and %i questions find nobody', (refused) => {
    const world = new PgWorld(undefined, { url: database.url, db: cut });
    cut.refusedBehindCommit = refused;
    const once = { sql: 'insert into setting values (?, ?)', parameters: ['once', '1'] };
    expect(world.commit([records(spansOf(0)), { type: 'statements', statements: [once] }])).toEqual([
      { type: 'spans', stored: 2, duplicates: 0 },
      { type: 'statements', changes: [1] },
    ]);
    expect(world.commit([records(spansOf(0))])).toEqual([{ type: 'spans', stored: 0, duplicates: 2 }]);
    expect(world.differences()).toEqual([]);
    giveBack({ url: database.url, db: cut });
    takeDatabase();
  });
});
