import { hex } from '../../compliance/audit/hash.ts';
import type { SignedHead } from '../../compliance/audit/head.ts';
import type { PublicKey } from '../../compliance/audit/keys.ts';
import { LogCheck, type Tampering } from '../../compliance/audit/log-check.ts';
import { readEntries, readHeads, readKeys, readLogName, readTip } from '../../store/audit/reading.ts';
import type { Records } from '../../store/records/records.ts';
import { type AuditVerification, verificationOf } from './verification.ts';

export interface VerifyStoreOptions {
  /** One state of the store, for as long as this runs. */
  readonly records: Records;
  readonly trusted: readonly PublicKey[];
  readonly anchors: readonly SignedHead[];
  readonly progress: (done: number, of: number) => void;
}

/** Verifies the log where it is kept: as an export, and with what the store notes beside its entries. */
export async function verifyStoredLog(options: VerifyStoreOptions): Promise<AuditVerification> {
  const { records, trusted, anchors, progress } = options;
  const { base, size, range } = await readTip(records);
  const heads = await readHeads(records);
  const keys = await readKeys(records);
  const rotations = keys.flatMap(({ rotation }) => (rotation === null ? [] : [rotation]));
  const check = new LogCheck({ base, heads, anchors, keys, rotations, trusted });
  let done = 0;
  for await (const { entry, leaf } of readEntries(records, base.size)) {
    check.take(Buffer.from(entry), leaf);
    progress(++done, size - base.size);
  }
  const report = check.finish();
  const tampering: Tampering[] = [];
  if (report.root !== null && (report.size !== size || report.root !== hex(range.root())))
    tampering.push({
      seq: Math.min(report.size, size),
      what: `the log ends with ${report.size} entries, ${size} were written`,
    });
  return verificationOf({
    log: await readLogName(records),
    kind: 'store',
    isAgainstKey: trusted.length > 0,
    report,
    tampering,
    missing: report.size === 0 ? ['entries: the log has not begun'] : heads.length === 0 ? ['a signed head'] : [],
  });
}
