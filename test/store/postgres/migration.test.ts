import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../../src/model/span.ts';
import type { PgConnection } from '../../../src/store/postgres/connection.ts';
import { connectForWriting } from '../../../src/store/postgres/database.ts';
import { migratePostgres, pgMigrationOf } from '../../../src/store/postgres/migrate.ts';
import { MIGRATIONS } from '../../../src/store/postgres/schema.ts';
import { emptyDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { END, PgWorld, records, resources } from '../ledger-world.ts';

describe.skipIf(!hasPostgres)('migrations of PostgreSQL', () => {
  const open: PgConnection[] = [];
  const connect = (url: string): PgConnection => {
    const db = connectForWriting({ url, password: null });
    open.push(db);
    return db;
  };
  afterAll(() => {
    for (const db of open) db.close();
  });

  /** Tables, columns and indices, in words. */
  const shape = (db: PgConnection): string[] =>
    db
      .prepare(
        `select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as one
         from information_schema.columns where table_schema = 'public'
         union all select indexdef from pg_indexes where schemaname = 'public' order by 1`,
      )
      .all()
      .map((row) => row['one'] as string);

  it('go forward from an empty database and back to one, step by step, and forward again to the same', () => {
    const db = connect(emptyDatabase());
    expect(pgMigrationOf(db)).toBe(0);
    const shapes = [shape(db)];
    for (let step = 1; step <= MIGRATIONS.length; step++) {
      expect(migratePostgres(db, step)).toEqual([step]);
      shapes.push(shape(db));
    }
    for (let step = MIGRATIONS.length - 1; step >= 0; step--) {
      migratePostgres(db, step);
      // What only the newer one knows of may stay for the way forward.
      if (step > 0) expect(shape(db)).toEqual(expect.arrayContaining(shapes[step]!));
    }
    migratePostgres(db);
    expect(shape(db)).toEqual(shapes.at(-1));
  });

  it('a step that was cut off anywhere begins anew', () => {
    for (const after of [1, 2, 9, 20, 30]) {
      const db = connect(emptyDatabase());
      for (const statement of MIGRATIONS[0]!.forward.slice(0, after)) db.exec(statement);
      migratePostgres(db);
      expect(pgMigrationOf(db)).toBe(MIGRATIONS.length);
      migratePostgres(db);
    }
  });

  it('with data: what the first step knows of is there after all others were taken back and done again', () => {
    const url = emptyDatabase();
    const db = connect(url);
    migratePostgres(db);
    const world = new PgWorld(undefined, { url, db });
    const span = {
      ...EMPTY_SPAN,
      traceId: 'trace'.padEnd(16),
      spanId: 'span'.padEnd(8),
      service: resources[0]!,
      kind: 'model' as const,
      endTenths: END,
    };
    world.commit([records([span])]);
    const before = world.tallies();
    migratePostgres(db, 1);
    migratePostgres(db);
    world.crash();
    expect(world.commit([records([span])])).toMatchObject([{ stored: 0, duplicates: 1 }]);
    expect(world.tallies()).toEqual(before);
    expect(world.differences()).toEqual([]);
  });

  it('incidents of before know the change that they are of', () => {
    const db = connect(emptyDatabase());
    migratePostgres(
      db,
      MIGRATIONS.findIndex(({ forward }) => forward.join().includes('caused_by')),
    );
    const insert = db.prepare(
      "insert into incident (number, state, service, opened_at, record) values (?, 'closed', 'bot', 1, ?)",
    );
    const causes = [null, 'release-42', 'a "quoted" \\ one'];
    for (const [number, causedByChange] of causes.entries())
      insert.run(number, JSON.stringify({ title: 'a \u0000 and "causedByChange":"none"', causedByChange }));
    migratePostgres(db);
    const known = db.prepare('select caused_by from incident order by number').all();
    expect(known.map((row) => row['caused_by'])).toEqual(causes);
  });

  it('a database of a newer build is refused', () => {
    const db = connect(emptyDatabase());
    migratePostgres(db);
    db.exec('insert into migration values (1000)');
    expect(() => migratePostgres(db)).toThrow(/knows migrations up to/);
  });
});
