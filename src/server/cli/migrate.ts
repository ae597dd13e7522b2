import { existsSync } from 'node:fs';
import { OperatorError } from '../../model/errors.ts';
import { connectForWriting, type PgAddress } from '../../store/postgres/database.ts';
import { asUnreachable, migratePostgres, pgMigrationOf } from '../../store/postgres/migrate.ts';
import { MIGRATIONS as PG_MIGRATIONS } from '../../store/postgres/schema.ts';
import { lockStore, openForReading, openForWriting } from '../../store/sqlite/database.ts';
import { LATEST, lowestFrom, migrate, migrationOf } from '../../store/sqlite/migrations.ts';
import { addressOf } from '../engines.ts';
import type { Configuration } from '../plimsoll.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';

export interface MigrateOptions {
  readonly configuration: Configuration;
  /** The migration to go to; null: only say where the store is. */
  readonly to: number | null;
  readonly json: boolean;
}

/** 0: the store is where it was wanted, or its place was told. 1: refused or failed, what was done is told. 2: there is no store yet. */
export function migrateCommand({ configuration, to, json }: MigrateOptions): number {
  const { store } = configuration.deployment;
  const progress = progressLine('migrating', !json);
  try {
    switch (store.type) {
      case 'sqlite': {
        const from = placeOf(store.path);
        if (to !== null) move(store.path, to, progress.show);
        progress.end();
        tell(store.path, { from, at: to ?? from, latest: LATEST, lowest: lowestFrom(to ?? from) }, json);
        return 0;
      }
      case 'postgres': {
        const address = addressOf(store);
        const from = address.type === 'postgres' ? movePostgres(address, to) : 0;
        progress.end();
        tell(store.url, { from, at: to ?? from, latest: PG_MIGRATIONS.length, lowest: 1 }, json);
        return 0;
      }
    }
  } catch (error) {
    progress.end();
    return tellRefusal(asUnreachable(error), json) === 'PLIM_MIGRATE_NO_STORE' ? 2 : 1;
  }
}

function placeOf(path: string): number {
  if (existsSync(path)) {
    const db = openForReading(path, { mayBeOlder: true });
    try {
      const at = migrationOf(db);
      if (at > 0) return at;
    } finally {
      db.close();
    }
  }
  throw noStore(path);
}

const noStore = (place: string): OperatorError =>
  new OperatorError('PLIM_MIGRATE_NO_STORE', {
    what: `there is no store at ${place} yet`,
    fix: 'it is made when Plimsoll is started, as this build needs it; spec.store.url says where',
    retryable: false,
  });

const unknownMigration = (to: number, latest: number): OperatorError =>
  new OperatorError('PLIM_MIGRATE_UNKNOWN', {
    what: `there is no migration ${to}: this build knows 1 to ${latest}`,
    fix: 'plimsoll migrate without --to says where the store is and how far back it goes',
    retryable: false,
  });

function move(path: string, to: number, onStep: (done: number, of: number) => void): void {
  if (to < 1 || to > LATEST) throw unknownMigration(to, LATEST);
  const lock = lockStore(path);
  try {
    const db = openForWriting(path, { migrated: false });
    try {
      migrate(db, to, undefined, onStep);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

/** @returns where the store was */
function movePostgres(address: PgAddress, to: number | null): number {
  if (to !== null && to > PG_MIGRATIONS.length) throw unknownMigration(to, PG_MIGRATIONS.length);
  const db = connectForWriting(address, 'plimsoll migrate');
  try {
    const from = pgMigrationOf(db);
    if (from === 0) throw noStore(address.url);
    if (to !== null) migratePostgres(db, to);
    return from;
  } finally {
    db.close();
  }
}

interface Place {
  readonly from: number;
  readonly at: number;
  readonly latest: number;
  readonly lowest: number;
}

function tell(store: string, { from, at, latest, lowest }: Place, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ store, from, at, latest, lowest }));
    return;
  }
  console.log(from === at ? `${store}: at migration ${at}` : `${store}: from migration ${from} to ${at}`);
  if (at < latest)
    console.log(`this build works on ${latest}: its plimsoll serve takes the store there when it starts`);
  console.log(
    lowest === at ? 'it does not go further back' : `it goes back to ${lowest} (plimsoll migrate --to ${lowest})`,
  );
}
