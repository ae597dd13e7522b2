import { sign } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type JsonObject } from '../../compliance/audit/canonical-json.ts';
import { hex } from '../../compliance/audit/hash.ts';
import { headText } from '../../compliance/audit/head.ts';
import type { SigningKey } from '../../compliance/audit/keys.ts';
import { baseJson, type Manifest } from '../../compliance/audit/manifest.ts';
import { rotationJson } from '../../compliance/audit/rotation.ts';
import { Tree } from '../../compliance/audit/tree.ts';
import { OperatorError } from '../../model/errors.ts';
import { iso, type Millis } from '../../model/time.ts';
import {
  firstSince,
  type KeptKey,
  lastBefore,
  readEntries,
  readHeads,
  readKeys,
  readTip,
} from '../../store/audit/reading.ts';
import type { Records } from '../../store/records/records.ts';
import { HashedFile } from './files.ts';

export const FILES = {
  entries: 'entries.jsonl',
  heads: 'heads.jsonl',
  proofs: 'proofs.jsonl',
  keys: 'keys.json',
  manifest: 'manifest.json',
  signature: 'manifest.sig',
} as const;

export interface ExportOptions {
  /** One state of the store for as long as this runs, with a head over all that is wanted. */
  readonly records: Records;
  /** The one that signed the last head. */
  readonly key: SigningKey;
  readonly folder: string;
  /** Entries from then on, and before then, alone, with proofs; both null: all of them. */
  readonly from: Millis | null;
  readonly until: Millis | null;
  readonly generator: string;
  readonly now: Millis;
  readonly progress: (done: number, of: number) => void;
}

/**
 * Writes the log, up to its last head, as docs/guide/audit-format.md says: whole, or nothing.
 * @throws OperatorError when the folder is not empty, or can't be written
 */
export async function exportLog(options: ExportOptions): Promise<Manifest> {
  const { folder } = options;
  try {
    makeEmpty(folder);
  } catch (error) {
    throw unwritable(folder, error);
  }
  try {
    return await write(options);
  } catch (error) {
    // What is there would be in the way of the next try.
    for (const name of Object.values(FILES)) rmSync(join(folder, name), { force: true });
    throw unwritable(folder, error);
  }
}

/** What the system says is the operator's to mend; anything else is thrown on. */
const unwritable = (folder: string, error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new OperatorError('PLIM_AUDIT_EXPORT_FAILED', {
        what: `the export could not be written to ${folder}: ${error.message}`,
        fix: 'check that the folder can be made, is writable by this user and has room for the whole log, then run it again: nothing of it was left behind',
        retryable: false,
      })
    : error;

async function write(options: ExportOptions): Promise<Manifest> {
  const { records, key, folder, generator, now, progress } = options;
  const { base } = await readTip(records);
  const heads = await readHeads(records);
  const newest = heads.at(-1)!;
  const { size, root, log } = newest.head;
  const isPartial = options.from !== null || options.until !== null;
  // In order and without a gap, so that where the clock went back entries of other times are among them, and none is left out.
  const first = options.from === null ? base.size : ((await firstSince(records, options.from)) ?? size);
  const last = options.until === null ? size - 1 : ((await lastBefore(records, options.until)) ?? -1);
  const from = Math.min(size, Math.max(base.size, first));
  const to = Math.max(from, Math.min(size, last + 1));

  const files: Record<string, { bytes: number; sha256: string }> = {};
  const open = (name: string): HashedFile => new HashedFile(join(folder, name));
  const entries = open(FILES.entries);
  const leaves = Buffer.alloc(isPartial ? (size - base.size) * 32 : 0);
  for await (const { seq, entry, leaf } of readEntries(records, isPartial ? base.size : from, isPartial ? size : to)) {
    if (isPartial) leaves.set(leaf, (seq - base.size) * 32);
    if (seq >= from && seq < to) entries.line(entry);
    progress(seq + 1 - base.size, size - base.size);
  }
  files[FILES.entries] = entries.close();
  if (isPartial) {
    const proofs = open(FILES.proofs);
    const tree = new Tree(base, leaves);
    for (let seq = from; seq < to; seq++)
      proofs.line(canonicalJson({ hashes: tree.inclusion(seq).map(hex), leaf_index: seq, tree_size: size }));
    files[FILES.proofs] = proofs.close();
  }
  const headLines = open(FILES.heads);
  for (const head of isPartial ? [newest] : heads) headLines.line(headText(head));
  files[FILES.heads] = headLines.close();
  const keys = open(FILES.keys);
  keys.write(canonicalJson(keysJson(log, await readKeys(records))));
  files[FILES.keys] = keys.close();

  const manifest: Manifest = {
    v: 1,
    log,
    kind: isPartial ? 'partial' : 'full',
    generator,
    ts: iso(now),
    size,
    root,
    from,
    to,
    base: baseJson(base),
    files,
    key_id: key.id,
  };
  const bytes = Buffer.from(canonicalJson(manifest));
  for (const [name, content] of [
    [FILES.manifest, bytes],
    [FILES.signature, sign(null, bytes, key.privateKey)],
  ] as const) {
    const file = open(name);
    file.write(content);
    file.close();
  }
  return manifest;
}

const keysJson = (log: string, keys: readonly KeptKey[]): JsonObject => ({
  v: 1,
  log,
  keys: keys.map(({ id, spki, since }) => ({
    algorithm: 'Ed25519',
    key_id: id,
    public_key: hex(spki.subarray(-32)),
    since: iso(since),
    spki: spki.toString('base64'),
  })),
  rotations: keys.flatMap(({ rotation }) => (rotation === null ? [] : [rotationJson(rotation)])),
});

function makeEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new OperatorError('PLIM_AUDIT_FOLDER_NOT_EMPTY', {
      what: `the folder ${folder} is not empty`,
      fix: 'name one that is, or that is not there yet',
      retryable: false,
    });
  mkdirSync(folder, { recursive: true });
}
