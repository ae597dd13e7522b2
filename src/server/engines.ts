import { existsSync } from 'node:fs';
import type { Deployment, StoreConfig } from '../model/config/deployment.ts';
import type { SharedEntries } from '../model/dictionary.ts';
import type { Millis } from '../model/time.ts';
import type { ClockMinute } from '../store/clock-minutes.ts';
import type { Lease } from '../store/lease.ts';
import { connectForWriting, type PgAddress } from '../store/postgres/database.ts';
import { openLease } from '../store/postgres/lease.ts';
import { connectForReading, databaseSize, openPostgresReader, openStoredPostgres } from '../store/postgres/reader.ts';
import { SharedDictionary } from '../store/postgres/shared-dictionary.ts';
import { verifyPostgres } from '../store/postgres/verify.ts';
import type { Reader } from '../store/reader.ts';
import { migrationOf, openForReading } from '../store/sqlite/database.ts';
import { openReader } from '../store/sqlite/reader.ts';
import { storeSizes } from '../store/sqlite/sizes.ts';
import { verifyStore } from '../store/sqlite/verify.ts';
import type { Verification } from '../store/verification.ts';
import { Writer } from '../store/writer.ts';
import type { StoreAddress } from '../store/writer-protocol.ts';
import { secretNow } from './config/secrets.ts';

/** A statement of verifying reads all of a table. */
const VERIFY_TIMEOUT_MS = 600_000;

export interface StoreOptions {
  readonly deployment: Deployment;
  readonly clock: () => Millis;
  /** The time of the lease; the database's when nothing is said. */
  readonly leaseClock: (() => Millis) | undefined;
  /** Nothing can be stored any more. */
  readonly onDeath: (error: Error) => void;
}

/** A store that a server works on. */
export interface ServedStore {
  readonly writer: Writer;
  /** The names that its writer knows, by their codes. */
  readonly texts: readonly string[];
  /** Where names are given codes; null: by this process alone. */
  readonly names: SharedEntries | null;
  /** Who leads of those that share it; null where nobody can. */
  readonly lease: Lease | null;
  openReader(): Reader;
  /** Bytes, by what they hold. */
  sizes(): Readonly<Record<string, number>>;
  /** Ends what is not the writer's and not a reader's. */
  close(): void;
}

/** Where a store is, with its secret as it is now. @throws Error when the secret can't be had */
export function addressOf(store: StoreConfig): StoreAddress {
  if (store.type === 'sqlite') return { type: 'sqlite', file: store.path };
  return { ...store, password: store.password === null ? null : secretNow(store.password) };
}

/** Opens the store of a deployment for writing, made and migrated when needed. @throws OperatorError when that can't be */
export async function serveStore(options: StoreOptions): Promise<ServedStore> {
  const { deployment, clock, onDeath } = options;
  const store = addressOf(deployment.store);
  const { writer, texts } = await Writer.open({ store, retention: deployment.retention }, clock, onDeath);
  if (store.type === 'postgres') return sharedStore(store, writer, texts, options.leaseClock);
  return {
    writer,
    texts,
    names: null,
    lease: null,
    openReader: () => openReader(store.file),
    sizes: () => storeSizes(store.file),
    close: () => {},
  };
}

/** What several servers have of one PostgreSQL. */
async function sharedStore(
  address: PgAddress,
  writer: Writer,
  texts: readonly string[],
  leaseClock: (() => Millis) | undefined,
): Promise<ServedStore> {
  const db = connectForWriting(address, 'plimsoll names');
  const names = new SharedDictionary(db);
  names.begin();
  db.exec('insert into record_revision values (1, 0) on conflict do nothing');
  return {
    writer,
    texts,
    names,
    lease: await openLease(address, leaseClock),
    openReader: () => openPostgresReader(connectForReading(address)),
    sizes: () => {
      const database = databaseSize(db);
      return database === null ? {} : { database };
    },
    close: () => db.close(),
  };
}

/** A reader beside whatever runs on a store; null when there is none yet. @throws OperatorError when it can't be read */
export function readerOf(store: StoreConfig): Reader | null {
  const address = addressOf(store);
  if (address.type === 'sqlite')
    return existsSync(address.file) && !isEmpty(address.file) ? openReader(address.file) : null;
  return openStoredPostgres(address);
}

function isEmpty(path: string): boolean {
  const db = openForReading(path);
  try {
    return migrationOf(db) === 0;
  } finally {
    db.close();
  }
}

/** Whether anything is where a store should be. */
export const isThere = (store: StoreConfig): boolean => store.type === 'postgres' || existsSync(store.path);

/** Compares every tally of a store with its rows. @param only  those of these minutes, with their hours and days; null: all */
export function verifyStored(
  store: StoreConfig,
  onProgress: (done: number, of: number) => void,
  only: readonly ClockMinute[] | null = null,
): Verification {
  const address = addressOf(store);
  if (address.type === 'sqlite') return verifyStore(address.file, onProgress, only);
  const db = connectForReading(address, VERIFY_TIMEOUT_MS);
  try {
    return verifyPostgres(db, onProgress, only);
  } finally {
    db.close();
  }
}

/** Where a store is, for people: never with a password. */
export const placeOf = (store: StoreConfig): string => (store.type === 'sqlite' ? store.path : store.url);
