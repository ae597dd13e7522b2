import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readSigningKey, type SigningKey, signingKeyOf } from '../../compliance/audit/keys.ts';
import { OperatorError } from '../../model/errors.ts';

/** Beside the store, and not in it: who copies the database has not copied the key. */
export const keyFileOf = (storePath: string): string => `${storePath}.audit-key.pem`;
const nextOf = (file: string): string => `${file}.next`;

/**
 * The private key of the log, when no reference names another: a file that only its owner may read, made when there is none.
 */
export class KeyFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws OperatorError when the file holds no key */
  read(): SigningKey | null {
    return existsSync(this.path) ? keyIn(this.path) : null;
  }

  create(): SigningKey {
    const key = this.prepare();
    this.advance();
    return key;
  }

  /** A key to come, kept until the log has taken it. */
  prepare(): SigningKey {
    const key = freshKey();
    write(nextOf(this.path), key);
    return key;
  }

  /** The key to come is the key. */
  advance(): void {
    renameSync(nextOf(this.path), this.path);
  }

  /** A process ended between the entry of a rotation and `advance`: the key to come, if it is the one that the log names. */
  unfinished(keyId: string): boolean {
    const next = nextOf(this.path);
    return existsSync(next) && keyIn(next).id === keyId;
  }

  discard(): void {
    rmSync(nextOf(this.path), { force: true });
  }

  /** Whether others than its owner may read it. */
  get isExposed(): boolean {
    return process.platform !== 'win32' && existsSync(this.path) && (statSync(this.path).mode & 0o077) !== 0;
  }
}

export const freshKey = (): SigningKey => signingKeyOf(generateKeyPairSync('ed25519').privateKey);

function write(path: string, { privateKey }: SigningKey): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true });
}

function keyIn(path: string): SigningKey {
  try {
    return readSigningKey(readFileSync(path, 'utf8'));
  } catch (error) {
    throw unusableKey(`the file ${path}`, error as Error);
  }
}

/** @param where  names the place, never what is there */
export const unusableKey = (where: string, { message }: Error): OperatorError =>
  new OperatorError('PLIM_AUDIT_KEY_UNUSABLE', {
    what: `the key that signs the audit log can't be had from ${where}: ${message}`,
    fix: 'it has to be an Ed25519 private key in PEM (openssl genpkey -algorithm ed25519); put the right one there, or name it with spec.audit.key',
    retryable: false,
  });
