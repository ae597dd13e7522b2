import { readEntry } from '../../compliance/audit/entry.ts';
import { hex } from '../../compliance/audit/hash.ts';
import type { SignedHead } from '../../compliance/audit/head.ts';
import type { PublicKey } from '../../compliance/audit/keys.ts';
import { LogCheck, type Tampering } from '../../compliance/audit/log-check.ts';
import { iso } from '../../model/time.ts';
import { actorText } from '../../store/audit/log.ts';
import { type KeptEntry, readEntries, readHeads, readKeys, readLogName, readTip } from '../../store/audit/reading.ts';
import type { Records } from '../../store/records/records.ts';
import { type AuditVerification, verificationOf } from './verification.ts';

export interface VerifyStoreOptions {
  /** One state of the store, for as long as this runs. */
  readonly records: Records;
  readonly trusted: readonly PublicKey[];
  readonly anchors: readonly SignedHead[];
  readonly progress: (done: number, of: number) => void;
}

/** What is searched says what the entry says; of one that can't be read something else is said. */
function isFoundAsItself({ entry, seq, at, actor, type }: KeptEntry): boolean {
  try {
    const said = readEntry(Buffer.from(entry));
    return said.seq !== seq || (said.ts === iso(at) && actorText(said.actor) === actor && said.type === type);
  } catch {
    return true;
  }
}

/** Verifies the log where it is kept: as an export, and with what the store notes beside its entries. */
export async function verifyStoredLog(options: VerifyStoreOptions): Promise<AuditVerification> {
  const { records, trusted, anchors, progress } = options;
  const { base, size, range } = await readTip(records);
  const heads = await readHeads(records);
  const keys = await readKeys(records);
  const rotations = keys.flatMap(({ rotation }) => (rotation === null ? [] : [rotation]));
  const check = new LogCheck({ base, heads, anchors, keys, rotations, trusted });
  const tampering: Tampering[] = [];
  let done = 0;
  for await (const kept of readEntries(records, base.size)) {
    check.take(Buffer.from(kept.entry), kept.leaf);
    if (tampering.length === 0 && !isFoundAsItself(kept))
      tampering.push({
        seq: kept.seq,
        what: `entry ${kept.seq} is looked for under a time, an actor or a type that it has not`,
      });
    progress(++done, size - base.size);
  }
  const report = check.finish();
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
