import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SigningKey } from '../../../src/compliance/audit/keys.ts';
import { exportLog } from '../../../src/server/audit/export.ts';
import { KeyFile, keyFileOf } from '../../../src/server/audit/key-file.ts';
import type { AuditVerification } from '../../../src/server/audit/verification.ts';
import { verifyExport } from '../../../src/server/audit/verify-export.ts';
import { verifyStoredLog } from '../../../src/server/audit/verify-store.ts';
import type { Statement } from '../../../src/store/items.ts';
import { openRecords, type Records } from '../../../src/store/records/records.ts';
import { openForReading } from '../../../src/store/sqlite/database.ts';
import type { StatementRunner } from '../../../src/store/statement-runner.ts';
import type { World } from '../world.ts';

export interface AuditRecord {
  readonly seq: number;
  readonly ts: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly leaf: string;
}

/** The whole log, oldest first. */
export async function entriesOf(world: World, query = ''): Promise<AuditRecord[]> {
  const { entries } = await world.get<{ entries: AuditRecord[] }>(`/audit?limit=1000${query}`);
  return entries.toReversed();
}

export const storeOf = (world: World): string => world.file;
export const keyOf = (world: World): SigningKey => new KeyFile(keyFileOf(storeOf(world))).read()!;

async function reading<T>(world: World, work: (records: Records) => Promise<T>): Promise<T> {
  const db = openForReading(storeOf(world));
  try {
    db.exec('begin');
    return await work(openRecords(db));
  } finally {
    db.close();
  }
}

let folders = 0;
/** An export as the command makes it. @returns its folder */
export async function exported(
  world: World,
  range: { from: number | null; until: number | null } = { from: null, until: null },
  { folder = join(world.folder, `export-${folders++}`), progress = () => {} } = {},
): Promise<string> {
  const body = {
    ...(range.from !== null && { from: new Date(range.from).toISOString() }),
    ...(range.until !== null && { until: new Date(range.until).toISOString() }),
  };
  await world.post('/audit/exports', body);
  await reading(world, (records) =>
    exportLog({
      records,
      key: keyOf(world),
      folder,
      ...range,
      generator: 'plimsoll test',
      now: world.now,
      progress,
    }),
  );
  return folder;
}

const silent = { progress: () => {}, anchors: [] };

export const verified = (folder: string, ...trusted: SigningKey[]): AuditVerification =>
  verifyExport({ folder, trusted, ...silent });
export const verifiedStore = (world: World, ...trusted: SigningKey[]): Promise<AuditVerification> =>
  reading(world, (records) => verifyStoredLog({ records, trusted, ...silent }));

/** A copy of an export, one of whose files is changed. */
export function changed(folder: string, file: string, change: (text: string) => string): string {
  const copy = `${folder}-${folders++}`;
  cpSync(folder, copy, { recursive: true });
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file), 'utf8')));
  return copy;
}

const PROGRAM = resolve(import.meta.dirname, '../../compliance/verify_export.py');
/** What the verifier in Python needs is the interpreter alone. */
export const hasPython3 = spawnSync('python3', ['--version']).status === 0;

/** Exit status of the verifier that was written from the page of the format alone; null where there is no Python. */
export function statusInPython(folder: string, key: SigningKey | null): number | null {
  if (!hasPython3) {
    console.warn('SKIPPED: the verifier in Python (there is no python3 here)');
    return null;
  }
  const args = [PROGRAM, folder];
  if (key !== null) {
    const pem = `${folder}.pem`;
    writeFileSync(pem, key.key.export({ type: 'spki', format: 'pem' }));
    args.push(pem);
  }
  return spawnSync('python3', args, { encoding: 'utf8' }).status;
}

/** What a writer of statements answers: how many rows each changed. */
export function writtenBy(runner: StatementRunner, statements: readonly Statement[]): readonly number[] {
  const result = runner.run(statements);
  if (result.type !== 'statements') throw new Error(JSON.stringify(result));
  return result.changes;
}
