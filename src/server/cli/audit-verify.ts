import { existsSync, readFileSync } from 'node:fs';
import type { Json } from '../../compliance/audit/canonical-json.ts';
import { headFromJson, type SignedHead } from '../../compliance/audit/head.ts';
import { type PublicKey, readPublicKeys } from '../../compliance/audit/keys.ts';
import { OperatorError } from '../../model/errors.ts';
import { openRecords } from '../../store/records/records.ts';
import { keyPlaceOf } from '../audit/keys.ts';
import { type AuditVerification, verificationText } from '../audit/verification.ts';
import { verifyExport } from '../audit/verify-export.ts';
import { verifyStoredLog } from '../audit/verify-store.ts';
import type { Configuration } from '../plimsoll.ts';
import { openStore } from './open-store.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';

export interface AuditVerifyOptions {
  /** An export; null: the store of the configuration. */
  readonly folder: string | null;
  /** A PEM file of public keys that the verifier believes. */
  readonly keyFile: string | null;
  /** Signed heads that were kept elsewhere: a line each, or the event that an anchor got. */
  readonly headFile: string | null;
  readonly json: boolean;
  /** Read only when it is the store that is verified. */
  readonly configuration: () => Configuration;
  readonly secret: (reference: string) => Promise<string>;
}

const STATUS = { intact: 0, tampered: 1, incomplete: 2 } as const;

/** 0: as it was signed. 1: it is not. 2: something is missing, or there was nothing to verify. */
export async function auditVerifyCommand(options: AuditVerifyOptions): Promise<number> {
  const { json, folder, keyFile, headFile } = options;
  try {
    const trusted = keyFile === null ? [] : keysIn(keyFile);
    const anchors = headFile === null ? [] : headsIn(headFile);
    const progress = progressLine('verifying', !json);
    const given = { trusted, anchors, progress: progress.show };
    const result = folder === null ? await verifyStore(options, given) : verifyFolder(folder, given);
    progress.end();
    console.log(json ? JSON.stringify(result) : verificationText(result));
    return STATUS[result.standing];
  } catch (error) {
    tellRefusal(error, json);
    return 2;
  }
}

type Given = Pick<Parameters<typeof verifyExport>[0], 'trusted' | 'anchors' | 'progress'>;

function verifyFolder(folder: string, given: Given): AuditVerification {
  if (!existsSync(folder))
    throw new OperatorError('PLIM_AUDIT_NO_EXPORT', {
      what: `there is no folder ${folder}`,
      fix: 'name one that plimsoll audit export has written',
      retryable: false,
    });
  return verifyExport({ folder, ...given });
}

async function verifyStore(options: AuditVerifyOptions, given: Given): Promise<AuditVerification> {
  const { deployment } = options.configuration();
  const reader = openStore(deployment.store, 'PLIM_AUDIT_NO_STORE');
  try {
    // Who may change the store may not have the key: it lies beside it, or elsewhere.
    const own = await keyPlaceOf(deployment, options.secret)
      .read()
      .catch(() => null);
    const trusted = given.trusted.length > 0 || own === null ? given.trusted : [own];
    reader.db.exec('begin');
    return await verifyStoredLog({ ...given, trusted, records: openRecords(reader.db, deployment.store.type) });
  } finally {
    reader.close();
  }
}

function keysIn(file: string): PublicKey[] {
  return reading(file, 'PLIM_AUDIT_KEY_FILE', 'plimsoll audit key prints the public key as it has to be', (text) =>
    readPublicKeys(text),
  );
}

function headsIn(file: string): SignedHead[] {
  const fix = 'it holds signed heads, one a line, as heads.jsonl of an export or the data of an audit.checkpoint';
  return reading(file, 'PLIM_AUDIT_HEAD_FILE', fix, (text) => {
    const heads = valuesIn(text).map(signedHeadOf);
    if (heads.length === 0) throw new RangeError('it is empty');
    return heads;
  });
}

/** One JSON text, or one a line. */
function valuesIn(text: string): Json[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    return lines.map((line) => JSON.parse(line));
  } catch {
    const whole = JSON.parse(text);
    return Array.isArray(whole) ? whole : [whole];
  }
}

const signedHeadOf = (value: Json): SignedHead => {
  const { data } = (value ?? {}) as Record<string, Json>;
  return headFromJson(data ?? value);
};

function reading<T>(file: string, code: string, fix: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new OperatorError(code, {
      what: `${file} can't be used: ${(error as Error).message}`,
      fix,
      retryable: false,
    });
  }
}
