import type { Deployment } from '../model/config/deployment.ts';
import type { SharedEntries } from '../model/dictionary.ts';
import type { Millis } from '../model/time.ts';
import type { Lease } from '../store/lease.ts';
import type { Reader } from '../store/reader.ts';
import { openReader } from '../store/sqlite/reader.ts';
import { storeSizes } from '../store/sqlite/sizes.ts';
import { Writer } from '../store/writer.ts';

export interface StoreOptions {
  readonly deployment: Deployment;
  readonly clock: () => Millis;
  /** The time of the lease; the database's when nothing is said. */
  readonly leaseClock: (() => Millis) | undefined;
  /** Nothing can be stored any more. */
  readonly onDeath: (error: Error) => void;
}

/** A store that a server works on. */
export interface OpenStore {
  readonly writer: Writer;
  /** The names that it knows, by their codes. */
  readonly texts: readonly string[];
  /** Where names are given codes; null: by this process alone. */
  readonly names: SharedEntries | null;
  /** Who leads of those that share it; null where nobody can. */
  readonly lease: Lease | null;
  openReader(): Reader;
  /** Bytes, by what they hold. */
  sizes(): Readonly<Record<string, number>>;
}

/** Opens the store of a deployment for writing, made and migrated when needed. @throws OperatorError when that can't be */
export async function openStore({ deployment, clock, onDeath }: StoreOptions): Promise<OpenStore> {
  const { path } = deployment.store;
  const { writer, texts } = await Writer.open({ file: path, retention: deployment.retention }, clock, onDeath);
  return {
    writer,
    texts,
    names: null,
    lease: null,
    openReader: () => openReader(path),
    sizes: () => storeSizes(path),
  };
}
