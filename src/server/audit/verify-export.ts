import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, parseCanonical } from '../../compliance/audit/canonical-json.ts';
import type { CompactRange } from '../../compliance/audit/compact-range.ts';
import { ExcerptCheck } from '../../compliance/audit/excerpt-check.ts';
import { headFromJson, type SignedHead } from '../../compliance/audit/head.ts';
import { isSigned, type PublicKey } from '../../compliance/audit/keys.ts';
import { type LogKeys, readLogKeys } from '../../compliance/audit/keys-file.ts';
import { LogCheck, type LogReport } from '../../compliance/audit/log-check.ts';
import { baseFromJson, type Manifest, readManifest } from '../../compliance/audit/manifest.ts';
import { trustedKeys } from '../../compliance/audit/rotation.ts';
import { FILES } from './export.ts';
import { hashOfFile, linesOf } from './files.ts';
import { type AuditVerification, type Found, verificationOf } from './verification.ts';

export interface VerifyExportOptions {
  readonly folder: string;
  /** Keys that the verifier believes; empty: it can be held against itself alone. */
  readonly trusted: readonly PublicKey[];
  /** Heads that were kept elsewhere. */
  readonly anchors: readonly SignedHead[];
  readonly progress: (done: number, of: number) => void;
}

/** An export as far as it is no entries. */
interface Frame {
  readonly manifest: Manifest;
  readonly base: CompactRange;
  readonly heads: readonly SignedHead[];
  readonly keys: LogKeys;
}

/** Verifies an export with nothing but its files and what the verifier brings. */
export function verifyExport(options: VerifyExportOptions): AuditVerification {
  const { folder, trusted, anchors } = options;
  const faults: string[] = [];
  const found = (more: Partial<Found>): AuditVerification =>
    verificationOf({
      log: null,
      kind: 'full',
      isAgainstKey: trusted.length > 0,
      missing: [],
      ...more,
      tampering: faults.map((what) => ({ seq: null, what })),
    });
  const absent = (names: readonly string[]): string[] => names.filter((name) => !isFile(join(folder, name)));
  const missing = absent([FILES.manifest, FILES.signature, FILES.keys, FILES.heads, FILES.entries]);
  if (missing.length > 0) return found({ missing });
  const frame = frameOf(folder, faults);
  if (frame === null) return found({});
  const { manifest, heads } = frame;
  const { kind, log } = manifest;
  const gone = absent(filesOf(manifest));
  if (gone.length > 0) return found({ kind, log, missing: gone });
  faults.push(...fileFaults(folder, manifest), ...manifestFaults(folder, frame, trusted));
  if (heads.length === 0) return found({ kind, log, missing: ['a head'] });
  const report = kind === 'full' ? checkFull(options, frame) : checkPartial(options, frame);
  const isOutOfReach = kind === 'partial' && anchors.some(({ head }) => head.size !== manifest.size);
  return found({
    kind,
    log,
    report,
    missing: isOutOfReach ? ['entries between the heads kept elsewhere: a full export has them'] : [],
  });
}

/** Not a folder, and no pipe that nobody writes to. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function frameOf(folder: string, faults: string[]): Frame | null {
  const read = <T>(name: string, how: (path: string) => T): T | null => {
    try {
      return how(join(folder, name));
    } catch (error) {
      faults.push(`${name} can't be read: ${(error as Error).message}`);
      return null;
    }
  };
  const json = (path: string): Json => parseCanonical(readFileSync(path));
  const manifest = read(FILES.manifest, (path) => readManifest(json(path)));
  const base = manifest && read(FILES.manifest, () => baseFromJson(manifest.base));
  const keys = read(FILES.keys, (path) => readLogKeys(json(path)));
  const heads = read(FILES.heads, (path) => Array.from(linesOf(path), (line) => headFromJson(parseCanonical(line))));
  return manifest === null || base === null || keys === null || heads === null ? null : { manifest, base, keys, heads };
}

/** What an export of its kind consists of, whatever its manifest lists. */
const filesOf = ({ kind }: Manifest): string[] => [
  FILES.entries,
  FILES.heads,
  FILES.keys,
  ...(kind === 'partial' ? [FILES.proofs] : []),
];

function fileFaults(folder: string, manifest: Manifest): string[] {
  const expected = filesOf(manifest);
  const others = Object.keys(manifest.files).filter((name) => !expected.includes(name));
  const faults = expected.flatMap((name) => {
    const listed = manifest.files[name];
    const found = hashOfFile(join(folder, name));
    return listed?.bytes === found.bytes && listed.sha256 === found.sha256
      ? []
      : [`${name} is not the file that was exported`];
  });
  return others.length === 0 ? faults : [...faults, 'the manifest lists files that are none of an export'];
}

/** What the manifest says, and who says so. */
function manifestFaults(folder: string, { manifest, heads, keys }: Frame, trusted: readonly PublicKey[]): string[] {
  const faults: string[] = [];
  const key = trustedKeys(trusted.length === 0 ? keys.keys : trusted, keys.keys, keys.rotations).get(manifest.key_id);
  if (key === undefined) faults.push('the manifest is signed by a key to which nothing leads from a trusted one');
  else if (!isSigned(readFileSync(join(folder, FILES.manifest)), readFileSync(join(folder, FILES.signature)), key))
    faults.push('the manifest bears no valid signature');
  const last = heads.at(-1);
  const isNamed =
    last === undefined ||
    (last.head.size === manifest.size && last.head.root === manifest.root && last.keyId === manifest.key_id);
  if (!isNamed) faults.push('the last head is not the one that the manifest names');
  const strange = heads.find(({ head }) => head.log !== manifest.log);
  if (strange !== undefined) faults.push(`a head is of the log ${JSON.stringify(strange.head.log)}`);
  return faults;
}

function checkFull({ folder, trusted, anchors, progress }: VerifyExportOptions, frame: Frame): LogReport {
  const { manifest, base, heads, keys } = frame;
  const check = new LogCheck({ base, heads, ...keys, anchors, trusted });
  let done = 0;
  for (const line of linesOf(join(folder, FILES.entries))) {
    check.take(line);
    progress(++done, Math.max(done, manifest.to - manifest.from));
  }
  return check.finish();
}

function checkPartial({ folder, trusted, anchors, progress }: VerifyExportOptions, frame: Frame): LogReport {
  const { manifest, heads, keys } = frame;
  const check = new ExcerptCheck(heads.at(-1)!, manifest.from, anchors);
  const entries = linesOf(join(folder, FILES.entries));
  const proofs = linesOf(join(folder, FILES.proofs));
  for (let done = 0; ; done++) {
    const [entry, proof] = [entries.next(), proofs.next()];
    const isOver = entry.done === true && proof.done === true;
    if (!isOver || manifest.from + done < manifest.to)
      check.take(entry.done === true ? null : entry.value, proof.done === true ? null : proof.value);
    if (isOver) return check.finish(keys, trusted);
    progress(done + 1, Math.max(done + 1, manifest.to - manifest.from));
  }
}
