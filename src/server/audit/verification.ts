import type { LogReport, Tampering } from '../../compliance/audit/log-check.ts';

/** `intact`: as it was signed. `tampered`: it is not. `incomplete`: too little is there to say either. */
export type Standing = 'intact' | 'tampered' | 'incomplete';

/** What became of verifying a log or an export of it. */
export interface AuditVerification extends Omit<LogReport, 'olderHeads'> {
  readonly standing: Standing;
  readonly log: string | null;
  readonly kind: 'store' | 'full' | 'partial';
  /** Whether a key was given that is believed; if not, the log was held against itself alone. */
  readonly isAgainstKey: boolean;
  /** The first entry that is not as it was written; null when there is none, or it is not about entries. */
  readonly firstBadSeq: number | null;
  /** What is not there. */
  readonly missing: readonly string[];
}

const NOTHING: LogReport = {
  entries: 0,
  from: 0,
  size: 0,
  root: null,
  heads: 0,
  trustedHeads: 0,
  signedUpTo: 0,
  olderHeads: 0,
  tampering: [],
  warnings: [],
};

export interface Found {
  readonly log: string | null;
  readonly kind: AuditVerification['kind'];
  readonly isAgainstKey: boolean;
  readonly report?: LogReport;
  /** Beside what the report has. */
  readonly tampering: readonly Tampering[];
  readonly missing: readonly string[];
}

export function verificationOf({ report = NOTHING, ...found }: Found): AuditVerification {
  const { olderHeads, ...counted } = report;
  const tampering = [...found.tampering, ...report.tampering];
  const seqs = tampering.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  const warnings =
    olderHeads === 0
      ? report.warnings
      : [...report.warnings, `${olderHeads} heads are over entries that were cut off: nothing to compare them with`];
  return {
    ...counted,
    standing: tampering.length > 0 ? 'tampered' : found.missing.length > 0 ? 'incomplete' : 'intact',
    log: found.log,
    kind: found.kind,
    isAgainstKey: found.isAgainstKey,
    firstBadSeq: seqs.length === 0 ? null : Math.min(...seqs),
    missing: found.missing,
    tampering,
    warnings,
  };
}

const SHOWN = 20;

/** The same for people. */
export function verificationText(result: AuditVerification): string {
  const { standing, kind, log, from, entries, heads, trustedHeads, signedUpTo, size, firstBadSeq } = result;
  const what = kind === 'store' ? 'the audit log' : `the ${kind} export of the audit log`;
  const name = log === null ? what : `${what} ${log}`;
  const lines: string[] = [];
  if (standing === 'tampered')
    lines.push(
      `NOT INTACT: ${name} is not what was signed${firstBadSeq === null ? '' : `; the first bad entry is ${firstBadSeq}`}`,
    );
  else if (standing === 'incomplete') lines.push(`INCOMPLETE: of ${name} there is too little to verify`);
  else if (result.isAgainstKey)
    lines.push(
      `intact: ${entries} entries of ${name}, from ${from} on, are as they were signed (${heads} heads, ${trustedHeads} by a trusted key)`,
    );
  else
    lines.push(
      `agrees with itself: ${entries} entries of ${name}, from ${from} on (${heads} heads)`,
      'that it was not written anew as a whole only a key can tell that you know from elsewhere: --key FILE',
    );
  for (const { what: bad } of result.tampering.slice(0, SHOWN)) lines.push(`  ${bad}`);
  if (result.tampering.length > SHOWN) lines.push(`  and ${result.tampering.length - SHOWN} more`);
  for (const one of result.missing) lines.push(`  missing: ${one}`);
  if (standing === 'intact' && kind !== 'partial' && signedUpTo < size)
    lines.push(`${size - signedUpTo} entries behind the last head are chained, and not signed yet`);
  for (const one of result.warnings) lines.push(`note: ${one}`);
  return lines.join('\n');
}
